#include "workloads/pipeline.hpp"

#include <array>

#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Two stages, four rows, host times that repeat after three and two rows.
Trace measured_network() {
    const std::array<Duration, 2> times{1ms, 2ms};
    const std::array<double, 2> shares{0.5, 0.8};
    Trace trace = synthetic_trace("net", times, shares);
    trace.path = "net.json";
    trace.latency_ns = {10, 100, 20, 200, 30, 300, 40, 400};
    trace.stages[0].parameter_bytes = 1000;
    trace.stages[1].parameter_bytes = 3000;
    trace.stages[0].energy_uj = 1.5;
    trace.stages[1].energy_uj = 2;
    trace.corun = {{2, {1.0, 2.0}}};
    trace.host.preprocess_ns = {1, 2, 3};
    trace.host.postprocess_ns = {7, 8};
    return trace;
}

const char* const kPipeline = R"({
  "schema": "laxity.workload/1",
  "resources": [{"name": "accelerator"}, {"name": "host"}],
  "tasks": [
    {"name": "signs", "pipeline": true, "shared_bytes": 4096,
     "variants": [
       {"name": "small", "exit": 0, "synthetic": {"stages": [4, 6], "unit": "ms", "accuracy": [0.5, 0.9],
                                                   "preprocess": 1, "postprocess": 2}},
       {"name": "large", "synthetic": {"stages": [4, 6], "unit": "ms", "accuracy": [0.5, 0.9],
                                       "preprocess": 1, "postprocess": 2}}],
     "arrival": {"process": "periodic", "load": 0.5}, "deadline": {"fixed": 2, "unit": "full"}}],
  "horizon": {"jobs": 10}})";

}  // namespace

TEST_CASE("a pipeline is host, inference, host; inference takes the sum of its row") {
    const Trace trace = pipeline_trace(measured_network(), 1);
    REQUIRE(trace.stage_count() == kPipelineStages);
    CHECK(trace.stages[0].resource == "host");
    CHECK(trace.stages[1].resource == "accelerator");
    CHECK(trace.stages[2].resource == "host");
    CHECK(trace.path == "net.json");
    CHECK(trace.latency_ns == std::vector<std::int64_t>{1, 110, 7, 2, 220, 8, 3, 330, 7, 1, 440, 8});
    CHECK(trace.stages[kInferenceStage].parameter_bytes == 4000);
    CHECK(trace.stages[kInferenceStage].energy_uj == 3.5);
}

TEST_CASE("a pipeline may end in an earlier exit of its network") {
    const Trace network = measured_network(), trace = pipeline_trace(network, 0);
    CHECK(trace.latency(3, kInferenceStage) == 40);
    CHECK(trace.stages[kInferenceStage].parameter_bytes == 1000);
    for (std::size_t sample = 0; sample < network.samples.count(); ++sample) {
        REQUIRE(trace.outcome(sample, 2).prediction == network.outcome(sample, 0).prediction);
    }
}

TEST_CASE("only post-processing answers, and less than all of a pipeline is a miss") {
    const Trace network = measured_network(), trace = pipeline_trace(network, 1);
    CHECK_FALSE(trace.stages[0].has_exit);
    CHECK_FALSE(trace.stages[1].has_exit);
    CHECK(trace.stages[2].has_exit);
    CHECK(stages_to_first_exit(trace) == 3);
    CHECK(stages_to_first_exit(network) == 1);
    CHECK(trace.outcome(5, 0).prediction == -1);
    CHECK(trace.outcome(5, 1).confidence == 0);
    CHECK(trace.outcome(5, 2).prediction == network.outcome(5, 1).prediction);
    CHECK(trace.outcome(5, 2).confidence == network.outcome(5, 1).confidence);
}

TEST_CASE("the co-running of a pipeline's inference is its stages' mean, weighted by time") {
    const Trace trace = pipeline_trace(measured_network(), 1);
    REQUIRE(trace.corun.size() == 1);
    CHECK(trace.corun[0].slowdown[0] == 1);
    CHECK(trace.corun[0].slowdown[1] == Approx((25 * 1.0 + 250 * 2.0) / 275));
    CHECK(trace.corun[0].slowdown[2] == 1);
}

TEST_CASE("a pipeline task: full and load are of the inference, all of it is mandatory") {
    const Workload workload = load_workload(write_test_file("pipeline.json", kPipeline));
    const Task& task = workload.tasks[0];
    CHECK(task.full == 10ms);
    CHECK(task.largest == 1);
    CHECK(task.mandatory_stages == 3);
    CHECK(task.shared_bytes == 4096);
    CHECK(task.deadline.low == 20ms);
    CHECK(std::get<PeriodicArrivals>(task.arrivals).period == 20ms);
    CHECK(task.variants[0].network_stages == 1);
    CHECK(task.variants[1].network_stages == 2);
    const TaskPlan plan = make_task_set(workload).tasks[0];
    CHECK(plan.variants[1].first_exit == 2);
    CHECK(plan.variants[1].cost == std::vector<Duration>{1ms, 10ms, 2ms});
    CHECK(plan.variants[1].mean_accuracy == std::vector<double>{0, 0, 0.9});
}

TEST_CASE("host and accelerator work on different jobs of a pipeline at once") {
    Workload workload = on_accelerator({constant_task("unused", {1ns}, at({}), 1ns)});
    Trace network = measured_network();
    network.latency_ns = {4, 6};
    network.corun.clear();
    network.host = {{3}, {2}};
    Task task = constant_task("signs", {1ns}, at({0ns, 0ns}), 40ns);
    task.variants = {{"net", std::make_shared<const Trace>(pipeline_trace(network, 1)), 2}};
    task.mandatory_stages = kPipelineStages;
    task.pipeline = true;
    workload.resources = {{"accelerator", 1}, {"host", 1}};
    workload.tasks = {task};
    const auto [records, metrics] = run(workload, "edf");
    // host: [0,3) first, [3,6) second, [13,15) first, [23,25) second; accelerator: [3,13) first, [13,23) second.
    REQUIRE(records.jobs.size() == 2);
    CHECK(to_ns(records.jobs[0].exit) == 15);
    CHECK(to_ns(records.jobs[1].exit) == 25);
    CHECK(metrics.total().missed == 0);

    workload.tasks[0].deadline = {24ns, 24ns};
    const auto late = run(workload, "edf");
    CHECK(late.metrics.total().missed == 1);  // inference done, but no answer yet
    CHECK(late.records.jobs[1].prediction == -1);
}
