// Deadline monotonic (Leung & Whitehead 1982): the shorter relative deadline goes first. Where a task's deadlines are
// drawn from a range, each job has its own.
#include <algorithm>

#include "policies/factories.hpp"
#include "policies/least_first.hpp"

namespace laxity {

namespace {

bool shorter_deadline(const ActiveJob& a, const ActiveJob& b) {
    const Duration deadline_a = a.relative_deadline(), deadline_b = b.relative_deadline();
    return deadline_a != deadline_b ? deadline_a < deadline_b : earlier_release(a, b);
}

using DeadlineMonotonic = LeastFirst<bool (*)(const ActiveJob&, const ActiveJob&)>;

// Serves every task with the variant of least planned cost (RT-mDL's baseline DM-MC, the compressed model).
class SmallestVariantDm final : public DeadlineMonotonic {
public:
    using DeadlineMonotonic::DeadlineMonotonic;

    int choose_variant(const View& view, int task, Time) override {
        const auto& variants = view.tasks().tasks[static_cast<std::size_t>(task)].variants;
        const auto less_work = [](const VariantPlan& a, const VariantPlan& b) {
            return a.cost_to.back() < b.cost_to.back();
        };
        return static_cast<int>(std::min_element(variants.begin(), variants.end(), less_work) - variants.begin());
    }
};

}  // namespace

std::unique_ptr<Policy> make_dm(const PolicyContext&, const PolicyArguments& arguments) {
    const bool skip = arguments.boolean("skip");
    if (arguments.text("variant") == "smallest") return std::make_unique<SmallestVariantDm>(shorter_deadline, skip);
    return std::make_unique<DeadlineMonotonic>(shorter_deadline, skip);
}

}  // namespace laxity
