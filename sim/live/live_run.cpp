#include "sim/live/live_run.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>

#include "profiler/device/host.hpp"
#include "profiler/device/realtime.hpp"
#include "sim/core/invariants.hpp"
#include "sim/live/scheduler_step.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestWait = 100ms;  // so that Ctrl-C is noticed
constexpr Duration kLeadIn = 20ms;        // from starting the clock to the earliest release

constexpr Duration kProgressEvery = 200ms;  // the thread that looks on takes the driver's core if there is no other

}  // namespace

struct LiveRun::World {
    LiveRun& run;

    std::optional<Outcome> ended(std::int32_t ticket, Time time) { return run.ended(ticket, time); }
    void told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time) {
        run.told(ticket, outcome, counted, time);
    }
    void release(const Release& release, Time time) { run.release(release, time); }
    std::optional<Dispatch> next(int resource, Time time) { return run.next(resource, time); }
    void start(const Dispatch& dispatch, Time time) { run.submit(dispatch, time); }
};

LiveRun::LiveRun(const Workload& workload, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
                 Device& device, std::vector<LiveTask> live_tasks, const Plan* plan)
    : workload_(workload),
      tasks_(tasks),
      policy_(make_policy(policy, {tasks, nullptr, plan})),
      device_(device),
      live_tasks_(std::move(live_tasks)),
      energy_(make_ledger(workload, seed)),
      scheduler_(tasks, *policy_, *this, energy_ ? &*energy_ : nullptr),
      releases_(workload, seed),
      metrics_(tasks),
      running_(static_cast<std::size_t>(scheduler_.tickets())) {
    const DeviceInfo info = device.info();
    report_.device = info.name + ", " + info.backend;
    for (std::size_t task = 0; task < workload.tasks.size(); ++task) {
        auto& firsts = first_stage_.emplace_back();
        for (std::size_t variant = 0; variant < workload.tasks[task].variants.size(); ++variant) {
            firsts.push_back(report_.stages.size());
            const auto& [name, trace, network_stages] = workload.tasks[task].variants[variant];
            for (int stage = 0; stage < trace->stage_count(); ++stage) {
                report_.stages.push_back({workload.tasks[task].name + "/" + name,
                                          stage,
                                          latency_quantile(*trace, stage, 0.5),
                                          latency_quantile(*trace, stage, 0.99),
                                          {},
                                          latency_quantile(*trace, stage, 0.5)});
            }
            activations_.add(*live_tasks_[task].variants[variant]);
        }
    }
}

const Metrics& LiveRun::run(RecordSink* sink, const std::function<void(std::uint64_t)>& progress) {
    const ThreadPlan threads = LiveThreads::plan(tasks_, wait_);
    const StayOnCores onlooker(onlooker_cores(allowed_cores(), threads));
    auto driver = std::async(std::launch::async, [&] { drive(sink, threads); });
    while (driver.wait_for(kProgressEvery) == std::future_status::timeout) {
        if (progress) progress(account_.left());
    }
    driver.get();
    if (progress) progress(account_.left());
    return metrics_;
}

void LiveRun::drive(RecordSink* sink, const ThreadPlan& threads) {
    account_.open(sink);
    const MemoryLock memory;
    settle(threads, memory);
    threads_ = std::make_unique<LiveThreads>(device_, tasks_, scheduler_, threads);
    report_.refusals.insert(report_.refusals.end(), threads_->refusals().begin(), threads_->refusals().end());
    const long preemptions_before = threads_->preemptions();
    const ContentionProbe probe;
    start_ = Clock::now() + kLeadIn;
    std::exception_ptr lost;  // records that could not be written
    try {
        loop();
    } catch (const RunError&) {
        lost = std::current_exception();
    } catch (const std::exception& error) {
        report_.failure = error.what();
    }
    releases_.close();
    const Contention contention = probe.so_far();
    report_.contention = contention.text();
    report_.noisy = contention.noisy();
    const Time end = now();
    try {
        collect_stalls();
        if (!lost) account_.settle();
    } catch (const RunError&) {
        lost = std::current_exception();
    }
    metrics_.finish(end - Time{}, scheduler_.decisions(), scheduler_.preemptions());
    if (energy_) metrics_.energy(energy_->finish(end));
    report_.thread_preemptions = static_cast<std::uint64_t>(threads_->preemptions() - preemptions_before);
    report_.stalls.watched += threads_->watched();
    threads_.reset();
    if (lost) std::rethrow_exception(lost);
}

