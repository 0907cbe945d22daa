// Deadline monotonic (Leung & Whitehead 1982): the shorter relative deadline goes first. Where a task's deadlines are
// drawn from a range, each job has its own. With variant=original and variant=smallest it is RT-mDL's DM-NMC and DM-MC.
// With depth=m, or with mandfirst, it is the mandatory parts that it is for (parts/imprecise.hpp).
#include "policies/factories.hpp"
#include "policies/parts/imprecise.hpp"
#include "policies/parts/served_variant.hpp"

namespace laxity {

namespace {

bool shorter_deadline(const ActiveJob& a, const ActiveJob& b) {
    const Duration deadline_a = a.relative_deadline(), deadline_b = b.relative_deadline();
    return deadline_a != deadline_b ? deadline_a < deadline_b : earlier_release(a, b);
}

template <class Order>
std::unique_ptr<Policy> make_dm(Order before, const TaskSet& tasks, const PolicyArguments& arguments) {
    const bool skip = arguments.boolean("skip");
    if (arguments.text("variant") == "smallest") return with_depth(SmallestFirst(before, skip), tasks, arguments);
    return with_depth(LeastFirst(before, skip), tasks, arguments);
}

}  // namespace

std::unique_ptr<Policy> make_dm(const PolicyContext& context, const PolicyArguments& arguments) {
    if (arguments.boolean("mandfirst"))
        return make_dm(MandatoryFirst(shorter_deadline, context.tasks), context.tasks, arguments);
    return make_dm(shorter_deadline, context.tasks, arguments);
}

}  // namespace laxity
