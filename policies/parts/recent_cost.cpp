#include "policies/parts/recent_cost.hpp"

#include <algorithm>

namespace laxity {

RecentCost::RecentCost(const TaskSet& tasks, std::size_t window) : window_(window) {
    for (const TaskPlan& task : tasks.tasks) {
        auto& variants = variants_.emplace_back();
        for (const VariantPlan& plan : task.variants) {
            variants.push_back({std::vector<std::vector<Duration>>(plan.cost.size()),
                                std::vector<std::size_t>(plan.cost.size()), plan.cost_to});
        }
    }
}

void RecentCost::started(const View& view, const ActiveJob& job) {
    if (job.slot >= started_.size()) started_.resize(job.slot + 1);
    started_[job.slot] = view.now();
}

void RecentCost::finished(const View& view, const ActiveJob& job) {
    Variant& variant = of(job);
    add(variant, static_cast<std::size_t>(job.depth - 1), view.now() - started_[job.slot]);
    sum_up(variant, *job.plan);
}

void RecentCost::forget_a_little(const ActiveJob& job) {
    Variant& variant = of(job);
    for (std::size_t stage = 0; stage < variant.measured.size(); ++stage) add(variant, stage, job.plan->cost[stage]);
    sum_up(variant, *job.plan);
}

void RecentCost::add(Variant& variant, std::size_t stage, Duration measured) const {
    std::vector<Duration>& ring = variant.measured[stage];
    const std::size_t place = variant.count[stage]++ % window_;
    if (place < ring.size()) {
        ring[place] = measured;
    } else {
        ring.push_back(measured);
    }
}

void RecentCost::sum_up(Variant& variant, const VariantPlan& plan) {
    for (std::size_t stage = 0; stage < variant.measured.size(); ++stage) {
        const std::vector<Duration>& ring = variant.measured[stage];
        const Duration cost = ring.empty() ? plan.cost[stage] : *std::max_element(ring.begin(), ring.end());
        variant.cost_to[stage + 1] = variant.cost_to[stage] + cost;
    }
}

}  // namespace laxity
