// rtmdl follows its plan: variant, depth, fixed priorities, packing.
#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

ScriptedJob job(int task, std::int64_t release, std::int64_t deadline) {
    return {task, at_ms(release), at_ms(deadline), {}, {}, {}};
}

// Tasks of unit stages on one accelerator.
Script unit_stages(const std::vector<int>& stages, int slots = 1) {
    Script script;
    script.tasks.resources = {{"accelerator", slots}};
    for (const int count : stages)
        script.tasks.tasks.push_back(
            make_task("t", make_variant(std::vector<Duration>(static_cast<std::size_t>(count), ms(1)))));
    return script;
}

std::string order(const Run& run) {
    std::string text;
    for (const JobId& id : run.starts()) text += std::to_string(id.task);
    return text;
}

std::int64_t start_ms(const Run& run, int task) {
    for (const Event& event : run.events) {
        if (event.kind == Event::Kind::kStart && event.job.task == task) return (event.at - Time{}) / ms(1);
    }
    return -1;
}

}  // namespace

TEST_CASE("rtmdl: the planned priority goes first, whatever the deadlines", "[rtmdl]") {
    Script script = unit_stages({2, 2, 2});
    script.jobs = {job(0, 0, 20), job(1, 0, 30), job(2, 0, 40)};
    CHECK(order(play(script, maker_of("rtmdl", {{{0, 2, 2}, {0, 2, 0}, {0, 2, 1}}}))) == "112200");
    CHECK(order(play(script, maker_of("rtmdl", {{{0, 2, 0}, {0, 2, 1}, {0, 2, 2}}}))) == "001122");
}

TEST_CASE("rtmdl: the planned variant serves, to the planned depth", "[rtmdl]") {
    Script script = unit_stages({3, 3});
    script.tasks.tasks[1].variants.push_back(make_variant({ms(4), ms(4)}));
    script.jobs = {job(0, 0, 50), job(1, 0, 50)};
    const Run run = play(script, maker_of("rtmdl", {{{0, 2, 0}, {1, 1, 1}}}));
    CHECK(run.leave({0, 0}).depth == 2);
    CHECK(run.leave({0, 0}).at == at_ms(2));  // at once
    CHECK(run.leave({1, 0}).depth == 1);
    CHECK(run.leave({1, 0}).at == at_ms(6));
}

TEST_CASE("rtmdl: host and accelerator have queues of their own", "[rtmdl]") {
    Script script;
    script.tasks.resources = {{"accelerator", 1}, {"host", 1}};
    for (int t = 0; t < 2; ++t)
        script.tasks.tasks.push_back(make_task("t", make_variant({ms(2), ms(5), ms(1)}, {}, {1, 0, 1}), 3));
    script.jobs = {job(0, 0, 50), job(1, 0, 50)};
    const Run run = play(script, maker_of("rtmdl", {{{0, 3, 0}, {0, 3, 1}}}));
    CHECK(run.leave({0, 0}).at == at_ms(8));
    CHECK(run.leave({1, 0}).at == at_ms(13));  // its host part ran in [2, 4) beside the other's inference
}

TEST_CASE("rtmdl: packs while the head is slowed down by at most 1 + epsilon", "[rtmdl]") {
    Script script = unit_stages({1, 1, 1}, 3);
    for (TaskPlan& task : script.tasks.tasks) task.variants[0].slowdown = {{1, 1.2, 1.5}};
    script.jobs = {job(0, 0, 50), job(1, 0, 50), job(2, 0, 50)};
    const Plan plan{{{0, 1, 0}, {0, 1, 1}, {0, 1, 2}}};
    const auto starts = [&](const std::string& policy) {
        const Run run = play(script, maker_of(policy, plan));
        return std::vector<std::int64_t>{start_ms(run, 0), start_ms(run, 1), start_ms(run, 2)};
    };
    CHECK(starts("rtmdl:epsilon=0.1") == std::vector<std::int64_t>{0, 1, 2});
    CHECK(starts("rtmdl:epsilon=0.2") == std::vector<std::int64_t>{0, 0, 1});
    CHECK(starts("rtmdl:epsilon=0.5") == std::vector<std::int64_t>{0, 0, 0});
}

TEST_CASE("rtmdl: the head's slowdown decides, and who outranks the head starts at once", "[rtmdl]") {
    Script script = unit_stages({1, 1}, 2);
    script.tasks.tasks[0].variants[0] = make_variant({ms(4)});
    script.tasks.tasks[0].variants[0].slowdown = {{1, 3}};
    script.tasks.tasks[1].variants[0].slowdown = {{1, 1.05}};
    script.jobs = {job(0, 0, 50), job(1, 1, 50)};
    CHECK(start_ms(play(script, maker_of("rtmdl", {{{0, 1, 0}, {0, 1, 1}}})), 1) == 4);
    CHECK(start_ms(play(script, maker_of("rtmdl", {{{0, 1, 1}, {0, 1, 0}}})), 1) == 1);
}

TEST_CASE("a plan's storage is what its variants share and the rest of the chosen ones", "[rtmdl]") {
    Script script = unit_stages({2, 2});
    TaskPlan& first = script.tasks.tasks[0];
    first.variants[0].parameter_bytes = {1000, 500};
    first.variants.push_back(make_variant({ms(1)}));
    first.variants[1].parameter_bytes = {300};
    script.tasks.tasks[1].variants[0].parameter_bytes = {40, 2};
    CHECK(storage_bytes(script.tasks, {{{0, 2, 0}, {0, 2, 1}}}) == 1542);
    CHECK(storage_bytes(script.tasks, {{{0, 1, 0}, {0, 1, 1}}}) == 1040);  // up to the chosen depth
    first.shared_bytes = 400;
    CHECK(storage_bytes(script.tasks, {{{0, 2, 0}, {0, 2, 1}}}) == 1542);
    CHECK(storage_bytes(script.tasks, {{{1, 1, 0}, {0, 2, 1}}}) == 442);  // the shared part stays
}

TEST_CASE("the deadline-monotonic plan: largest or smallest variants, shortest deadline first", "[rtmdl]") {
    Script script = unit_stages({2, 3});
    script.tasks.tasks[0].longest_deadline = ms(9);
    script.tasks.tasks[1].longest_deadline = ms(8);
    script.tasks.tasks[0].variants.push_back(make_variant({ms(1)}));
    CHECK(deadline_monotonic_plan(script.tasks) == Plan{{{0, 2, 1}, {0, 3, 0}}});
    CHECK(deadline_monotonic_plan(script.tasks, true) == Plan{{{1, 1, 1}, {0, 3, 0}}});
}
