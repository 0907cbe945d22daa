#include "sim/live/live_run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "profiler/host.hpp"
#include "profiler/realtime.hpp"
#include "sim/invariants.hpp"
#include "traces/interrupt.hpp"

namespace laxity {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestWait = 100ms;  // so that Ctrl-C is noticed
constexpr Duration kLeadIn = 20ms;        // from starting the clock to the earliest release

nlohmann::ordered_json json_ns(const LogHistogram& h) {
    return {{"mean", h.mean_ns()},
            {"p50", h.quantile(0.5).count()},
            {"p99", h.quantile(0.99).count()},
            {"max", h.max().count()}};
}

}  // namespace

std::string LiveReport::json() const {
    nlohmann::ordered_json json;
    json["decision_ns"] = json_ns(decision);
    json["release_lateness_ns"] = json_ns(lateness);
    for (const LiveStage& stage : stages) {
        json["stages"].push_back(
            {{"variant", stage.variant},
             {"stage", stage.stage},
             {"executed", stage.measured.count()},
             {"expected_ms", {{"p50", to_ms(stage.expected_p50)}, {"p99", to_ms(stage.expected_p99)}}},
             {"measured_ms",
              {{"p50", to_ms(stage.measured.quantile(0.5))}, {"p99", to_ms(stage.measured.quantile(0.99))}}}});
    }
    json["preemptions"] = preemptions;
    json["contention"] = contention;
    json["not_permitted"] = refusals;
    json["interrupted"] = interrupted;
    if (!failure.empty()) json["failure"] = failure;
    return json.dump();
}

LiveRun::LiveRun(const Workload& workload, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
                 Device& device, std::vector<LiveTask> live_tasks, const Plan* plan)
    : workload_(workload),
      tasks_(tasks),
      policy_(make_policy(policy, {tasks, nullptr, plan})),
      device_(device),
      live_tasks_(std::move(live_tasks)),
      scheduler_(tasks, *policy_, *this),
      releases_(workload, seed),
      metrics_(tasks),
      running_(static_cast<std::size_t>(scheduler_.tickets())) {
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
                                          {}});
            }
            Executable* const executable = live_tasks_[task].variants[variant];
            const auto known = [&](const auto& entry) { return entry.first == executable; };
            if (std::any_of(free_device_slots_.begin(), free_device_slots_.end(), known)) continue;
            auto& free = free_device_slots_.emplace_back(executable, std::vector<std::int32_t>{}).second;
            for (int slot = executable->slots() - 1; slot >= 0; --slot) free.push_back(slot);
        }
    }
}

const Metrics& LiveRun::run(RecordSink* sink, const std::function<void(std::uint64_t)>& progress) {
    std::exception_ptr error;
    std::thread driver([&] {
        try {
            drive(sink);
        } catch (...) {
            error = std::current_exception();
        }
        done_ = true;
    });
    while (!done_) {
        std::this_thread::sleep_for(50ms);
        if (progress) progress(left_);
    }
    driver.join();
    if (error) std::rethrow_exception(error);
    return metrics_;
}

void LiveRun::drive(RecordSink* sink) {
    sink_ = sink;
    const CorePlan cores = plan_cores();
    const auto note = [&](const Refusal& refusal) {
        if (refusal) report_.refusals.push_back(*refusal);
    };
    if (cores.driver < 0)
        report_.refusals.emplace_back("only one core: scheduler and device share it, and wait for each other");
    note(pin_this_thread(cores.driver));
    note(raise_this_thread(sleeps_between_stages(cores.spin) ? ThreadLoad::kBlocks : ThreadLoad::kMayStayBusy,
                           "scheduler"));
    note(lock_memory());
    sharpen_timers();

    Doorbell news(cores.spin);
    DeviceWorker worker(device_, news, {.core = cores.device, .spin = cores.spin});
    report_.refusals.insert(report_.refusals.end(), worker.refusals().begin(), worker.refusals().end());
    const long preemptions_before = worker.preemptions();
    const ContentionProbe probe;
    start_ = Clock::now() + kLeadIn;
    try {
        loop(worker, news);
    } catch (const std::exception& error) {
        report_.failure = error.what();
        releases_.close();
    }
    report_.contention = probe.so_far().text();
    metrics_.finish(now() - Time{}, scheduler_.decisions());
    report_.preemptions = static_cast<std::uint64_t>(worker.preemptions() - preemptions_before);
}

// Whether the driver sleeps while a typical stage runs, rather than spin through it.
bool LiveRun::sleeps_between_stages(Duration spin) const {
    Duration total{};
    for (const LiveStage& stage : report_.stages) total += stage.expected_p50;
    return total > 2 * spin * static_cast<int>(report_.stages.size());
}

void LiveRun::loop(DeviceWorker& worker, Doorbell& news) {
    for (;;) {
        collect(worker);
        if (interrupted() || !report_.failure.empty()) break;
        const Time time = now();
        scheduler_.expire(time);
        release_due(time);
        dispatch(worker);
        if (finished(worker)) return;
        const Time next = std::min({releases_.next_time(), scheduler_.next_deadline(), time + kLongestWait});
        news.wait_until(at(next), [&] { return worker.has_completion(); });
    }
    report_.interrupted = report_.failure.empty();
    releases_.close();
    while (worker.in_flight() > 0 && report_.failure.empty()) {
        news.wait_until(Clock::now() + kLongestWait, [&] { return worker.has_completion(); });
        collect(worker);
    }
}

