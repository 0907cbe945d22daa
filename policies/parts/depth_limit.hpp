// The parameter `depth` of edf, dm and rm: where a job has got all that its policy gives it.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "workloads/task_set.hpp"

namespace laxity {

inline constexpr int kNoDepthLimit = std::numeric_limits<int>::max();

// The depth to leave at: never less than the mandatory part. `depth` is "0" = no limit, "m" = the mandatory part, or a
// number.
inline int depth_limit(int mandatory_stages, const std::string& depth) {
    if (depth == "0") return kNoDepthLimit;
    if (depth == "m") return mandatory_stages;
    return std::max(std::stoi(depth), mandatory_stages);
}

inline std::vector<int> depth_limits(const TaskSet& tasks, const std::string& depth) {
    std::vector<int> limits;
    for (const TaskPlan& task : tasks.tasks) limits.push_back(depth_limit(task.mandatory_stages, depth));
    return limits;
}

}  // namespace laxity
