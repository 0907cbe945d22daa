// The scheduler core: a state machine that owns the jobs and drives one policy. It knows no clock, no thread, no random
// number and no device; a simulation (sim/simulation.hpp) and a live run (sim/live/live_run.hpp) drive the same object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "policies/policy.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

enum class LeaveReason : std::uint8_t { kFullDepth, kDeadline, kStopped };

// Told of every job that leaves, once per released job (INV-1). The reference is valid during the call.
class JobListener {
public:
    virtual ~JobListener() = default;
    virtual void job_left(const ActiveJob& job, LeaveReason reason, Time now) = 0;
};

// A stage that is to be executed now.
struct Dispatch {
    std::uint32_t slot = 0;  // of the job
    std::int32_t stage = 0;
    std::int32_t ticket = 0;  // hand it back with stage_finished()
};

// Callers feed events in time order (INV-2) and, at one instant, in the order stage completions, deadlines, releases;
// then they call next() for every resource until it returns nothing.
//
// A stage that ends exactly at the deadline counts. At its deadline a job leaves with its deepest exit finished by then;
// a stage of it that is still running is not cancelled: its ticket stays taken until stage_finished(), which then reveals
// nothing. Complexity, N active jobs: release O(log N) comparisons and a move of at most N pointers, everything else O(1)
// plus the policy.
class Scheduler {
public:
    // All three outlive the scheduler.
    Scheduler(const TaskSet& tasks, Policy& policy, JobListener& listener);

    // A request arrived. Returns the slot of the job, or nothing if it left at once (deadline not after now).
    const ActiveJob& release(JobId id, Time deadline, Time now);
    // The stage of `ticket` ended. `outcome` is not read if the job has left meanwhile; returns whether it still counted.
    bool stage_finished(std::int32_t ticket, Outcome outcome, Time now);
    // Makes every job whose deadline is not after now leave.
    void expire(Time now);
    // Asks the policy until it dispatches a stage or has nothing to run. The stage counts as running from now.
    std::optional<Dispatch> next(int resource, Time now);

    Time next_deadline() const { return by_deadline_.empty() ? kNever : by_deadline_.front()->deadline; }
    bool idle() const { return by_deadline_.empty() && running_count_ == 0; }
    std::size_t active_jobs() const { return by_deadline_.size(); }
    std::uint64_t decisions() const { return decisions_; }
    const ActiveJob& job(std::uint32_t slot) const { return *pool_[slot]; }
    // Whether the job that `ticket` was dispatched for has left.
    bool abandoned(std::int32_t ticket) const { return running_[static_cast<std::size_t>(ticket)].job == nullptr; }

private:
    struct RunningStage {
        ActiveJob* job = nullptr;  // null once the job has left
        int resource = -1;         // -1 = ticket not in use
        Time planned_end{};
    };

    View view(Time now) const { return View(now, *tasks_, by_deadline_, free_at_); }
    ActiveJob& take_slot();
    void leave(ActiveJob& job, LeaveReason reason, Time now);
    void refresh_free_at(int resource);

    const TaskSet* tasks_;
    Policy* policy_;
    JobListener* listener_;
    std::vector<std::unique_ptr<ActiveJob>> pool_;  // by slot; addresses are stable
    std::vector<std::uint32_t> free_slots_;
    std::vector<ActiveJob*> by_deadline_;  // active jobs in deadline order
    std::vector<std::int32_t> running_ticket_;  // by slot; -1 = not running
    std::vector<RunningStage> running_;    // by ticket
    std::vector<int> free_tickets_;        // by resource, as ranges of tickets
    std::vector<int> busy_slots_;          // by resource
    std::vector<Time> free_at_;            // by resource
    int running_count_ = 0;
    std::uint64_t decisions_ = 0;
    Time last_{};  // INV-2
};

}  // namespace laxity
