// What stages take after what has run before them: the part of a profile that follows its rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/network/network.hpp"
#include "traces/trace.hpp"

namespace laxity {

// A network that runs beside the profiled one on the same lane; nothing of it is recorded.
struct BesideNetwork {
    const Network* network = nullptr;
    const Dataset* data = nullptr;  // of its shape
};

struct HistoryOptions {
    std::optional<Duration> length;  // of the schedule; none = what schedule_length() says
    std::vector<BesideNetwork> beside;
    int jobs_in_flight = 6;
    std::uint64_t seed = 1;
    CorePlan cores;
    bool raise_priority = true;
};

struct HistoryOutcome {
    std::string missing;  // if not empty: why there is too little to keep of histories
    std::string failure;  // if not empty: why the device failed
};

// Long enough for some 2000 executions of every stage, with the times of the trace's rows: 3 to 20 s.
Duration schedule_length(const Trace& trace, std::size_t networks);

// Prepares the networks anew, runs a random schedule (random_schedule.hpp), and adds to the trace its history with
// cells, the lateness of releases and the stalls. Histories are kept only if every stage has enough executions for a
// cell (kLeastOfCell), the rest as far as it goes; an interrupt ends it within a stage. Throws DeviceError if a network
// can't be prepared, InputError if one doesn't run on this device.
HistoryOutcome measure_history(Device& device, const Network& network, const Dataset& data,
                               const HistoryOptions& options, Trace& trace,
                               const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

}  // namespace laxity
