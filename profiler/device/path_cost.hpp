// What the way to a stage and back costs on this machine: from handing a stage over until it starts on its thread, and
// from its end until the driver knows, for both ways of waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "profiler/device/realtime.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// One situation.
struct PathCell {
    Wait wait = Wait::kSpin;
    Duration stage{};  // length of the stage, which only reads the clock
    Duration idle{};   // since the end of the last one was noticed
};

struct PathCost {
    PathCell cell;
    Wait waited = Wait::kSpin;                       // on a single core both threads park whatever is asked for
    std::vector<std::int64_t> submit_ns, notice_ns;  // one entry an execution, in the order in which they ran
};

struct PathCostOptions {
    std::vector<Wait> waits = {Wait::kSpin, Wait::kPark};
    std::vector<Duration> stages, idles;
    int executions = 300;  // of each cell
    int rounds = 10;       // all cells are visited so often, the ways of waiting in turn: drift meets them alike
};

// How long measure_path() will take, about.
Duration expected_length(const PathCostOptions& options);

// Runs the stages on a DeviceWorker, driven by a thread that is pinned and raised as that of a live run. The driver of
// a parked pair is told when a stage should end, as in a live run. Adds what was not permitted to `refusals`, each line
// once. `progress` is called by the driver, between rounds. Ctrl-C ends it early: cells hold what was measured.
std::vector<PathCost> measure_path(const PathCostOptions& options, std::vector<std::string>& refusals,
                                   const std::function<void(int rounds_done)>& progress = {});

}  // namespace laxity
