// Fixed priorities for imprecise computation (Liu, Lin, Shih, Yu, Chung & Zhao, "Algorithms for scheduling imprecise
// computations", IEEE Computer 24(5), 1991; Chung, Liu & Lin, "Scheduling periodic jobs that allow imprecise results",
// IEEE Trans. Computers 39(9), 1990): mandatory parts by priority, optional parts not at all, or in the background.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "policies/parts/depth_limit.hpp"
#include "policies/parts/least_first.hpp"

namespace laxity {

// Any job whose mandatory part is not done goes before any whose is; among either, `Order` decides.
template <class Order>
class MandatoryFirst {
public:
    MandatoryFirst(Order before, const TaskSet& tasks) : before_(std::move(before)) {
        for (const TaskPlan& task : tasks.tasks) mandatory_stages_.push_back(task.mandatory_stages);
    }

    bool operator()(const ActiveJob& a, const ActiveJob& b) const {
        const bool a_done = done(a), b_done = done(b);
        return a_done != b_done ? b_done : before_(a, b);
    }

private:
    bool done(const ActiveJob& job) const {
        return job.depth >= mandatory_stages_[static_cast<std::size_t>(job.id.task)];
    }

    Order before_;
    std::vector<int> mandatory_stages_;  // by task
};

// A policy of the shape of LeastFirst whose jobs leave at a depth. Stateless but for the limits; O(N) per decision.
template <class Base>
class DepthLimited final : public Base {
public:
    DepthLimited(Base base, std::vector<int> limits) : Base(std::move(base)), limits_(std::move(limits)) {}

    Action next(const View& view, int resource) override {
        for (const ActiveJob* job : view.jobs()) {
            if (!job->running && job->depth >= limits_[static_cast<std::size_t>(job->id.task)])
                return Action::stop(*job);
        }
        return Base::next(view, resource);
    }

private:
    std::vector<int> limits_;  // by task
};

// `base`, with the argument depth.
template <class Base>
std::unique_ptr<Policy> with_depth(Base base, const TaskSet& tasks, const PolicyArguments& arguments) {
    if (arguments.text("depth") == "0") return std::make_unique<Base>(std::move(base));
    return std::make_unique<DepthLimited<Base>>(std::move(base), depth_limits(tasks, arguments.text("depth")));
}

}  // namespace laxity
