#include "sim/core/measured_times.hpp"

#include <cmath>
#include <future>
#include <tuple>

#include "sim/bench/bench.hpp"
#include "tests/catch.hpp"
#include "tests/fake_trace.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

std::shared_ptr<const Trace> shared(Trace trace) { return std::make_shared<const Trace>(std::move(trace)); }

RunResult run_with(const Workload& workload, const std::string& policy, const MeasuredTimesOptions& options,
                   std::uint64_t seed = 1) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, parse_policy(policy), seed);
    simulation.use(options);
    RecordList records;
    Metrics metrics = simulation.run(&records);
    return {std::move(records), std::move(metrics)};
}

// "The device": the law itself.
RunResult run_on_law(const Workload& workload, const std::string& policy, FakeLaw law = FakeLaw(99)) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, parse_policy(policy), 1);
    simulation.use(std::make_unique<FakeStageTimes>(std::vector{fake_network()}, law));
    RecordList records;
    Metrics metrics = simulation.run(&records);
    return {std::move(records), std::move(metrics)};
}

double mean_stage_ns(const RecordList& records) {
    double sum = 0;
    for (const StageRecord& stage : records.stages) sum += static_cast<double>((stage.end - stage.start).count());
    return sum / static_cast<double>(records.stages.size());
}

double busy_ns(const Metrics& metrics) { return static_cast<double>(metrics.resources()[0].busy.count()); }

using JobRow = std::tuple<std::int32_t, std::uint64_t, Time, Time, Time, Time, Time, int, int>;

std::vector<JobRow> job_rows(const RecordList& records) {
    std::vector<JobRow> rows;
    for (const JobRecord& r : records.jobs)
        rows.emplace_back(r.id.task, r.id.number, r.release, r.deadline, r.start, r.exit, r.left, r.depth,
                          r.prediction);
    return rows;
}

std::vector<std::tuple<std::uint64_t, int, Time, Time>> stage_rows(const RecordList& records) {
    std::vector<std::tuple<std::uint64_t, int, Time, Time>> rows;
    for (const StageRecord& r : records.stages) rows.emplace_back(r.id.number, r.stage, r.start, r.end);
    return rows;
}

// As much as can be measured.
Trace full_trace() {
    Trace trace = fake_trace(fake_network(), 1, std::chrono::seconds(2));
    trace.release_lateness_ns = {100, 250, 40'000};
    trace.stalls = Stalls{50us, 300ms, {{Time(10ms), 300us}, {Time(90ms), 2ms}, {Time(200ms), 80us}}};
    trace.driver_stalls = Stalls{50us, 300ms, {{Time(30ms), 60us}, {Time(130ms), 700us}}};
    return trace;
}

}  // namespace

