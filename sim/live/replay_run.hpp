// A recorded live run, run again in virtual time: to see that every decision comes out as it did, and what another
// policy would have done in its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/replay.hpp"
#include "sim/live/recorded_times.hpp"
#include "sim/results/metrics.hpp"
#include "sim/results/records.hpp"

namespace laxity {

// What a live run was made of. All outlive the call.
struct RecordedRun {
    const Replay& replay;  // of the run's workload
    const TaskSet& tasks;
    std::uint64_t seed = 1;
    const RecordList& records;  // with paths and steps
};

// Where a replay first came to something else than the record says.
struct ReplayDifference {
    std::uint64_t decision = 0;  // how many calls of the policy there had been, this one included
    std::uint64_t step = 0;      // of the driver, from 1; 0: after the last one
    Time time{};
    std::string live, replay;         // what each did, as a phrase
    std::vector<std::string> active;  // the jobs as the policy saw them in the replay, the earliest deadline first
};

struct ReplayReport {
    std::uint64_t decisions = 0;                    // calls of the policy
    std::uint64_t stages = 0, jobs = 0, steps = 0;  // started; left; of the driver
    std::uint64_t unrecorded = 0;                   // stages whose end nobody recorded, since a device failed meanwhile
    std::optional<ReplayDifference> difference;
};

// Feeds the releases, the ends of stages and the outcomes of the record to the same scheduler core and policy, in steps
// at the recorded times (scheduler_step.hpp), and compares all that comes of it: which stage starts when on which lane,
// what every step counted, how every stage and job ended. Ends at the first difference. Nothing of it depends on
// wall-clock time. Afterwards `metrics`, if given, are those of the live run.
ReplayReport replay_decisions(const RecordedRun& run, const PolicySpec& policy, const Plan* plan = nullptr,
                              std::optional<Metrics>* metrics = nullptr);

// What came of the run under another policy.
struct WhatIf {
    Metrics metrics;
    RecordedSources times;
};

// The same releases, noticed as late as they were; outcomes as recorded where that stage of that job ran, else the
// trace's; stage times, path and decisions by RecordedTimes, those measured in the trace for stages that never ran:
// with an empty record, the simulation of the workload. `until` ends the releases: the last step of a run that was cut
// short. What goes to `sink` can be replayed in its turn; no step takes time in it (StepRecord::took). Throws
// Interrupted on Ctrl-C.
WhatIf run_instead(const RecordedRun& run, const PolicySpec& policy, const Plan* plan, RecordSink* sink,
                   Time until = kNever);

}  // namespace laxity
