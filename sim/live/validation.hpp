// How far the simulation was from the device: both ran the same arrivals, inputs and policy.
#pragma once

#include <string>
#include <vector>

#include "sim/results/records.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// One metric of one pair of runs.
struct Comparison {
    std::string metric;  // accuracy, miss_ratio, mean_depth, response_p50, response_p95, response_p99, utilisation
    std::string unit;    // "1", "stages", "ms"
    double simulated = 0;
    double live = 0;
    double difference = 0;  // live - simulated
    double ci95 = 0;        // half-width of the 95 % interval of the difference; infinite with too few jobs for one

    bool holds() const { return difference <= ci95 && -difference <= ci95; }  // no difference is established
};

// Compares two runs over the jobs that both recorded. The interval is by batch means: the jobs are cut into 20 runs of
// consecutive releases (the utilisation into 20 equal spans of time), the difference is taken in each, and the batches
// are treated as independent. Response times are of jobs that missed in neither run, the utilisation is of the
// accelerator among the `resources` that the records index.
std::vector<Comparison> compare_runs(const RecordList& simulated, const RecordList& live,
                                     const std::vector<Resource>& resources = {{"accelerator", 1}});

}  // namespace laxity
