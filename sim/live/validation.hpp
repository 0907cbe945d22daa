// How far the simulation was from the device: both ran the same arrivals, inputs and policy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/results/records.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// One metric of one pair of runs.
struct Comparison {
    std::string metric;  // accuracy, miss_ratio, mean_depth, response_p50, response_p95, response_p99, utilisation
    std::string unit;    // "1", "stages", "ms"
    // Nothing where a run has no such number: a ratio of no jobs, a response time where no job was answered.
    std::optional<double> simulated, live;
    std::optional<double> difference;  // live - simulated, of two numbers
    std::optional<double> ci95;        // half-width of the 95 % interval of the difference; none with too few jobs

    // No difference is established. Without a difference or an interval for it, none is.
    bool holds() const { return !difference || !ci95 || (*difference <= *ci95 && -*difference <= *ci95); }
};

// Compares two runs over the jobs that both recorded. The interval is by batch means: the jobs are cut into 20 runs of
// consecutive releases (the utilisation into 20 equal spans of time), the difference is taken in each, and the batches
// are treated as independent. Response times are of jobs that missed in neither run, the utilisation is of the
// accelerator among the `resources` that the records index.
std::vector<Comparison> compare_runs(const RecordList& simulated, const RecordList& live,
                                     const std::vector<Resource>& resources = {{"accelerator", 1}});

// One metric of one repetition: a live run and its simulations, which differ in the draws of stage times alone.
struct RepetitionMetric {
    std::string metric;
    std::string unit;
    // Means over the simulations. A response time is of the jobs that missed in neither run, so that the live value has
    // as many as there are simulations, too.
    std::optional<double> simulated, live;
    std::optional<double> difference;  // live - simulated
    std::optional<double> ci95;        // half-width by batch means within the repetition, see compare_runs()
    // Simulation on the windows' trace - simulation on the user's; none without windows.
    std::optional<double> drift;
    // Over the jobs that no stall touched in either run. Not of the utilisation, which is of no job.
    std::optional<double> unstalled_simulated, unstalled_live, unstalled_difference;
};

// Puts a live run beside one simulation after the other, without keeping them.
class RepetitionComparison {
public:
    // Both are kept as references.
    RepetitionComparison(const RecordList& live, const std::vector<Resource>& resources);

    // One on the trace that the live run is compared with.
    void add(const RecordList& simulated);
    // One on the user's trace, where the other one is of the windows.
    void add_before_drift(const RecordList& simulated);
    // One row per metric, in the order of compare_runs(). At least one simulation was added.
    std::vector<RepetitionMetric> rows() const;

    std::size_t jobs() const { return live_.jobs.size(); }
    std::size_t stalled_jobs() const;  // of the live run

private:
    const RecordList& live_;
    const std::vector<Resource>& resources_;
    std::vector<std::vector<Comparison>> compared_, unstalled_, before_drift_;  // [simulation][metric]
};

}  // namespace laxity
