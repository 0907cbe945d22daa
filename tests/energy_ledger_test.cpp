#include "sim/core/energy_ledger.hpp"

#include <string>

#include "sim/core/invariants.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// 1 W gives 1 nJ per ns.
EnergyModel one_watt(std::int64_t capacity_nj, std::int64_t initial_nj, std::int64_t turn_on_nj = 0) {
    return {{PersistentPower{1}, 1s, 0.5}, {capacity_nj, initial_nj, turn_on_nj}, 1};
}

EnergyModel radio() {  // 40 % of 3 W
    return {{BurstyPower{3, 4, 6}, 500us, 0.6}, {2'000'000, 0, 500'000}, 2};
}

// Two stages of 1 ms, at 2 W: 2 mJ each.
Workload two_stage_jobs(LogArrivals releases, Duration deadline, EnergyModel energy) {
    Workload workload = on_accelerator({constant_task("t", {1ms, 1ms}, std::move(releases), deadline)});
    energy.active_power_w = 2;
    workload.energy = std::move(energy);
    return workload;
}

// The run's JSON summary.
std::string summary(const Workload& workload, const std::string& policy) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    return Simulation(replay, tasks, parse_policy(policy), 1).run().json(-1);
}

constexpr std::int64_t kMillijoule = 1'000'000;

}  // namespace

TEST_CASE("the capacitor takes what fits and spills the rest") {
    const EnergyModel model = one_watt(100, 90);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(4)));
    CHECK(*ledger.level() == 94);
    CHECK(ledger.powered(at_ns(30)));
    CHECK(*ledger.level() == 100);
    CHECK(ledger.take(60));
    const EnergyTotals totals = ledger.finish(at_ns(50));
    CHECK(totals.initial_nj == 90);
    CHECK(totals.harvested_nj == 50);
    CHECK(totals.spilled_nj == 20);
    CHECK(totals.used_nj == 60);
    CHECK(totals.level_nj == 60);
    CHECK(totals.failures == 0);
    CHECK(totals.off == 0ns);
}

TEST_CASE("nothing is harvested before the start of the run") {
    const EnergyModel model = one_watt(100, 10);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(-50)));
    CHECK(*ledger.level() == 10);
    CHECK(ledger.powered(at_ns(5)));
    CHECK(*ledger.level() == 15);
}

TEST_CASE("a stage that can't be powered turns the device off until there is enough") {
    const EnergyModel model = one_watt(100, 10);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(5)));
    CHECK_FALSE(ledger.take(40));
    CHECK(*ledger.level() == 15);
    CHECK(ledger.next_time() == at_ns(30));
    CHECK_FALSE(ledger.powered(at_ns(29)));
    CHECK(ledger.powered(at_ns(30)));
    CHECK(ledger.take(40));
    CHECK(*ledger.level() == 0);
    CHECK(ledger.next_time() == kNever);
    const EnergyTotals totals = ledger.finish(at_ns(30));
    CHECK(totals.failures == 1);
    CHECK(totals.off == 25ns);
}

TEST_CASE("after a power failure the level must reach turn_on") {
    const EnergyModel model = one_watt(100, 10, 70);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(0)));
    CHECK(ledger.take(10));  // below turn_on, but the power has not failed
    CHECK_FALSE(ledger.take(5));
    CHECK(ledger.next_time() == at_ns(70));
    // A live run notices late: the device was on since 70.
    CHECK(ledger.powered(at_ns(90)));
    CHECK(ledger.finish(at_ns(90)).off == 70ns);
}

TEST_CASE("a run that ends without power counts the time until its end") {
    const EnergyModel model = one_watt(100, 0);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(0)));
    CHECK_FALSE(ledger.take(100));
    CHECK(ledger.finish(at_ns(60)).off == 60ns);
}

TEST_CASE("an awaited level has its time; the least of several counts") {
    const EnergyModel model = one_watt(100, 0);
    EnergyLedger ledger(model, 1);
    CHECK(ledger.powered(at_ns(0)));
    ledger.await(0);
    CHECK(ledger.next_time() == kNever);
    ledger.await(80);
    CHECK(ledger.next_time() == at_ns(80));
    ledger.await(30);
    ledger.await(50);
    CHECK(ledger.next_time() == at_ns(30));
    CHECK(ledger.powered(at_ns(20)));
    CHECK(ledger.take(15));
    CHECK(ledger.next_time() == at_ns(45));
    CHECK(ledger.powered(at_ns(45)));
    CHECK(ledger.next_time() == kNever);  // it is there
    ledger.await(101);
    CHECK(ledger.next_time() == kNever);  // more than the capacitor holds
}

// 2 mJ a stage at 1 W of harvest, from an empty capacitor: one stage every 2 ms, on for 1 ms.
TEST_CASE("a simulation waits for energy and keeps what was done") {
    const Workload workload = two_stage_jobs(at({0ms}), 100ms, one_watt(10 * kMillijoule, 0));
    const RunResult result = run(workload, "edf");
    REQUIRE(result.records.stages.size() == 2);
    CHECK(result.records.stages[0].start == Time(2ms));
    CHECK(result.records.stages[1].start == Time(4ms));  // at 3 ms there is 1 mJ
    const EnergyTotals& energy = *result.metrics.energy();
    CHECK(energy.failures == 2);
    CHECK(energy.off == 3ms);
    CHECK(energy.harvested_nj == 5 * kMillijoule);
    CHECK(energy.used_nj == 4 * kMillijoule);
    CHECK(energy.level_nj == 1 * kMillijoule);
}

