// What happens around a stage between the decision for it and the moment at which the scheduler learns of its end. The
// same parts in both worlds: a live run measures them, a simulation draws them from what a trace has measured.
#pragma once

#include <cstddef>
#include <cstdint>

#include "policies/policy.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// decision + submit + latency + notice = the time for which the stage occupies its slot. `stalled` is part of them.
struct StagePath {
    Duration decision{};  // from the step's beginning (StepRecord::time) until the stage was handed over
    Duration submit{};    // from there until it started on its lane
    Duration latency{};   // until it ended there
    Duration notice{};    // until the driver's next step, which tells the scheduler
    Duration stalled{};   // of all of that, spent in gaps that none of our threads caused

    Duration total() const { return decision + submit + latency + notice; }
};

// One execution of a stage, written when its end is told to the scheduler. start + path.total() = end of its
// StageRecord.
struct PathRecord {
    JobId id;
    int stage = 0;
    int lane = 0;            // ticket
    Time start{};            // of the decision
    std::size_t active = 0;  // jobs at the decision
    int prediction = -1;     // what the exit said, also if its job had left; -1: no exit
    float confidence = 0;
    StagePath path;
};

// One step of a live run's driver: the scheduler was told at `time` of all that had happened, and asked for decisions
// (sim/live/scheduler_step.hpp). Stages that were still running when the run was cut short end after the last step: the
// scheduler is told, and not asked.
struct StepRecord {
    Time time{};  // later than that of the step before
    // `expired` are jobs that left because their deadline had come, but for those that were released too late.
    std::uint32_t completed = 0, expired = 0, released = 0, dispatched = 0;
    std::size_t active = 0;  // jobs after the events and before the decisions
    Duration took{};         // events and decisions, until the driver waits again
    Duration lateness{};  // time - when the earliest of its events was due (a release, a deadline); 0 for completions
};

// A gap in a thread that did nothing but read the clock, or in a stage.
struct StallRecord {
    int lane = -1;  // ticket of the thread's slot; -1: the driver
    Time at{};
    Duration length{};
};

}  // namespace laxity
