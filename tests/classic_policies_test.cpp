// fifo, rr, sjf, edf, dm, rm, llf and lcf: who goes first, and the parameters.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

// Tasks of so many stages of 1 ms.
Script unit_stages(const std::vector<int>& stages) {
    Script script;
    for (std::size_t t = 0; t < stages.size(); ++t) {
        const std::vector<Duration> cost(static_cast<std::size_t>(stages[t]), ms(1));
        script.tasks.tasks.push_back(make_task("task" + std::to_string(t), make_variant(cost)));
    }
    script.tasks.resources = {{"accelerator", 1}};
    return script;
}

ScriptedJob job(int task, std::int64_t release_ms, std::int64_t deadline_ms, std::vector<float> confidence = {}) {
    return {task, at_ms(release_ms), at_ms(deadline_ms), std::move(confidence), {}, {}};
}

// "0 1 1 0": the task of every stage that was started, in order.
std::string order(const Script& script, const std::string& policy) {
    std::string text;
    for (const JobId id : play(script, policy).starts()) text += (text.empty() ? "" : " ") + std::to_string(id.task);
    return text;
}

}  // namespace

TEST_CASE("fifo: the job released first, all its stages", "[classic]") {
    Script script = unit_stages({2, 2, 1});
    script.jobs = {job(1, 0, 50), job(0, 1, 9), job(2, 1, 20)};
    CHECK(order(script, "fifo") == "1 1 0 0 2");
}

TEST_CASE("ties go to the lower task", "[classic]") {
    Script script = unit_stages({1, 1, 1});
    script.jobs = {job(0, 0, 9), job(1, 0, 9), job(2, 0, 9)};
    for (const std::string policy : {"fifo", "rr", "sjf", "edf", "dm", "rm", "llf", "lcf", "rtdeepiot"}) {
        INFO(policy);
        CHECK(order(script, policy) == "0 1 2");
    }
}

TEST_CASE("rr: one stage each in turn, newcomers at the end of the round", "[classic]") {
    Script script = unit_stages({3, 3, 2});
    script.jobs = {job(0, 0, 99), job(1, 0, 99), job(2, 1, 99)};
    CHECK(order(script, "rr") == "0 1 2 0 1 2 0 1");
}

TEST_CASE("sjf: least remaining cost, reconsidered after every stage", "[classic]") {
    Script script = unit_stages({4, 2, 3});
    script.jobs = {job(0, 0, 99), job(1, 1, 99), job(2, 1, 99)};
    CHECK(order(script, "sjf") == "0 1 1 0 0 0 2 2 2");
}

TEST_CASE("edf: earliest deadline at stage boundaries", "[classic]") {
    Script script = unit_stages({3, 2, 1});
    script.jobs = {job(0, 0, 20), job(1, 1, 10), job(2, 2, 30)};
    CHECK(order(script, "edf") == "0 1 1 0 0 2");
}

TEST_CASE("edf runs a stage that cannot end in time, skip does not", "[classic]") {
    Script script;
    script.tasks =
        make_tasks({make_task("long", make_variant({ms(2), ms(4)})), make_task("short", make_variant({ms(1)}))});
    script.jobs = {job(0, 0, 5), job(1, 0, 6)};
    const Run plain = play(script, "edf");
    CHECK(plain.leave({1, 0}).missed);  // the resource is busy until 6
    CHECK(plain.leave({0, 0}).depth == 1);
    const Run skipping = play(script, "edf:skip=true");
    CHECK_FALSE(skipping.leave({1, 0}).missed);
    CHECK(skipping.leave({1, 0}).at == at_ms(3));
    CHECK(skipping.leave({0, 0}).at == at_ms(2));  // nothing is left to do for it
}

TEST_CASE("skip: a job without an answer waits for its deadline", "[classic]") {
    Script script;
    script.tasks = make_tasks(
        {make_task("long", make_variant({ms(4), ms(1)})), make_task("two", make_variant({ms(1), ms(4)}), 2)});
    script.jobs = {job(0, 0, 3), job(1, 0, 4)};
    for (const std::string name : {"fifo", "rr", "sjf", "edf", "dm", "rm", "llf", "lcf"}) {
        INFO(name);
        const Run run = play(script, name + ":skip=true");
        CHECK(run.leave({0, 0}).depth == 0);
        CHECK(run.leave({0, 0}).at == at_ms(3));
        CHECK(run.leave({1, 0}).depth == 1);  // one of two mandatory stages
        CHECK(run.leave({1, 0}).at == at_ms(4));
    }
}

TEST_CASE("edf:depth leaves early, but not before the mandatory part is done", "[classic]") {
    Script script = unit_stages({4, 4});
    script.tasks.tasks[1].mandatory_stages = 2;
    script.jobs = {job(0, 0, 50), job(1, 0, 60)};
    CHECK(order(script, "edf:depth=m") == "0 1 1");
    CHECK(order(script, "edf:depth=1") == "0 1 1");
    CHECK(order(script, "edf:depth=3") == "0 0 0 1 1 1");
    CHECK(order(script, "edf:depth=16") == "0 0 0 0 1 1 1 1");
    CHECK(play(script, "edf:depth=m").leave({0, 0}).at == at_ms(1));
}

