#include "sim/simulation.hpp"

#include <map>
#include <set>
#include <tuple>

#include "sim/bench.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

TEST_CASE("two jobs under edf: the earlier deadline first, at stage boundaries") {
    const Workload workload = on_accelerator({
        constant_task("slow", {4ns, 4ns}, at({0ns}), 20ns),
        constant_task("urgent", {3ns}, at({1ns}), 8ns),
    });
    const auto [records, metrics] = run(workload, "edf");
    REQUIRE(records.stages.size() == 3);
    CHECK(records.stages[0].id.task == 0);
    CHECK(records.stages[1].id.task == 1);  // waits for the boundary at 4
    CHECK(to_ns(records.stages[1].start) == 4);
    CHECK(to_ns(records.stages[2].end) == 11);
    CHECK(metrics.total().missed == 0);
    CHECK(metrics.utilisation() == Approx(1.0));
    CHECK(to_ns(records.jobs[0].exit) == 7);
}

TEST_CASE("a stage that outlasts its job is overrun, and the job keeps its last exit") {
    const Workload workload = on_accelerator({constant_task("t", {4ns, 10ns}, at({0ns}), 9ns)});
    const auto [records, metrics] = run(workload, "edf");
    REQUIRE(records.jobs.size() == 1);
    CHECK(records.jobs[0].depth == 1);
    CHECK_FALSE(records.jobs[0].missed);
    CHECK(to_ns(records.jobs[0].left) == 9);
    CHECK(to_ns(records.jobs[0].exit) == 4);
    CHECK(to_ns(records.stages[1].counted_until) == 9);
    CHECK(metrics.overrun() == 5ns);
    CHECK(metrics.length() == 14ns);
}

TEST_CASE("a job whose mandatory part is not done in time is a miss and counts as wrong") {
    Workload workload = on_accelerator({constant_task("t", {4ns, 10ns}, at({0ns}), 9ns)});
    workload.tasks[0].mandatory_stages = 2;
    const auto [records, metrics] = run(workload, "edf");
    CHECK(records.jobs[0].missed);
    CHECK_FALSE(records.jobs[0].correct);
    CHECK(metrics.total().accuracy() == 0);
    CHECK(metrics.total().miss_ratio() == 1);
    CHECK(metrics.response().count() == 0);
}

TEST_CASE("events of one instant: completion, deadline, release, then decision") {
    // At 10 the first job's stage ends at its very deadline, and the second job arrives.
    const Workload workload = on_accelerator({constant_task("t", {10ns}, at({0ns, 10ns}), 10ns)});
    const auto [records, metrics] = run(workload, "edf");
    CHECK(metrics.total().missed == 0);
    CHECK(to_ns(records.stages[1].start) == 10);
}

TEST_CASE("two slots run two stages at once") {
    const Workload workload = on_accelerator({constant_task("t", {10ns}, at({0ns, 0ns, 0ns}), 30ns)}, 2);
    const auto [records, metrics] = run(workload, "edf");
    CHECK(to_ns(records.stages[0].start) == 0);
    CHECK(to_ns(records.stages[1].start) == 0);
    CHECK(to_ns(records.stages[2].start) == 10);
    CHECK(records.stages[0].lane != records.stages[1].lane);
    CHECK(metrics.utilisation() == Approx(0.75));
}

TEST_CASE("closed loop: a client asks again at the reply, or at the deadline") {
    for (const bool at_deadline : {false, true}) {
        Workload workload = on_accelerator({constant_task("t", {10ns}, ClosedArrivals{1, at_deadline}, 100ns)});
        workload.horizon.jobs = 3;
        const auto [records, metrics] = run(workload, "edf");
        REQUIRE(records.jobs.size() == 3);
        const Duration gap = records.jobs[1].release - records.jobs[0].release;
        CHECK(gap == (at_deadline ? 100ns : 10ns));
    }
}

TEST_CASE("the horizon ends the arrivals, by jobs or by time, and the warm-up is not scored") {
    Workload workload = on_accelerator({constant_task("t", {10ns}, PeriodicArrivals{20ns, 0ns, 0ns}, 20ns)});
    workload.horizon.jobs = 50;
    workload.horizon.warmup_jobs = 10;
    CHECK(run(workload, "edf").metrics.total().jobs == 40);
    workload.horizon.length = 200ns;
    const RunResult result = run(workload, "edf");
    CHECK(result.records.jobs.size() == 10);
    CHECK(result.metrics.total().jobs == 0);
}

TEST_CASE("INV-7: the same seed gives the same records, another seed others") {
    Workload workload = on_accelerator({constant_task("t", {10us, 30us}, PoissonArrivals{35e3}, 200us)});
    workload.horizon.jobs = 500;
    const auto exits = [&](std::uint64_t seed) {
        std::vector<std::int64_t> times;
        for (const JobRecord& job : run(workload, "edf", seed).records.jobs) times.push_back(to_ns(job.left));
        return times;
    };
    CHECK(exits(1) == exits(1));
    CHECK(exits(1) != exits(2));
}

TEST_CASE("a job meets the same fate under every policy: arrival, deadline, stage times and answer") {
    const Workload workload = one_poisson_task(0.9, 500);
    using Fate = std::tuple<std::int64_t, std::int64_t, int, std::vector<std::int64_t>>;
    const auto fates = [&](const std::string& policy) {
        const RecordList records = run(workload, policy).records;
        std::map<std::uint64_t, std::vector<std::int64_t>> times;
        for (const StageRecord& stage : records.stages)
            times[stage.id.number].push_back((stage.end - stage.start).count());
        std::map<std::uint64_t, Fate> by_number;
        for (const JobRecord& job : records.jobs) {
            if (job.depth < 4) continue;  // not all stages were seen
            by_number[job.id.number] = {to_ns(job.release), to_ns(job.deadline), job.prediction, times[job.id.number]};
        }
        return by_number;
    };
    const auto edf = fates("edf"), lcf = fates("lcf");
    std::size_t in_both = 0;
    std::set<std::vector<std::int64_t>> distinct;
    for (const auto& [number, fate] : edf) {
        if (lcf.count(number) == 0) continue;
        ++in_both;
        distinct.insert(std::get<3>(fate));
        CHECK(fate == lcf.at(number));
    }
    CHECK(in_both > 100);
    CHECK(distinct.size() > 50);
}

TEST_CASE("the cost of decisions is charged to every stage if the workload says so") {
    Workload workload = on_accelerator({constant_task("t", {10ns, 10ns}, at({0ns}), 100ns)});
    workload.decision_cost = 3ns;
    CHECK(to_ns(run(workload, "edf").records.jobs[0].exit) == 26);
}
