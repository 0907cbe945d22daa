// The short measurement between two live runs of a validation: how fast every stage is now, after every history.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/live/live_service.hpp"
#include "sim/live/protocol.hpp"
#include "traces/trace.hpp"

namespace laxity {

// Schedules drawn at random (profiler/measure/random_schedule.hpp) over all networks of a service at once.
struct MeasuredWindow {
    std::vector<std::vector<Execution>> executions;  // by network, in the order of measurable_networks()
    std::vector<std::int64_t> release_lateness_ns;
    Stalls stalls;
    Stalls driver_stalls;
};

struct WindowOptions {
    Duration length{};
    std::uint64_t seed = 1;
    CorePlan cores;  // plan_cores() of a thread that is not pinned
};

// On a thread of its own, which is pinned and raised as the driver of a live run. Throws DeviceError if the device
// fails, Interrupted on Ctrl-C.
MeasuredWindow measure_window(LiveService& service, const WindowOptions& options);

// Medians of all stages of all networks; 0 of one that did not run. Executions that a stall touched are left out.
WindowSpeed speed_of(const MeasuredWindow& window, const std::vector<MeasurableNetwork>& networks);

// The stage that ran least often in two windows together, not counting what a stall touched. Fewer than twice
// kLeastOfCell executions (traces/history_cells.hpp) have one cell: they say nothing of history; without any the
// network's own trace stands.
struct RarestStage {
    std::string network, stage;
    std::size_t executions = 0;
};
RarestStage rarest_stage(const MeasuredWindow& before, const MeasuredWindow& after,
                         const std::vector<MeasurableNetwork>& networks);

// What two windows measured together, as another measurement of the same networks: history (cells fitted anew to both),
// release lateness and stalls are theirs; all else is the trace's own. A network of which a stage did not run in
// either is left out, and its trace stands as it is. Linear in the executions and the traces.
using MeasuredTraces = std::map<const Trace*, std::shared_ptr<const Trace>>;
MeasuredTraces traces_of(const MeasuredWindow& before, const MeasuredWindow& after,
                         const std::vector<MeasurableNetwork>& networks);

}  // namespace laxity
