#include "sim/live/live_run.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "profiler/device/host.hpp"
#include "profiler/device/realtime.hpp"
#include "sim/core/invariants.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestWait = 100ms;  // so that Ctrl-C is noticed
constexpr Duration kLeadIn = 20ms;        // from starting the clock to the earliest release

// What was never measured is null.
nlohmann::ordered_json or_null(std::optional<double> value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}
nlohmann::ordered_json ns_or_null(std::optional<Duration> value) {
    return value ? nlohmann::ordered_json(value->count()) : nlohmann::ordered_json();
}
nlohmann::ordered_json ms_or_null(std::optional<Duration> value) {
    return value ? nlohmann::ordered_json(to_ms(*value)) : nlohmann::ordered_json();
}

nlohmann::ordered_json json_ns(const LogHistogram& h) {
    return {{"mean", or_null(h.mean_ns())},
            {"p50", ns_or_null(h.quantile(0.5))},
            {"p99", ns_or_null(h.quantile(0.99))},
            {"max", ns_or_null(h.max())}};
}

}  // namespace

std::string LiveReport::json() const {
    nlohmann::ordered_json json;
    json["device"] = device;
    json["decision_ns"] = json_ns(decision);
    json["release_lateness_ns"] = json_ns(lateness);
    for (const LiveStage& stage : stages) {
        json["stages"].push_back(
            {{"variant", stage.variant},
             {"stage", stage.stage},
             {"executed", stage.measured.count()},
             {"expected_ms", {{"p50", to_ms(stage.expected_p50)}, {"p99", to_ms(stage.expected_p99)}}},
             {"measured_ms",
              {{"p50", ms_or_null(stage.measured.quantile(0.5))},
               {"p99", ms_or_null(stage.measured.quantile(0.99))}}}});
    }
    json["thread_preemptions"] = thread_preemptions;
    json["contention"] = contention;
    json["noisy"] = noisy;
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
    const ThreadPlan threads = plan_threads(allowed_cores(), lanes_of("accelerator"), lanes_of("host"));
    const MemoryLock memory;
    settle(threads, memory);
    news_ = std::make_unique<Doorbell>(threads.driver.spin);
    start_workers(threads);
    const long preemptions_before = thread_preemptions();
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
    metrics_.finish(end - Time{}, scheduler_.decisions(), scheduler_.preemptions());
    if (energy_) metrics_.energy(energy_->finish(end));
    report_.thread_preemptions = static_cast<std::uint64_t>(thread_preemptions() - preemptions_before);
    workers_.clear();
    if (lost) std::rethrow_exception(lost);
}

int LiveRun::lanes_of(const std::string& resource) const {
    for (std::size_t index = 0; index < tasks_.resources.size(); ++index) {
        const auto used = [&](int of_stage) { return of_stage == static_cast<int>(index); };
        const auto uses = [&](const VariantPlan& variant) { return std::ranges::any_of(variant.resource, used); };
        const auto needed = [&](const TaskPlan& task) { return std::ranges::any_of(task.variants, uses); };
        if (tasks_.resources[index].name == resource && std::ranges::any_of(tasks_.tasks, needed))
            return tasks_.resources[index].slots;
    }
    return 0;
}

// The driver's own thread, and the process.
void LiveRun::settle(const ThreadPlan& threads, const MemoryLock& memory) {
    const auto note = [&](const Refusal& refusal) {
        if (refusal) report_.refusals.push_back(*refusal);
    };
    if (threads.shared) {
        const std::size_t count = 1 + threads.accelerators.size() + threads.hosts.size();
        report_.refusals.push_back("fewer cores than the " + std::to_string(count) +
                                   " threads of scheduler and resources: some share one, and wait for each other");
    }
    note(pin_this_thread(threads.driver.core));
    note(raise_this_thread(sleeps_between_stages(threads.driver.spin) ? ThreadLoad::kBlocks : ThreadLoad::kMayStayBusy,
                           "scheduler"));
    note(memory.refusal());
    sharpen_timers();
}

void LiveRun::start_workers(const ThreadPlan& threads) {
    std::map<int, int> lanes;  // by resource, so many so far
    workers_.resize(static_cast<std::size_t>(scheduler_.tickets()));
    for (std::int32_t ticket = 0; ticket < scheduler_.tickets(); ++ticket) {
        const int resource = scheduler_.resource_of(ticket), lane = lanes[resource]++;
        const bool is_host = tasks_.resources[static_cast<std::size_t>(resource)].name == "host";
        const std::vector<ThreadPlace>& places = is_host ? threads.hosts : threads.accelerators;
        if (places.empty()) continue;
        const ThreadPlace& place = places[static_cast<std::size_t>(lane)];
        auto& worker = workers_[static_cast<std::size_t>(ticket)];
        worker = std::make_unique<DeviceWorker>(
            device_, *news_, DeviceWorkerOptions{.core = place.core, .spin = place.spin, .lane = lane});
        for (const std::string& line : worker->refusals()) {
            if (std::ranges::find(report_.refusals, line) == report_.refusals.end()) report_.refusals.push_back(line);
        }
    }
}

