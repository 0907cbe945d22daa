// Least laxity first (Mok 1983), reconsidered after every stage. Laxity = deadline - now - remaining planned cost; now
// is the same for all jobs and drops out of the comparison.
#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

namespace {

Time latest_start(const ActiveJob& job) { return job.deadline - job.remaining_cost(); }

bool less_laxity(const ActiveJob& a, const ActiveJob& b) {
    const Time start_a = latest_start(a), start_b = latest_start(b);
    return start_a != start_b ? start_a < start_b : earlier_release(a, b);
}

}  // namespace

std::unique_ptr<Policy> make_llf(const PolicyContext&, const PolicyArguments& arguments) {
    return make_least_first(less_laxity, arguments);
}

}  // namespace laxity
