// Shortest job first: least remaining planned cost, reconsidered after every stage.
#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

namespace {

bool shorter(const ActiveJob& a, const ActiveJob& b) {
    const Duration cost_a = a.remaining_cost(), cost_b = b.remaining_cost();
    return cost_a != cost_b ? cost_a < cost_b : earlier_release(a, b);
}

}  // namespace

std::unique_ptr<Policy> make_sjf(const PolicyContext&, const PolicyArguments& arguments) {
    return make_least_first(shorter, arguments);
}

}  // namespace laxity
