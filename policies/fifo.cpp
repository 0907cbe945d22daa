// First in, first out: the job that was released first runs to its full depth.
#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

std::unique_ptr<Policy> make_fifo(const PolicyContext&, const PolicyArguments& arguments) {
    return make_least_first(earlier_release, arguments);
}

}  // namespace laxity
