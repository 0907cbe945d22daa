// What a schedulability test promises of a workload under a policy: before anything has run, and for every run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/bounds/recurrent_task.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// What one task's foreground (the stages that are promised) does at the worst.
struct TaskVerdict {
    std::string name;
    Duration foreground{};             // worst-case time of its foreground stages
    std::optional<Duration> blocking;  // by a stage that can't be preempted; fixed priorities only
    std::optional<bool> in_time;       // nullopt: no verdict, or (EDF) none of this task alone
    std::optional<Duration> response;  // bound on release to end of the foreground; fixed priorities, if in time
};

struct Verdict {
    std::string policy;
    std::string test;                 // "response times", "processor demand", or empty if the policy has none
    std::optional<bool> schedulable;  // true: no job misses, in any run. nullopt: no verdict, and `reason` says why
    bool exact = false;               // false only says that the test is sufficient: what it refuses may work
    std::string reason;               // also of `false`: what does not fit
    std::optional<bool> liu_layland, hyperbolic;  // quick tests, for rm only; false says nothing
    std::vector<TaskVerdict> tasks;               // in the workload's order; empty without a verdict
};

// The policies that have a test, as specs, in three groups of rm, dm, edf: mandatory parts alone; mandatory parts first
// and the rest in the background; all stages (the foreground is then the whole network).
extern const std::vector<std::string> kTestedPolicies;

// The verdict on one accelerator slot for:
//
//   rm, dm     response-time analysis (response_time.hpp), priorities as the policy orders them
//   edf        processor demand (processor_demand.hpp)
//   dnnsam     the same, for order=mandfirst
//
// with all their parameters. The foreground is what the policy runs by priority: all stages, the first `depth`, or with
// mandfirst the mandatory part. `schedulable` promises that it ends by the deadline, so no job of such a workload is a
// miss under the policy, whatever the arrivals that the workload allows (offsets, sporadic gaps, jitter).
//
// A stage's worst case is the longest that a simulation replays: the longest execution after any history where
// histories are replayed, else the largest measured row with its dispatch cost (or the replayed mean or quantile), and
// the workload's decision cost. Stalls, the lateness of releases and decisions from a file come on top: promises are
// made of a machine without them. Where a policy itself looks at planning costs (skip, dnnsam), it is at least the
// planning cost. A task is served by its first variant, or as dm:variant says.
//
// No verdict, with a reason, where the model does not hold: another policy, a task without a least gap between its
// releases (only periodic and sporadic ones have it), several slots, stages on the host, energy, and dm with deadlines
// that are drawn from a range.
// Exact (necessary, too, for the sporadic tasks of these gaps): see the two tests; never with skip, threshold or a
// background. What an exact test refuses may still work for some offsets, or where gaps are longer.
Verdict schedulable(const Workload& workload, const PolicySpec& policy);

// The model behind it: the tasks as the test of this policy sees them. Throws std::invalid_argument with the reason
// where there is no verdict.
std::vector<RecurrentTask> recurrent_tasks(const Workload& workload, const PolicySpec& policy);

}  // namespace laxity