bool LiveRun::finished(const DeviceWorker& worker) const {
    return releases_.next_time() == kNever && scheduler_.active_jobs() == 0 && worker.in_flight() == 0;
}

LiveRun::Clock::time_point LiveRun::at(Time time) const { return start_ + (time - Time{}); }

void LiveRun::collect(DeviceWorker& worker) {
    while (const auto completion = worker.poll()) {
        if (completion->failed) {
            report_.failure = worker.error();
            return;
        }
        const Time time = now();
        // Deadlines that have passed come first; one at this very instant does not.
        if (scheduler_.next_deadline() < time) scheduler_.expire(time - 1ns);
        complete(*completion, time);
    }
}

void LiveRun::complete(const StageCompletion& completion, Time now) {
    const RunningStage stage = running_[static_cast<std::size_t>(completion.ticket)];
    stage.statistics->measured.add(std::chrono::duration_cast<Duration>(completion.finished - completion.started));
    running_[static_cast<std::size_t>(completion.ticket)].executable = nullptr;
    const bool counted = scheduler_.stage_finished(completion.ticket, completion.outcome, now);
    if (!counted) return_device_slot(*stage.executable, stage.device_slot);  // its job has left meanwhile
    const Time counted_until = counted ? now : std::min(now, stage.deadline);
    metrics_.stage(0, now - stage.start, now - counted_until);
    if (sink_ != nullptr) sink_->stage({stage.id, 0, completion.ticket, stage.stage, stage.start, now, counted_until});
}

void LiveRun::release_due(Time now) {
    while (releases_.next_time() <= now) {
        const Release release = releases_.take();
        report_.lateness.add(now - release.time);
        const std::uint32_t slot = scheduler_.next_slot();
        if (slot >= slots_.size()) slots_.resize(slot + 1);
        slots_[slot] = {release.fate.sample, release.source, release.scored, -1, nullptr};
        scheduler_.release(release.id, release.time, release.time + release.fate.relative_deadline, now);
    }
}

void LiveRun::dispatch(DeviceWorker& worker) {
    for (;;) {
        const std::uint64_t decisions = scheduler_.decisions();
        const Time before = now();
        const auto dispatch = scheduler_.next(0, before);
        const Time after = now();
        if (scheduler_.decisions() != decisions) report_.decision.add(after - before);
        if (!dispatch) return;
        submit(worker, *dispatch, before);
    }
}

void LiveRun::submit(DeviceWorker& worker, const Dispatch& dispatch, Time now) {
    const ActiveJob& job = scheduler_.job(dispatch.slot);
    const auto task = static_cast<std::size_t>(job.id.task);
    const auto variant = static_cast<std::size_t>(job.variant);
    SlotState& state = slots_[dispatch.slot];
    StageRequest request;
    if (dispatch.stage == 0) {
        state.executable = live_tasks_[task].variants[variant];
        state.device_slot = take_device_slot(*state.executable);
        request.input = live_tasks_[task].input(state.sample);
    }
    request.executable = state.executable;
    request.slot = state.device_slot;
    request.stage = dispatch.stage;
    request.ticket = dispatch.ticket;
    LiveStage& statistics = report_.stages[first_stage_[task][variant] + static_cast<std::size_t>(dispatch.stage)];
    running_[static_cast<std::size_t>(dispatch.ticket)] = {
        job.id, dispatch.stage, state.device_slot, state.executable, &statistics, now, job.deadline};
    worker.submit(request);
}

std::int32_t LiveRun::take_device_slot(Executable& executable) {
    for (auto& [owner, free] : free_device_slots_) {
        if (owner != &executable) continue;
        if (free.empty())
            throw std::runtime_error("all " + std::to_string(executable.slots()) +
                                     " activation slots are in use; give more with --slots");
        const std::int32_t slot = free.back();
        free.pop_back();
        return slot;
    }
    throw std::logic_error("no such executable");
}

void LiveRun::return_device_slot(Executable& executable, std::int32_t slot) {
    for (auto& [owner, free] : free_device_slots_) {
        if (owner == &executable) free.push_back(slot);
    }
}

void LiveRun::job_left(const ActiveJob& job, LeaveReason reason, Time now) {
    SlotState& state = slots_[job.slot];
    const auto task = static_cast<std::size_t>(job.id.task);
    const std::int32_t label = (*live_tasks_[task].labels)[state.sample];
    const JobRecord record = make_record(job, tasks_.tasks[task], label, state.scored, now);
    LAXITY_INVARIANT("INV-5", record.depth == 0 || record.exit <= record.deadline);
    metrics_.add(record);
    if (sink_ != nullptr) sink_->job(record);
    // A stage that is still running keeps the activations; complete() returns them.
    if (state.device_slot >= 0 && !job.running) return_device_slot(*state.executable, state.device_slot);
    releases_.job_left(state.source, job, reason, now);
    left_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace laxity
