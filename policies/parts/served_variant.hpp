// Which of its variants serves a task, where that is fixed: RT-mDL's baselines run the original or the compressed
// model.
#pragma once

#include <algorithm>

#include "policies/parts/least_first.hpp"

namespace laxity {

// The variant of least planned cost.
inline int smallest_variant(const TaskPlan& task) {
    const auto least = std::min_element(
        task.variants.begin(), task.variants.end(),
        [](const VariantPlan& a, const VariantPlan& b) { return a.cost_to.back() < b.cost_to.back(); });
    return static_cast<int>(least - task.variants.begin());
}

// LeastFirst that serves every task with its smallest variant instead of the first one listed.
template <class Order>
class SmallestFirst : public LeastFirst<Order> {
public:
    using LeastFirst<Order>::LeastFirst;

    int choose_variant(const View& view, int task, Time) override {
        return smallest_variant(view.tasks().tasks[static_cast<std::size_t>(task)]);
    }
};

template <class Order>
SmallestFirst(Order, bool) -> SmallestFirst<Order>;

// The arguments are skip, and variant = original | smallest.
template <class Order>
std::unique_ptr<Policy> make_served_first(Order before, const PolicyArguments& arguments) {
    const bool skip = arguments.boolean("skip");
    if (arguments.text("variant") == "smallest") return std::make_unique<SmallestFirst<Order>>(std::move(before), skip);
    return std::make_unique<LeastFirst<Order>>(std::move(before), skip);
}

}  // namespace laxity
