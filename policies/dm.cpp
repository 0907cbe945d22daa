// Deadline monotonic (Leung & Whitehead 1982): the shorter relative deadline goes first. Where a task's deadlines are
// drawn from a range, each job has its own. With variant=original and variant=smallest it is RT-mDL's DM-NMC and DM-MC.
#include "policies/factories.hpp"
#include "policies/parts/served_variant.hpp"

namespace laxity {

namespace {

bool shorter_deadline(const ActiveJob& a, const ActiveJob& b) {
    const Duration deadline_a = a.relative_deadline(), deadline_b = b.relative_deadline();
    return deadline_a != deadline_b ? deadline_a < deadline_b : earlier_release(a, b);
}

}  // namespace

std::unique_ptr<Policy> make_dm(const PolicyContext&, const PolicyArguments& arguments) {
    return make_served_first(shorter_deadline, arguments);
}

}  // namespace laxity
