// Rate monotonic (Liu & Layland 1973): the shorter period goes first. A period is the task's mean gap between releases;
// a job of a task that has none (closed loop, log) is ranked by its relative deadline instead, which is our reading.
// With depth=m, or with mandfirst, it is the mandatory parts that it is for (parts/imprecise.hpp).
#include <utility>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/imprecise.hpp"

namespace laxity {

namespace {

class ShorterPeriod {
public:
    explicit ShorterPeriod(const TaskSet& tasks) {
        for (const TaskPlan& task : tasks.tasks) periods_.push_back(task.period);
    }

    bool operator()(const ActiveJob& a, const ActiveJob& b) const {
        const Duration period_a = period(a), period_b = period(b);
        return period_a != period_b ? period_a < period_b : earlier_release(a, b);
    }

private:
    Duration period(const ActiveJob& job) const {
        const Duration known = periods_[static_cast<std::size_t>(job.id.task)];
        return known > Duration::zero() ? known : job.relative_deadline();
    }

    std::vector<Duration> periods_;  // by task
};

}  // namespace

std::unique_ptr<Policy> make_rm(const PolicyContext& context, const PolicyArguments& arguments) {
    const bool skip = arguments.boolean("skip");
    const ShorterPeriod shorter(context.tasks);
    if (arguments.boolean("mandfirst"))
        return with_depth(LeastFirst(MandatoryFirst(shorter, context.tasks), skip), context.tasks, arguments);
    return with_depth(LeastFirst(shorter, skip), context.tasks, arguments);
}

}  // namespace laxity
