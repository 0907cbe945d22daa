// The world of a live run, from its record: what take_step() needs beside the scheduler.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/releases.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/live/recorded_times.hpp"
#include "sim/live/replay_run.hpp"
#include "sim/results/metrics.hpp"

namespace laxity {

// Owns the scheduler and its policy, and keeps the same records as a live run does. When a stage that starts will have
// ended, and what it will have revealed, is what replays differ in.
class ReplayedWorld : private JobListener {
public:
    // All references outlive the world.
    ReplayedWorld(const RecordedRun& run, const PolicySpec& policy, const Plan* plan);

    // World of take_step().
    std::optional<Outcome> ended(std::int32_t ticket, Time time);
    void told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time);
    void release(const Release& release, Time time);
    std::optional<Dispatch> next(int resource, Time time) { return scheduler_.next(resource, time); }
    void start(const Dispatch& dispatch, Time time);

protected:
    struct Ending {
        Time end{};  // kNever: it is not known
        Outcome outcome{};
        StagePath path{};
    };

    virtual Ending ending_of_stage(const Dispatch& dispatch, const ActiveJob& job, Time time) = 0;
    virtual void stage_ended(const StageRecord& record, const PathRecord& path) = 0;
    virtual void job_ended(const JobRecord& record) = 0;

    // The earliest end of a running stage; kNever without any.
    Time next_end() const;
    int resources() const { return static_cast<int>(run_.tasks.resources.size()); }
    std::uint32_t row_block(std::uint32_t slot) const { return slots_[slot].fate.row_block; }
    // What the trace says of this exit for the job's input.
    Outcome traced_outcome(const ActiveJob& job, int stage) const;
    std::vector<const ActiveJob*> active_jobs() const;  // by deadline
    void finish_metrics(Time end);

    const RecordedRun& run_;
    std::unique_ptr<Policy> policy_;
    std::optional<EnergyLedger> energy_;
    Scheduler scheduler_;
    Releases releases_;
    Metrics metrics_;

private:
    struct SlotState {  // of the scheduler's job in this slot
        JobFate fate;
        std::uint32_t source = 0;
        bool scored = true;
        bool active = false;
    };
    struct RunningStage {
        JobId id;
        std::int32_t stage = 0;
        std::size_t active = 0;
        Time start{};
        Time deadline{};
        StageForesight foresight;
        Ending ending{kNever, {}, {}};
        bool running = false;
    };

    void job_left(const ActiveJob& job, LeaveReason reason, Time now) override;
    void job_replied(const ActiveJob& job, Time now) override;

    std::vector<SlotState> slots_;       // by scheduler slot
    std::vector<RunningStage> running_;  // by ticket
};

}  // namespace laxity
