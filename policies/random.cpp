// One stage of any job: what a policy gets that knows nothing. Not a floor: plain `edf` starts stages that are bound to
// be late, and where load is high it can end below this.
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "workloads/philox.hpp"

namespace laxity {

namespace {

// The k-th choice is a function of (seed, k): no random device, so that the same run is the same again. O(N) per
// decision for N active jobs.
class Random final : public Policy {
public:
    explicit Random(int seed) : seed_(static_cast<std::uint64_t>(seed)) {}

    Action next(const View& view, int resource) override {
        ready_.clear();
        for (const ActiveJob* job : view.jobs()) {
            if (ready_on(*job, resource)) ready_.push_back(job);
        }
        if (ready_.empty()) return Action::wait();
        const std::uint32_t bits = draw(seed_, Draw::kOther, 0, choices_++)[0];
        return Action::run(*ready_[below(bits, static_cast<std::uint32_t>(ready_.size()))]);
    }

private:
    std::uint64_t seed_;
    std::uint64_t choices_ = 0;
    std::vector<const ActiveJob*> ready_;
};

}  // namespace

std::unique_ptr<Policy> make_random(const PolicyContext&, const PolicyArguments& arguments) {
    return std::make_unique<Random>(arguments.integer("seed"));
}

}  // namespace laxity
