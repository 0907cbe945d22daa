#include "sim/live/live_run.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <thread>

#include "profiler/measure/pipeline.hpp"
#include "sim/results/records.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "workloads/pipeline.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Counts what is executed, checks the order of the stages of each slot, and fails or interrupts where a test wants it.
struct StageCounter {
    explicit StageCounter(int slots) : next(static_cast<std::size_t>(slots), 0) {}

    void operator()(int slot, int stage) {
        auto& expected = next[static_cast<std::size_t>(slot)];
        if (stage != 0 && stage != expected) ++out_of_order;
        expected = stage + 1;
        if (++executed == fail_at) throw DeviceError("the device is lost");
        if (executed == interrupt_at) set_interrupted(true);
    }

    std::vector<int> next;  // by slot
    int executed = 0, out_of_order = 0;
    int fail_at = -1, interrupt_at = -1;
};

// Every job a pipeline of 5 us subtasks around a network of two stages, of which one may run beside another; with
// deadlines that some will miss.
Workload pipeline_workload() {
    Task task = constant_task("t", {5us, 5us}, PoissonArrivals{50e3}, 2ms);
    Trace network = *task.variants[0].trace;
    network.host = {{5000}, {5000}};
    task.variants[0].trace = std::make_shared<const Trace>(pipeline_trace(network, 1));
    task.variants[0].network_stages = 2;
    task.mandatory_stages = kPipelineStages;
    task.pipeline = true;
    Workload workload = on_accelerator({std::move(task)}, 2);
    workload.resources.push_back({"host", 1});
    workload.horizon.jobs = 300;
    return workload;
}

// 300 jobs of three stages, 50 us apart on average, with deadlines that some will miss.
Workload short_workload() {
    Workload workload = on_accelerator({constant_task("t", {5us, 5us, 5us}, PoissonArrivals{50e3}, 2ms)});
    workload.horizon.jobs = 300;
    return workload;
}

// The same without a miss, so that its stages run however late this process gets its cores.
Workload patient_workload() {
    Workload workload = short_workload();
    workload.tasks[0].deadline = {10s, 10s};
    return workload;
}

struct Rig {
    explicit Rig(Workload the_workload = short_workload(), int slots = 64)
        : workload(std::move(the_workload)), tasks(make_task_set(workload)), executable(3, slots, 1), counter(slots) {
        executable.on_stage = [this](int slot, int stage) { counter(slot, stage); };
    }

    LiveRun make(const std::string& policy) {
        LiveTask task;
        task.variants = {&executable};
        task.input = [this](int, std::int32_t, std::uint32_t) { return std::span<const float>(pixel); };
        task.labels = &workload.tasks[0].variants[0].trace->samples.label;
        const Plan plan = deadline_monotonic_plan(tasks);  // for policies that follow one
        return LiveRun(workload, tasks, parse_policy(policy), 1, device, {task}, &plan);
    }

    Workload workload;
    TaskSet tasks;
    FakeDevice device;
    FakeExecutable executable;
    StageCounter counter;
    std::vector<float> pixel = {0.5F};
    RecordList records;
};

// A pipeline around a fake network of two classes, which says class 1 of every image.
struct PipelineRig {
    LiveRun make(const std::string& policy) {
        LiveTask task;
        task.variants = {&pipeline};
        task.input = [this](int, std::int32_t slot, std::uint32_t) {
            pipeline.take_sample(slot, 0);
            return std::span<const float>();
        };
        task.labels = &labels;
        const Plan plan = deadline_monotonic_plan(tasks);  // for policies that follow one
        return LiveRun(workload, tasks, parse_policy(policy), 1, device, {task}, &plan);
    }

    Workload workload = pipeline_workload();
    TaskSet tasks = make_task_set(workload);
    std::vector<std::int32_t> labels =
        std::vector<std::int32_t>(workload.tasks[0].variants[0].trace->samples.count(), 1);
    Dataset data{"d", "test", {1, 1, 2}, 2, {0}, {0, 1}, {0, 255}};
    FakeDevice device;
    FakeExecutable network{2, 64, 2};
    PipelineExecutable pipeline{network, 2, data, 1.0};
    RecordList records;
};

