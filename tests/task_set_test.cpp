#include "workloads/task_set.hpp"

#include <array>
#include <limits>

#include "tests/catch.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const Trace> two_stage_trace() {
    const std::array<Duration, 2> times{1ms, 2ms};
    const std::array<double, 2> shares{0.5, 0.8};
    Trace trace = synthetic_trace("t", times, shares);
    trace.stages[0].resource = "host";
    trace.latency_ns = {10, 100, 20, 200, 30, 300, 40, 400};
    return std::make_shared<const Trace>(std::move(trace));
}

Workload make_workload(const Arrivals& arrivals = PoissonArrivals{1e6}) {
    Task task;
    task.name = "camera";
    const auto trace = two_stage_trace();
    task.variants = {{"a", trace}, {"b", trace}, {"c", two_stage_trace()}};
    task.arrivals = arrivals;
    task.deadline = {3ms, 9ms};
    task.mandatory_stages = 2;
    task.weight = 4;
    task.full = 275ns;
    Workload workload;
    workload.resources = {{"accelerator", 1}, {"host", 2}};
    workload.tasks = {task};
    workload.planning_quantile = 0.75;
    return workload;
}

Duration period(const Arrivals& arrivals) { return make_task_set(make_workload(arrivals)).tasks[0].period; }

}  // namespace

TEST_CASE("planning costs are quantiles, cumulated") {
    const TaskSet set = make_task_set(make_workload());
    const VariantPlan& plan = set.tasks[0].variants[0];
    CHECK(plan.name == "a");
    CHECK(plan.stages() == 2);
    CHECK(plan.cost == std::vector<Duration>{30ns, 300ns});
    CHECK(plan.cost_to == std::vector<Duration>{0ns, 30ns, 330ns});
    CHECK(plan.cost_between(1, 2) == 300ns);
    CHECK(plan.cost_between(0, 2) == 330ns);
}

TEST_CASE("stages know the index of their resource") {
    const TaskSet set = make_task_set(make_workload());
    CHECK(set.resources[1].slots == 2);
    CHECK(set.tasks[0].variants[0].resource == std::vector<int>{1, 0});
}

TEST_CASE("a task keeps its numbers") {
    const TaskPlan task = make_task_set(make_workload()).tasks[0];
    CHECK(task.name == "camera");
    CHECK(task.weight == 4);
    CHECK(task.mandatory_stages == 2);
    CHECK(task.full == 275ns);
    CHECK(task.shortest_deadline == 3ms);
    CHECK(task.longest_deadline == 9ms);
}

TEST_CASE("the period is the mean gap, zero where unknown") {
    CHECK(period(PeriodicArrivals{5ms, 1ms, 1ms}) == 5ms);
    CHECK(period(SporadicArrivals{5ms, 2ms}) == 7ms);
    CHECK(period(PoissonArrivals{1e6}) == 1ms);
    CHECK(period(GammaArrivals{2e6, 3}) == 2ms);
    CHECK(period(MmppArrivals{1e6, std::numeric_limits<double>::infinity(), 1e7, 3e7}) == 4ms);
    CHECK(period(ClosedArrivals{3, true}) == 0ms);
    CHECK(period(LogArrivals{{at_ns(1), at_ns(2)}}) == 0ms);
}

TEST_CASE("calibration data is of the calibration half and shared per trace") {
    const auto variants = make_task_set(make_workload()).tasks[0].variants;
    CHECK(variants[0].calibration == variants[1].calibration);
    CHECK(variants[0].calibration != variants[2].calibration);
    const CalibrationData& data = *variants[0].calibration;
    const Trace trace = *two_stage_trace();
    const auto half = calibration_half(trace.samples.count());
    REQUIRE(data.count() == half.size());
    for (std::size_t i = 0; i < half.size(); ++i) {
        for (int exit = 0; exit < 2; ++exit) {
            REQUIRE(data.correct_at(i, exit) == trace.correct(half[i], exit));
            REQUIRE(data.confidence_at(i, exit) == trace.outcome(half[i], exit).confidence);
        }
    }
    CHECK(variants[0].mean_accuracy == std::vector<double>{0.5, 0.8});
}
