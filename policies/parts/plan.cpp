#include "policies/parts/plan.hpp"

#include <algorithm>
#include <numeric>

#include "policies/parts/served_variant.hpp"

namespace laxity {

namespace {

const VariantPlan& chosen_variant(const TaskPlan& task, const TaskChoice& choice) {
    return task.variants[static_cast<std::size_t>(choice.variant)];
}

std::int64_t weights_up_to(const VariantPlan& variant, int depth) {
    const auto stages = std::min(variant.parameter_bytes.size(), static_cast<std::size_t>(depth));
    return std::accumulate(variant.parameter_bytes.begin(),
                           variant.parameter_bytes.begin() + static_cast<std::ptrdiff_t>(stages), std::int64_t{0});
}

}  // namespace

Plan deadline_monotonic_plan(const TaskSet& tasks, bool smallest) {
    std::vector<std::size_t> order(tasks.tasks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return tasks.tasks[a].longest_deadline < tasks.tasks[b].longest_deadline;
    });
    Plan plan;
    plan.tasks.resize(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const TaskPlan& task = tasks.tasks[order[rank]];
        TaskChoice& choice = plan.tasks[order[rank]];
        choice.variant = smallest ? smallest_variant(task) : task.largest;
        choice.depth = chosen_variant(task, choice).stages();
        choice.priority = static_cast<int>(rank);
    }
    return plan;
}

double accuracy_loss(const TaskSet& tasks, const Plan& plan) {
    double loss = 0;
    for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
        const TaskPlan& task = tasks.tasks[t];
        const TaskChoice& choice = plan.tasks[t];
        const auto& largest = task.variants[static_cast<std::size_t>(task.largest)].mean_accuracy;
        const auto& chosen = chosen_variant(task, choice).mean_accuracy;
        loss += task.weight * (largest.back() - chosen[static_cast<std::size_t>(choice.depth - 1)]);
    }
    return loss;
}

std::int64_t storage_bytes(const TaskSet& tasks, const Plan& plan) {
    std::int64_t bytes = 0;
    for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
        const TaskPlan& task = tasks.tasks[t];
        const std::int64_t weights = weights_up_to(chosen_variant(task, plan.tasks[t]), plan.tasks[t].depth);
        bytes += std::max(task.shared_bytes, weights);
    }
    return bytes;
}

}  // namespace laxity
