// A plan: what is fixed for every task before a run. Made by `laxity plan` (sim/plan/planning.hpp), followed by
// `rtmdl`.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/task_set.hpp"

namespace laxity {

struct TaskChoice {
    int variant = 0;
    int depth = 1;     // stages to run, then the job leaves; at least the mandatory ones
    int priority = 0;  // 0 goes first; each number once

    friend bool operator==(const TaskChoice&, const TaskChoice&) = default;
};

struct Plan {
    std::vector<TaskChoice> tasks;  // by task

    friend bool operator==(const Plan&, const Plan&) = default;
};

// Deadline-monotonic priorities (longest relative deadline of each task, ties by task), and for every task its largest
// or its smallest variant, all stages: RT-mDL's DM-NMC and DM-MC, and where a search for a better plan starts.
Plan deadline_monotonic_plan(const TaskSet& tasks, bool smallest = false);

// Sum over the tasks of weight x (accuracy of the largest variant's last exit - accuracy of the chosen exit), on the
// calibration half.
double accuracy_loss(const TaskSet& tasks, const Plan& plan);

// Bytes of the weights that the plan keeps: of each task what its variants share, and what the chosen one needs beyond
// that, up to the chosen depth.
std::int64_t storage_bytes(const TaskSet& tasks, const Plan& plan);

}  // namespace laxity
