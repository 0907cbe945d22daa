#include "sim/core/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/invariants.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kStepsBetweenPolls = 1 << 14;  // a few milliseconds of simulation

// By resource: some stage on it is slowed down (or sped up) by others beside it.
std::vector<std::uint8_t> shared_resources(const TaskSet& tasks) {
    std::vector<std::uint8_t> shared(tasks.resources.size());
    for (const TaskPlan& task : tasks.tasks) {
        for (const VariantPlan& variant : task.variants) {
            for (std::size_t stage = 0; stage < variant.slowdown.size(); ++stage) {
                const auto& slowdown = variant.slowdown[stage];
                if (std::any_of(slowdown.begin(), slowdown.end(), [](double factor) { return factor != 1; }))
                    shared[static_cast<std::size_t>(variant.resource[stage])] = 1;
            }
        }
    }
    return shared;
}

}  // namespace

Simulation::Simulation(const Replay& replay, const TaskSet& tasks, const PolicyFactory& policy, std::uint64_t seed)
    : replay_(replay),
      tasks_(tasks),
      policy_(policy(PolicyContext{tasks, this})),
      energy_(make_ledger(replay.workload(), seed)),
      scheduler_(tasks, *policy_, *this, energy_ ? &*energy_ : nullptr),
      releases_(replay.workload(), seed),
      metrics_(tasks),
      decision_cost_(replay.workload().decision_cost),
      seed_(seed),
      running_(static_cast<std::size_t>(scheduler_.tickets())),
      shared_(shared_resources(tasks)),
      any_shared_(std::find(shared_.begin(), shared_.end(), 1) != shared_.end()) {}

Simulation::Simulation(const Replay& replay, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
                       const Plan* plan)
    : Simulation(
          replay, tasks,
          [&](PolicyContext context) {
              context.plan = plan;
              return make_policy(policy, context);
          },
          seed) {
    if (const DecisionFile* file = replay.decisions()) decisions_ = &file->of(policy);
}

void Simulation::use(MeasuredTimesOptions options) {
    if (!options.decisions && decisions_ != nullptr) options.decisions = *decisions_;
    // A policy without a text has no rows there, and what the file takes the place of would be charged silently.
    if (!options.decisions && replay_.decisions() != nullptr)
        throw std::invalid_argument(
            "the workload names a file of decisions, in which a policy made by a factory has no "
            "rows: give MeasuredTimesOptions::decisions");
    auto times = make_measured_times(replay_, seed_, options);
    measured_ = times.get();
    times_ = std::move(times);
}

const Metrics& Simulation::run(RecordSink* sink) {
    sink_ = sink;
    if (!times_ && (replay_.measured() || replay_.decisions() != nullptr)) use(MeasuredTimesOptions{});
    Time now{};
    for (std::uint64_t step = 0;; ++step) {
        if (step % kStepsBetweenPolls == 0 && interrupted()) throw Interrupted();
        const Time completion = next_completion();
        const Time next = next_step(completion);
        if (next == kNever) break;
        count_idle(next - now);
        now = next;
        after_stage_ = completion == now;
        if (after_stage_) complete_stages(now);
        if (scheduler_.next_deadline() <= now) scheduler_.expire(now);
        release_jobs(now);
        dispatch(now);
        if (any_shared_) share_resources(now);
    }
    finish_run(now);
    return metrics_;
}

// INV-6 from the other side: what the resources did not do.
void Simulation::count_idle([[maybe_unused]] Duration step) {
#ifdef LAXITY_CHECK_INVARIANTS
    for (std::size_t ticket = 0; ticket < running_.size(); ++ticket) {
        const int resource = scheduler_.resource_of(static_cast<std::int32_t>(ticket));
        if (running_[ticket].end == kNever) idle_[tasks_.resources[static_cast<std::size_t>(resource)].name] += step;
    }
#endif
}