TEST_CASE("edf:threshold leaves at the first exit that is sure enough", "[classic]") {
    Script script = unit_stages({3, 3});
    script.tasks.tasks[1].mandatory_stages = 2;
    script.jobs = {job(0, 0, 50, {0.5F, 0.9F, 0.95F}), job(1, 0, 60, {0.99F, 0.99F, 0.99F})};
    const Run run = play(script, "edf:threshold=0.9");
    CHECK(run.leave({0, 0}).depth == 2);
    CHECK(run.leave({0, 0}).at == at_ms(2));
    CHECK(run.leave({1, 0}).depth == 2);
}

TEST_CASE("edf: a satisfied job leaves at once, though another has an earlier deadline", "[classic]") {
    Script script = unit_stages({2, 2});
    script.jobs = {job(0, 0, 50, {0.95F}), job(1, 1, 5)};
    CHECK(play(script, "edf:threshold=0.9").leave({0, 0}).at == at_ms(1));
}

TEST_CASE("dm: shortest relative deadline; variant=smallest takes the cheapest network", "[classic]") {
    Script script = unit_stages({2, 2});
    script.jobs = {job(0, 0, 20), job(1, 1, 16)};
    CHECK(order(script, "dm") == "0 1 1 0");
    script.tasks.tasks[0].variants.push_back(make_variant({ms(1)}));
    CHECK(order(script, "dm:variant=original") == "0 1 1 0");
    CHECK(order(script, "dm:variant=smallest") == "0 1 1");
}

TEST_CASE("um: highest utilisation, of the variant that serves", "[classic]") {
    Script script = unit_stages({2, 3, 1});
    script.tasks.tasks[0].period = ms(10);           // 0.2
    script.tasks.tasks[1].period = ms(30);           // 0.1
    script.tasks.tasks[2].longest_deadline = ms(2);  // no period: 1/2
    script.jobs = {job(0, 0, 90), job(1, 0, 80), job(2, 0, 70)};
    CHECK(order(script, "um") == "2 0 0 1 1 1");
    CHECK(order(script, "um:order=smallest") == "1 1 1 0 0 2");
    script.tasks.tasks[2].variants.push_back(make_variant({ms(1) / 10}));  // 1/20
    CHECK(order(script, "um:variant=original") == "2 0 0 1 1 1");
    CHECK(order(script, "um:variant=smallest") == "0 0 1 1 1 2");
}

TEST_CASE("rm: shortest period, and the relative deadline where there is none", "[classic]") {
    Script script = unit_stages({2, 2, 2});
    script.tasks.tasks[0].period = ms(30);
    script.tasks.tasks[1].period = ms(20);
    script.jobs = {job(0, 0, 10), job(1, 0, 90), job(2, 0, 25)};
    CHECK(order(script, "rm") == "1 1 2 2 0 0");
}

TEST_CASE("dm and rm: depth leaves early, but not before the mandatory part is done", "[classic]") {
    Script script = unit_stages({4, 4});
    script.tasks.tasks[1].mandatory_stages = 2;
    script.jobs = {job(0, 0, 50), job(1, 0, 60)};
    for (const std::string policy : {"dm", "rm"}) {
        INFO(policy);
        CHECK(order(script, policy + ":depth=m") == "0 1 1");
        CHECK(order(script, policy + ":depth=3") == "0 0 0 1 1 1");
        CHECK(order(script, policy) == "0 0 0 0 1 1 1 1");
        CHECK(play(script, policy + ":depth=m").leave({0, 0}).at == at_ms(1));
    }
    CHECK(order(script, "dm:depth=m,variant=smallest") == "0 1 1");
}

TEST_CASE("dm and rm: mandfirst runs mandatory parts by priority, the rest in the background", "[classic]") {
    Script script = unit_stages({3, 3});
    script.tasks.tasks[1].mandatory_stages = 2;
    script.jobs = {job(0, 0, 50), job(1, 0, 60), job(1, 4, 64)};
    for (const std::string policy : {"dm", "rm"}) {
        INFO(policy);
        // One optional stage of task 0 runs before the second job of task 1 arrives.
        CHECK(order(script, policy + ":mandfirst=true") == "0 1 1 0 1 1 0 1 1");
        CHECK(order(script, policy + ":mandfirst=true,depth=2") == "0 1 1 0 1 1");
    }
    CHECK(order(script, "dm:mandfirst=true,variant=smallest") == "0 1 1 0 1 1 0 1 1");
}

TEST_CASE("llf: least laxity, not earliest deadline", "[classic]") {
    Script script = unit_stages({1, 5});
    script.jobs = {job(0, 0, 6), job(1, 0, 8)};  // laxity 5 and 3
    CHECK(order(script, "edf") == "0 1 1 1 1 1");
    CHECK(order(script, "llf") == "1 1 0 1 1 1");  // laxity 3 and 3 at 2 ms: the lower task
}

TEST_CASE("lcf: unstarted jobs first, then the least confident; ties by deadline", "[classic]") {
    Script script = unit_stages({2, 2, 2});
    script.jobs = {job(0, 0, 30, {0.9F}), job(1, 0, 20, {0.6F}), job(2, 0, 40, {0.7F})};
    CHECK(order(script, "lcf") == "1 0 2 1 2 0");
}