// The driver's own thread, and the process.
void LiveRun::settle(const ThreadPlan& threads, const MemoryLock& memory) {
    const auto note = [&](const Refusal& refusal) {
        if (refusal) report_.refusals.push_back(*refusal);
    };
    report_.wait = threads.wait();
    report_.stalls.threshold = StallWatch::kThreshold;
    parks_ = threads.driver.wait == Wait::kPark;
    note(why_parked(wait_, threads));
    note(pin_this_thread(threads.driver.core));
    note(raise_this_thread(sleeps_between_stages(threads.driver.spin) ? ThreadLoad::kBlocks : ThreadLoad::kMayStayBusy,
                           "scheduler"));
    note(memory.refusal());
    sharpen_timers();
}

// Whether the driver sleeps for most of a typical stage: it spins after its beginning, and around its expected end.
bool LiveRun::sleeps_between_stages(Duration spin) const {
    Duration total{};
    for (const LiveStage& stage : report_.stages) total += stage.expected_p50;
    return total > 4 * spin * static_cast<int>(report_.stages.size());
}

void LiveRun::loop() {
    for (last_ = now(); !finished();) {
        if (interrupted()) return wind_down();
        const Time next = next_event();
        const Time time = wait_until(next);
        if (next <= time || threads_->ended_by(at(time))) step(time);  // else it woke for Ctrl-C
    }
}

// Of what still runs, the scheduler is told; it is asked for nothing.
void LiveRun::wind_down() {
    report_.interrupted = true;
    releases_.close();
    while (threads_->in_flight()) {
        StepRecord unrecorded;
        unrecorded.time = wait_until(kNever);
        collect_stalls();
        World world{*this};
        tell_completions(scheduler_, world, unrecorded);
        account_.settle();
    }
}

bool LiveRun::finished() const {
    return releases_.next_time() == kNever && scheduler_.active_jobs() == 0 && !threads_->in_flight();
}

// When something is due that is no completion.
Time LiveRun::next_event() {
    return std::min({releases_.next_time(), scheduler_.next_deadline(), scheduler_.next_energy_time()});
}

// Until then, until a completion, or until Ctrl-C should be looked for again. Returns the time, later than last time.
Time LiveRun::wait_until(Time time) {
    Doorbell& news = threads_->news();
    const auto ready = [this] { return threads_->has_completion(); };
    news.wait_until(at(std::min(time, last_ + kLongestWait)), expected_end(), ready);
    last_ = std::max(time_of(news.woke()), last_ + 1ns);
    return last_;
}

// When the first of the running stages should end; only a driver that sleeps meanwhile needs to know.
LiveRun::Clock::time_point LiveRun::expected_end() const {
    Time earliest = kNever;
    if (!parks_) return Clock::time_point::max();
    for (const RunningStage& stage : running_) {
        if (stage.executable != nullptr) earliest = std::min(earliest, stage.handed + stage.statistics->typical);
    }
    return earliest == kNever ? Clock::time_point::max() : at(earliest);
}

void LiveRun::step(Time time) {
    collect_stalls();
    World world{*this};
    StepRecord record = take_step(scheduler_, releases_, static_cast<int>(tasks_.resources.size()), world, time);
    account_.settle();
    if (!account_.has_sink()) return;
    record.took = now() - time;
    account_.step(record);
}

std::optional<Outcome> LiveRun::ended(std::int32_t ticket, Time time) {
    DeviceWorker* const worker = threads_->worker(ticket);
    if (worker == nullptr || !worker->has_completion()) return std::nullopt;
    if (worker->peek()->finished > at(time)) return std::nullopt;  // while this step was on its way: the next one's
    const StageCompletion completion = *worker->poll();
    if (completion.failed) throw DeviceError(worker->error());
    running_[static_cast<std::size_t>(ticket)].path = path_of(ticket, completion, time);
    return completion.outcome;
}

// Clocks of two cores may differ by some nanoseconds: no part is negative.
StagePath LiveRun::path_of(std::int32_t ticket, const StageCompletion& completion, Time noticed) {
    const RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    const Time started = std::clamp(time_of(completion.started), stage.handed, noticed);
    const Time finished = std::clamp(time_of(completion.finished), started, noticed);
    StagePath path{stage.handed - stage.start, started - stage.handed, finished - started, noticed - finished, {}};
    const LiveStage& expected = *stage.statistics;
    const Duration stalled = stall_in_stage(path.latency, expected.expected_p50, expected.expected_p99);
    path.stalled = stalled + account_.stalls().within(ticket, stage.handed, started) +
                   account_.stalls().within(-1, finished, noticed);
    if (stalled > 0ns) account_.stall({ticket, finished - stalled, stalled});
    return path;
}