// Whether the driver sleeps while a typical stage runs, rather than spin through it.
bool LiveRun::sleeps_between_stages(Duration spin) const {
    Duration total{};
    for (const LiveStage& stage : report_.stages) total += stage.expected_p50;
    return total > 2 * spin * static_cast<int>(report_.stages.size());
}

void LiveRun::loop() {
    const auto ready = [this] { return has_completion(); };
    for (;;) {
        collect();
        if (interrupted() || !report_.failure.empty()) break;
        const Time time = now();
        scheduler_.expire(time);
        release_due(time);
        dispatch();
        if (finished()) return;
        const Time next = std::min(
            {releases_.next_time(), scheduler_.next_deadline(), scheduler_.next_energy_time(), time + kLongestWait});
        news_->wait_until(at(next), ready);
    }
    report_.interrupted = report_.failure.empty();
    releases_.close();
    while (in_flight() && report_.failure.empty()) {
        news_->wait_until(Clock::now() + kLongestWait, ready);
        collect();
    }
}

bool LiveRun::finished() const {
    return releases_.next_time() == kNever && scheduler_.active_jobs() == 0 && !in_flight();
}

bool LiveRun::has_completion() const {
    return std::ranges::any_of(workers_, [](const auto& worker) { return worker && worker->has_completion(); });
}

bool LiveRun::in_flight() const {
    return std::ranges::any_of(workers_, [](const auto& worker) { return worker && worker->in_flight() > 0; });
}

long LiveRun::thread_preemptions() const {
    long count = 0;
    for (const auto& worker : workers_) count += worker ? worker->preemptions() : 0;
    return count;
}

LiveRun::Clock::time_point LiveRun::at(Time time) const { return start_ + (time - Time{}); }

void LiveRun::collect() {
    for (const auto& worker : workers_) {
        const auto completion = worker ? worker->poll() : std::nullopt;  // a slot runs one stage at a time
        if (!completion) continue;
        if (completion->failed) {
            report_.failure = worker->error();
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
    const int resource = scheduler_.resource_of(completion.ticket);
    metrics_.stage(resource, now - stage.start, now - counted_until);
    if (sink_ == nullptr) return;
    sink_->stage({stage.id, resource, completion.ticket, stage.stage, stage.start, now, counted_until,
                  revealed(counted, completion.outcome), stage.foresight});
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

void LiveRun::dispatch() {
    for (int resource = 0; resource < static_cast<int>(tasks_.resources.size()); ++resource) dispatch_to(resource);
}

void LiveRun::dispatch_to(int resource) {
    for (;;) {
        const std::uint64_t decisions = scheduler_.decisions();
        const Time before = now();
        const auto dispatch = scheduler_.next(resource, before);
        const Time after = now();
        if (scheduler_.decisions() != decisions) report_.decision.add(after - before);
        if (!dispatch) return;
        submit(*dispatch, before);
    }
}

void LiveRun::submit(const Dispatch& dispatch, Time now) {
    const ActiveJob& job = scheduler_.job(dispatch.slot);
    const auto task = static_cast<std::size_t>(job.id.task);
    const auto variant = static_cast<std::size_t>(job.variant);
    SlotState& state = slots_[dispatch.slot];
    StageRequest request;
    if (dispatch.stage == 0) {
        state.executable = live_tasks_[task].variants[variant];
        state.device_slot = take_device_slot(*state.executable);
        request.input = live_tasks_[task].input(job.variant, state.device_slot, state.sample);
    }
    request.executable = state.executable;
    request.slot = state.device_slot;
    request.stage = dispatch.stage;
    request.ticket = dispatch.ticket;
    LiveStage& statistics = report_.stages[first_stage_[task][variant] + static_cast<std::size_t>(dispatch.stage)];
    auto& running = running_[static_cast<std::size_t>(dispatch.ticket)];
    running = {job.id, dispatch.stage, state.device_slot, state.executable, &statistics, now, job.deadline, {}};
    workers_[static_cast<std::size_t>(dispatch.ticket)]->submit(request);
    if (sink_ != nullptr) running.foresight = foresight(job, now);  // the device need not wait for it
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
    metrics_.add(record, ending_of(job, record, reason));
    if (sink_ != nullptr) sink_->job(record);
    // A stage that is still running keeps the activations; complete() returns them.
    if (state.device_slot >= 0 && !job.running) return_device_slot(*state.executable, state.device_slot);
    releases_.job_left(state.source, job, reason, now);
    left_.fetch_add(1, std::memory_order_relaxed);
}

void LiveRun::job_replied(const ActiveJob& job, Time now) { releases_.job_replied(slots_[job.slot].source, job, now); }

}  // namespace laxity
