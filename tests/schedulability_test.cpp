// Schedulability tests: known answers, brute force, and never contradicted by a simulation.
#include "sim/bounds/schedulability.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "sim/bounds/processor_demand.hpp"
#include "sim/bounds/response_time.hpp"
#include "tests/catch.hpp"
#include "tests/draws.hpp"
#include "tests/random_workload.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// --- Known answers, in any unit of time ---

// `stages` of equal length make up the WCET; priority by place in the list.
RecurrentTask task_of(std::int64_t wcet, std::int64_t gap, std::int64_t deadline, int stages = 1) {
    RecurrentTask task;
    task.stages_ns.assign(static_cast<std::size_t>(stages), wcet / stages);
    task.gap_ns = gap;
    task.deadline_ns = task.longest_deadline_ns = deadline;
    return task;
}

std::vector<RecurrentTask> by_place(std::vector<RecurrentTask> tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i].priority = static_cast<std::int64_t>(i);
    return tasks;
}

// -1 = not in time.
std::vector<std::int64_t> responses(const std::vector<RecurrentTask>& tasks) {
    std::vector<std::int64_t> values;
    for (const ResponseBound& bound : response_time_analysis(tasks)) {
        REQUIRE(bound.in_time != Answer::kUndecided);
        REQUIRE(bound.response_ns.has_value() == (bound.in_time == Answer::kYes));
        values.push_back(bound.response_ns.value_or(-1));
    }
    return values;
}

using Values = std::vector<std::int64_t>;

// --- Random sets ---

constexpr std::int64_t kMs = 1'000'000;

struct RandomTask {
    std::vector<Duration> stages;
    int mandatory = 1;
    Duration period{}, deadline{};
};

using RandomSet = std::vector<RandomTask>;

