// Why a live run and its simulation differ: the difference of each metric, part by part.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/stage_times.hpp"
#include "sim/live/validation.hpp"
#include "sim/results/records.hpp"

namespace laxity {

// One line of a budget. For each metric the lines with `summed` add up to live - simulation (of the user's trace).
struct BudgetRow {
    std::string metric, unit;  // as in Comparison
    std::string part;  // "stage times", "idle", "path", "decisions", "stalls", "drift", "rest"; "replayed", "history"
    std::optional<double> value;  // none where a run has no such number
    bool summed = true;           // false: for information ("replayed", "history")
};

// A simulation that a live run is compared with: what is replayed, and where its stages take their times from.
struct SimulatedWorld {
    const Replay* replay = nullptr;
    // The stage times of a run with this luck (MeasuredTimesOptions::luck). Called once a simulation.
    std::function<std::unique_ptr<StageTimes>(std::uint64_t luck)> times;
    // The same without history. Empty: no line "history".
    std::function<std::unique_ptr<StageTimes>(std::uint64_t luck)> times_without_history{};
};

// One pair of runs. All pointers and references outlive the call.
struct Explained {
    const TaskSet& tasks;
    const PolicySpec& policy;
    std::uint64_t seed = 1;
    const Plan* plan = nullptr;
    const RecordList& live;                 // with paths, steps and stalls
    SimulatedWorld base;                    // on the windows' trace; without windows, on the user's
    std::optional<SimulatedWorld> users{};  // on the user's trace, if `base` is another: gives the line "drift"
    int lucks = 1;                          // draws of the stage times that are averaged, numbers 0, 1, ...
    // How a simulation is compared with the live run; empty: compare_runs() with the resources of `tasks`.
    std::function<std::vector<Comparison>(const RecordList& simulated)> compare{};
};

// With D(simulation) = live - simulation, as `compare` has it, averaged over the lucks:
//
//     part     D(base) - D(base with that one part as it was recorded), by RecordedTimes: how much of the difference
//              goes away with it
//     drift    D(users) - D(base)
//     rest     D(base) - all parts: what is in none of them (outcomes, what parts do together)
//     history  D(base without history) - D(base): by how much the difference would change without it; not summed
//     replayed D(base with all parts as they were recorded): the simulator's own error, given what the device took for
//              every stage; not summed
//
// "stage times" is the latency of the stages alone, "path" submit and notice, "idle" how late a driver with nothing to
// do notices what is due. A part of an execution that the simulation has and the live run had not is taken from the
// nearest one alike (RecordedTimes). Deterministic; lucks x (parts + 4) simulations. Throws Interrupted on Ctrl-C.
std::vector<BudgetRow> explain(const Explained& pair);

}  // namespace laxity
