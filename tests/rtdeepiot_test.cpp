#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"
#include "tests/sim_fixture.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

constexpr const char* kPlanOnly = "rtdeepiot:predictor=mean,update=none,reclaim=false,delta=0.05";

ScriptedJob job(int task, std::int64_t release_ms, std::int64_t deadline_ms, std::vector<float> confidence = {}) {
    return {task, at_ms(release_ms), at_ms(deadline_ms), std::move(confidence), {}, {}};
}

VariantPlan three_stages(std::int64_t stage_ms, std::vector<double> accuracy) {
    return make_variant({ms(stage_ms), ms(stage_ms), ms(stage_ms)}, std::move(accuracy));
}

// The four jobs of the depth-assignment test, released together.
Script four_jobs() {
    Script script;
    script.tasks = make_tasks(
        {make_task("a", three_stages(10, {.5, .75, .875})), make_task("b", three_stages(10, {.6, .8, .9})),
         make_task("c", three_stages(10, {.3, .65, .825})), make_task("d", three_stages(10, {.9, .95, .975}))});
    script.jobs = {job(0, 0, 30), job(1, 0, 50), job(2, 0, 70), job(3, 0, 90)};
    return script;
}

std::vector<int> depths(const Run& run, int tasks) {
    std::vector<int> depth;
    for (int task = 0; task < tasks; ++task) depth.push_back(run.leave({task, 0}).depth);
    return depth;
}

std::string order(const Run& run) {
    std::string text;
    for (const JobId id : run.starts()) text += (text.empty() ? "" : " ") + std::to_string(id.task);
    return text;
}

}  // namespace

TEST_CASE("jobs run to the depths of the known answer, in deadline order", "[rtdeepiot]") {
    const Run run = play(four_jobs(), kPlanOnly);
    CHECK(depths(run, 4) == std::vector<int>{2, 2, 3, 2});  // design counts from 0: 1, 1, 2, 1
    CHECK(order(run) == "0 0 1 1 2 2 2 3 3");
}

TEST_CASE("a job that reached its depth stays until its deadline", "[rtdeepiot]") {
    const Run run = play(four_jobs(), kPlanOnly);
    CHECK(run.leave({0, 0}).at == at_ms(30));
    CHECK(run.leave({2, 0}).at == at_ms(70));  // full depth, at its deadline as it happens
    CHECK(run.leave({1, 0}).at == at_ms(50));
}

TEST_CASE("an unstarted job is dropped if others are worth more", "[rtdeepiot]") {
    Script script;
    script.tasks =
        make_tasks({make_task("poor", make_variant({ms(10)}, {.3})), make_task("rich", make_variant({ms(10)}, {.9}))});
    script.jobs = {job(0, 0, 10), job(1, 0, 12)};
    const Run run = play(script, kPlanOnly);
    CHECK(run.leave({0, 0}).missed);
    CHECK(depths(run, 2) == std::vector<int>{0, 1});
}

TEST_CASE("a mandatory part of several stages is assigned as a whole or not at all", "[rtdeepiot]") {
    Script script;
    script.tasks = make_tasks({make_task("whole", three_stages(10, {.5, .7, .9}), 2)});
    script.jobs = {job(0, 0, 19)};
    CHECK(play(script, kPlanOnly).starts().empty());
    script.jobs = {job(0, 0, 20)};
    CHECK(play(script, kPlanOnly).leave({0, 0}).depth == 2);
}

TEST_CASE("a plan made while a stage runs starts at its end and counts it as done", "[rtdeepiot]") {
    // At 5 the first job runs its second stage until 20. It may have its third if the second job still ends by 40.
    Script script;
    script.tasks = make_tasks(
        {make_task("first", three_stages(10, {.5, .7, .9})), make_task("second", make_variant({ms(10)}, {.9}))});
    script.jobs = {job(0, 0, 30), job(1, 15, 40)};
    CHECK(order(play(script, kPlanOnly)) == "0 0 0 1");
    script.jobs = {job(0, 0, 30), job(1, 15, 39)};
    CHECK(order(play(script, kPlanOnly)) == "0 0 1");
}

TEST_CASE("swap gives the rest of a sure job to one that gains more", "[rtdeepiot]") {
    // Room for three stages in all. The plan: the first job twice, since .5 -> .8 beats .6 -> .7. Its first exit then
    // says .95, so its second stage is worth no more than .025, and the second job has it.
    Script script;
    script.tasks = make_tasks({make_task("first", make_variant({ms(10), ms(10)}, {.5, .8})),
                               make_task("second", make_variant({ms(10), ms(10)}, {.6, .7}))});
    script.jobs = {job(0, 0, 30, {.95F, .99F}), job(1, 0, 30, {.6F, .7F})};
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=swap,reclaim=false")) == "0 1 1");
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=none,reclaim=false")) == "0 0 1");
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=resolve,reclaim=false")) == "0 1 1");

    script.jobs[0].confidence[0] = 0.5F;  // as expected: nothing changes
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=swap,reclaim=false")) == "0 0 1");
}