TEST_CASE("a job may expire while the device is off, and a new one finds it on again") {
    const Workload workload = two_stage_jobs(at({0ms, 50ms}), 5ms, one_watt(2 * kMillijoule, 0, 2 * kMillijoule));
    const RunResult result = run(workload, "edf");
    REQUIRE(result.records.jobs.size() == 2);
    CHECK(result.records.jobs[0].depth == 2);
    CHECK(result.records.jobs[1].depth == 2);
    Workload dim = workload;
    dim.energy->harvester.source = PersistentPower{0.2};  // 2 mJ in 10 ms
    const RunResult dark = run(dim, "edf");
    CHECK(dark.records.jobs[0].depth == 0);
    CHECK(dark.records.jobs[0].left == Time(5ms));
    CHECK(dark.records.jobs[1].depth == 1);
    CHECK(dark.records.stages[0].start == Time(50ms));
}

TEST_CASE("without energy to lack, a run is what it is on mains power") {
    Workload workload = on_accelerator({constant_task("t", {1ms, 2ms, 1ms}, PoissonArrivals{3e6}, 9ms)});
    workload.horizon.jobs = 500;
    for (const std::string policy : {"edf", "rr", "rtdeepiot", "lcf:skip=true"}) {
        const RunResult mains = run(workload, policy);
        Workload powered = workload;
        powered.energy = one_watt(1'000'000'000, 1'000'000'000);
        powered.energy->harvester.source = PersistentPower{10};
        const RunResult result = run(powered, policy);
        INFO(policy);
        REQUIRE(result.records.stages.size() == mains.records.stages.size());
        for (std::size_t i = 0; i < mains.records.stages.size(); ++i)
            CHECK(result.records.stages[i].start == mains.records.stages[i].start);
        CHECK(result.metrics.energy()->failures == 0);
        CHECK_FALSE(mains.metrics.energy().has_value());
    }
}

TEST_CASE("every policy keeps the energy account (INV-10) and spends no more than there is") {
    Workload workload = on_accelerator({constant_task("a", {1ms, 1ms, 1ms}, PoissonArrivals{4e6}, 12ms),
                                        constant_task("b", {500us, 1ms}, PeriodicArrivals{7ms, 0ms, 0ms}, 20ms)},
                                       2);
    workload.horizon.jobs = 400;
    workload.energy = radio();
    for (const PolicyInfo& policy : policy_registry()) {
        if (policy.needs_plan || parse_policy(policy.name).needs_oracle()) continue;
        INFO(policy.name);
        const RunResult result = run(workload, policy.name, 5);
        const EnergyTotals& energy = *result.metrics.energy();
        CHECK(energy.initial_nj + energy.harvested_nj == energy.used_nj + energy.spilled_nj + energy.level_nj);
        CHECK(energy.used_nj > 0);
        CHECK(energy.failures > 0);
        std::int64_t stages_nj = 0;  // 2 W: each stage takes twice its time
        for (const StageRecord& stage : result.records.stages) stages_nj += 2 * (stage.end - stage.start).count();
        CHECK(energy.used_nj == stages_nj);
        CHECK(summary(workload, policy.name) == summary(workload, policy.name));
    }
}

TEST_CASE("the weather is the same under every policy") {
    Workload workload = two_stage_jobs(at({0ms, 10ms, 11ms, 40ms}), 8ms, radio());
    const auto harvested = [&](const std::string& policy, std::uint64_t seed) {
        const RunResult result = run(workload, policy, seed);
        HarvestCursor cursor(workload.energy->harvester, seed);
        CHECK(cursor.until(Time(result.metrics.length())) == result.metrics.energy()->harvested_nj);
        return cursor.until(Time(1s));
    };
    CHECK(harvested("edf", 1) == harvested("rr", 1));
    CHECK(harvested("edf", 1) != harvested("edf", 2));
}

TEST_CASE("the summary has an energy block only with an energy section") {
    const Workload workload = two_stage_jobs(at({0ms}), 100ms, one_watt(10 * kMillijoule, 0));
    CHECK_THAT(summary(workload, "edf"), ContainsSubstring(R"("power_failures":2,"off_ms":3.0)"));
    Workload mains = workload;
    mains.energy.reset();
    CHECK_THAT(summary(mains, "edf"), !ContainsSubstring("energy"));
}

TEST_CASE("a task that asks for confidence counts answers that are sure, or of full depth") {
    Workload workload = on_accelerator({constant_task("t", {1ms, 1ms}, at({0ms, 10ms, 20ms}), 5ms)});
    const double half[] = {0.5, 0.5};
    const Duration times[] = {1ms, 1ms};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(synthetic_trace("t", times, half));
    CHECK(run(workload, "edf").metrics.total().confident == 0);
    workload.tasks[0].confident_from = 0.6;
    CHECK(run(workload, "edf").metrics.total().confident == 3);          // full depth
    CHECK(run(workload, "edf:depth=m").metrics.total().confident == 0);  // 0.5 < 0.6
    workload.tasks[0].confident_from = 0.5;
    CHECK(run(workload, "edf:depth=m").metrics.total().confident == 3);
    CHECK_THAT(summary(workload, "edf"), ContainsSubstring(R"("confident_ratio":1.0)"));
}