Time Simulation::next_completion() const {
    Time earliest = kNever;
    for (const RunningStage& stage : running_) earliest = std::min(earliest, stage.end);
    return earliest;
}

Time Simulation::next_step(Time completion) {
    const Time due =
        std::min({completion, scheduler_.next_deadline(), releases_.next_time(), scheduler_.next_energy_time()});
    if (!times_ || completion != kNever || due == kNever) return due;
    return due + (measured_ ? measured_->lateness(due) : times_->lateness(due));
}

// Gives every stage on a shared resource the pace that goes with how many run there now.
void Simulation::share_resources(Time now) {
    for (std::size_t resource = 0; resource < shared_.size(); ++resource) {
        if (shared_[resource] == 0) continue;
        const auto runs_here = [&](const RunningStage& stage) {
            const auto ticket = static_cast<std::int32_t>(&stage - running_.data());
            return stage.end != kNever && scheduler_.resource_of(ticket) == static_cast<int>(resource);
        };
        const auto count = std::count_if(running_.begin(), running_.end(), runs_here);
        for (RunningStage& stage : running_) {
            if (runs_here(stage)) set_pace(stage, stage.slowdown[count - 1], now);
        }
    }
}

void Simulation::set_pace(RunningStage& stage, double pace, Time now) {
    if (pace == stage.pace) return;
    const auto done = static_cast<std::int64_t>(static_cast<double>((now - stage.since).count()) / stage.pace);
    stage.left -= std::min(Duration(done), stage.left - Duration(1));
    stage.since = now;
    stage.pace = pace;
    stage.end = now + Duration(static_cast<std::int64_t>(std::ceil(static_cast<double>(stage.left.count()) * pace)));
}

void Simulation::complete_stages(Time now) {
    for (std::size_t ticket = 0; ticket < running_.size(); ++ticket) {
        RunningStage& stage = running_[ticket];
        if (stage.end != now) continue;
        stage.end = kNever;
        if (measured_) {
            measured_->ended(static_cast<int>(ticket), now);
        } else if (times_) {
            times_->ended(static_cast<int>(ticket), now);
        }
        const int resource = scheduler_.resource_of(static_cast<std::int32_t>(ticket));
        const bool counted = scheduler_.stage_finished(static_cast<std::int32_t>(ticket), stage.outcome, now);
        const Time counted_until = counted ? now : std::min(now, stage.deadline);
        metrics_.stage(resource, now - stage.start, now - counted_until);
        if (sink_ == nullptr) continue;
        sink_->stage({stage.id, resource, static_cast<int>(ticket), stage.stage, stage.start, now, counted_until,
                      revealed(counted, stage.outcome), stage.foresight});
        if (times_) sink_->path(path_of(stage, static_cast<int>(ticket), now));
    }
}

// The parts of an execution. What stages beside it added is latency.
PathRecord Simulation::path_of(const RunningStage& stage, int ticket, Time now) {
    PathRecord record{
        stage.id,  stage.stage, ticket, stage.start, stage.active, stage.outcome.prediction, stage.outcome.confidence,
        stage.path};
    record.path.latency += (now - stage.start) - stage.path.total();
    return record;
}

void Simulation::release_jobs(Time now) {
    while (releases_.next_time() <= now && releases_.next_time() != kNever) {
        const Release release = releases_.take();
        const std::uint32_t slot = scheduler_.next_slot();
        if (slot >= slots_.size()) slots_.resize(slot + 1);
        slots_[slot] = {nullptr, nullptr, release.fate.row_block, release.fate.sample, release.source, release.scored};
        scheduler_.release(release.id, release.time, release.time + release.fate.relative_deadline, now);
        // The policy has chosen the variant.
        const ReplayTable& table = replay_.table(release.id.task, scheduler_.job(slot).variant);
        slots_[slot].outcomes = table.outcomes_of_sample(release.fate.sample);
        if (times_) continue;
        slots_[slot].durations =
            table.durations_of_row(latency_row(release.fate.row_block, release.id.number, table.rows));
    }
}

