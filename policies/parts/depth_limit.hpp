// The parameter `depth` of edf, dm and rm: where a job has got all that its policy gives it.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "workloads/task_set.hpp"

namespace laxity {

inline constexpr int kNoDepthLimit = std::numeric_limits<int>::max();

// For each task the depth to leave at: never less than the mandatory part. `depth` is "0" = no limit, "m" = the
// mandatory part, or a number.
inline std::vector<int> depth_limits(const TaskSet& tasks, const std::string& depth) {
    std::vector<int> limits;
    for (const TaskPlan& task : tasks.tasks) {
        if (depth == "0")
            limits.push_back(kNoDepthLimit);
        else if (depth == "m")
            limits.push_back(task.mandatory_stages);
        else
            limits.push_back(std::max(std::stoi(depth), task.mandatory_stages));
    }
    return limits;
}

}  // namespace laxity