// WCETs and stages in steps of 10 us, so that coincidences are frequent; hyperperiods of at most 120 ms.
RandomSet random_set(Draws& draw) {
    constexpr std::int64_t kPeriodsMs[] = {4, 5, 6, 8, 10, 12, 15, 20, 24, 30};
    const auto count = draw.integer(2, 5);
    const double utilisation = draw.real(0.3, 1.1);
    RandomSet set;
    double left = utilisation;
    for (std::int64_t i = 0; i < count; ++i) {
        RandomTask task;
        task.period = Duration(kPeriodsMs[draw.integer(0, 9)] * kMs);
        const double share = i + 1 == count ? left : draw.real(0, 2 * left / static_cast<double>(count - i));
        left -= share;
        const auto stages = draw.integer(1, 4);
        for (std::int64_t k = 0; k < stages; ++k) {
            const double part = share * draw.real(0.2, 1.8) / static_cast<double>(stages);
            const auto steps = static_cast<std::int64_t>(part * static_cast<double>(task.period.count()) / 10'000);
            task.stages.emplace_back(std::max<std::int64_t>(1, steps) * 10'000);
        }
        task.mandatory = static_cast<int>(draw.integer(1, stages));
        const std::int64_t kind = draw.integer(0, 3);
        const double factor = kind == 0 ? draw.real(0.4, 1) : kind == 1 ? draw.real(1, 2) : 1;
        task.deadline = Duration(static_cast<std::int64_t>(factor * static_cast<double>(task.period.count())));
        set.push_back(std::move(task));
    }
    return set;
}

// What all synthetic networks of these tests share; few samples, for speed.
Trace tiny_trace(const std::vector<Duration>& stages) {
    Trace trace = synthetic_trace("tiny", std::vector<Duration>{Duration(1)}, std::vector<double>{1.0});
    trace.stages.assign(stages.size(), trace.stages.front());
    trace.latency_ns.clear();
    for (const Duration stage : stages) trace.latency_ns.push_back(stage.count());
    trace.samples.label.assign(16, 1);
    trace.samples.prediction.assign(16 * stages.size(), 1);
    trace.samples.confidence.assign(16 * stages.size(), 0.5F);
    trace.calibration.temperature.assign(stages.size(), 1.0);
    return trace;
}

// The arrivals of task i.
using MakeArrivals = std::function<Arrivals(std::size_t)>;

Workload workload_of(const RandomSet& set, const MakeArrivals& arrivals, Duration length) {
    Workload workload = on_accelerator({});
    for (std::size_t i = 0; i < set.size(); ++i) {
        Task task;
        task.name = "task" + std::to_string(i + 1);
        task.variants.push_back({"tiny", std::make_shared<const Trace>(tiny_trace(set[i].stages)), 0});
        task.full = full_latency_mean(*task.variants.front().trace);
        task.arrivals = arrivals(i);
        task.deadline = {set[i].deadline, set[i].deadline};
        task.mandatory_stages = set[i].mandatory;
        workload.tasks.push_back(std::move(task));
    }
    workload.horizon.length = length;
    return workload;
}

// The ways in which jobs arrive that a verdict must hold for.
enum class Pattern { kSynchronous, kOffsets, kSporadic, kJitter };
constexpr Pattern kPatterns[] = {Pattern::kSynchronous, Pattern::kOffsets, Pattern::kSporadic, Pattern::kJitter};

Arrivals random_arrivals_of(const RandomTask& task, Pattern pattern, Draws& draw) {
    const Duration period = task.period, offset(draw.integer(0, period.count() - 1));
    if (pattern == Pattern::kSynchronous) return PeriodicArrivals{period, Duration::zero(), Duration::zero()};
    if (pattern == Pattern::kOffsets) return PeriodicArrivals{period, offset, Duration::zero()};
    if (pattern == Pattern::kJitter) return PeriodicArrivals{period, offset, period / draw.integer(2, 10)};
    return SporadicArrivals{period, period / 10};
}

// --- What a simulation says ---

struct Observed {
    std::vector<Duration> worst;  // by task: release to the end of the foreground
    std::vector<int> late;        // by task: jobs whose foreground did not end by the deadline
    int jobs = 0;

    int late_in_all() const { return std::accumulate(late.begin(), late.end(), 0); }
};

Observed observe(const Workload& workload, const std::string& policy, std::uint64_t seed,
                 const std::vector<RecurrentTask>& model) {
    const RunResult result = run(workload, policy, seed);
    Observed observed{std::vector<Duration>(model.size()), std::vector<int>(model.size()), 0};
    std::vector<std::vector<Time>> ends(model.size());  // of the last foreground stage, by job
    for (const StageRecord& stage : result.records.stages) {
        auto& task = ends[static_cast<std::size_t>(stage.id.task)];
        if (stage.stage + 1 != static_cast<int>(model[static_cast<std::size_t>(stage.id.task)].stages_ns.size()))
            continue;
        task.resize(std::max<std::size_t>(task.size(), stage.id.number + 1), kNever);
        task[stage.id.number] = stage.end;
    }
    for (const JobRecord& job : result.records.jobs) {
        const auto t = static_cast<std::size_t>(job.id.task);
        const Time end = job.id.number < ends[t].size() ? ends[t][job.id.number] : kNever;
        ++observed.jobs;
        observed.late[t] += end > job.deadline ? 1 : 0;
        if (end != kNever) observed.worst[t] = std::max(observed.worst[t], end - job.release);
        if (job.missed) CHECK(end > job.deadline);
    }
    return observed;
}

// The foreground is done in time, and within the bounds, in this run.
void check_kept(const Verdict& verdict, const Observed& observed) {
    CHECK(observed.late_in_all() == 0);
    for (std::size_t i = 0; i < verdict.tasks.size(); ++i) {
        REQUIRE(verdict.tasks[i].in_time == true);
        if (verdict.tasks[i].response) CHECK(observed.worst[i] <= *verdict.tasks[i].response);
    }
}

// --- The worst case of an exact test, acted out ---

// Tasks of `together` are released at t0 and then with least gaps; the blocker's longest stage starts 1 ns before; the
// others come when all is over.
Workload acted_out(const RandomSet& set, const std::vector<RecurrentTask>& model, const std::vector<bool>& together,
                   std::optional<std::size_t> blocker) {
    constexpr Duration kStart = std::chrono::milliseconds(200), kNeverInTime = std::chrono::seconds(1000);
    const auto arrivals = [&](std::size_t i) -> Arrivals {
        PeriodicArrivals periodic{set[i].period, kNeverInTime, Duration::zero()};
        if (together[i]) periodic.offset = kStart;
        if (blocker == i) {
            const auto& stages = model[i].stages_ns;
            const auto longest = std::max_element(stages.begin(), stages.end());
            periodic.offset =
                kStart - Duration(1) - Duration(std::accumulate(stages.begin(), longest, std::int64_t{0}));
            periodic.period = kNeverInTime;
        }
        return periodic;
    };
    return workload_of(set, arrivals, std::chrono::milliseconds(2000));
}

// Of those that `may` block, the one with the longest stage.
std::optional<std::size_t> longest_of(const std::vector<RecurrentTask>& model,
                                      const std::function<bool(const RecurrentTask&)>& may) {
    std::optional<std::size_t> found;
    for (std::size_t j = 0; j < model.size(); ++j)
        if (may(model[j]) && (!found || model[j].longest_stage_ns() > model[*found].longest_stage_ns())) found = j;
    return found;
}

// The worst case of task i under a form of dm (rm would change its order with the blocker's period).
Observed observe_worst_case(const RandomSet& set, const std::vector<RecurrentTask>& model, std::size_t i,
                            const std::string& policy) {
    std::vector<bool> together;
    for (const RecurrentTask& task : model) together.push_back(task.priority <= model[i].priority);
    const auto blocker =
        longest_of(model, [&](const RecurrentTask& task) { return task.priority > model[i].priority; });
    return observe(acted_out(set, model, together, blocker), policy, 1, model);
}

Workload synchronous(const RandomSet& set) {
    const auto arrivals = [&](std::size_t i) {
        return PeriodicArrivals{set[i].period, Duration::zero(), Duration::zero()};
    };
    return workload_of(set, arrivals, std::chrono::milliseconds(1));
}

}  // namespace

// The forms that decide by planning costs, or run a number of stages.
std::vector<std::string> tested_forms() {
    std::vector<std::string> forms = kTestedPolicies;
    for (const char* form : {"edf:skip=true", "edf:depth=2", "dm:mandfirst=true,skip=true", "rm:mandfirst=true,depth=2",
                             "dm:depth=3,skip=true", "rm:skip=true"})
        forms.push_back(form);
    return forms;
}

TEST_CASE("response times: preemption everywhere, after Buttazzo, chapter 4", "[schedulability]") {
    // C, T, D = (1,4,3) (1,5,4) (2,6,5) (1,11,10), each of stages of one unit: responses 1, 2, 4 and 10.
    CHECK(responses(by_place({task_of(1, 4, 3), task_of(1, 5, 4), task_of(2, 6, 5, 2), task_of(1, 11, 10)})) ==
          Values{1, 2, 4, 10});
}

TEST_CASE("response times: the refutation of CAN's old analysis", "[schedulability]") {
    // Davis, Burns, Bril & Lukkien 2007, section 3: C = 1, T = 2.5, 3.5, 3.5, D = 2.5, 3.25, 3.25. The first job of C
    // ends after 3, its second takes 3.5: late. With D = 3.5 it is just in time. A is blocked by 1 less a nanosecond.
    const std::int64_t ms = kMs;
    auto tasks = by_place({task_of(ms, 5 * ms / 2, 5 * ms / 2), task_of(ms, 7 * ms / 2, 13 * ms / 4),
                           task_of(ms, 7 * ms / 2, 13 * ms / 4)});
    CHECK(responses(tasks) == Values{2 * ms - 1, 3 * ms - 1, -1});
    tasks[2].deadline_ns = 7 * ms / 2;
    CHECK(responses(tasks) == Values{2 * ms - 1, 3 * ms - 1, 7 * ms / 2});
}

TEST_CASE("response times: jitter, equal priorities, background, overload", "[schedulability]") {
    // A release up to 3 late: two jobs of the first within the second's response.
    auto jittery = by_place({task_of(2, 10, 10), task_of(5, 20, 20, 5)});
    CHECK(responses(jittery) == Values{2, 7});
    jittery[0].jitter_ns = 5;
    CHECK(responses(jittery) == Values{2, 9});
    auto equal = by_place({task_of(2, 10, 10), task_of(3, 10, 10)});
    equal[1].priority = 0;
    CHECK(responses(equal) == Values{5, 5});
    auto background = by_place({task_of(2, 10, 10), task_of(3, 10, 10)});
    background[0].longest_background_ns = 4;
    CHECK(responses(background) == Values{5, 8});
    // The lowest is starved; the others are not touched but for one stage of it.
    CHECK(responses(by_place({task_of(5, 10, 10), task_of(5, 10, 10), task_of(3, 50, 50)})) == Values{9, -1, -1});
}

TEST_CASE("response times: the last stage can't be preempted, and pushes the next job", "[schedulability]") {
    // One stage of 4: it starts before the second job of the first task comes, which then waits for it.
    CHECK(responses(by_place({task_of(2, 5, 5), task_of(4, 10, 10)})) == Values{5, 6});
    CHECK(responses(by_place({task_of(2, 5, 5), task_of(4, 10, 10, 4)})) == Values{2, 8});
}

TEST_CASE("utilisation of exactly 1 is told from more and from less", "[schedulability]") {
    const std::int64_t third = 1'000'000'000'000'000 / 3;
    const std::vector<RecurrentTask> one = {task_of(2, 4, 4), task_of(3, 6, 6)};
    CHECK(compare_utilisation_with_one(one) == 0);
    CHECK(compare_utilisation_with_one(std::vector{task_of(third, 1'000'000'000'000'000, 1), task_of(2, 3, 3)}) == -1);
    CHECK(compare_utilisation_with_one(std::vector{task_of(third + 1, 1'000'000'000'000'000, 1), task_of(2, 3, 3)}) ==
          1);
    CHECK(responses(by_place({task_of(1, 2, 2), task_of(1, 4, 4), task_of(2, 8, 8, 2)})) == Values{2 - 1, 2 + 0, 8});
}

TEST_CASE("processor demand: known answers", "[schedulability]") {
    // One stage each, C and T: (1,3) (3,9). The short one waits for at most 3 - 1 and ends in time; for 4 - 1 it
    // doesn't.
    CHECK(processor_demand_test(std::vector{task_of(1, 3, 3), task_of(3, 9, 9)}).in_time == Answer::kYes);
    const DemandTest late = processor_demand_test(std::vector{task_of(1, 3, 3), task_of(4, 9, 9)});
    CHECK(late.in_time == Answer::kNo);
    CHECK(late.interval_ns == 3);
    CHECK(late.demand_ns == 1);
    CHECK(late.blocking_ns == 3);
    // In four stages it is again, up to utilisation 1.
    CHECK(processor_demand_test(std::vector{task_of(1, 3, 3), task_of(4, 9, 9, 4)}).in_time == Answer::kYes);
    CHECK(processor_demand_test(std::vector{task_of(2, 4, 4, 2), task_of(3, 6, 6, 3)}).in_time == Answer::kYes);
    CHECK(processor_demand_test(std::vector{task_of(2, 4, 4, 2), task_of(4, 6, 6, 4)}).in_time == Answer::kNo);
    // Constrained deadlines: h(4) = 2 + 3.
    CHECK(processor_demand_test(std::vector{task_of(2, 10, 3, 2), task_of(3, 10, 4, 3)}).interval_ns == 4);
}

TEST_CASE("processor demand visits every interval that matters", "[schedulability]") {
    Draws draw(5);
    int yes = 0, no = 0;
    for (int round = 0; round < 4000; ++round) {
        std::vector<RecurrentTask> tasks;
        for (auto count = draw.integer(1, 4); count > 0; --count) {
            const auto gap = draw.integer(3, 20);
            const int stages = static_cast<int>(draw.integer(1, 3));
            tasks.push_back(task_of(stages * draw.integer(1, std::max<std::int64_t>(1, gap / 4)), gap,
                                    draw.integer(2, 2 * gap), stages));
            tasks.back().longest_deadline_ns += draw.integer(0, 1) * draw.integer(0, 9);
            tasks.back().jitter_ns = draw.integer(0, 1) * draw.integer(0, gap);
            tasks.back().longest_background_ns = draw.integer(0, 1) * draw.integer(0, 3);
        }
        if (compare_utilisation_with_one(tasks) >= 0) continue;
        const DemandTest test = processor_demand_test(tasks);
        REQUIRE(test.in_time != Answer::kUndecided);
        bool fits = true;
        for (std::int64_t t = 1; t < 40'000 && fits; ++t)
            fits = std::none_of(tasks.begin(), tasks.end(), [&](const auto& task) { return task.deadline_ns <= t; }) ||
                   demand_ns(tasks, t) + demand_blocking_ns(tasks, t) <= t;
        CHECK((test.in_time == Answer::kYes) == fits);
        ++(fits ? yes : no);
    }
    CHECK(yes > 500);
    CHECK(no > 500);
}

TEST_CASE("quick bounds: what they accept, response times accept", "[schedulability]") {
    CHECK(utilisation_bounds(by_place({task_of(2, 5, 5, 2), task_of(2, 5, 5, 2)})).liu_layland == true);
    Draws draw(6);
    int liu_layland = 0, hyperbolic = 0, responses_too = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<RecurrentTask> tasks;
        for (auto count = draw.integer(2, 5); count > 0; --count) {
            const auto gap = draw.integer(50, 1000);
            const int stages = static_cast<int>(draw.integer(1, 5));
            tasks.push_back(
                task_of(stages * draw.integer(1, std::max<std::int64_t>(1, gap / (6 * stages))), gap, gap, stages));
            tasks.back().priority = gap;
            tasks.back().longest_background_ns = draw.integer(0, 1) * draw.integer(0, 20);
        }
        const UtilisationBounds quick = utilisation_bounds(tasks);
        const auto bounds = response_time_analysis(tasks);
        const bool all =
            std::all_of(bounds.begin(), bounds.end(), [](const auto& b) { return b.in_time == Answer::kYes; });
        REQUIRE(quick.liu_layland);
        if (*quick.liu_layland) CHECK(*quick.hyperbolic);
        if (*quick.hyperbolic) CHECK(all);
        liu_layland += *quick.liu_layland, hyperbolic += *quick.hyperbolic, responses_too += all;
    }
    CHECK(liu_layland > 100);
    CHECK(hyperbolic > liu_layland);
    CHECK(responses_too > hyperbolic);
    CHECK_FALSE(utilisation_bounds(by_place({task_of(2, 9, 9), task_of(2, 5, 5)})).hyperbolic);  // not rate-monotonic
    CHECK_FALSE(utilisation_bounds(by_place({task_of(2, 5, 4)})).hyperbolic);
}

// 10,000 random sets; each under three of the fifteen policies, and in one of four patterns of arrival.
TEST_CASE("a simulation never contradicts a verdict", "[schedulability]") {
    Draws draw(1);
    const std::vector<std::string> forms = tested_forms();
    std::vector<int> accepted(forms.size()), refused(forms.size());
    std::uint64_t jobs = 0;
    for (std::uint64_t round = 0; round < 10'000; ++round) {
        const RandomSet set = random_set(draw);
        const Pattern pattern = kPatterns[round % 4];
        const auto arrivals = [&](std::size_t i) { return random_arrivals_of(set[i], pattern, draw); };
        const Workload workload = workload_of(set, arrivals, std::chrono::milliseconds(150));
        for (std::size_t p = round % 5; p < forms.size(); p += 5) {
            const PolicySpec policy = parse_policy(forms[p]);
            const Verdict verdict = schedulable(workload, policy);
            INFO("set " << round << ", pattern " << static_cast<int>(pattern) << ", " << policy.text);
            REQUIRE(verdict.schedulable);
            ++(*verdict.schedulable ? accepted : refused)[p];
            if (!*verdict.schedulable) continue;
            const Observed observed = observe(workload, policy.text, round, recurrent_tasks(workload, policy));
            check_kept(verdict, observed);
            jobs += static_cast<std::uint64_t>(observed.jobs);
        }
    }
    for (std::size_t p = 0; p < forms.size(); ++p) {
        INFO(forms[p] << ": " << accepted[p] << " accepted, " << refused[p] << " refused");
        CHECK(accepted[p] > 300);
        CHECK(refused[p] > 300);
    }
    CHECK(jobs > 500'000);
}

// Latencies that vary, dispatch and decision costs, and every way to replay them: the worst case covers what is run.
TEST_CASE("a simulation of measured rows never contradicts a verdict", "[schedulability]") {
    Draws draw(7);
    const std::vector<std::string> forms = tested_forms();
    int accepted = 0, refused = 0;
    for (std::uint64_t round = 0; round < 600; ++round) {
        Workload workload = on_accelerator({});
        for (auto count = draw.integer(1, 3); count > 0; --count) {
            Task task;
            task.name = "task" + std::to_string(count);
            task.variants.push_back({"a", random_trace(draw, "a", false), 0});
            task.variants.push_back({"b", random_trace(draw, "b", false), 0});
            const std::int64_t full = full_latency_mean(*task.variants[0].trace).count();
            const Duration period(draw.integer(2 * full, 12 * full));
            task.arrivals = PeriodicArrivals{period, Duration(draw.integer(0, period.count())), period / 20};
            task.deadline = {period / 2, draw.integer(0, 3) == 0 ? period : period / 2};
            workload.tasks.push_back(std::move(task));
        }
        workload.horizon.jobs = 100;
        workload.planning_quantile = draw.real(0.5, 1);
        workload.decision_cost = Duration(draw.integer(0, 50'000));
        const auto kind = static_cast<ReplayMode::Kind>(draw.integer(0, 2));
        workload.replay = {kind, draw.real()};
        std::string form = forms[round % forms.size()];
        if (form.starts_with("dm:") && round % 2 == 0) form += ",variant=smallest";
        INFO("set " << round << ", " << form);
        const Verdict verdict = schedulable(workload, parse_policy(form));
        if (!verdict.schedulable) continue;  // dm with deadlines from a range
        ++(*verdict.schedulable ? accepted : refused);
        if (!*verdict.schedulable) continue;
        check_kept(verdict, observe(workload, form, round, recurrent_tasks(workload, parse_policy(form))));
    }
    CHECK(accepted > 150);
    CHECK(refused > 100);
}

TEST_CASE("where the model does not hold there is no verdict, and a reason", "[schedulability]") {
    const RandomSet set = {{{2ms, 2ms}, 1, 10ms, 10ms}, {{3ms}, 1, 20ms, 20ms}};
    const Workload good = synchronous(set);
    const auto reason = [](const Workload& workload, const std::string& policy) {
        const Verdict verdict = schedulable(workload, parse_policy(policy));
        CHECK_FALSE(verdict.schedulable);
        CHECK_FALSE(verdict.exact);
        CHECK(verdict.tasks.empty());
        return verdict.reason;
    };
    CHECK(schedulable(good, parse_policy("edf")).schedulable == true);
    CHECK_THAT(reason(good, "fifo"), ContainsSubstring("no test for fifo"));
    CHECK_THAT(reason(good, "dnnsam:order=slack"), ContainsSubstring("no test for dnnsam:order=slack"));
    Workload changed = good;
    changed.tasks[1].arrivals = PoissonArrivals{1e7};
    CHECK_THAT(reason(changed, "edf"), ContainsSubstring("arrivals of task task2 have no least gap"));
    changed = good;
    changed.resources[0].slots = 2;
    CHECK_THAT(reason(changed, "edf"), ContainsSubstring("has 2 slots"));
    changed = good;
    changed.tasks[0].deadline.high = 12ms;
    CHECK_THAT(reason(changed, "dm"), ContainsSubstring("deadlines of task task1 are drawn from a range"));
    CHECK(schedulable(changed, parse_policy("rm")).schedulable == true);
    CHECK_FALSE(schedulable(changed, parse_policy("rm")).exact);
    changed = good;
    changed.energy = EnergyModel{};
    CHECK_THAT(reason(changed, "edf"), ContainsSubstring("energy"));
    changed = good;
    Trace trace = tiny_trace({1ms, 1ms});
    trace.stages[1].resource = "host";
    changed.tasks[0].variants[0].trace = std::make_shared<const Trace>(trace);
    CHECK_THAT(reason(changed, "edf"), ContainsSubstring("task task1 has stages on the host"));
    CHECK_THROWS_AS(recurrent_tasks(changed, parse_policy("edf")), std::invalid_argument);
}

TEST_CASE("a verdict says what is late", "[schedulability]") {
    const Workload workload = synchronous({{{6ms}, 1, 10ms, 10ms}, {{8ms}, 1, 20ms, 20ms}});
    const Verdict edf = schedulable(workload, parse_policy("edf")), dm = schedulable(workload, parse_policy("dm"));
    CHECK(edf.schedulable == false);
    CHECK(edf.exact);
    CHECK_THAT(edf.reason, ContainsSubstring("within 10.000 ms may be due 6.000 ms of work, after 7.999 ms"));
    CHECK(dm.schedulable == false);
    CHECK_THAT(dm.reason, ContainsSubstring("task task1 may end later than its deadline of 10.000 ms"));
    CHECK_FALSE(dm.tasks[0].response);
    CHECK(dm.tasks[0].blocking == 8ms - 1ns);
    CHECK_FALSE(dm.liu_layland);
}

// The same question to analyses that forget what blocks: some set contradicts each.
TEST_CASE("an analysis without blocking is contradicted", "[schedulability]") {
    Draws draw(2);
    int fixed_priority = 0, earliest_deadline = 0;
    for (std::uint64_t round = 0; round < 1500; ++round) {
        const RandomSet set = random_set(draw);
        const auto arrivals = [&](std::size_t i) { return random_arrivals_of(set[i], Pattern::kOffsets, draw); };
        const Workload workload = workload_of(set, arrivals, std::chrono::milliseconds(150));
        const auto dm = recurrent_tasks(workload, parse_policy("dm"));
        const Observed by_dm = observe(workload, "dm", round, dm);
        for (std::size_t i = 0; i < dm.size(); ++i) {
            std::vector<RecurrentTask> undisturbed = {dm[i]};
            for (std::size_t j = 0; j < dm.size(); ++j)
                if (j != i && dm[j].priority <= dm[i].priority) undisturbed.push_back(dm[j]);
            const ResponseBound wrong = response_time_analysis(undisturbed).front();
            fixed_priority += wrong.response_ns && by_dm.worst[i] > Duration(*wrong.response_ns);
        }
        const auto edf = recurrent_tasks(workload, parse_policy("edf"));
        bool fits = compare_utilisation_with_one(edf) < 0;
        for (std::int64_t t = 10'000; t < 150 * kMs && fits; t += 10'000) fits = demand_ns(edf, t) <= t;
        if (fits) earliest_deadline += observe(workload, "edf", round, edf).late_in_all() > 0;
    }
    CHECK(fixed_priority > 20);
    CHECK(earliest_deadline > 20);
}

// Where a test is exact, the worst case can be acted out: its bound is reached, and what it refuses is late.
TEST_CASE("exact response times are reached, and what is refused is late", "[schedulability]") {
    Draws draw(3);
    int reached = 0, late = 0;
    for (int round = 0; round < 1000; ++round) {
        const RandomSet set = random_set(draw);
        for (const std::string policy : {"dm", "dm:depth=m"}) {
            const Workload workload = synchronous(set);
            const Verdict verdict = schedulable(workload, parse_policy(policy));
            if (!verdict.exact) continue;
            const auto model = recurrent_tasks(workload, parse_policy(policy));
            for (std::size_t i = 0; i < model.size(); ++i) {
                const bool higher_in_time = std::all_of(model.begin(), model.end(), [&](const RecurrentTask& task) {
                    const auto j = static_cast<std::size_t>(&task - model.data());
                    return task.priority >= model[i].priority || verdict.tasks[j].in_time == true;
                });
                if (!higher_in_time || compare_utilisation_with_one(model) > 0) continue;
                INFO("set " << round << ", " << policy << ", task " << i);
                const Observed observed = observe_worst_case(set, model, i, policy);
                if (verdict.tasks[i].in_time == true) {
                    CHECK(observed.worst[i] == *verdict.tasks[i].response);
                    ++reached;
                } else {
                    CHECK(observed.late[i] > 0);
                    ++late;
                }
            }
        }
    }
    CHECK(reached > 1000);
    CHECK(late > 100);
}

TEST_CASE("what an exact processor demand test refuses is late", "[schedulability]") {
    Draws draw(4);
    int late = 0;
    for (int round = 0; round < 1500; ++round) {
        RandomSet set = random_set(draw);
        for (RandomTask& task : set) task.stages.resize(1), task.mandatory = 1;
        const Workload workload = synchronous(set);
        const Verdict verdict = schedulable(workload, parse_policy("edf"));
        REQUIRE(verdict.exact);
        if (*verdict.schedulable) continue;
        const auto model = recurrent_tasks(workload, parse_policy("edf"));
        const DemandTest test = processor_demand_test(model);
        if (!test.interval_ns) continue;  // the utilisation alone is too much
        std::vector<bool> together;
        for (const RecurrentTask& task : model) together.push_back(task.deadline_ns <= *test.interval_ns);
        const auto blocker =
            longest_of(model, [&](const RecurrentTask& task) { return task.deadline_ns > *test.interval_ns; });
        INFO("set " << round);
        CHECK(observe(acted_out(set, model, together, blocker), "edf", 1, model).late_in_all() > 0);
        ++late;
    }
    CHECK(late > 100);
}
