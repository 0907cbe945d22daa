#include "sim/simulation.hpp"

#include <algorithm>
#include <array>

#include "sim/invariants.hpp"
#include "traces/interrupt.hpp"

namespace laxity {

// Releases and fates come in blocks of 32 jobs: the generators interleave the work of independent jobs.
struct Simulation::OpenTask {
    std::unique_ptr<ArrivalStream> stream;
    std::array<Time, kRowBlockLength> releases;
    std::array<JobFate, kRowBlockLength> fates;
};

namespace {

constexpr std::uint64_t kStepsBetweenPolls = 1 << 14;  // a few milliseconds of simulation

std::size_t count_sources(const Workload& workload) {
    std::size_t sources = 0;
    for (const Task& task : workload.tasks) {
        const auto* closed = std::get_if<ClosedArrivals>(&task.arrivals);
        sources += closed == nullptr ? 1 : static_cast<std::size_t>(closed->clients);
    }
    return sources;
}

}  // namespace

Simulation::Simulation(const Replay& replay, const TaskSet& tasks, const PolicyFactory& policy, std::uint64_t seed)
    : replay_(replay),
      workload_(replay.workload()),
      tasks_(tasks),
      policy_(policy(PolicyContext{tasks, this})),
      scheduler_(tasks, *policy_, *this),
      metrics_(tasks),
      arrivals_(count_sources(workload_)),
      running_(static_cast<std::size_t>(scheduler_.tickets())) {
    add_sources(seed);
}

Simulation::Simulation(const Replay& replay, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed)
    : Simulation(replay, tasks, [&](const PolicyContext& context) { return make_policy(policy, context); }, seed) {}

Simulation::~Simulation() = default;

void Simulation::add_sources(std::uint64_t seed) {
    for (int task = 0; task < static_cast<int>(workload_.tasks.size()); ++task) {
        fates_.emplace_back(workload_, task, seed);
        next_number_.push_back(0);
        open_.emplace_back();
        if (const auto* closed = std::get_if<ClosedArrivals>(&workload_.tasks[static_cast<std::size_t>(task)].arrivals)) {
            for (int client = 0; client < closed->clients; ++client) {
                arrivals_.set(sources_.size(), first_request(workload_, task, client, seed));
                sources_.push_back({task, client});
            }
            continue;
        }
        auto& open = *(open_.back() = std::make_unique<OpenTask>());
        open.stream = make_arrival_stream(workload_, task, seed);
        open.stream->fill(open.releases);
        fates_.back().fill(0, open.fates);
        arrivals_.set(sources_.size(), open.releases[0]);
        sources_.push_back({task, -1});
    }
}

const Metrics& Simulation::run(RecordSink* sink) {
    sink_ = sink;
    Time now{};
    for (std::uint64_t step = 0;; ++step) {
        if (step % kStepsBetweenPolls == 0 && interrupted()) throw Interrupted();
        const Time completion = next_completion();
        const Time next = std::min({completion, scheduler_.next_deadline(), arrivals_.top_time()});
        if (next == kNever) break;
        count_idle(next - now);
        now = next;
        if (completion == now) complete_stages(now);
        if (scheduler_.next_deadline() <= now) scheduler_.expire(now);
        release_jobs(now);
        dispatch(now);
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

void Simulation::complete_stages(Time now) {
    for (std::size_t ticket = 0; ticket < running_.size(); ++ticket) {
        RunningStage& stage = running_[ticket];
        if (stage.end != now) continue;
        stage.end = kNever;
        const int resource = scheduler_.resource_of(static_cast<std::int32_t>(ticket));
        const bool counted = scheduler_.stage_finished(static_cast<std::int32_t>(ticket), stage.outcome, now);
        const Time counted_until = counted ? now : std::min(now, stage.deadline);
        metrics_.stage(resource, now - stage.start, now - counted_until);
        if (sink_ != nullptr) {
            sink_->stage({stage.id, resource, static_cast<int>(ticket), stage.stage, stage.start, now, counted_until});
        }
    }
}

void Simulation::release_jobs(Time now) {
    while (arrivals_.top_time() == now) release_one(static_cast<std::uint32_t>(arrivals_.top()), now);
}

void Simulation::release_one(std::uint32_t source, Time now) {
    if (now.time_since_epoch() >= workload_.horizon.length) return stop_arrivals();
    const auto [task, client] = sources_[source];
    const std::uint64_t number = next_number_[static_cast<std::size_t>(task)]++;
    JobFate fate;
    if (client < 0) {
        OpenTask& open = *open_[static_cast<std::size_t>(task)];
        const std::size_t place = number % kRowBlockLength;
        fate = open.fates[place];
        if (place + 1 == kRowBlockLength) {
            open.stream->fill(open.releases);
            fates_[static_cast<std::size_t>(task)].fill(number + 1, open.fates);
        }
        arrivals_.set(source, open.releases[(place + 1) % kRowBlockLength]);
    } else {
        fate = fates_[static_cast<std::size_t>(task)].at(number);
        arrivals_.set(source, kNever);  // until job_left()
    }

    const std::uint32_t slot = scheduler_.next_slot();
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    slots_[slot] = {nullptr, nullptr, fate.sample, source, released_ >= workload_.horizon.warmup_jobs};
    scheduler_.release({task, number}, now, now + fate.relative_deadline, now);
    const ReplayTable& table = replay_.table(task, scheduler_.job(slot).variant);
    slots_[slot].durations = table.durations_of_row(latency_row(fate.row_block, number, table.rows));
    slots_[slot].outcomes = table.outcomes_of_sample(fate.sample);
    if (++released_ >= workload_.horizon.jobs) stop_arrivals();
}

void Simulation::stop_arrivals() {
    arrivals_open_ = false;
    for (std::size_t source = 0; source < sources_.size(); ++source) arrivals_.set(source, kNever);
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
    stage.end = now + Duration(fate.durations[dispatch.stage]);
    stage.deadline = job.deadline;
    stage.id = job.id;
    stage.stage = dispatch.stage;
    stage.outcome = fate.outcomes[dispatch.stage];
}

void Simulation::job_left(const ActiveJob& job, LeaveReason reason, Time now) {
    const SlotFate& fate = slots_[job.slot];
    const TaskPlan& task = tasks_.tasks[static_cast<std::size_t>(job.id.task)];
    JobRecord record;
    record.id = job.id;
    record.release = job.release;
    record.deadline = job.deadline;
    record.start = job.started;
    record.exit = job.last_exit;
    record.left = now;
    record.variant = job.variant;
    record.depth = job.depth;
    record.missed = job.depth < task.mandatory_stages;
    record.scored = fate.scored;
    if (job.depth > 0) {
        record.prediction = job.outcomes[static_cast<std::size_t>(job.depth - 1)].prediction;
        record.correct = !record.missed && record.prediction == replay_.table(job.id.task, job.variant).labels[fate.sample];
    }
    LAXITY_INVARIANT("INV-5", job.depth == 0 || job.last_exit <= job.deadline);
    metrics_.add(record);
    if (sink_ != nullptr) sink_->job(record);
    if (sources_[fate.source].client >= 0 && arrivals_open_) ask_again(fate.source, job, reason, record.missed, now);
}

// The client of a job that has left asks its next question: at the reply, or at the deadline if that is the rule or if
// no reply came.
void Simulation::ask_again(std::uint32_t source, const ActiveJob& job, LeaveReason reason, bool missed, Time now) {
    const auto task = static_cast<std::size_t>(job.id.task);
    const bool at_deadline = std::get<ClosedArrivals>(workload_.tasks[task].arrivals).next_at_deadline;
    const bool no_reply = missed && reason == LeaveReason::kStopped;
    arrivals_.set(source, at_deadline || no_reply ? job.deadline : now);
}

void Simulation::finish_run(Time end) {
    metrics_.finish(end.time_since_epoch(), scheduler_.decisions());
    LAXITY_INVARIANT("INV-1", metrics_.total().jobs + std::min(released_, workload_.horizon.warmup_jobs) == released_);
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
