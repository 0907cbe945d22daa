#include "sim/live/live_run.hpp"

#include <algorithm>
#include <set>

#include "sim/records.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/interrupt.hpp"

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

// 300 jobs of three stages, 50 us apart on average, with deadlines that some will miss.
Workload short_workload() {
    Workload workload = on_accelerator({constant_task("t", {5us, 5us, 5us}, PoissonArrivals{50e3}, 2ms)});
    workload.horizon.jobs = 300;
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
        task.input = [this](std::uint32_t) { return std::span<const float>(pixel); };
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

std::size_t distinct_jobs(const RecordList& records) {
    std::set<std::uint64_t> numbers;
    for (const JobRecord& job : records.jobs) numbers.insert(job.id.number);
    return numbers.size();
}

}  // namespace

TEST_CASE("live: every released job leaves exactly once, whatever the policy (INV-1)") {
    for (const PolicyInfo& policy : policy_registry()) {
        Rig rig;
        LiveRun run = rig.make(policy.name);
        const Metrics& metrics = run.run(&rig.records);
        INFO(policy.name);
        CHECK(metrics.total().jobs == 300);
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
    run.run(&rig.records);
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
    Rig rig;
    rig.counter.fail_at = 50;
    LiveRun run = rig.make("edf");
    const Metrics& metrics = run.run(&rig.records);
    CHECK_THAT(run.report().failure, ContainsSubstring("the device is lost"));
    CHECK(rig.records.stages.size() == 49);
    CHECK(metrics.total().jobs == rig.records.jobs.size());
    CHECK(rig.records.jobs.size() < 300);
}

TEST_CASE("live: an interrupt ends the run and keeps the records") {
    Rig rig;
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
    Workload workload = short_workload();
    workload.tasks[0].arrivals = PoissonArrivals{500};  // all within a fraction of a millisecond: many started at once
    Rig rig(workload, 1);
    LiveRun run = rig.make("rr");
    run.run(&rig.records);
    CHECK_THAT(run.report().failure, ContainsSubstring("--slots"));
    CHECK(rig.counter.out_of_order == 0);
    CHECK(rig.records.jobs.size() < 300);
}