void Simulation::dispatch(Time now) {
    for (int resource = 0; resource < static_cast<int>(tasks_.resources.size()); ++resource) {
        while (const auto dispatch = scheduler_.next(resource, now)) start(*dispatch, now);
    }
}

void Simulation::start(const Dispatch& dispatch, Time now) {
    const SlotFate& fate = slots_[dispatch.slot];
    const ActiveJob& job = scheduler_.job(dispatch.slot);
    RunningStage& stage = running_[static_cast<std::size_t>(dispatch.ticket)];
    LAXITY_INVARIANT("INV-3", stage.end == kNever);
    stage.start = now;
    stage.end =
        now + (times_ ? time_of(dispatch, stage, now) : decision_cost_ + Duration(fate.durations[dispatch.stage]));
    stage.deadline = job.deadline;
    stage.id = job.id;
    stage.stage = dispatch.stage;
    stage.outcome = fate.outcomes[dispatch.stage];
    if (sink_ != nullptr) stage.foresight = foresight(job, now);
    if (!any_shared_) return;
    stage.left = stage.end - now;
    stage.since = now;
    stage.pace = 1;
    stage.slowdown = job.plan->slowdown[static_cast<std::size_t>(dispatch.stage)].data();
}

Duration Simulation::time_of(const Dispatch& dispatch, RunningStage& stage, Time now) {
    stage.active = scheduler_.active_jobs();
    const StageStart start{scheduler_.job(dispatch.slot),
                           dispatch.stage,
                           dispatch.ticket,
                           stage.active,
                           slots_[dispatch.slot].row_block,
                           now,
                           after_stage_};
    if (sink_ == nullptr) return measured_ ? measured_->occupies(start) : times_->occupies(start, nullptr);
    const Duration time = times_->occupies(start, &stage.path);
    if (stage.path.stalled > Duration::zero()) stalled_until_ = std::max(stalled_until_, now + time);
    return time;
}

void Simulation::job_left(const ActiveJob& job, LeaveReason reason, Time now) {
    const SlotFate& fate = slots_[job.slot];
    const std::int32_t label = replay_.table(job.id.task, job.variant).labels[fate.sample];
    JobRecord record = make_record(job, tasks_.tasks[static_cast<std::size_t>(job.id.task)], label, fate.scored, now);
    record.stalled = job.release < stalled_until_;
    LAXITY_INVARIANT("INV-5", record.depth == 0 || record.exit <= record.deadline);
    metrics_.add(record, ending_of(job, record, reason));
    if (sink_ != nullptr) sink_->job(record);
    releases_.job_left(fate.source, job, reason, now);
}

void Simulation::job_replied(const ActiveJob& job, Time now) {
    releases_.job_replied(slots_[job.slot].source, job, now);
}

void Simulation::finish_run(Time end) {
    metrics_.finish(end.time_since_epoch(), scheduler_.decisions(), scheduler_.preemptions());
    if (energy_) metrics_.energy(energy_->finish(end));
    LAXITY_INVARIANT("INV-1",
                     metrics_.total().jobs + std::min(releases_.released(), replay_.workload().horizon.warmup_jobs) ==
                         releases_.released());
    for ([[maybe_unused]] const ResourceUse& use : metrics_.resources()) {
        LAXITY_INVARIANT("INV-6", use.busy + idle_[use.name] == (end - Time{}) * use.slots);
    }
}

Outcome Simulation::outcome(const ActiveJob& job, int exit) const {
    return replay_.table(job.id.task, job.variant).outcomes_of_sample(slots_[job.slot].sample)[exit];
}

bool Simulation::correct(const ActiveJob& job, int exit) const {
    return outcome(job, exit).prediction == replay_.table(job.id.task, job.variant).labels[slots_[job.slot].sample];
}

}  // namespace laxity