// No slot of a resource runs two stages at once, and no stage of a job starts before its last one ended.
void check_exclusive(const RecordList& records) {
    std::map<int, Time> lane_free;
    std::map<std::uint64_t, Time> job_free;
    for (const StageRecord& stage : records.stages) {  // in the order of their ends
        if (lane_free.contains(stage.lane)) CHECK(stage.start >= lane_free[stage.lane]);
        if (job_free.contains(stage.id.number)) CHECK(stage.start >= job_free[stage.id.number]);
        lane_free[stage.lane] = job_free[stage.id.number] = stage.end;
    }
}

std::size_t distinct_jobs(const RecordList& records) {
    std::set<std::uint64_t> numbers;
    for (const JobRecord& job : records.jobs) numbers.insert(job.id.number);
    return numbers.size();
}

// No room for the record of one of the jobs.
struct FullDisk final : RecordSink {
    explicit FullDisk(int at) : full_at(at) {}
    void job(const JobRecord&) override {
        if (++jobs == full_at) throw RunError("jobs.csv: could not be written: No space left on device");
    }
    void stage(const StageRecord&) override {}

    int full_at, jobs = 0;
};

}  // namespace

TEST_CASE("a record that can't be written ends a live run with that error, and its threads") {
    for (const int job : {1, 50}) {
        Rig rig;
        FullDisk disk(job);
        LiveRun run = rig.make("edf");
        CHECK_THROWS_WITH(run.run(&disk), ContainsSubstring("jobs.csv: could not be written: No space"));
        CHECK(disk.jobs == job);
        CHECK(run.report().failure.empty());  // it wasn't the device
    }
}

TEST_CASE("live: every released job leaves exactly once, whatever the policy (INV-1)") {
    for (const PolicyInfo& policy : policy_registry()) {
        Rig rig;
        LiveRun run = rig.make(policy.name);
        const Metrics& metrics = run.run(&rig.records);
        INFO(policy.name);
        CHECK(metrics.total().jobs == 300);
        const auto& ended = metrics.total().ended;
        CHECK(std::accumulate(ended.begin(), ended.end(), std::uint64_t{0}) == 300);
        CHECK(rig.records.jobs.size() == 300);
        CHECK(distinct_jobs(rig.records) == 300);
        CHECK(rig.counter.out_of_order == 0);
        CHECK(static_cast<int>(rig.records.stages.size()) == rig.counter.executed);
        CHECK(run.report().failure.empty());
        CHECK_FALSE(run.report().interrupted);
    }
}

TEST_CASE("live: stages follow each other and results are in time (INV-3, INV-4, INV-5)") {
    Rig rig;
    LiveRun run = rig.make("lcf");
    const Metrics& metrics = run.run(&rig.records);
    CHECK(metrics.preemptions() == test::preemptions_in(rig.records));
    for (std::size_t i = 1; i < rig.records.stages.size(); ++i) {
        CHECK(rig.records.stages[i].start >= rig.records.stages[i - 1].end);
    }
    for (const JobRecord& job : rig.records.jobs) {
        if (job.depth == 0) continue;
        CHECK(job.start >= job.release);
        CHECK(job.exit <= job.deadline);
        CHECK(job.left >= job.exit);
    }
}

TEST_CASE("live: stages are recorded with what was known when they were chosen, and what they revealed in time") {
    Rig rig(patient_workload(), 300);
    LiveRun run = rig.make("lcf");
    run.run(&rig.records);
    REQUIRE(rig.records.stages.size() == 900);
    std::map<std::uint64_t, Time> deadline;
    for (const JobRecord& job : rig.records.jobs) deadline[job.id.number] = job.deadline;
    for (const StageRecord& stage : rig.records.stages) {
        REQUIRE(stage.foresight);
        CHECK(stage.foresight->planned == 5us);
        CHECK(stage.foresight->slack == deadline[stage.id.number] - stage.start - (3 - stage.stage) * 5us);
        CHECK(stage.confidence == 1.0F);  // of the only class that the fake network has
    }
}

TEST_CASE("live: pipelines keep the invariants on two resources and three threads, whatever the policy") {
    for (const PolicyInfo& policy : policy_registry()) {
        if (parse_policy(policy.name).needs_oracle()) continue;
        PipelineRig rig;
        LiveRun run = rig.make(policy.name);
        const Metrics& metrics = run.run(&rig.records);
        INFO(policy.name);
        CHECK(run.report().failure.empty());
        CHECK(metrics.total().jobs == 300);
        CHECK(distinct_jobs(rig.records) == 300);
        check_exclusive(rig.records);
        for (const JobRecord& job : rig.records.jobs) {
            CHECK(job.correct == (job.depth == kPipelineStages));
            CHECK(job.prediction == (job.depth == kPipelineStages ? 1 : -1));
        }
        for (const StageRecord& stage : rig.records.stages) {
            CHECK(stage.resource == (stage.stage == 1 ? 0 : 1));
            CHECK(stage.confidence.has_value() == (stage.stage == 2 && stage.end == stage.counted_until));
        }
    }
}

