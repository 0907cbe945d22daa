#include "sim/live/validation.hpp"

#include "tests/catch.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

// 200 jobs, one a millisecond, each with a response of 400 us (and a little more every second job).
RecordList regular_run(Duration extra, int wrong_every = 0) {
    RecordList records;
    for (int k = 0; k < 200; ++k) {
        JobRecord job;
        job.id = {0, static_cast<std::uint64_t>(k)};
        job.release = Time(k * 1ms);
        job.deadline = job.release + 900us;
        job.start = job.release;
        job.exit = job.release + 400us + (k % 2) * 10us + extra;
        job.left = job.exit;
        job.depth = 2;
        job.correct = wrong_every == 0 || k % wrong_every != 0;
        records.job(job);
        records.stage({job.id, 0, 0, 0, job.start, job.exit, job.exit});
    }
    return records;
}

Comparison metric(const std::vector<Comparison>& rows, const std::string& name) {
    for (const Comparison& row : rows) {
        if (row.metric == name) return row;
    }
    FAIL("no metric " + name);
    return {};
}

}  // namespace

TEST_CASE("a run compared with itself differs in nothing") {
    for (const Comparison& row : compare_runs(regular_run(0us), regular_run(0us))) {
        INFO(row.metric);
        CHECK(row.difference == 0.0);
        CHECK(*row.ci95 == Approx(0).margin(1e-12));
        CHECK(row.holds());
    }
}

TEST_CASE("a constant shift of the response is found, with a tight interval") {
    const auto rows = compare_runs(regular_run(0us), regular_run(50us));
    const Comparison p50 = metric(rows, "response_p50");
    CHECK(*p50.simulated == Approx(0.400));
    CHECK(*p50.difference == Approx(0.050));
    CHECK_FALSE(p50.holds());
    CHECK(metric(rows, "accuracy").holds());
    const Comparison use = metric(rows, "utilisation");
    CHECK(*use.difference == Approx(200 * 50e-6 / (0.199 + 460e-6)).epsilon(1e-6));
}

TEST_CASE("the utilisation is of the accelerator's slots alone") {
    const RecordList alone = regular_run(0us);
    RecordList with_host = regular_run(0us);
    for (const StageRecord& stage : alone.stages) {
        StageRecord host = stage;
        host.resource = 1;
        with_host.stages.push_back(host);
    }
    const double one = *metric(compare_runs(alone, alone), "utilisation").live;
    CHECK(*metric(compare_runs(with_host, with_host), "utilisation").live == Approx(one));
    const std::vector<Resource> two_slots = {{"host", 1}, {"accelerator", 2}};
    CHECK(*metric(compare_runs(with_host, with_host, two_slots), "utilisation").live == Approx(one / 2));
}

TEST_CASE("wrong answers show in the accuracy") {
    const Comparison accuracy = metric(compare_runs(regular_run(0us), regular_run(0us, 4)), "accuracy");
    CHECK(*accuracy.live == Approx(0.75));
    CHECK(*accuracy.difference == Approx(-0.25));
    CHECK_FALSE(accuracy.holds());
}

TEST_CASE("missed jobs count as misses, and not for the response") {
    RecordList live = regular_run(0us);
    for (std::size_t k = 0; k < live.jobs.size(); k += 10) {
        live.jobs[k].missed = true;
        live.jobs[k].correct = false;
        live.jobs[k].depth = 0;
        live.jobs[k].exit = kNever;
    }
    const auto rows = compare_runs(regular_run(0us), live);
    CHECK(*metric(rows, "miss_ratio").difference == Approx(0.1));
    CHECK(*metric(rows, "response_p99").difference == Approx(0).margin(1e-12));
    CHECK(*metric(rows, "mean_depth").difference == Approx(-0.2));
}

TEST_CASE("jobs that only one run recorded are left out") {
    RecordList cut = regular_run(0us);
    cut.jobs.resize(150);
    CHECK(metric(compare_runs(regular_run(0us), cut), "accuracy").difference == 0.0);
}

TEST_CASE("too few jobs for an interval establish no difference") {
    RecordList few = regular_run(0us), late = regular_run(50us);
    few.jobs.resize(10);
    late.jobs.resize(10);
    const Comparison p50 = metric(compare_runs(few, late), "response_p50");
    CHECK(*p50.difference == Approx(0.050));
    CHECK_FALSE(p50.ci95);
    CHECK(p50.holds());
}

TEST_CASE("what a run has no number for is compared with nothing") {
    RecordList missed = regular_run(0us);
    for (JobRecord& job : missed.jobs) job.missed = true;
    missed.stages.clear();
    const auto rows = compare_runs(missed, missed);
    for (const std::string name : {"response_p50", "response_p99", "utilisation"}) {
        const Comparison row = metric(rows, name);
        CHECK_FALSE(row.simulated);
        CHECK_FALSE(row.live);
        CHECK_FALSE(row.difference);
        CHECK(row.holds());
    }
    CHECK(metric(rows, "miss_ratio").live == 1.0);
    CHECK_FALSE(metric(compare_runs({}, {}), "accuracy").live);
}

TEST_CASE("a repetition is compared with the mean of its simulations") {
    const RecordList live = regular_run(50us);
    const std::vector<Resource> resources = {{"accelerator", 1}};
    RepetitionComparison comparison(live, resources);
    comparison.add(regular_run(0us));
    comparison.add(regular_run(40us));
    comparison.add_before_drift(regular_run(10us));
    const auto rows = comparison.rows();
    REQUIRE(rows.size() == 7);
    CHECK(rows[3].metric == "response_p50");
    CHECK(*rows[3].simulated == Approx(0.420));
    CHECK(*rows[3].live == Approx(0.450));
    CHECK(*rows[3].difference == Approx(0.030));
    CHECK(*rows[3].drift == Approx(0.010));  // 0.420 on the windows' trace, 0.410 on the user's
    CHECK(*rows[0].drift == Approx(0));
}

TEST_CASE("without windows there is no drift") {
    const RecordList live = regular_run(0us);
    const std::vector<Resource> resources = {{"accelerator", 1}};
    RepetitionComparison comparison(live, resources);
    comparison.add(live);
    for (const RepetitionMetric& row : comparison.rows()) CHECK_FALSE(row.drift);
}

TEST_CASE("jobs that a stall touched are left out of the second set of rows, and only there") {
    RecordList live = regular_run(0us);
    for (std::size_t k = 0; k < 20; ++k) {
        live.jobs[k].stalled = live.jobs[k].missed = true;
        live.jobs[k].correct = false;
    }
    const std::vector<Resource> resources = {{"accelerator", 1}};
    RepetitionComparison comparison(live, resources);
    comparison.add(regular_run(0us));
    const auto rows = comparison.rows();
    CHECK(comparison.stalled_jobs() == 20);
    CHECK(rows[1].metric == "miss_ratio");
    CHECK(*rows[1].difference == Approx(0.1));
    CHECK(*rows[1].unstalled_difference == 0);
    CHECK(*rows[0].unstalled_live == 1);
    CHECK(rows[6].metric == "utilisation");
    CHECK_FALSE(rows[6].unstalled_difference);
}
