#include "sim/bench/bench.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "policies/registry.hpp"
#include "sim/bounds/bounds.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "workloads/philox.hpp"

namespace laxity {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 20260101;

// An invented network: input i has a difficulty; the deeper the exit, the more inputs it gets right, and the confidence
// follows the chance of being right. Latencies vary by a slowly changing factor. Arithmetic that is exact everywhere.
std::shared_ptr<const Trace> invented_trace(const std::vector<Duration>& stage_times, std::size_t samples,
                                            std::size_t runs) {
    const std::size_t stages = stage_times.size();
    const std::vector<double> accuracy(stages, 0.5);
    Trace trace = synthetic_trace("invented", stage_times, accuracy);
    trace.samples = {"invented", "test", {}, {}, {}};
    for (std::size_t sample = 0; sample < samples; ++sample) {
        const double easiness = unit_interval(draw(kSeed, Draw::kOther, 0, sample)[0]);
        trace.samples.label.push_back(0);
        for (std::size_t exit = 0; exit < stages; ++exit) {
            const PhiloxBlock luck = draw(kSeed, Draw::kOther, static_cast<std::uint32_t>(exit + 1), sample);
            const double effort = static_cast<double>(exit + 1) / static_cast<double>(stages);
            const double chance =
                0.1 + 0.9 * easiness + 0.9 * (1 - easiness) * effort * (0.4 + 0.5 * unit_interval(luck[1]));
            const double capped = chance > 0.999 ? 0.999 : chance;
            trace.samples.prediction.push_back(unit_interval(luck[0]) < capped ? 0 : 1);
            trace.samples.confidence.push_back(static_cast<float>(capped));
        }
    }
    trace.latency_ns.clear();
    for (std::size_t run = 0; run < runs; ++run) {
        const double slow = unit_interval(draw(kSeed, Draw::kOther, 100, run / 8)[0]);
        for (std::size_t stage = 0; stage < stages; ++stage) {
            const double fast = unit_interval(draw(kSeed, Draw::kOther, 101, run * stages + stage)[0]);
            trace.latency_ns.push_back(
                (stage_times[stage] * (95 + static_cast<int>(6 * slow) + static_cast<int>(6 * fast)) / 100).count());
        }
    }
    trace.dispatch_ns = {1000, 1200, 900};
    return std::make_shared<const Trace>(std::move(trace));
}

Task make_task(std::string name, std::shared_ptr<const Trace> trace, Arrivals arrivals, double shortest,
               double longest) {
    Task task;
    task.name = std::move(name);
    task.full = full_latency_mean(*trace);
    task.variants.push_back({"original", std::move(trace)});
    task.arrivals = std::move(arrivals);
    const auto full = static_cast<double>(task.full.count());
    task.deadline = {nanoseconds_from(shortest * full), nanoseconds_from(longest * full)};
    return task;
}

Workload on_one_accelerator(std::vector<Task> tasks, std::uint64_t jobs, int slots = 1) {
    Workload workload;
    workload.resources = {{"accelerator", slots}};
    workload.tasks = std::move(tasks);
    workload.horizon.jobs = jobs;
    return workload;
}

double gap_at_load(const Trace& trace, double load) {
    return static_cast<double>(full_latency_mean(trace).count()) / load;
}

Workload mixed_tasks(const std::shared_ptr<const Trace>& large, const std::shared_ptr<const Trace>& small,
                     std::uint64_t jobs) {
    std::vector<Task> tasks;
    tasks.push_back(make_task("periodic", small, PeriodicArrivals{3ms, 1ms, 500us}, 1.5, 1.5));
    tasks.push_back(make_task("sporadic", large, SporadicArrivals{4ms, 4ms}, 1.0, 3.0));
    tasks.push_back(make_task("gamma", small, GammaArrivals{5e6, 2.0}, 0.7, 2.0));
    tasks.push_back(make_task("bursts", large, MmppArrivals{2e6, 4e7, 3e7, 6e7}, 1.0, 4.0));
    tasks[1].weight = 3;
    tasks[3].mandatory_stages = 2;
    return on_one_accelerator(std::move(tasks), jobs);
}

// Short and long idle time, few and many bytes of others.
std::vector<HistoryCell> four_cells(std::int64_t count) {
    constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max(), kIdle = 50'000, kBytes = 100'000;
    std::vector<HistoryCell> cells;
    for (const auto& [idle_from, idle_below] : {std::pair(std::int64_t{0}, kIdle), {kIdle, kEnd}}) {
        for (const auto& [bytes_from, bytes_below] : {std::pair(std::int64_t{0}, kBytes), {kBytes, kEnd}})
            cells.push_back({idle_from, idle_below, bytes_from, bytes_below, {}, count});
    }
    return cells;
}

History invented_history(const Trace& trace) {
    constexpr int kExecutionsOfCell = 500;
    History history;
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        history.cells.push_back(four_cells(kExecutionsOfCell));
        for (const HistoryCell& cell : history.cells.back()) {
            const StageHistory before{Duration(cell.idle_from_ns), cell.bytes_from, false};
            for (int i = 0; i < kExecutionsOfCell; ++i)
                history.executions.push_back({stage, before, Duration(trace.latency(0, stage)), {}, {}, false});
        }
    }
    return history;
}

