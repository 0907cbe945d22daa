// What a policy may know of a workload before anything has run: the knowledge boundary starts here. Costs are planning
// costs, and of every trace only the calibration half is in reach; what is replayed and scored is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traces/base/time.hpp"
#include "workloads/memo.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// Confidence and correctness of every exit on the calibration half, row-major [sample][exit].
struct CalibrationData {
    int exits = 0;
    std::vector<float> confidence;
    std::vector<std::uint8_t> correct;
    mutable Memo derived;  // what policies fit to it, made once and shared by all runs

    std::size_t count() const { return correct.size() / static_cast<std::size_t>(exits); }
    float confidence_at(std::size_t sample, int exit) const {
        return confidence[sample * static_cast<std::size_t>(exits) + static_cast<std::size_t>(exit)];
    }
    bool correct_at(std::size_t sample, int exit) const {
        return correct[sample * static_cast<std::size_t>(exits) + static_cast<std::size_t>(exit)] != 0;
    }
};

// A variant as a policy sees it.
struct VariantPlan {
    std::string name;
    std::vector<Duration> cost;                          // planning cost of each stage
    std::vector<Duration> mean_cost;                     // what it takes on average, dispatch included; empty = cost
    std::vector<Duration> cost_to;                       // cost_to[l] = planned cost of stages 0..l-1; size stages + 1
    std::vector<int> resource;                           // index into TaskSet::resources, per stage
    std::vector<std::int64_t> parameter_bytes;           // weights of each stage
    std::vector<std::vector<double>> slowdown;           // [stage][k - 1] while k stages run on its resource
    int first_exit = 0;                                  // stages before this one end without an answer (pipelines)
    std::vector<double> mean_accuracy;                   // per exit, on the calibration half; 0 where there is no exit
    std::vector<std::int64_t> energy_nj;                 // of each stage; empty without an energy section
    std::shared_ptr<const CalibrationData> calibration;  // shared by all variants of one trace

    int stages() const { return static_cast<int>(cost.size()); }
    Duration expected_cost(int stage) const {
        return mean_cost.empty() ? cost[static_cast<std::size_t>(stage)] : mean_cost[static_cast<std::size_t>(stage)];
    }
    // Planned cost of going from depth `from` to depth `to`.
    Duration cost_between(int from, int to) const {
        return cost_to[static_cast<std::size_t>(to)] - cost_to[static_cast<std::size_t>(from)];
    }
};

struct TaskPlan {
    std::string name;
    std::vector<VariantPlan> variants;
    double weight = 1;
    int mandatory_stages = 1;                          // at least up to the first exit
    std::int64_t shared_bytes = 0;                     // weights stored whichever of the variants are kept
    int largest = 0;                                   // the variant that takes longest
    Duration full{};                                   // mean whole-network time of that variant; of a pipeline,
                                                       // of its inference alone
    double confident_from = 0;                         // see Task
    Duration period{};                                 // mean gap between releases; zero if unknown (closed, log)
    Duration shortest_deadline{}, longest_deadline{};  // relative
};

// What a device knows of its power: the capacitor, and how far the harvester can be relied on. Not its future.
struct EnergyPlan {
    std::int64_t capacity_nj = 0;
    double eta = 1;  // workloads/eta.hpp
};

struct TaskSet {
    std::vector<Resource> resources;
    std::vector<TaskPlan> tasks;
    std::optional<EnergyPlan> energy{};  // none: mains power
};

// Mean time between two releases; zero if it is unknown (closed, log).
Duration mean_gap(const Arrivals& arrivals);

TaskSet make_task_set(const Workload& workload);

// The resource that a full-depth job of every task together keeps busy longest.
int busiest_resource(const TaskSet& tasks);

}  // namespace laxity
