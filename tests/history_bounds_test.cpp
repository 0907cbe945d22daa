// Bounds and schedulability where the time of a stage depends on what ran before it.
#include "sim/bounds/bounds.hpp"
#include "sim/bounds/schedulability.hpp"
#include "tests/catch.hpp"
#include "tests/fake_trace.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Rows of whole passes take twice what any history takes: a bound by rows is none.
Trace slow_rows() {
    Trace trace = fake_trace(fake_network(), 1, std::chrono::seconds(2));
    for (std::int64_t& latency : trace.latency_ns) latency *= 2;
    return trace;
}

// One stage of 100 us by its rows and right after another, and of `idle` after a pause.
Workload one_stage(Duration after_a_pause, Duration period) {
    Workload workload = on_accelerator({constant_task("t", {100us}, PeriodicArrivals{period, 0ns, 0ns}, period)});
    workload.horizon.jobs = 100;
    Trace trace = *workload.tasks[0].variants[0].trace;
    HistoryCell busy, idle;
    busy.idle_below_ns = idle.idle_from_ns = 1000;
    busy.count = idle.count = 1;
    trace.history.cells = {{busy, idle}};
    trace.history.executions = {{0, {}, 100us, 0ns, 0ns, false}, {0, {1ms, 0, false}, after_a_pause, 0ns, 0ns, false}};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(std::move(trace));
    return workload;
}

}  // namespace

TEST_CASE("INV-9: no policy beats a bound where histories are faster than rows") {
    const auto trace = std::make_shared<const Trace>(slow_rows());
    for (const double load : {0.5, 1.0}) {
        Workload workload = poisson_workload(trace, load, 3000);
        const Replay replay(workload);
        const Bounds bounds = BoundModel(replay).of(1);
        for (const std::string policy : {"edf", "lcf", "rtdeepiot", "sjf"}) {
            INFO(policy << " at load " << load);
            CHECK(run(workload, policy).metrics.total().accuracy().value() <= bounds.accuracy.clairvoyant.value());
        }
        workload.replay.parts.history = false;
        const Replay rows(workload);
        CHECK(BoundModel(rows).of(1).accuracy.fluid.value() < bounds.accuracy.fluid.value());
        CHECK(BoundModel(rows).of(1).accuracy.clairvoyant.value() <= bounds.accuracy.clairvoyant.value());
    }
}

TEST_CASE("what is schedulable by its rows but not after a pause is not promised") {
    Workload workload = one_stage(300us, 200us);
    CHECK(schedulable(workload, parse_policy("edf")).schedulable == false);
    CHECK(run(workload, "edf").metrics.total().missed > 0);
    workload.replay.parts.history = false;
    CHECK(schedulable(workload, parse_policy("edf")).schedulable == true);
    CHECK(run(workload, "edf").metrics.total().missed == 0);
    const Workload mild = one_stage(150us, 200us);
    const Verdict verdict = schedulable(mild, parse_policy("edf"));
    CHECK(verdict.schedulable == true);
    CHECK_FALSE(verdict.exact);
    CHECK(verdict.tasks[0].foreground == 150us);
    CHECK(run(mild, "edf").metrics.total().missed == 0);
}