// FNV-1a over the integers of a record.
class RecordHash final : public RecordSink {
public:
    void job(const JobRecord& r) override {
        for (const std::int64_t value :
             {std::int64_t{r.id.task}, static_cast<std::int64_t>(r.id.number), to_ns(r.release), to_ns(r.deadline),
              to_ns(r.start), to_ns(r.exit), to_ns(r.left), std::int64_t{r.variant}, std::int64_t{r.depth},
              std::int64_t{r.prediction}, std::int64_t{r.correct}, std::int64_t{r.missed}}) {
            mix(static_cast<std::uint64_t>(value));
        }
    }
    void stage(const StageRecord& r) override { mix(static_cast<std::uint64_t>(to_ns(r.end))); }
    void mix(std::uint64_t value) {
        for (int byte = 0; byte < 8; ++byte) hash_ = (hash_ ^ ((value >> (8 * byte)) & 0xFF)) * 0x100000001B3;
    }
    std::uint64_t value() const { return hash_; }

private:
    std::uint64_t hash_ = 0xCBF29CE484222325;
};

// The same policy with a plan that can be made in no time.
PolicySpec benched(PolicySpec policy) {
    if (!policy.info->needs_plan) return policy;
    for (const auto& [parameter, value] : {std::pair("generations", "3"), {"population", "8"}, {"plan_jobs", "400"}}) {
        policy = with_parameter(policy, parameter, value);
    }
    return policy;
}

std::uint64_t hash_of(const PolicySpec& policy, const std::vector<Scenario>& scenarios) {
    RecordHash hash;
    const PolicySpec spec = benched(policy);
    for (const Scenario& scenario : scenarios) {
        const TaskSet tasks = make_task_set(scenario.workload);
        const Replay replay(scenario.workload);
        const auto plan = plan_for(spec, scenario.workload, tasks);
        Simulation simulation(replay, tasks, spec, kSeed, plan.get());
        simulation.run(&hash);
    }
    return hash.value();
}

}  // namespace

std::vector<Scenario> signature_scenarios() {
    constexpr std::uint64_t kJobs = 2000;
    const auto large = invented_trace({400us, 500us, 700us, 800us}, 500, 256);
    const auto small = invented_trace({200us, 300us, 300us}, 500, 256);
    const auto poisson = [&](double load, int slots) {
        return on_one_accelerator({make_task("camera", large, PoissonArrivals{gap_at_load(*large, load)}, 0.5, 4.0)},
                                  kJobs, slots);
    };
    std::vector<Scenario> scenarios;
    scenarios.push_back({"light", poisson(0.6, 1)});
    scenarios.push_back({"overload", poisson(1.8, 1)});
    scenarios.push_back({"two slots", poisson(2.5, 2)});
    scenarios.push_back({"mixed", mixed_tasks(large, small, kJobs)});
    scenarios.push_back(
        {"closed", on_one_accelerator({make_task("clients", large, ClosedArrivals{6, false}, 0.5, 4.0)}, kJobs)});
    return scenarios;
}

Workload ten_poisson_tasks(std::uint64_t jobs) {
    std::vector<Task> tasks;
    for (int i = 0; i < 10; ++i) {
        const Duration stage = 100us + i * 20us;
        const std::vector<Duration> times(3, stage);
        const std::vector<double> accuracy = {0.7, 0.8, 0.9};
        auto trace = std::make_shared<const Trace>(synthetic_trace("task" + std::to_string(i), times, accuracy));
        const double gap = gap_at_load(*trace, 0.08);
        tasks.push_back(make_task("task" + std::to_string(i), std::move(trace), PoissonArrivals{gap}, 10.0, 10.0));
    }
    return on_one_accelerator(std::move(tasks), jobs);
}

Workload with_invented_histories(Workload workload) {
    for (Task& task : workload.tasks) {
        for (Variant& variant : task.variants) {
            Trace trace = *variant.trace;
            for (StageInfo& stage : trace.stages) stage.parameter_bytes = 20'000;
            trace.history = invented_history(trace);
            variant.trace = std::make_shared<const Trace>(std::move(trace));
        }
    }
    return workload;
}

Workload one_poisson_task(double load, std::uint64_t jobs) {
    const auto trace = invented_trace({400us, 500us, 700us, 800us}, 2000, 1024);
    return on_one_accelerator({make_task("camera", trace, PoissonArrivals{gap_at_load(*trace, load)}, 0.5, 4.0)}, jobs);
}

std::uint64_t behaviour_of(const PolicySpec& policy) { return hash_of(policy, signature_scenarios()); }

std::string signature_text(std::uint64_t hash) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
    return text.data();
}

std::uint64_t behaviour_of_bounds() {
    const std::vector<Scenario> scenarios = signature_scenarios();
    const Replay replay(scenarios.front().workload);
    const BoundValues bounds = BoundModel(replay).of(kSeed).accuracy;
    RecordHash hash;
    for (const auto& value : {bounds.clairvoyant, bounds.fluid, bounds.fluid_d, bounds.fluid_edf}) {
        hash.mix(value ? static_cast<std::uint64_t>(std::llround(*value * 1e9))
                       : 0);  // sums in another order, by compiler
    }
    return hash.value();
}

Signature behaviour_signature() {
    const std::vector<Scenario> scenarios = signature_scenarios();
    Signature signature;
    RecordHash total;
    for (const PolicyInfo& policy : policy_registry()) {
        if (policy.needs_oracle != nullptr && policy.needs_oracle(parse_policy(policy.name).arguments)) continue;
        signature.rows.push_back({policy.name, hash_of(parse_policy(policy.name), scenarios)});
        total.mix(signature.rows.back().hash);
    }
    signature.total = total.value();
    return signature;
}

}  // namespace laxity
