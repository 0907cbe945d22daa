#include "sim/core/replay.hpp"

#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// The same network twice as slow, with other answers.
std::shared_ptr<const Trace> twice_as_slow(const Trace& trace) {
    Trace slow = trace;
    for (std::int64_t& ns : slow.latency_ns) ns *= 2;
    for (std::int32_t& prediction : slow.samples.prediction) prediction = 99;
    return std::make_shared<const Trace>(std::move(slow));
}

}  // namespace

TEST_CASE("another measurement gives the times of stages; arrivals, answers and planning costs stay the workload's") {
    Workload workload = on_accelerator({constant_task("t", {10us, 20us}, PoissonArrivals{50e3}, 200us)});
    workload.horizon.jobs = 200;
    const auto& trace = workload.tasks[0].variants[0].trace;
    const Replay replay(workload, {{trace.get(), twice_as_slow(*trace)}});
    const TaskSet tasks = make_task_set(workload);
    CHECK(tasks.tasks[0].variants[0].cost[0] == 10us);
    Simulation simulation(replay, tasks, parse_policy("edf"), 1);
    RecordList records;
    simulation.run(&records);
    const RecordList own = run(workload, "edf").records;
    for (const StageRecord& stage : records.stages) CHECK(stage.end - stage.start == (stage.stage == 0 ? 20us : 40us));
    std::map<std::uint64_t, JobRecord> by_number;
    for (const JobRecord& job : own.jobs) by_number[job.id.number] = job;
    REQUIRE(records.jobs.size() == own.jobs.size());
    for (const JobRecord& job : records.jobs) {
        CHECK(job.release == by_number[job.id.number].release);
        CHECK(job.deadline == by_number[job.id.number].deadline);
        CHECK(job.prediction != 99);
    }
}

TEST_CASE("a measurement of another network is refused") {
    const Workload workload = on_accelerator({constant_task("t", {10us, 20us}, at({0ns}), 200us)});
    const Workload other = on_accelerator({constant_task("t", {10us}, at({0ns}), 200us)});
    const auto& trace = workload.tasks[0].variants[0].trace;
    CHECK_THROWS_AS(Replay(workload, {{trace.get(), other.tasks[0].variants[0].trace}}), std::invalid_argument);
}
