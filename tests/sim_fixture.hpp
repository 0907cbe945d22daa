// Small workloads with constant stage times, built in code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "sim/results/records.hpp"
#include "workloads/task_set.hpp"

namespace laxity::test {

using namespace std::chrono_literals;

inline Task constant_task(const std::string& name, const std::vector<Duration>& stages, Arrivals arrivals,
                          Duration deadline) {
    const std::vector<double> accuracy(stages.size(), 1.0);
    Task task;
    task.name = name;
    auto trace = std::make_shared<const Trace>(synthetic_trace(name, stages, accuracy));
    task.full = full_latency_mean(*trace);
    task.variants.push_back({"original", std::move(trace)});
    task.arrivals = std::move(arrivals);
    task.deadline = {deadline, deadline};
    return task;
}

// Releases at exactly these times.
inline LogArrivals at(std::initializer_list<Duration> times) {
    LogArrivals arrivals;
    for (const Duration time : times) arrivals.releases.emplace_back(time);
    return arrivals;
}

inline Workload on_accelerator(std::vector<Task> tasks, int slots = 1) {
    Workload workload;
    workload.resources = {{"accelerator", slots}};
    workload.tasks = std::move(tasks);
    return workload;
}

// Preemptions of a run on one resource with one slot, from its records: stages that follow another job's, of jobs that
// had had a stage.
inline std::uint64_t preemptions_in(const RecordList& records) {
    std::uint64_t count = 0;
    for (std::size_t i = 1; i < records.stages.size(); ++i)
        count += records.stages[i].stage > 0 && records.stages[i].id != records.stages[i - 1].id;
    return count;
}

struct RunResult {
    RecordList records;
    Metrics metrics;
};

inline RunResult run(const Workload& workload, const PolicyFactory& policy, std::uint64_t seed = 1) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, policy, seed);
    RecordList records;
    Metrics metrics = simulation.run(&records);
    return {std::move(records), std::move(metrics)};
}

inline RunResult run(const Workload& workload, const std::string& policy, std::uint64_t seed = 1) {
    const TaskSet tasks = make_task_set(workload);
    const PolicySpec spec = parse_policy(policy);
    const auto plan = plan_for(spec, workload, tasks);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, spec, seed, plan.get());
    RecordList records;
    Metrics metrics = simulation.run(&records);
    return {std::move(records), std::move(metrics)};
}

}  // namespace laxity::test
