// The shape that most classic policies share: of the jobs that may run, one stage of the least in some order.
#pragma once

#include <memory>
#include <utility>

#include "policies/parts/eligibility.hpp"
#include "policies/registry.hpp"

namespace laxity {

// `Order` is a strict total order over jobs: before(a, b) = a goes first.
//
// With skip, a stage that cannot end in time is never started; a job whose mandatory part is done leaves when its next
// stage no longer fits (nothing is left to do for it), any other waits for its deadline. O(N) per decision for N active
// jobs, no state.
template <class Order>
class LeastFirst : public Policy {
public:
    LeastFirst(Order before, bool skip) : before_(std::move(before)), skip_(skip) {}

    Action next(const View& view, int resource) override {
        const ActiveJob* least = nullptr;
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (skip_ && !next_stage_fits(view, *job)) {
                if (mandatory_done(view, *job)) return Action::stop(*job);
                continue;
            }
            if (least == nullptr || before_(*job, *least)) least = job;
        }
        return least == nullptr ? Action::wait() : Action::run(*least);
    }

private:
    Order before_;
    bool skip_;
};

template <class Order>
std::unique_ptr<Policy> make_least_first(Order before, const PolicyArguments& arguments) {
    return std::make_unique<LeastFirst<Order>>(std::move(before), arguments.boolean("skip"));
}

}  // namespace laxity