// Whether a stage is running now that has taken so long that it will count as stalled.
bool LiveRun::stage_stalls(Time now) const {
    for (std::size_t ticket = 0; ticket < running_.size(); ++ticket) {
        const RunningStage& stage = running_[ticket];
        if (stage.executable == nullptr || threads_->worker(static_cast<std::int32_t>(ticket))->has_completion())
            continue;
        const LiveStage& expected = *stage.statistics;
        if (stall_in_stage(now - stage.handed, expected.expected_p50, expected.expected_p99) > 0ns) return true;
    }
    return false;
}

void LiveRun::told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time) {
    RunningStage& stage = running_[static_cast<std::size_t>(ticket)];
    if (!counted) activations_.give_back(*stage.executable, stage.device_slot);  // its job has left meanwhile
    stage.executable = nullptr;
    const Time counted_until = counted ? time : std::min(time, stage.deadline);
    account_.stage_ended(
        {stage.id, scheduler_.resource_of(ticket), ticket, stage.stage, stage.start, time, counted_until,
         revealed(counted, outcome), stage.foresight},
        {stage.id, stage.stage, ticket, stage.start, stage.active, outcome.prediction, outcome.confidence, stage.path},
        *stage.statistics);
}

void LiveRun::release(const Release& release, Time time) {
    report_.lateness.add(time - release.time);
    const std::uint32_t slot = scheduler_.next_slot();
    if (slot >= slots_.size()) slots_.resize(slot + 1);
    slots_[slot] = {release.fate.sample, release.source, release.scored, -1, nullptr};
    scheduler_.release(release.id, release.time, release.time + release.fate.relative_deadline, time);
}

std::optional<Dispatch> LiveRun::next(int resource, Time time) {
    const std::uint64_t decisions = scheduler_.decisions();
    const Time before = now();
    const auto dispatch = scheduler_.next(resource, time);
    handed_ = now();
    if (scheduler_.decisions() != decisions) report_.decision.add(handed_ - before);
    return dispatch;
}

void LiveRun::submit(const Dispatch& dispatch, Time time) {
    const ActiveJob& job = scheduler_.job(dispatch.slot);
    const auto task = static_cast<std::size_t>(job.id.task);
    const auto variant = static_cast<std::size_t>(job.variant);
    SlotState& state = slots_[dispatch.slot];
    StageRequest request;
    if (dispatch.stage == 0) {
        state.executable = live_tasks_[task].variants[variant];
        state.device_slot = activations_.take(*state.executable);
        request.input = live_tasks_[task].input(job.variant, state.device_slot, state.sample);
    }
    request.executable = state.executable;
    request.slot = state.device_slot;
    request.stage = dispatch.stage;
    request.ticket = dispatch.ticket;
    threads_->worker(dispatch.ticket)->submit(request);
    // From here on the device does not wait.
    auto& running = running_[static_cast<std::size_t>(dispatch.ticket)];
    LiveStage& statistics = report_.stages[first_stage_[task][variant] + static_cast<std::size_t>(dispatch.stage)];
    running = {job.id, dispatch.stage, state.device_slot, state.executable,         &statistics,
               time,   handed_,        job.deadline,      scheduler_.active_jobs(), {},
               {}};
    if (account_.has_sink()) running.foresight = foresight(job, time);
}

// Before the jobs of a step leave: a stall of the driver itself is known only when it is over.
void LiveRun::collect_stalls() {
    while (const auto gap = threads_->next_gap(start_)) account_.stall(*gap);
}

void LiveRun::job_left(const ActiveJob& job, LeaveReason reason, Time now) {
    SlotState& state = slots_[job.slot];
    const auto task = static_cast<std::size_t>(job.id.task);
    const std::int32_t label = (*live_tasks_[task].labels)[state.sample];
    JobRecord record = make_record(job, tasks_.tasks[task], label, state.scored, now);
    LAXITY_INVARIANT("INV-5", record.depth == 0 || record.exit <= record.deadline);
    record.stalled = stage_stalls(now);
    account_.job_left(record, ending_of(job, record, reason));
    // A stage that is still running keeps the activations; told() returns them.
    if (state.device_slot >= 0 && !job.running) activations_.give_back(*state.executable, state.device_slot);
    releases_.job_left(state.source, job, reason, now);
}

void LiveRun::job_replied(const ActiveJob& job, Time now) { releases_.job_replied(slots_[job.slot].source, job, now); }

}  // namespace laxity
