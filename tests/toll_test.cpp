// toll, gittins and density on a few jobs.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

ScriptedJob job(int task, std::int64_t release_ms, std::int64_t deadline_ms) {
    return {task, at_ms(release_ms), at_ms(deadline_ms), {0.6F, 0.8F, 0.8F}, {}, {}};
}

Script script_of(std::vector<TaskPlan> tasks, std::vector<ScriptedJob> jobs) {
    return {make_tasks(std::move(tasks)), std::move(jobs)};
}

int misses(const Run& run, int task) {
    int count = 0;
    for (const Event& event : run.events) {
        if (event.kind == Event::Kind::kLeave && event.job.task == task && event.missed) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("a lone job goes as deep as it gains", "[toll]") {
    for (const std::string policy : {"toll", "gittins", "density"}) {
        INFO(policy);
        const auto camera = make_task("camera", make_variant({ms(2), ms(2), ms(2)}, {0.6, 0.8, 0.7}));
        CHECK(play(script_of({camera}, {job(0, 0, 100)}), policy).leave({0, 0}).depth == 2);
        CHECK(play(script_of({camera}, {job(0, 0, 3)}), policy).leave({0, 0}).depth == 1);
        CHECK(play(script_of({camera}, {job(0, 0, 2)}), policy).leave({0, 0}).depth == 1);
        CHECK(play(script_of({camera}, {job(0, 0, 1)}), policy).starts().empty());
    }
}

TEST_CASE("a second exit gives way to another job's first", "[toll]") {
    const auto camera = make_task("camera", make_variant({ms(2), ms(2)}, {0.6, 0.7}));
    const Script script = script_of({camera}, {job(0, 0, 4), job(0, 0, 5)});
    CHECK(misses(play(script, "edf"), 0) == 1);
    for (const std::string policy : {"toll", "gittins", "density"}) {
        INFO(policy);
        CHECK(play(script, policy).starts() == std::vector<JobId>{{0, 0}, {0, 1}});
    }
}

TEST_CASE("where all fits, the earliest deadline goes first; gittins goes by index", "[toll]") {
    const auto poor = make_task("poor", make_variant({ms(2)}, {0.5}));
    const auto rich = make_task("rich", make_variant({ms(2)}, {0.9}));
    const Script script = script_of({poor, rich}, {job(0, 0, 3), job(1, 0, 6)});
    const std::vector<JobId> by_deadline = {{0, 0}, {1, 0}}, by_index = {{1, 0}};
    CHECK(play(script, "toll").starts() == by_deadline);
    CHECK(play(script, "density").starts() == by_deadline);  // the rich one first would leave the poor one late
    CHECK(play(script, "gittins").starts() == by_index);     // and so it is
}

TEST_CASE("where one fits, weight decides", "[toll]") {
    auto light = make_task("light", make_variant({ms(2)}, {0.9})),
         heavy = make_task("heavy", make_variant({ms(2)}, {0.5}));
    heavy.weight = 3;
    const Script script = script_of({light, heavy}, {job(0, 0, 2), job(1, 0, 3)});
    for (const std::string policy : {"toll", "gittins", "density"}) {
        INFO(policy);
        CHECK(play(script, policy).starts() == std::vector<JobId>{{1, 0}});
    }
}

TEST_CASE("a mandatory part is bought as a whole or not at all", "[toll]") {
    const auto whole = make_task("whole", make_variant({ms(2), ms(2), ms(2)}, {0.5, 0.7, 0.8}), 2);
    for (const std::string policy : {"toll", "gittins", "density"}) {
        INFO(policy);
        CHECK(play(script_of({whole}, {job(0, 0, 3)}), policy).starts().empty());
        CHECK(play(script_of({whole}, {job(0, 0, 4)}), policy).leave({0, 0}).depth == 2);
    }
}

TEST_CASE("a long stage does not block the urgent jobs that traffic foretells", "[toll]") {
    // Every 10 ms an urgent job of 1 ms, due 2 ms after its release; and at 105 ms a long one of 20 ms, worth little.
    const auto urgent = make_task("urgent", make_variant({ms(1)}, {0.9}));
    const auto lengthy = make_task("lengthy", make_variant({ms(20)}, {0.5}));
    Script script = script_of({urgent, lengthy}, {});
    for (int i = 0; i < 20; ++i) {
        if (i == 11) script.jobs.push_back(job(1, 105, 205));
        script.jobs.push_back(job(0, 10 * i, 10 * i + 2));
    }
    CHECK(misses(play(script, "edf"), 0) == 2);
    const Run run = play(script, "toll");
    CHECK(misses(run, 0) == 0);
    CHECK(misses(run, 1) == 1);
}

TEST_CASE("host stages around the network run whichever resource asks", "[toll]") {
    const auto chain = make_task("chain", make_variant({ms(1), ms(4), ms(1)}, {0, 0, 0.9}, {1, 0, 1}), 3);
    Script script;
    script.tasks = make_tasks({chain}, {{"accelerator", 1}, {"host", 1}});
    script.jobs = {job(0, 0, 20), job(0, 0, 20), job(0, 0, 20)};
    for (const std::string policy : {"toll", "gittins", "density"}) {
        INFO(policy);
        CHECK(misses(play(script, policy), 0) == 0);
    }
}
