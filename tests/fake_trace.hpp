// Traces of the fake law of tests/fake_history.hpp, measured in virtual time as `laxity profile` measures a device:
// whole passes for the rows, a schedule drawn at random for the histories.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "profiler/measure/random_schedule.hpp"
#include "tests/fake_history.hpp"
#include "traces/history_cells.hpp"
#include "workloads/workload.hpp"

namespace laxity::test {

inline std::vector<std::int64_t> whole_passes(const FakeNetwork& network, FakeLaw law, int passes) {
    std::vector<std::int64_t> rows_ns;
    LaneHistory lane(network.stages.size());
    Time now{};
    for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t unit = 0; unit < network.stages.size(); ++unit) {
            const auto stage = static_cast<int>(unit);
            const auto job = static_cast<std::uint64_t>(pass);
            const Duration latency = law.latency(network, stage, lane.before(unit, job, now));
            lane.start(unit, job, network.bytes(stage));
            now += kFakeSubmit + latency + kFakeNotice;
            lane.end(now);
            rows_ns.push_back(latency.count());
        }
    }
    return rows_ns;
}

inline History random_history(const FakeNetwork& network, const FakeLaw& law, Duration length) {
    FakeLane lane({network}, law);
    const std::vector<std::vector<StageInfo>> stages = {network.stages};
    const std::vector<int> slots = {6};
    ScheduleOptions options;
    options.length = length;
    History history;
    history.executions = draw_schedule(lane, stages, slots, options).executions.front();
    history.cells = fit_cells(history.executions, static_cast<int>(network.stages.size())).cells;
    return history;
}

inline Trace fake_trace(const FakeNetwork& network, const FakeLaw& rows, const FakeLaw& schedule,
                        Duration length = std::chrono::seconds(10)) {
    std::vector<double> accuracy;
    for (std::size_t k = 0; k < network.time.size(); ++k)
        accuracy.push_back(std::min(0.95, 0.6 + 0.07 * static_cast<double>(k)));
    Trace trace = synthetic_trace("fake", network.time, accuracy);
    trace.stages = network.stages;
    trace.latency_ns = whole_passes(network, rows, 1000);
    trace.dispatch_ns = {(kFakeSubmit + kFakeNotice).count()};
    trace.history = random_history(network, schedule, length);
    return trace;
}

inline Trace fake_trace(const FakeNetwork& network, std::uint64_t seed = 1,
                        Duration length = std::chrono::seconds(10)) {
    return fake_trace(network, FakeLaw(seed), FakeLaw(seed + 1), length);
}

// One Poisson task with deadlines of 0.5 to 4 times the network.
inline Workload poisson_workload(std::shared_ptr<const Trace> trace, double load, std::uint64_t jobs) {
    Task task;
    task.name = "camera";
    task.full = full_latency_mean(*trace);
    task.variants.push_back({"original", std::move(trace)});
    const auto full = static_cast<double>(task.full.count());
    task.arrivals = PoissonArrivals{full / load};
    task.deadline = {task.full / 2, task.full * 4};
    Workload workload;
    workload.resources = {{"accelerator", 1}};
    workload.tasks.push_back(std::move(task));
    workload.horizon.jobs = jobs;
    return workload;
}

}  // namespace laxity::test
