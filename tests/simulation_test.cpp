#include "sim/core/simulation.hpp"

#include <map>
#include <set>
#include <tuple>

#include "sim/bench/bench.hpp"
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
    CHECK(*metrics.utilisation() == Approx(1.0));
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
    CHECK(metrics.total().accuracy() == 0.0);
    CHECK(metrics.total().miss_ratio() == 1.0);
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
    CHECK(*metrics.utilisation() == Approx(0.75));
}

namespace {

// Two slots; jobs of two tasks of one stage each that slow each other down.
Workload side_by_side(Duration first, Duration second, Duration second_release, double slowdown) {
    Workload workload = on_accelerator(
        {constant_task("a", {first}, at({0ns}), 1us), constant_task("b", {second}, at({second_release}), 1us)}, 2);
    for (Task& task : workload.tasks) {
        Trace trace = *task.variants[0].trace;
        trace.corun = {{2, {slowdown}}};
        task.variants[0].trace = std::make_shared<const Trace>(std::move(trace));
    }
    return workload;
}

std::vector<std::int64_t> exits_by_task(const RunResult& result) {
    std::vector<std::int64_t> times(result.records.jobs.size());
    for (const JobRecord& job : result.records.jobs) times[static_cast<std::size_t>(job.id.task)] = to_ns(job.exit);
    return times;
}

}  // namespace

TEST_CASE("co-running stages slow each other down while they overlap") {
    // a alone in [0, 4); both in [4, 13) at 1.5: a does its last 6; b does 6 then, and its last 4 alone.
    const RunResult result = run(side_by_side(10ns, 10ns, 4ns, 1.5), "fifo");
    CHECK(exits_by_task(result) == std::vector<std::int64_t>{13, 17});
    CHECK(result.metrics.resources()[0].busy == 13ns + 13ns);
    // At a slowdown of 2 nothing is gained: work of 20 takes 20. At 1 neither notices the other.
    CHECK(exits_by_task(run(side_by_side(10ns, 10ns, 4ns, 2), "fifo")) == std::vector<std::int64_t>{16, 20});
    CHECK(exits_by_task(run(side_by_side(10ns, 10ns, 4ns, 1), "fifo")) == std::vector<std::int64_t>{10, 14});
}

TEST_CASE("co-running rounds what was done down and what is left up") {
    // a has 5 left at 5, 6.5 at 1.3: ends at 12. b has done 7 / 1.3 = 5.4, rounded to 5; its 5 left end at 17.
    CHECK(exits_by_task(run(side_by_side(10ns, 10ns, 5ns, 1.3), "fifo")) == std::vector<std::int64_t>{12, 17});
}

TEST_CASE("a stage that follows another at once does not change the pace of its neighbour") {
    // Four jobs of a in turn beside b, whose pace is 1.5 all the time: 10 * 1.5 = 15; a's take 3 * 1.5, rounded up.
    Workload workload = side_by_side(3ns, 10ns, 0ns, 1.5);
    workload.tasks[0].arrivals = at({0ns, 0ns, 0ns, 0ns});
    workload.tasks[1].deadline = {500ns, 500ns};
    const RunResult result = run(workload, "dm");
    std::vector<std::int64_t> of_a, of_b;
    for (const JobRecord& job : result.records.jobs) (job.id.task == 0 ? of_a : of_b).push_back(to_ns(job.exit));
    CHECK(of_b == std::vector<std::int64_t>{15});
    CHECK(of_a.front() == 5);
}

TEST_CASE("INV-6: busy and idle time add up where stages slow each other down") {
    Workload workload = one_poisson_task(1.5, 2000);
    workload.resources[0].slots = 3;
    Trace trace = *workload.tasks[0].variants[0].trace;
    trace.corun = {{2, {1.1, 1.7, 1.4, 0.9}}, {3, {1.2, 2.3, 1.9, 1.1}}};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(std::move(trace));
    const RunResult slowed = run(workload, "edf");  // checks the invariants
    CHECK(slowed.metrics.total().jobs == 2000);
    CHECK(run(workload, "edf").metrics.resources()[0].busy == slowed.metrics.resources()[0].busy);
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
