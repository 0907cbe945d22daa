// Zygarde on worked examples. Job a: deadline 10 ms, b: 6 ms; the largest relative deadline is 10 ms.
#include <string>

#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"
#include "tests/sim_fixture.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

constexpr JobId kA{0, 0}, kB{0, 1};

Script two_jobs(std::vector<float> a, std::vector<float> b) {
    Script script;
    script.tasks = make_tasks({make_task("t", make_variant({ms(1), ms(1), ms(1)}))});
    script.jobs = {{0, at_ms(0), at_ms(10), std::move(a), {}, {}}, {0, at_ms(0), at_ms(6), std::move(b), {}, {}}};
    return script;
}

// One task of three stages of 1 ms and 1 mJ; every exit has the same confidence for every input, 0.5, 0.9 and 0.95.
Workload powered(LogArrivals releases, Duration deadline, std::int64_t initial_mj, std::int64_t capacity_mj = 10) {
    Workload workload = on_accelerator({constant_task("t", {ms(1), ms(1), ms(1)}, std::move(releases), deadline)});
    const Duration times[] = {ms(1), ms(1), ms(1)};
    const double accuracy[] = {0.5, 0.9, 0.95};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(synthetic_trace("t", times, accuracy));
    workload.energy = EnergyModel{
        {PersistentPower{0.5}, std::chrono::seconds(1), 0.1}, {capacity_mj * 1'000'000, initial_mj * 1'000'000, 0}, 1};
    return workload;
}

}  // namespace

// t = 0: zeta_a = (1 - 10/10) + 1 + 1 = 2, zeta_b = (1 - 6/10) + 1 + 1 = 2.4: b. It shows 0.9 and passes the test.
// t = 1: zeta_a = (1 - 9/10) + 1 + 1 = 2.1, zeta_b = (1 - 5/10) + 0.1 + 0 = 0.6: a. It shows 0.3 and fails.
// t = 2: zeta_a = (1 - 8/10) + 0.7 + 1 = 1.9, zeta_b = (1 - 4/10) + 0.1 = 0.7: a. It shows 0.85 and passes.
// t = 3: zeta_a = (1 - 7/10) + 0.15 = 0.45, zeta_b = (1 - 3/10) + 0.1 = 0.8: b, which shows 0.2 but stays optional.
// t = 4: zeta_a = (1 - 6/10) + 0.15 = 0.55, zeta_b = (1 - 2/10) + 0.8 = 1.6: b to its end; then a.
TEST_CASE("zygarde: zeta by hand, mandatory until the utility test first passes") {
    const Run run = play(two_jobs({0.3F, 0.85F, 0.9F}, {0.9F, 0.2F, 0.9F}), "zygarde");
    CHECK(run.starts() == std::vector<JobId>{kB, kA, kA, kB, kB, kA});
}

// With margin, 0.85 is worth 0.7 and fails a test of 0.8, so that a stays mandatory and runs to its end:
// t = 1: zeta_b = 0.5 + (1 - 0.8) = 0.7 (0.9 passes: margin 0.8); t = 3: zeta_a = 0.3 + 0.3 + 1 = 1.6, zeta_b = 0.9.
TEST_CASE("zygarde: utility=margin") {
    const Run run = play(two_jobs({0.3F, 0.85F, 0.9F}, {0.91F, 0.2F, 0.9F}), "zygarde:utility=margin");
    CHECK(run.starts() == std::vector<JobId>{kB, kA, kA, kA, kB, kB});
}

TEST_CASE("zygarde: a stage that can't end in time is skipped if asked to") {
    Script script;
    script.tasks = make_tasks({make_task("t", make_variant({ms(2), ms(5)}))});
    script.jobs = {{0, at_ms(0), at_ms(6), {0.3F, 0.9F}, {}, {}}};
    CHECK(play(script, "zygarde").starts().size() == 2);
    const Run run = play(script, "zygarde:skip=true");
    CHECK(run.starts().size() == 1);
    CHECK(run.leave(kA).at == at_ms(2));
}

TEST_CASE("zygarde: a job that comes to a full queue is lost") {
    Script script = two_jobs({0.3F, 0.3F, 0.3F}, {0.3F, 0.3F, 0.3F});
    const Run run = play(script, "zygarde:queue=1");
    CHECK(run.starts() == std::vector<JobId>{kA, kA, kA});
    CHECK(run.leave(kB).at == at_ms(0));
    CHECK(run.leave(kB).missed);
}

// From 2 mJ at 0.5 W the capacitor holds 2 mJ, 1.5 and 1 after the stages at 0 and 1 ms (mandatory: 0.5 fails, 0.9
// passes). The third is optional and waits for half of the 10 mJ: 1 mJ at 2 ms, 5 mJ at 10 ms.
TEST_CASE("zygarde: optional stages wait for plenty of energy, mandatory ones don't") {
    const Workload workload = powered(at({ms(0)}), ms(20), 2);
    const RunResult gated = run(workload, "zygarde");
    REQUIRE(gated.records.stages.size() == 3);
    CHECK(gated.records.stages[1].start == at_ms(1));
    CHECK(gated.records.stages[2].start == at_ms(10));
    CHECK(gated.metrics.energy()->failures == 0);
    const RunResult free = run(workload, "zygarde:energy=off");
    CHECK(free.records.stages[2].start == at_ms(2));
    const RunResult modest = run(workload, "zygarde:plenty=0.2");
    CHECK(modest.records.stages[2].start == at_ms(4));
}

// Nothing to start with: a mandatory stage is asked for, the power fails, and is back at 2 ms with 1 mJ.
TEST_CASE("zygarde: no stage starts below its energy") {
    const RunResult result = run(powered(at({ms(0)}), ms(20), 0), "zygarde");
    REQUIRE(!result.records.stages.empty());
    CHECK(result.records.stages[0].start == at_ms(2));
    CHECK(result.metrics.energy()->failures == 2);
    CHECK(result.records.stages[1].start == at_ms(4));
}