TEST_CASE("swap keeps every later deadline", "[rtdeepiot]") {
    // Three jobs of equal deadline but for the last; deepening the second would make the third late.
    Script script;
    script.tasks = make_tasks({make_task("first", make_variant({ms(10), ms(10)}, {.5, .8})),
                               make_task("second", make_variant({ms(10), ms(15)}, {.6, .7})),
                               make_task("third", make_variant({ms(10)}, {.9}))});
    script.jobs = {job(0, 0, 35, {.95F, .99F}), job(1, 0, 36, {.6F, .7F}), job(2, 0, 44)};
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=swap,reclaim=false")) == "0 0 1 2");
    script.jobs[2].deadline = at_ms(45);  // just enough
    CHECK(order(play(script, "rtdeepiot:delta=0.05,update=swap,reclaim=false")) == "0 1 1 2");
}

TEST_CASE("reclaim uses time that the plan did not know it would have", "[rtdeepiot]") {
    // The first exit was planned to end at 10 and ends at 4: only then does the second fit before 20.
    Script script;
    script.tasks = make_tasks({make_task("quick", make_variant({ms(10), ms(15)}, {.5, .9}))});
    script.jobs = {job(0, 0, 20, {.5F, .9F})};
    script.jobs[0].taken = {ms(4), ms(15)};
    CHECK(order(play(script, "rtdeepiot:update=none,reclaim=false")) == "0");
    CHECK(order(play(script, "rtdeepiot:update=swap,reclaim=false")) == "0");
    CHECK(order(play(script, "rtdeepiot:update=none,reclaim=true")) == "0 0");
    CHECK(order(play(script, "rtdeepiot:update=resolve,reclaim=false")) == "0 0");
}

TEST_CASE("the oracle predictor spends time on the job that will gain", "[rtdeepiot]") {
    Script script;
    script.tasks = make_tasks({make_task("same", make_variant({ms(10), ms(10)}, {.5, .7}))});
    script.jobs = {job(0, 0, 30, {.5F, .5F}), job(0, 0, 30, {.5F, .9F})};
    const Run run = play(script, "rtdeepiot:predictor=oracle");
    CHECK(run.leave({0, 0}).depth == 1);
    CHECK(run.leave({0, 1}).depth == 2);
}

TEST_CASE("jobs of two resources are planned by the busiest and run on both", "[rtdeepiot]") {
    Script script;
    VariantPlan variant = make_variant({ms(2), ms(10), ms(2)}, {.1, .8, .9}, {1, 0, 1});
    script.tasks = make_tasks({make_task("chain", variant, 3)}, {{"accelerator", 1}, {"host", 1}});
    script.jobs = {job(0, 0, 40), job(0, 0, 40)};
    const Run run = play(script, "rtdeepiot");
    CHECK(run.leave({0, 0}).depth == 3);
    CHECK(run.leave({0, 1}).depth == 3);
    CHECK(run.leave({0, 0}).at == at_ms(14));
    CHECK(run.leave({0, 1}).at == at_ms(24));  // its host stage ran beside the accelerator
}

namespace {

// A network whose confidences tell something: inputs differ in how hard they are, every exit is right with the
// probability that it says, and deeper exits say more.
Task informative_task(double load) {
    Task task = constant_task("camera", {ms(1), ms(2), ms(1), ms(1)}, PoissonArrivals{5e6 / load}, Duration{});
    Trace trace = *task.variants[0].trace;
    Draws draw(1);
    for (std::size_t sample = 0; sample < trace.samples.count(); ++sample) {
        double doubt = draw.real();
        for (std::size_t exit = 0; exit < 4; ++exit) {
            doubt *= draw.real(0.3, 0.9);
            const std::size_t place = 4 * sample + exit;
            const std::int32_t label = trace.samples.label[sample];
            trace.samples.confidence[place] = static_cast<float>(1 - doubt);
            trace.samples.prediction[place] = draw.real() < 1 - doubt ? label : label + 1;
        }
    }
    task.variants[0].trace = std::make_shared<const Trace>(std::move(trace));
    task.deadline = {ms(5) / 2, ms(20)};
    return task;
}

}  // namespace

TEST_CASE("in overload the plan beats edf by more than 8 points and hardly misses", "[rtdeepiot]") {
    Workload workload = on_accelerator({informative_task(1.6)});
    workload.horizon.jobs = 20000;
    const JobCounts planned = run(workload, "rtdeepiot:predictor=exp").metrics.total();
    const JobCounts plain = run(workload, "edf").metrics.total();
    const JobCounts skipping = run(workload, "edf:skip=true").metrics.total();
    CHECK(*planned.accuracy() > *plain.accuracy() + 0.08);
    CHECK(planned.accuracy() > skipping.accuracy());
    CHECK(*planned.miss_ratio() < 0.01);
    const JobCounts foreseen = run(workload, "rtdeepiot:predictor=oracle").metrics.total();
    CHECK(*foreseen.accuracy() > *plain.accuracy() + 0.08);
}
