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

}  // namespace laxity
