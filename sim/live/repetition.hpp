// One repetition of a validation, once its live run is over: the same arrivals, inputs and policy in virtual time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/core/simulation.hpp"
#include "sim/live/explain.hpp"
#include "sim/live/validation.hpp"
#include "sim/live/window.hpp"
#include "sim/results/records.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// What was run, and what the simulation is told of the machine. All references outlive the call.
struct Repetition {
    const Workload& workload;
    const TaskSet& tasks;
    const PolicySpec& policy;
    const Plan* plan = nullptr;
    std::uint64_t seed = 1;
    const MeasuredTraces& measured;                 // by the windows around it; empty: there is the user's trace alone
    const std::optional<DecisionTimes>& decisions;  // none: those that the workload names
    int lucks = 5;                                  // draws of stage times that are averaged
    bool explain = false;
    // How the simulations replay it, other than the workload says: for tests that switch a part off.
    std::optional<ReplayParts> parts{};
};

struct RepetitionResult {
    std::vector<RepetitionMetric> metrics;
    std::vector<BudgetRow> budget;  // only if it was asked for
    std::size_t jobs = 0, stalled_jobs = 0;
};

// What is wanted of the first simulation that the live run is compared with.
struct FirstSimulation {
    RecordSink* sink = nullptr;  // receives its records
    std::function<void(const Metrics&)> done;
};

// Simulates and compares. Deterministic. 2 x lucks simulations, half of them without windows, and those of explain().
// Throws Interrupted.
RepetitionResult compare_repetition(const Repetition& repetition, const RecordList& live,
                                    const FirstSimulation& first = {});

}  // namespace laxity
