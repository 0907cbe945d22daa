// The scheduler core: a state machine that owns the jobs and drives one policy. It knows no clock, no thread, no random
// number and no device; a simulation (sim/core/simulation.hpp) and a live run (sim/live/live_run.hpp) drive the same
// object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "policies/policy.hpp"
#include "sim/core/energy_ledger.hpp"
#include "sim/results/job_record.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// Told of every job that leaves, once per released job (INV-1). The reference is valid during the call.
class JobListener {
public:
    virtual ~JobListener() = default;
    virtual void job_left(const ActiveJob& job, LeaveReason reason, Time now) = 0;
    // The job has replied and stays active (Action::reply); job_left() follows later.
    virtual void job_replied(const ActiveJob& job, Time now) { (void)job, (void)now; }
};

// A stage that is to be executed now.
struct Dispatch {
    std::uint32_t slot = 0;  // of the job
    std::int32_t stage = 0;
    std::int32_t ticket = 0;  // hand it back with stage_finished()
    // With three words, an optional Dispatch comes back in two registers, packed through memory with a stall on reading
    // it (bench --speed, edf: 5.7 instead of 6.0 M jobs/s); with four it does not.
    std::int32_t resource = 0;
};

// Callers feed events in time order (INV-2) and, at one instant, in the order stage completions, deadlines, releases;
// then they call next() for every resource until it returns nothing.
//
// A stage that ends exactly at the deadline counts. At its deadline a job leaves with its deepest exit finished by
// then; a stage of it that is still running is not cancelled: its ticket stays taken until stage_finished(), which then
// reveals nothing.
//
// Complexity with N active jobs: a release finds its place with O(log N) comparisons and moves at most N pointers, a
// leave likewise; everything else is O(1) plus the policy.
class Scheduler {
public:
    // All outlive the scheduler. Without a ledger there is always enough energy.
    Scheduler(const TaskSet& tasks, Policy& policy, JobListener& listener, EnergyLedger* energy = nullptr);

    // The slot that the next release() will give to its job, so that a driver can prepare what it keeps per slot.
    std::uint32_t next_slot() const {
        return free_slots_.empty() ? static_cast<std::uint32_t>(pool_.size()) : free_slots_.back();
    }
    // A request arrived. If its deadline is not after now (a live run that is late), it leaves at once, as missed.
    void release(JobId id, Time release, Time deadline, Time now);
    // The stage of `ticket` ended. Returns false, without reading `outcome`, if its job has left meanwhile.
    bool stage_finished(std::int32_t ticket, Outcome outcome, Time now);
    // Makes every job whose deadline is not after now leave.
    void expire(Time now);
    // Asks the policy until it dispatches a stage or has nothing to run. The stage counts as running from now on.
    // Throws InvariantViolation if the policy runs a job that it may not run. Nothing is dispatched while the energy
    // ledger's device is off; a stage that the capacitor can't power turns it off.
    std::optional<Dispatch> next(int resource, Time now);

    Time next_deadline() const { return by_deadline_.empty() ? kNever : by_deadline_.front()->deadline; }
    // When a decision is due because there is energy again; kNever if none is waited for.
    Time next_energy_time() { return energy_ == nullptr || by_deadline_.empty() ? kNever : energy_->next_time(); }
    std::size_t active_jobs() const { return by_deadline_.size(); }
    std::uint64_t decisions() const { return decisions_; }
    // How often a job with finished stages resumed after a stage of another job had taken the last free slot of its
    // resource since its own last stage ended: it could have gone on, and had to wait. Stages are never preempted.
    std::uint64_t preemptions() const { return preemptions_; }
    const ActiveJob& job(std::uint32_t slot) const { return *pool_[slot]; }
    // How many stages can run at once, over all resources: tickets are 0 .. tickets()-1.
    int tickets() const { return static_cast<int>(running_.size()); }
    int resource_of(std::int32_t ticket) const { return running_[static_cast<std::size_t>(ticket)].resource; }

private:
    struct RunningStage {
        ActiveJob* job = nullptr;  // null once the job has left
        int resource = 0;
        Time planned_end{};
    };

    View view(Time now) const { return View(now, *tasks_, by_deadline_, free_at_, energy_nj_); }
    ActiveJob& take_slot();
    void insert_by_deadline(ActiveJob& job);
    void leave(ActiveJob& job, LeaveReason reason, Time now);
    void reply(ActiveJob& job, Time now);
    Dispatch start(ActiveJob& job, int resource, Time now);
    ActiveJob& checked(const Action& action, int resource) const;
    void refresh_free_at(int resource);
    void advance(Time now);

    const TaskSet* tasks_;
    Policy* policy_;
    JobListener* listener_;
    EnergyLedger* energy_;
    const std::int64_t* energy_nj_;                 // the ledger's level
    std::vector<std::unique_ptr<ActiveJob>> pool_;  // by slot; addresses are stable
    std::vector<std::uint32_t> free_slots_;
    std::vector<ActiveJob*> by_deadline_;                  // the active jobs
    std::vector<RunningStage> running_;                    // by ticket
    std::vector<std::vector<std::int32_t>> free_tickets_;  // by resource
    std::vector<Time> free_at_;                            // by resource; see View::free_at
    std::size_t running_active_ = 0;                       // active jobs with a running stage
    std::uint64_t decisions_ = 0;
    std::vector<std::uint64_t> filled_;          // by resource: how many stages have taken its last free slot
    std::vector<std::uint64_t> filled_at_exit_;  // by slot: that of the job's next resource when its last stage ended
    std::uint64_t preemptions_ = 0;
    Time last_ = Time::min();
};

}  // namespace laxity
