// Least confidence first, RTDeepIoT's baseline: one stage of the job whose latest exit is the least sure. A job that
// has not started has confidence 0, so mandatory parts come first; ties go to the earlier deadline.
#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

namespace {

bool less_confident(const ActiveJob& a, const ActiveJob& b) {
    const float confidence_a = a.confidence(), confidence_b = b.confidence();
    return confidence_a != confidence_b ? confidence_a < confidence_b : earlier_deadline(a, b);
}

}  // namespace

std::unique_ptr<Policy> make_lcf(const PolicyContext&, const PolicyArguments& arguments) {
    return make_least_first(less_confident, arguments);
}

}  // namespace laxity
