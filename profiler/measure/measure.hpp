// Measures a network on a device: what `laxity profile` does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/measure/history.hpp"
#include "profiler/network/network.hpp"
#include "traces/trace.hpp"

namespace laxity {

// A trace of fewer rows is not worth keeping.
inline constexpr int kMinimumRows = 100;

struct MeasureOptions {
    int warmup = 200;  // whole-network passes before the first row
    int runs = 5000;   // rows of latencies
    CorePlan cores;    // the caller has pinned itself to cores.driver; the device's thread goes to cores.device
    bool raise_priority = true;           // of the device's thread, and of the calling one for good
    Duration energy_time{1'000'000'000};  // for each depth of the network, where the device counts its energy
    std::vector<int> corun = {};          // counts of stages side by side to measure the slowdown of; see corun.hpp
    std::vector<int> corun_cores = {};    // to use for that
    // Of the random schedule: none = as long as the trace needs, 0 = no schedule; see history.hpp.
    std::optional<Duration> schedule = Duration(0);
    std::vector<BesideNetwork> beside = {};  // in that schedule
};

// Told of the progress of each phase in turn: "predictions", "warm-up", "latencies", "energy",
// "host", "schedule" (in milliseconds), "co-run".
using MeasureProgress = std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t total)>;

struct Measurement {
    Trace trace;
    bool interrupted = false;           // by Ctrl-C (interrupted() of traces/base/interrupt.hpp)
    std::string failure;                // if not empty: why the device failed after enough was measured to keep
    std::string missing;                // if not empty: why there is too little to make a trace of
    std::vector<std::string> warnings;  // what was refused, and whether the machine was noisy; one line each
};

// Every input passes through the whole network once, for predictions, scores and from these the temperatures; then come
// the warm-up and the rows, which cycle over the inputs. All stages run on a DeviceWorker, as they do live:
// - latency: on the worker, around the stage, which includes loading the input (stage 0), softmax and argmax;
// - device: the same by the device's own clock, if it has one;
// - dispatch: what a stage takes from submit() until the driver sees the completion, less its latency.
// Where the device counts its energy, the network is then run over and over to each depth in turn; a stage's energy is
// the difference between two depths, idle power included. Last come at most 1000 whole pipelines (pipeline.hpp) for
// what pre- and post-processing take, on the same thread, and a schedule drawn at random (history.hpp). An interrupt
// ends it within a stage; rows measured so far are kept. Throws InputError if network and data don't fit each other,
// DeviceError if the device fails before there are kMinimumRows rows.
Measurement measure(Device& device, const Network& network, const Dataset& data, const MeasureOptions& options,
                    const MeasureProgress& progress = {});

}  // namespace laxity