TEST_CASE("with history the simulation predicts what policies keep a device busy with; whole passes do not") {
    const auto trace = shared(fake_trace(fake_network()));
    Workload workload = poisson_workload(trace, 1.2, 20'000);
    for (const std::string policy : {"edf", "lcf", "random", "rtdeepiot"}) {
        INFO(policy);
        workload.replay.parts.history = true;
        const RunResult device = run_on_law(workload, policy), with = run(workload, policy);
        CHECK(std::abs(busy_ns(with.metrics) / busy_ns(device.metrics) - 1) < 0.005);
        CHECK(std::abs(mean_stage_ns(with.records) / mean_stage_ns(device.records) - 1) < 0.005);
        workload.replay.parts.history = false;
        const RunResult without = run(workload, policy);
        const double off = std::abs(mean_stage_ns(without.records) / mean_stage_ns(device.records) - 1);
        CHECK(off > 0.005);
    }
}

TEST_CASE("what a stage loses while it is away is predicted at low loads, by a trace that knows it") {
    Trace trace = fake_trace(fake_network(), fading(1), fading(2));
    const auto knows = shared(trace);
    for (Execution& execution : trace.history.executions) execution.before.away = Duration::zero();
    trace.history.cells = fit_cells(trace.history.executions, trace.stage_count()).cells;
    const auto knows_not = shared(trace);
    for (const double load : {0.2, 0.4, 0.8}) {
        for (const std::string policy : {"edf", "lcf"}) {
            INFO(policy << " at load " << load);
            const Workload workload = poisson_workload(knows, load, 20'000);
            const double device = busy_ns(run_on_law(workload, policy, fading(99)).metrics);
            CHECK(std::abs(busy_ns(run(workload, policy).metrics) / device - 1) < 0.005);
            const double without = busy_ns(run(poisson_workload(knows_not, load, 20'000), policy).metrics);
            if (load < 0.5) CHECK(without / device < 0.995);
        }
    }
}

TEST_CASE("the parts of a path sum to the time for which the stage occupies its slot") {
    const Workload workload = poisson_workload(shared(full_trace()), 1.2, 3000);
    MeasuredTimesOptions options;
    options.decisions = DecisionTimes({{1, 400ns, 700ns}, {10, 900ns, {}}});
    const RecordList records = run_with(workload, "lcf", options).records;
    REQUIRE(records.paths.size() == records.stages.size());
    std::size_t stalled = 0;
    for (std::size_t i = 0; i < records.paths.size(); ++i) {
        const PathRecord& path = records.paths[i];
        REQUIRE(path.start + path.path.total() == records.stages[i].end);
        REQUIRE(path.path.submit == kFakeSubmit);
        REQUIRE((path.path.stalled > 0ns || path.path.notice == kFakeNotice));  // a stall of the driver delays it
        REQUIRE((path.path.decision >= 400ns && path.path.decision <= 900ns));
        REQUIRE(path.path.stalled <= path.path.latency + path.path.notice);
        stalled += path.path.stalled > 0ns ? 1 : 0;
    }
    CHECK(stalled > 0);
}

TEST_CASE("jobs that were there while a stall lasted are marked") {
    const RecordList records = run(poisson_workload(shared(full_trace()), 1.2, 3000), "edf").records;
    std::size_t marked = 0;
    for (const JobRecord& job : records.jobs) marked += job.stalled ? 1 : 0;
    CHECK(marked > 0);
    CHECK(marked < records.jobs.size() / 2);
    for (const PathRecord& path : records.paths) {
        if (path.path.stalled == 0ns) continue;
        const auto its_job = std::find_if(records.jobs.begin(), records.jobs.end(),
                                          [&](const JobRecord& job) { return job.id == path.id; });
        CHECK(its_job->stalled);
    }
}

TEST_CASE("stalls of the driver delay the notice of what ends meanwhile, and prolong no stage") {
    Trace trace = fake_trace(fake_network(), 1, std::chrono::seconds(2));
    const Workload calm = poisson_workload(shared(trace), 0.9, 2000);
    trace.driver_stalls = Stalls{50us, 20ms, {{Time(10ms), 2ms}}};  // a tenth of the time
    const RunResult without = run(calm, "edf"), with = run(poisson_workload(shared(trace), 0.9, 2000), "edf");
    std::size_t delayed = 0;
    Duration most{};
    for (const PathRecord& path : with.records.paths) {
        if (path.path.stalled == 0ns) continue;
        ++delayed;
        most = std::max(most, path.path.stalled);
        CHECK(path.path.notice >= path.path.stalled);
    }
    CHECK(most <= 2ms);
    // One stage at most for each gap: the next one starts after it. A stage ends in most of them.
    const auto gaps = static_cast<double>(to_ns(with.records.stages.back().end)) / 20e6;
    CHECK((static_cast<double>(delayed) > 0.5 * gaps && static_cast<double>(delayed) < 1.2 * gaps));
    CHECK(without.records.paths.size() > 0);
    for (const PathRecord& path : without.records.paths) CHECK(path.path.stalled == 0ns);
}

TEST_CASE("INV-7: the same seed gives the same times on any thread, another luck others at the same arrivals") {
    const Workload workload = poisson_workload(shared(full_trace()), 0.9, 2000);
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    const auto run_once = [&](std::uint64_t luck) {
        Simulation simulation(replay, tasks, parse_policy("lcf"), 3);
        simulation.use(MeasuredTimesOptions{luck, {}, {}});
        RecordList records;
        simulation.run(&records);
        return records;
    };
    auto elsewhere = std::async(std::launch::async, run_once, 0), lucky = std::async(std::launch::async, run_once, 1);
    const RecordList here = run_once(0), there = elsewhere.get(), other = lucky.get();
    CHECK((job_rows(here) == job_rows(run(workload, "lcf", 3).records)));
    CHECK((job_rows(here) == job_rows(there)));
    CHECK((stage_rows(here) == stage_rows(there)));
    CHECK((stage_rows(here) != stage_rows(other)));
    REQUIRE(here.jobs.size() == other.jobs.size());
    std::map<std::uint64_t, std::pair<Time, Time>> arrivals;
    for (const JobRecord& job : here.jobs) arrivals[job.id.number] = {job.release, job.deadline};
    for (const JobRecord& job : other.jobs) REQUIRE(arrivals[job.id.number] == std::pair(job.release, job.deadline));
}

TEST_CASE("the same job meets the same execution under every policy that brings it into the same cell") {
    // Without an effect of history every stage has one cell.
    Trace trace = fake_trace(fake_network(), 1, std::chrono::seconds(2));
    for (auto& cells : trace.history.cells) cells = {HistoryCell{}};
    const Workload workload = poisson_workload(shared(trace), 0.9, 500);
    std::map<std::pair<std::uint64_t, int>, Duration> under_edf;
    for (const PathRecord& path : run(workload, "edf").records.paths)
        under_edf[{path.id.number, path.stage}] = path.path.latency;
    std::size_t both = 0;
    for (const PathRecord& path : run(workload, "lcf").records.paths) {
        const auto place = under_edf.find({path.id.number, path.stage});
        if (place == under_edf.end()) continue;
        ++both;
        CHECK(place->second == path.path.latency);
    }
    CHECK(both > 500);
}

TEST_CASE("with every part switched off, a trace with histories gives what its rows alone give") {
    Trace rows = full_trace();
    rows.dispatch_ns.clear();
    Workload workload = poisson_workload(shared(rows), 1.2, 2000);
    workload.replay.parts = {false, false, false};
    rows.history = {};
    rows.release_lateness_ns.clear();
    rows.stalls.reset();
    rows.driver_stalls.reset();
    const Workload plain = poisson_workload(shared(rows), 1.2, 2000);
    CHECK((stage_rows(run(workload, "lcf").records) == stage_rows(run(plain, "lcf").records)));
    CHECK(run(workload, "lcf").records.paths.empty());
    workload.replay.parts.stalls = true;
    CHECK((stage_rows(run(workload, "lcf").records) != stage_rows(run(plain, "lcf").records)));
}

TEST_CASE("measured times of traces without histories are those of a simulation without them") {
    for (const Scenario& scenario : signature_scenarios()) {
        INFO(scenario.name);
        const RunResult rows = run(scenario.workload, "lcf"), measured = run_with(scenario.workload, "lcf", {});
        CHECK((stage_rows(rows.records) == stage_rows(measured.records)));
        CHECK(rows.records.paths.empty());
        CHECK(measured.records.paths.size() == measured.records.stages.size());
    }
}

TEST_CASE("without the path, rows come without their dispatch") {
    Workload workload = on_accelerator({constant_task("t", {10us}, at({0ns}), 1ms)});
    Trace trace = *workload.tasks[0].variants[0].trace;
    trace.dispatch_ns = {3000};
    workload.tasks[0].variants[0].trace = shared(trace);
    CHECK(to_ns(run(workload, "edf").records.stages[0].end) == 13'000);
    CHECK(to_ns(run_with(workload, "edf", {0, {}, ReplayParts{true, false, true}}).records.stages[0].end) == 10'000);
    workload.replay.parts.path = false;
    CHECK(to_ns(run(workload, "edf").records.stages[0].end) == 10'000);
    const RecordList with = run_with(workload, "edf", {0, {}, ReplayParts{}}).records;
    CHECK(with.paths[0].path.latency == 10us);
    CHECK(with.paths[0].path.notice == 3us);
}

TEST_CASE("a trace without history beside one with it takes its rows") {
    const auto trace = shared(fake_trace(fake_network(), 1, std::chrono::seconds(2)));
    Workload workload = poisson_workload(trace, 0.5, 1000);
    workload.tasks.push_back(constant_task("rows", {30us, 50us}, PoissonArrivals{1e6}, 10ms));
    std::size_t of_rows = 0;
    for (const StageRecord& stage : run(workload, "edf").records.stages) {
        if (stage.id.task == 0) continue;
        ++of_rows;
        CHECK(stage.end - stage.start == (stage.stage == 0 ? 30us : 50us));
    }
    CHECK(of_rows > 100);
}

TEST_CASE("a driver that waits for a release is late, and one that has something to run is not") {
    Workload workload = on_accelerator({constant_task("t", {10us}, at({5us, 12us, 50us, 51us}), 30us)});
    Trace trace = *workload.tasks[0].variants[0].trace;
    trace.release_lateness_ns = {2000};
    workload.tasks[0].variants[0].trace = shared(trace);
    const RunResult result = run(workload, "edf");
    std::vector<std::int64_t> starts;
    for (const StageRecord& stage : result.records.stages) starts.push_back(to_ns(stage.start));
    CHECK(starts == std::vector<std::int64_t>{7'000, 17'000, 52'000, 62'000});
    CHECK(to_ns(result.records.jobs[0].release) == 5'000);
    CHECK(to_ns(result.records.jobs[0].deadline) == 35'000);
    CHECK(result.metrics.resources()[0].busy == 40us);  // lateness is idle time
}

TEST_CASE("a job whose deadline passes before its release is noticed leaves as missed") {
    Workload workload = on_accelerator({constant_task("t", {10us}, at({5us, 100us}), 30us)});
    Trace trace = *workload.tasks[0].variants[0].trace;
    trace.release_lateness_ns = {40'000};
    workload.tasks[0].variants[0].trace = shared(trace);
    const RunResult result = run(workload, "edf");
    CHECK(result.records.stages.empty());
    CHECK(result.metrics.total().missed == 2);
}

TEST_CASE("a policy made by a factory is not charged something else than the workload's file of decisions") {
    Workload workload = on_accelerator({constant_task("t", {10us}, at({0ns}), 1ms)});
    workload.replay.decisions = write_test_file(
        "factory_decisions.csv",
        "policy,event,active_jobs,decisions,decision_p50_ns,decision_p99_ns\nedf,release,1,9,700,900\n");
    const PolicyFactory edf = [](const PolicyContext& context) { return make_policy(parse_policy("edf"), context); };
    CHECK_THROWS_AS(run(workload, edf), std::invalid_argument);
    CHECK(to_ns(run(workload, "edf").records.stages[0].end) == 10'700);
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, edf, 1);
    MeasuredTimesOptions options;
    options.decisions = DecisionTimes({{1, 100ns, 100ns}});
    simulation.use(options);
    RecordList records;
    simulation.run(&records);
    CHECK(to_ns(records.stages[0].end) == 10'100);
}

TEST_CASE("decisions cost what was measured with as many active jobs, after a stage and after a release") {
    Workload workload = on_accelerator({constant_task("t", {10us, 10us}, at({0ns, 1us, 1us}), 1ms)});
    MeasuredTimesOptions options;
    options.decisions = DecisionTimes({{1, 100ns, 1us}, {3, 300ns, 3us}});
    std::vector<std::int64_t> decisions;
    for (const PathRecord& path : run_with(workload, "fifo", options).records.paths)
        decisions.push_back(path.path.decision.count());
    CHECK(decisions == std::vector<std::int64_t>{1000, 300, 200, 200, 100, 100});
}
