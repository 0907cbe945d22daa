#include "sim/plan/planning.hpp"

#include <algorithm>

#include "sim/plan/nsga2.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

Variant one_exit(const std::string& name, Duration time, double accuracy, std::int64_t bytes) {
    Trace trace = synthetic_trace(name, std::vector<Duration>{time}, std::vector<double>{accuracy});
    trace.stages[0].parameter_bytes = bytes;
    return {name, std::make_shared<const Trace>(std::move(trace))};
}

// Three periodic tasks with three variants of one exit each, overloaded with the largest ones (1.5).
Workload three_by_three() {
    std::vector<Task> tasks;
    const Duration periods[] = {10ms, 14ms, 22ms};
    for (int t = 0; t < 3; ++t) {
        const Duration large = periods[t] / 2;
        Task task = constant_task("task" + std::to_string(t), {large},
                                  PeriodicArrivals{periods[t], 0ns, periods[t] / 4}, periods[t]);
        task.variants = {one_exit("large", large, 0.95 - 0.02 * t, 3'000'000),
                         one_exit("middle", large / 2, 0.9 - 0.03 * t, 1'000'000),
                         one_exit("small", large / 5, 0.7 + 0.05 * t, 200'000)};
        task.weight = t == 2 ? 0.5 : 1;
        tasks.push_back(task);
    }
    return on_accelerator(std::move(tasks));
}

// Every plan of a task set whose variants have one exit.
std::vector<Plan> all_plans(const TaskSet& tasks) {
    std::vector<Plan> plans;
    std::vector<int> priority = {0, 1, 2};
    do {
        for (int code = 0; code < 27; ++code) {
            Plan plan;
            for (int t = 0, rest = code; t < 3; ++t, rest /= 3)
                plan.tasks.push_back({rest % 3, 1, priority[static_cast<std::size_t>(t)]});
            plans.push_back(plan);
        }
    } while (std::next_permutation(priority.begin(), priority.end()));
    REQUIRE(tasks.tasks.size() == 3);
    return plans;
}

double violation_of(const Workload& workload, const TaskSet& tasks, const PolicySpec& policy, const Plan& plan,
                    double bound) {
    Workload shorter = workload;
    shorter.horizon.jobs = static_cast<std::uint64_t>(policy.arguments.integer("plan_jobs"));
    const Replay replay(shorter);
    Simulation simulation(replay, tasks, policy, (std::uint64_t{1} << 63) + 1, &plan);
    double violation = 0;
    for (const JobCounts& counts : simulation.run().tasks())
        violation += std::max(0.0, counts.miss_ratio().value() - bound);
    return violation;
}

bool same(const PlanSearch& a, const PlanSearch& b) {
    return std::equal(a.candidates.begin(), a.candidates.end(), b.candidates.begin(), b.candidates.end(),
                      [](const Candidate& x, const Candidate& y) {
                          return x.plan == y.plan && x.loss == y.loss && x.miss_ratio == y.miss_ratio;
                      });
}

}  // namespace

TEST_CASE("a small space: the plan is as good as the best of all plans") {
    const Workload workload = three_by_three();
    const TaskSet tasks = make_task_set(workload);
    for (const double bound : {0.0, 0.02, 0.3}) {
        const PolicySpec policy =
            parse_policy("rtmdl:plan_jobs=600,generations=40,population=60,miss_bound=" + std::to_string(bound));
        double least_loss = 1e9, least_violation = 1e9;
        for (const Plan& plan : all_plans(tasks)) {
            const double violation = violation_of(workload, tasks, policy, plan, bound);
            least_violation = std::min(least_violation, violation);
            if (violation == 0) least_loss = std::min(least_loss, accuracy_loss(tasks, plan));
        }
        const PlanSearch search = search_plan(policy, workload, tasks);
        CAPTURE(bound, search.candidates.size());
        CHECK(search.best.violation == least_violation);
        CHECK(search.best.feasible());
        CHECK(search.best.loss == Approx(least_loss));
        CHECK(search.candidates.size() <= 162);
    }
}

TEST_CASE("the plan does not depend on the threads, and another seed tries other plans") {
    const Workload workload = three_by_three();
    const TaskSet tasks = make_task_set(workload);
    const PolicySpec policy = parse_policy("rtmdl:plan_jobs=300,generations=4,population=12");
    const PlanSearch one = search_plan(policy, workload, tasks, {1, {}});
    CHECK(same(one, search_plan(policy, workload, tasks, {3, {}})));
    CHECK_FALSE(same(one, search_plan(parse_policy("rtmdl:plan_jobs=300,generations=4,population=12,plan_seed=2"),
                                      workload, tasks)));
}

TEST_CASE("a plan fits into the storage bound, if any does") {
    const Workload workload = three_by_three();
    const TaskSet tasks = make_task_set(workload);
    const std::string small = "rtmdl:plan_jobs=300,generations=20,miss_bound=1,storage_mb=";
    const PlanSearch search = search_plan(parse_policy(small + "4.3"), workload, tasks);
    CHECK(search.best.storage_bytes <= 4'300'000);
    CHECK(search.best.feasible());
    CHECK(search_plan(parse_policy(small + "inf"), workload, tasks).best.loss == 0);
    CHECK_FALSE(search_plan(parse_policy(small + "0.1"), workload, tasks).best.feasible());
}

TEST_CASE("the front holds no plan that another one beats") {
    const Workload workload = three_by_three();
    const PlanSearch search =
        search_plan(parse_policy("rtmdl:plan_jobs=300,miss_bound=0"), workload, make_task_set(workload));
    const std::vector<Candidate> front = pareto_front(search.candidates);
    REQUIRE(front.size() >= 2);
    for (const Candidate& candidate : search.candidates) {
        for (const Candidate& kept : front) {
            CHECK_FALSE((candidate.loss < kept.loss && candidate.violation <= kept.violation));
            CHECK_FALSE((candidate.loss <= kept.loss && candidate.violation < kept.violation));
        }
    }
    CHECK(front.back().violation == search.best.violation);
}

TEST_CASE("an early exit is one of a task's alternatives, and leaving before it is a miss to the planner") {
    // 4 + 6 ms every 8 ms: only the first exit can be had in time.
    Workload workload = on_accelerator({constant_task("t", {4ms, 6ms}, PeriodicArrivals{8ms, 0ns, 0ns}, 8ms)});
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(
        synthetic_trace("t", std::vector<Duration>{4ms, 6ms}, std::vector<double>{0.6, 0.9}));
    const PlanSearch search =
        search_plan(parse_policy("rtmdl:plan_jobs=200,generations=5"), workload, make_task_set(workload));
    CHECK(search.best.plan == Plan{{{0, 1, 0}}});
    CHECK(search.best.loss == Approx(0.3));
    CHECK(search.candidates.size() == 2);
    CHECK(search.candidates[1].miss_ratio[0] == 1);
}

TEST_CASE("a plan is written and read back; one for other tasks is refused") {
    const Workload workload = three_by_three();
    const TaskSet tasks = make_task_set(workload);
    const PolicySpec policy = parse_policy("rtmdl:plan_jobs=200,generations=2,population=8");
    const PlanSearch search = search_plan(policy, workload, tasks);
    const std::string text = plan_json(search, policy, workload, tasks);
    CHECK(load_plan(write_test_file("plan.json", text), tasks) == search.best.plan);
    TaskSet other = tasks;
    other.tasks[1].name = "other";
    CHECK(error_of([&] { load_plan("plan.json", other); }).find("/tasks/1/task: expected \"other\"") !=
          std::string::npos);
    CHECK(error_of([&] { load_plan("none.json", tasks); }).find("laxity plan") != std::string::npos);
}

TEST_CASE("policies that follow no plan get none; one that does refuses to go without") {
    const Workload workload = three_by_three();
    const TaskSet tasks = make_task_set(workload);
    CHECK(plan_for(parse_policy("edf"), workload, tasks) == nullptr);
    CHECK_THROWS_AS(make_policy(parse_policy("rtmdl"), {tasks}), std::invalid_argument);
}

TEST_CASE("nsga2 finds the front of a problem whose front is known") {
    // Minimise (x, 3 - x) over x in 0..3: all four are on the front; and find them with no keys.
    std::vector<int> seen(4);
    search_nsga2({0, {4}}, {8, 10, 3}, {}, [&](const std::vector<Genome>& genomes) {
        std::vector<Objectives> objectives;
        for (const Genome& genome : genomes) {
            ++seen[static_cast<std::size_t>(genome.choices[0])];
            objectives.push_back({static_cast<double>(genome.choices[0]), static_cast<double>(3 - genome.choices[0])});
        }
        return objectives;
    });
    CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count > 0; }));
    CHECK(seen[0] + seen[1] + seen[2] + seen[3] == 8 * 11);
}

TEST_CASE("nsga2 searches orders alone where no choice is open") {
    int seen = 0;
    search_nsga2({2, {1, 1}}, {8, 4, 3}, {{{0.2, 0.7}, {0, 0}}}, [&](const std::vector<Genome>& genomes) {
        std::vector<Objectives> objectives;
        for (const Genome& genome : genomes) {
            CHECK(genome.choices == std::vector<int>{0, 0});
            objectives.push_back({genome.keys[0], genome.keys[1]});
            ++seen;
        }
        return objectives;
    });
    CHECK(seen == 8 * 5);
}
