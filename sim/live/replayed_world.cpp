#include "sim/live/replayed_world.hpp"

#include <algorithm>

namespace laxity {

ReplayedWorld::ReplayedWorld(const RecordedRun& run, const PolicySpec& policy, const Plan* plan)
    : run_(run),
      policy_(make_policy(policy, {run.tasks, nullptr, plan})),
      energy_(make_ledger(run.replay.workload(), run.seed)),
      scheduler_(run.tasks, *policy_, *this, energy_ ? &*energy_ : nullptr),
      releases_(run.replay.workload(), run.seed),
      metrics_(run.tasks),
      running_(static_cast<std::size_t>(scheduler_.tickets())) {
    metrics_.keep_task_responses();
}

std::optional<Outcome> ReplayedWorld::ended(std::int32_t ticket, Time time) {
    const RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    return stage.running && stage.ending.end == time ? std::optional(stage.ending.outcome) : std::nullopt;
}

void ReplayedWorld::told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time) {
    RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    stage.running = false;
    const Time counted_until = counted ? time : std::min(time, stage.deadline);
    const int resource = scheduler_.resource_of(ticket);
    metrics_.stage(resource, time - stage.start, time - counted_until);
    stage_ended({stage.id, resource, ticket, stage.stage, stage.start, time, counted_until, revealed(counted, outcome),
                 stage.foresight},
                {stage.id, stage.stage, ticket, stage.start, stage.active, outcome.prediction, outcome.confidence,
                 stage.ending.path});
}

void ReplayedWorld::release(const Release& release, Time time) {
    const std::uint32_t slot = scheduler_.next_slot();
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    slots_[slot] = {release.fate, release.source, release.scored, true};
    scheduler_.release(release.id, release.time, release.time + release.fate.relative_deadline, time);
}

void ReplayedWorld::start(const Dispatch& dispatch, Time time) {
    const ActiveJob& job = scheduler_.job(dispatch.slot);
    const Ending ending = ending_of_stage(dispatch, job, time);
    running_[static_cast<std::size_t>(dispatch.ticket)] = {
        job.id, dispatch.stage, scheduler_.active_jobs(), time, job.deadline, foresight(job, time), ending, true};
}

Time ReplayedWorld::next_end() const {
    Time earliest = kNever;
    for (const RunningStage& stage : running_)
        if (stage.running) earliest = std::min(earliest, stage.ending.end);
    return earliest;
}

Outcome ReplayedWorld::traced_outcome(const ActiveJob& job, int stage) const {
    return run_.replay.table(job.id.task, job.variant).outcomes_of_sample(slots_[job.slot].fate.sample)[stage];
}

std::vector<const ActiveJob*> ReplayedWorld::active_jobs() const {
    std::vector<const ActiveJob*> jobs;
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot)
        if (slots_[slot].active) jobs.push_back(&scheduler_.job(slot));
    std::ranges::sort(jobs, [](const ActiveJob* a, const ActiveJob* b) { return earlier_deadline(*a, *b); });
    return jobs;
}

void ReplayedWorld::finish_metrics(Time end) {
    metrics_.finish(end - Time{}, scheduler_.decisions(), scheduler_.preemptions());
    if (energy_) metrics_.energy(energy_->finish(end));
}

void ReplayedWorld::job_left(const ActiveJob& job, LeaveReason reason, Time now) {
    SlotState& state = slots_[job.slot];
    state.active = false;
    const std::int32_t label = run_.replay.table(job.id.task, job.variant).labels[state.fate.sample];
    const JobRecord record =
        make_record(job, run_.tasks.tasks[static_cast<std::size_t>(job.id.task)], label, state.scored, now);
    metrics_.add(record, ending_of(job, record, reason));
    job_ended(record);
    releases_.job_left(state.source, job, reason, now);
}

void ReplayedWorld::job_replied(const ActiveJob& job, Time now) {
    releases_.job_replied(slots_[job.slot].source, job, now);
}

}  // namespace laxity