TEST_CASE("live: slots of the accelerator run side by side, each in its lane") {
    Workload workload = short_workload();
    workload.resources[0].slots = 2;
    workload.tasks[0].arrivals = LogArrivals{std::vector<Time>(40, Time{})};  // all at once: there is always a choice
    workload.tasks[0].deadline = {10s, 10s};
    workload.horizon.jobs = 40;
    Rig rig(workload);
    rig.executable.on_stage = nullptr;
    std::atomic<int> running{0}, most{0};
    rig.executable.on_stage = [&](int, int) {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        const auto until = std::chrono::steady_clock::now() + 2s;  // for the other lane, which comes much sooner
        while (most < 2 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
        --running;
    };
    LiveRun run = rig.make("edf");
    const Metrics& metrics = run.run(&rig.records);
    CHECK(metrics.total().jobs == 40);
    CHECK(most == 2);
    CHECK(rig.executable.lanes_used == 2);
    CHECK(rig.records.stages.size() == 120);
    check_exclusive(rig.records);
}

TEST_CASE("live: the same jobs arrive as in the simulation") {
    Rig rig;
    LiveRun run = rig.make("edf");
    run.run(&rig.records);
    const RecordList simulated = test::run(rig.workload, "edf").records;
    const auto fates = [](const RecordList& records) {
        std::set<std::tuple<std::uint64_t, std::int64_t, std::int64_t>> all;
        for (const JobRecord& job : records.jobs) all.insert({job.id.number, to_ns(job.release), to_ns(job.deadline)});
        return all;
    };
    CHECK(fates(rig.records) == fates(simulated));
}

TEST_CASE("live: a closed loop is served to its end") {
    Workload workload = on_accelerator({constant_task("t", {5us, 5us, 5us}, ClosedArrivals{3, false}, 5ms)});
    workload.horizon.jobs = 100;
    Rig rig(workload);
    LiveRun run = rig.make("edf");
    CHECK(run.run(&rig.records).total().jobs == 100);
}

TEST_CASE("live: a device that fails ends the run with its message and keeps the records") {
    Rig rig(patient_workload());
    rig.counter.fail_at = 50;
    LiveRun run = rig.make("edf");
    const Metrics& metrics = run.run(&rig.records);
    CHECK_THAT(run.report().failure, ContainsSubstring("the device is lost"));
    CHECK(rig.records.stages.size() == 49);
    CHECK(metrics.total().jobs == rig.records.jobs.size());
    CHECK(rig.records.jobs.size() < 300);
}

TEST_CASE("live: an interrupt ends the run and keeps the records") {
    Rig rig(patient_workload());
    rig.counter.interrupt_at = 50;
    LiveRun run = rig.make("edf");
    run.run(&rig.records);
    set_interrupted(false);
    CHECK(run.report().interrupted);
    CHECK(run.report().failure.empty());
    CHECK(rig.records.stages.size() >= 50);
    CHECK(rig.records.jobs.size() < 300);
}

TEST_CASE("live: too few activation slots end the run with a message, and the records are kept") {
    Workload workload = patient_workload();
    workload.tasks[0].arrivals = PoissonArrivals{500};  // all within a fraction of a millisecond: many started at once
    Rig rig(workload, 1);
    LiveRun run = rig.make("rr");
    run.run(&rig.records);
    CHECK_THAT(run.report().failure, ContainsSubstring("--slots"));
    CHECK(rig.counter.out_of_order == 0);
    CHECK(rig.records.jobs.size() < 300);
}

// Paths and steps of a whole run fit together, and with the stages and jobs that were recorded.
void check_steps(const RecordList& records) {
    REQUIRE(records.paths.size() == records.stages.size());
    std::set<Time> times;
    std::map<Time, std::uint32_t> started, ended;  // stages, by step
    for (const StepRecord& step : records.steps) {
        if (!times.empty()) CHECK(step.time > *times.rbegin());
        times.insert(step.time);
        CHECK(step.completed + step.expired + step.released + step.dispatched > 0);  // something was there
        CHECK((step.took > 0ns && step.lateness >= 0ns));
    }
    for (std::size_t i = 0; i < records.stages.size(); ++i) {
        const StageRecord& stage = records.stages[i];
        const PathRecord& record = records.paths[i];
        CHECK((record.id == stage.id && record.stage == stage.stage && record.lane == stage.lane));
        CHECK(record.start + record.path.total() == stage.end);
        CHECK(record.start == stage.start);
        CHECK(record.active >= 1);
        const StagePath& path = record.path;
        for (const Duration part : {path.decision, path.submit, path.latency, path.notice, path.stalled})
            CHECK(part >= 0ns);
        ++started[stage.start];
        ++ended[stage.end];
    }
    for (const StepRecord& step : records.steps) {
        CHECK(step.dispatched == started[step.time]);
        CHECK(step.completed == ended[step.time]);
    }
    for (const auto& [time, count] : ended) CHECK(times.contains(time));
    for (const JobRecord& job : records.jobs) CHECK((times.contains(job.left) || times.contains(job.left + 1ns)));
}

TEST_CASE("live: all that a step tells and asks has its time, and the parts of a path add up, spinning or parked") {
    for (const Wait wait : {Wait::kSpin, Wait::kPark}) {
        for (const std::string policy : {"edf", "lcf", "rtdeepiot"}) {
            Rig rig;
            LiveRun run = rig.make(policy);
            run.use(wait);
            run.run(&rig.records);
            INFO(policy << ", " << run.report().wait);
            check_steps(rig.records);
            std::uint32_t released = 0;
            for (const StepRecord& step : rig.records.steps) released += step.released;
            CHECK(released == 300);
            CHECK(run.report().handed.count() == rig.records.stages.size());
            CHECK(run.report().noticed.count() == rig.records.stages.size());
            CHECK(run.report().lateness.count() == 300);
        }
    }
}

TEST_CASE("live: steps of two resources and of a closed loop fit together too") {
    PipelineRig pipeline;
    LiveRun first = pipeline.make("edf");
    first.run(&pipeline.records);
    check_steps(pipeline.records);

    Workload closed = on_accelerator({constant_task("t", {5us, 5us, 5us}, ClosedArrivals{3, false}, 5ms)});
    closed.horizon.jobs = 100;
    Rig clients(closed);
    clients.make("edf").run(&clients.records);
    check_steps(clients.records);
}

TEST_CASE("live: a run without a sink keeps the same measures") {
    Rig rig(patient_workload(), 300);
    LiveRun run = rig.make("edf");
    CHECK(run.run(nullptr).total().jobs == 300);
    CHECK(run.report().handed.count() == 900);
    CHECK(run.report().stages[0].measured.count() == 300);
}

TEST_CASE("live: stages that end after an interrupt belong to no step") {
    Rig rig(patient_workload());
    rig.counter.interrupt_at = 50;
    LiveRun run = rig.make("edf");
    run.run(&rig.records);
    set_interrupted(false);
    std::uint32_t dispatched = 0, completed = 0;
    for (const StepRecord& step : rig.records.steps) {
        dispatched += step.dispatched;
        completed += step.completed;
    }
    CHECK(dispatched == rig.records.stages.size());
    CHECK(rig.records.paths.size() == rig.records.stages.size());
    CHECK((completed == dispatched || completed + 1 == dispatched));
}

TEST_CASE("live: a stage that takes absurdly long is a stall, and marks the jobs that were there") {
    Rig rig(patient_workload(), 300);
    int executed = 0;
    rig.executable.on_stage = [&](int, int) {
        if (++executed == 10) std::this_thread::sleep_for(20ms);
    };
    LiveRun run = rig.make("edf");
    run.run(&rig.records);
    // 1.5 x 5 us + 50 us is where it begins, by this trace. More of them may be this machine's own.
    std::uint64_t long_ones = 0;
    Duration longest{};
    for (const PathRecord& record : rig.records.paths) {
        const Duration latency = record.path.latency;
        const Time end = record.start + record.path.decision + record.path.submit + latency;
        const auto is_its = [&](const StallRecord& stall) {
            return stall.lane == 0 && stall.length == latency - 5us && stall.at + stall.length == end;
        };
        CHECK(std::ranges::any_of(rig.records.stalls, is_its) == (latency > 57500ns));
        if (latency <= 57500ns) continue;
        ++long_ones;
        longest = std::max(longest, latency);
        CHECK(record.path.stalled >= latency - 5us);
        const auto has_left = [&](const JobRecord& job) { return job.id == record.id; };
        CHECK(std::ranges::find_if(rig.records.jobs, has_left)->stalled);
    }
    CHECK(longest >= 20ms);
    const LiveStalls& told = run.report().stalls;
    CHECK((told.stages >= long_ones && told.longest >= 20ms - 5us && told.total >= told.longest));
    CHECK(told.jobs == static_cast<std::uint64_t>(
                           std::ranges::count_if(rig.records.jobs, [](const JobRecord& job) { return job.stalled; })));
    CHECK(told.count == rig.records.stalls.size());
    CHECK(told.watched >= 20ms);
}

TEST_CASE("live: jobs that leave during a stall are marked, and those that were there before it ended") {
    Rig rig;  // deadlines of 2 ms
    int executed = 0;
    rig.executable.on_stage = [&](int, int) {
        if (++executed == 10) std::this_thread::sleep_for(20ms);
    };
    LiveRun run = rig.make("edf");
    run.run(&rig.records);
    int overlapping = 0;
    for (const StallRecord& stall : rig.records.stalls) {
        for (const JobRecord& job : rig.records.jobs) {
            // That a stage stalls is known from 57.5 us on, that a thread of a lane did when it goes on.
            const bool known = stall.lane < 0 || job.left > stall.at + 1ms;
            if (job.release >= stall.at + stall.length || job.left <= stall.at || !known) continue;
            if (stall.length < 10ms) continue;
            ++overlapping;
            CHECK(job.stalled);
        }
    }
    CHECK((overlapping > 0 || executed < 10));
}

TEST_CASE("live: the report says how threads waited, what surrounded the stages and what stalled") {
    Rig rig;
    LiveRun run = rig.make("edf");
    run.use(Wait::kPark);
    run.run(nullptr);
    const auto json = nlohmann::json::parse(run.report().json());
    CHECK(json["wait"] == "park");
    for (const char* part : {"decision_ns", "submit_ns", "notice_ns"}) {
        for (const char* key : {"mean", "p50", "p99", "max"}) CHECK(json["path"][part][key].is_number());
    }
    CHECK(json["stalls"]["threshold_us"] == 50);
    CHECK(json["stalls"]["count"].is_number());
    CHECK(json["stalls"]["longest_ms"].is_null() == (json["stalls"]["count"] == 0));
}

// 5 us at 2 W: 10 uJ a stage.
Workload powered_workload(double harvest_w) {
    Workload workload = short_workload();
    workload.energy =
        EnergyModel{{PersistentPower{harvest_w}, std::chrono::seconds(1), 0.1}, {1'000'000, 0, 20'000}, 2};
    return workload;
}

TEST_CASE("live: the energy ledger follows real time (INV-10)") {
    for (const std::string policy : {"edf", "zygarde"}) {
        Rig rig(powered_workload(0.2));
        LiveRun run = rig.make(policy);
        const Metrics& metrics = run.run(&rig.records);
        INFO(policy);
        CHECK(metrics.total().jobs == 300);
        const EnergyTotals& energy = *metrics.energy();
        CHECK(energy.harvested_nj > 0);
        CHECK(energy.used_nj == 10'000 * static_cast<std::int64_t>(rig.records.stages.size()));
        CHECK(energy.initial_nj + energy.harvested_nj == energy.used_nj + energy.spilled_nj + energy.level_nj);
    }
}

// At 1 nW it takes hours to power one stage.
TEST_CASE("live: nothing runs without energy") {
    for (const std::string policy : {"edf", "zygarde"}) {
        Workload workload = powered_workload(1e-9);
        workload.tasks[0].deadline = {200ms, 200ms};  // decisions are due, however late this process gets its cores
        Rig rig(workload);
        LiveRun run = rig.make(policy);
        const Metrics& metrics = run.run(&rig.records);
        INFO(policy);
        CHECK(metrics.total().missed == 300);
        CHECK(rig.records.stages.empty());
        CHECK(metrics.energy()->used_nj == 0);
        CHECK(metrics.energy()->failures == 1);
        CHECK(metrics.energy()->off > Duration::zero());
    }
}
