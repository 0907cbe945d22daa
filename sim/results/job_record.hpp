// What is recorded of a run: the same records from a simulation and from a live run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "policies/policy.hpp"
#include "sim/results/path_record.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Why a job leaves.
enum class LeaveReason : std::uint8_t { kFullDepth, kDeadline, kStopped };

// How a job ended. Every job ends in one of these ways; the last two are the misses.
enum class JobEnding : std::uint8_t {
    kComplete,   // the whole network
    kStopped,    // its policy stopped it, or had it reply, before full depth: it had what it was meant to have
    kCut,        // its mandatory part was done, and its deadline came before the rest
    kUnstarted,  // missed, without a stage: dropped, or never its turn
    kLate        // missed, although stages had started
};
inline constexpr std::size_t kEndings = 5;

// One released job, written when it leaves.
struct JobRecord {
    JobId id;
    Time release{};
    Time deadline{};
    Time start = kNever;  // of its first stage; kNever if none started
    Time exit = kNever;   // end of the deepest stage that finished in time; kNever if there is none. Of a job that
                          // replied before it left: the exit that it replied with, as are depth and prediction
    Time left{};
    int variant = 0;
    int depth = 0;
    int prediction = -1;  // of that exit; -1 if there is none
    bool correct = false;
    bool missed = false;     // the mandatory part was not finished by the deadline; counts as wrong
    bool confident = false;  // as sure as its task asks, or of full depth; false if the task doesn't ask
    bool scored = true;      // false during the warm-up
    bool stalled = false;    // a gap that none of our threads caused fell between release and leaving
};

// Whether the exit at `depth` is as sure as the task asks, or the network has no deeper one.
inline bool confident_answer(const ActiveJob& job, const TaskPlan& task, int depth) {
    if (task.confident_from <= 0 || depth == 0) return false;
    const float confidence = job.outcomes[static_cast<std::size_t>(depth - 1)].confidence;
    return depth == job.stages() || confidence >= static_cast<float>(task.confident_from);
}

// The record of a job that leaves now.
inline JobRecord make_record(const ActiveJob& job, const TaskPlan& task, std::int32_t label, bool scored, Time now) {
    JobRecord record;
    record.id = job.id;
    record.release = job.release;
    record.deadline = job.deadline;
    record.start = job.started;
    const bool replied = job.answered > 0;
    record.exit = replied ? job.answer_exit : job.last_exit;
    record.left = now;
    record.variant = job.variant;
    record.depth = replied ? job.answered : job.depth;
    record.missed = record.depth < task.mandatory_stages;
    record.scored = scored;
    if (record.depth > 0) record.prediction = job.outcomes[static_cast<std::size_t>(record.depth - 1)].prediction;
    record.correct = !record.missed && record.prediction == label;
    record.confident = !record.missed && confident_answer(job, task, record.depth);
    return record;
}

// `record` is the record of `job`, which leaves for this reason. A job that its policy drops before its mandatory part
// is done is a miss like one whose deadline came.
inline JobEnding ending_of(const ActiveJob& job, const JobRecord& record, LeaveReason reason) {
    if (record.missed) return record.start == kNever ? JobEnding::kUnstarted : JobEnding::kLate;
    if (job.answered > 0 || reason == LeaveReason::kStopped) return JobEnding::kStopped;
    return reason == LeaveReason::kFullDepth ? JobEnding::kComplete : JobEnding::kCut;
}

// What was known of a job when its next stage was chosen: what the policy could reckon with, not what came of it.
struct StageForesight {
    Duration planned{};  // planning cost of that stage
    Duration slack{};  // deadline - now - planned cost of all its remaining stages; negative: it can't reach full depth
};

inline StageForesight foresight(const ActiveJob& job, Time now) {
    return {job.next_cost(), job.deadline - now - job.remaining_cost()};
}

// The confidence that a stage revealed when it ended. None where nobody saw it, for its job had left (not `counted`),
// or where the stage has no exit.
inline std::optional<float> revealed(bool counted, const Outcome& outcome) {
    return counted && outcome.prediction >= 0 ? std::optional(outcome.confidence) : std::nullopt;
}

// One execution of a stage, written when it ends.
struct StageRecord {
    JobId id;
    int resource = 0;
    int lane = 0;  // which slot of the resource
    int stage = 0;
    Time start{};  // decision
    Time end{};
    Time counted_until{};                       // min(end, when the job left): what runs after that is overrun
    std::optional<float> confidence{};          // revealed at `end`
    std::optional<StageForesight> foresight{};  // at `start`; none if it was read from records that don't have it
};

// Receives the records in the order in which they were made. Every call may throw RunError: the record could not be
// written, and the run ends.
class RecordSink {
public:
    virtual ~RecordSink() = default;
    virtual void job(const JobRecord& record) = 0;
    virtual void stage(const StageRecord& record) = 0;
    // Just after the stage() of the same execution, where the parts are known: live, and in simulations with
    // StageTimes.
    virtual void path(const PathRecord& record) { (void)record; }
    // After all records of that step. Live only.
    virtual void step(const StepRecord& record) { (void)record; }
    virtual void stall(const StallRecord& record) { (void)record; }
    // No record follows: what was written is on the disk when it returns.
    virtual void finish() {}
};

}  // namespace laxity
