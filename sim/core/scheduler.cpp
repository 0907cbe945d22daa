#include "sim/core/scheduler.hpp"

#include <algorithm>
#include <string>

#include "sim/core/invariants.hpp"

namespace laxity {

Scheduler::Scheduler(const TaskSet& tasks, Policy& policy, JobListener& listener, EnergyLedger* energy)
    : tasks_(&tasks),
      policy_(&policy),
      listener_(&listener),
      energy_(energy),
      energy_nj_(energy == nullptr ? nullptr : energy->level()),
      free_at_(tasks.resources.size(), Time::min()),
      filled_(tasks.resources.size()) {
    for (int resource = 0; resource < static_cast<int>(tasks.resources.size()); ++resource) {
        auto& tickets = free_tickets_.emplace_back();
        for (int slot = 0; slot < tasks.resources[static_cast<std::size_t>(resource)].slots; ++slot) {
            tickets.push_back(static_cast<std::int32_t>(running_.size()));
            running_.push_back({nullptr, resource, Time{}});
        }
        std::reverse(tickets.begin(), tickets.end());  // the lowest ticket is taken first
    }
}

void Scheduler::advance(Time now) {
    LAXITY_INVARIANT("INV-2", now >= last_);
    last_ = now;
}

ActiveJob& Scheduler::take_slot() {
    if (free_slots_.empty()) {
        pool_.push_back(std::make_unique<ActiveJob>());
        pool_.back()->slot = static_cast<std::uint32_t>(pool_.size() - 1);
        filled_at_exit_.push_back(0);
        return *pool_.back();
    }
    ActiveJob& job = *pool_[free_slots_.back()];
    free_slots_.pop_back();
    return job;
}

void Scheduler::insert_by_deadline(ActiveJob& job) {
    const auto later = [](const ActiveJob* a, const ActiveJob* b) { return earlier_deadline(*a, *b); };
    if (by_deadline_.empty() || later(by_deadline_.back(), &job)) {
        by_deadline_.push_back(&job);
    } else {
        by_deadline_.insert(std::upper_bound(by_deadline_.begin(), by_deadline_.end(), &job, later), &job);
    }
}

void Scheduler::release(JobId id, Time release, Time deadline, Time now) {
    advance(now);
    const int variant = policy_->choose_variant(view(now), id.task, deadline);
    ActiveJob& job = take_slot();
    job.id = id;
    job.variant = static_cast<std::int16_t>(variant);
    job.depth = 0;
    job.running = false;
    job.plan = &tasks_->tasks[static_cast<std::size_t>(id.task)].variants.at(static_cast<std::size_t>(variant));
    job.release = release;
    job.deadline = deadline;
    job.started = kNever;
    job.last_exit = kNever;
    job.answered = 0;
    job.answer_exit = kNever;
    insert_by_deadline(job);
    if (deadline <= now) {
        leave(job, LeaveReason::kDeadline, now);
    } else {
        policy_->released(view(now), job);
    }
}

bool Scheduler::stage_finished(std::int32_t ticket, Outcome outcome, Time now) {
    advance(now);
    RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    ActiveJob* const job = std::exchange(stage.job, nullptr);
    free_tickets_[static_cast<std::size_t>(stage.resource)].push_back(ticket);
    refresh_free_at(stage.resource);
    if (job == nullptr) return false;
    LAXITY_INVARIANT("INV-5", now <= job->deadline);
    job->running = false;
    --running_active_;
    job->outcomes[static_cast<std::size_t>(job->depth)] = outcome;
    ++job->depth;
    job->last_exit = now;
    policy_->stage_finished(view(now), *job);
    if (job->depth == job->stages()) {
        leave(*job, LeaveReason::kFullDepth, now);
    } else {
        filled_at_exit_[job->slot] = filled_[static_cast<std::size_t>(job->next_resource())];
    }
    return true;
}

void Scheduler::expire(Time now) {
    advance(now);
    while (!by_deadline_.empty() && by_deadline_.front()->deadline <= now) {
        leave(*by_deadline_.front(), LeaveReason::kDeadline, now);
    }
}

void Scheduler::leave(ActiveJob& job, LeaveReason reason, Time now) {
    if (job.running) {
        const auto its_stage = [&](const RunningStage& stage) { return stage.job == &job; };
        std::find_if(running_.begin(), running_.end(), its_stage)->job = nullptr;
        --running_active_;
    }
    const auto place = std::find(by_deadline_.begin(), by_deadline_.end(), &job);
    LAXITY_INVARIANT("INV-1", place != by_deadline_.end());
    by_deadline_.erase(place);
    policy_->left(view(now), job);
    listener_->job_left(job, reason, now);
    free_slots_.push_back(job.slot);
}

std::optional<Dispatch> Scheduler::next(int resource, Time now) {
    advance(now);
    if (energy_ != nullptr && !energy_->powered(now)) return std::nullopt;
    while (!free_tickets_[static_cast<std::size_t>(resource)].empty() && by_deadline_.size() > running_active_) {
        ++decisions_;
        const Action action = policy_->next(view(now), resource);
        if (action.kind == Action::Kind::kWait) {
            if (energy_ != nullptr) energy_->await(policy_->awaited_energy_nj(view(now), resource));
            return std::nullopt;
        }
        ActiveJob& job = checked(action, resource);
        if (action.kind == Action::Kind::kRun) {
            if (energy_ != nullptr && !energy_->take(job.next_energy_nj())) return std::nullopt;
            return start(job, resource, now);
        }
        if (action.kind == Action::Kind::kReply) {
            reply(job, now);
        } else {
            leave(job, LeaveReason::kStopped, now);
        }
    }
    return std::nullopt;
}

void Scheduler::reply(ActiveJob& job, Time now) {
    job.answered = job.depth;
    job.answer_exit = job.last_exit;
    listener_->job_replied(job, now);
}

Dispatch Scheduler::start(ActiveJob& job, int resource, Time now) {
    LAXITY_INVARIANT("INV-4", now >= job.release && (job.depth == 0 || now >= job.last_exit));
    auto& tickets = free_tickets_[static_cast<std::size_t>(resource)];
    std::uint64_t& filled = filled_[static_cast<std::size_t>(resource)];
    if (job.depth > 0 && filled_at_exit_[job.slot] != filled) ++preemptions_;
    const std::int32_t ticket = tickets.back();
    tickets.pop_back();
    if (tickets.empty()) ++filled;
    RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    stage.job = &job;
    stage.planned_end = now + job.next_cost();
    job.running = true;
    ++running_active_;
    if (job.depth == 0) job.started = now;
    refresh_free_at(resource);
    return {job.slot, job.depth, ticket, resource};
}

// The job that the policy named, if it may do with it what it asks for.
ActiveJob& Scheduler::checked(const Action& action, int resource) const {
    const auto refuse = [](const std::string& what) { throw InvariantViolation("INV-3 broken: the policy " + what); };
    if (action.job == nullptr) refuse("named no job");
    ActiveJob& job = *pool_[action.job->slot];
    if (&job != action.job) refuse("named a job that is not the scheduler's");
    if (job.running) refuse("named a job that is running");
    if (action.kind == Action::Kind::kRun && job.next_resource() != resource)
        refuse("ran a stage on the wrong resource");
    if (action.kind == Action::Kind::kReply) {
        if (job.answered > 0) refuse("replied twice to a job");
        if (job.depth < tasks_->tasks[static_cast<std::size_t>(job.id.task)].mandatory_stages)
            refuse("replied to a job whose mandatory part is not done");
    }
    return job;
}

void Scheduler::refresh_free_at(int resource) {
    Time& free_at = free_at_[static_cast<std::size_t>(resource)];
    if (!free_tickets_[static_cast<std::size_t>(resource)].empty()) {
        free_at = Time::min();
        return;
    }
    free_at = kNever;
    for (const RunningStage& stage : running_) {
        if (stage.resource == resource) free_at = std::min(free_at, stage.planned_end);
    }
}

}  // namespace laxity
