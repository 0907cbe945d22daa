#include "sim/results/doubts.hpp"

#include "sim/bench/bench.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

using Lines = std::vector<std::string>;

// Jobs of 4 us that meet their deadline, but for `misses` of them.
Metrics metrics_of(int jobs, int misses) {
    const Workload workload = on_accelerator({constant_task("t", {4us}, at({0ns}), 8us)});
    Metrics metrics(make_task_set(workload));
    for (int k = 0; k < jobs; ++k) {
        JobRecord record;
        record.release = Time(k * 10us);
        record.missed = k < misses;
        record.depth = record.missed ? 0 : 1;
        record.exit = record.missed ? kNever : record.release + 4us;
        record.left = record.release + (record.missed ? 8us : 4us);
        metrics.add(record, record.missed ? JobEnding::kUnstarted : JobEnding::kComplete);
    }
    metrics.finish(1s, 1, 0);
    return metrics;
}

}  // namespace

TEST_CASE("a run that is long enough raises no doubt") {
    CHECK(doubts(metrics_of(1000, 0)).empty());
    CHECK(doubts(metrics_of(2000, 10)).empty());
}

TEST_CASE("too few responses for a quantile") {
    CHECK(doubts(metrics_of(999, 0)) ==
          Lines{"response p99 from 999 responses: fewer than 10 lie beyond it (1000 needed)"});
    CHECK(doubts(metrics_of(200, 0)).front() ==
          "response p99 from 200 responses: fewer than 10 lie beyond it (1000 needed)");
    CHECK(doubts(metrics_of(199, 0)) ==
          Lines{"response p95 and p99 from 199 responses: fewer than 10 lie beyond them (200 and 1000 needed)"});
    CHECK(doubts(metrics_of(50, 50)) == Lines{"no scored job was answered in time: there are no response times"});
}

TEST_CASE("too few misses for a ratio") {
    // Clopper and Pearson's interval for 3 of 20,000, from the quantiles of the beta distribution: 0.619 and 8.766
    // in 20,000.
    CHECK(doubts(metrics_of(20'000, 3)) ==
          Lines{"misses: 3 of 20000: the miss ratio may be anything from 3.1e-05 to 0.00044 (95 %, even if jobs missed "
                "independently)"});
    CHECK(doubts(metrics_of(20'000, 9)).size() == 1);
    CHECK(doubts(metrics_of(20'000, 0)).empty());
}

TEST_CASE("no job was scored: nothing else is said") {
    CHECK(doubts(metrics_of(0, 0)) == Lines{"no job was scored; see /horizon of the workload"});
}

TEST_CASE("a backlog that grew") {
    Workload workload = one_poisson_task(1.5, 4000);
    workload.tasks[0].deadline = {100s, 100s};
    const Lines lines = doubts(run(workload, "fifo").metrics);
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], StartsWith("the backlog grew: the last quarter of the jobs stayed ") &&
                             ContainsSubstring("times as long as the first: an unstable queue, or too short a run"));
}
