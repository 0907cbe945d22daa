// Earliest deadline first (Liu & Layland 1973) at stage boundaries, and the forms of it that make a fair comparison:
// skip (never start what cannot end in time), depth (run a fixed part of each network; EDF-M runs the mandatory part)
// and threshold (leave once an exit is sure enough; BranchyNet, Teerapittayanon et al. 2016).
#include <algorithm>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/depth_limit.hpp"
#include "policies/parts/eligibility.hpp"

namespace laxity {

namespace {

// Jobs come in deadline order, so a decision is the first ready job: O(1) unless earlier ones are running or skipped.
class EarliestDeadlineFirst final : public Policy {
public:
    EarliestDeadlineFirst(const TaskSet& tasks, const PolicyArguments& arguments)
        : depth_limit_(depth_limits(tasks, arguments.text("depth"))),
          threshold_(static_cast<float>(arguments.number("threshold"))),
          skip_(arguments.boolean("skip")) {}

    void stage_finished(const View& view, const ActiveJob& job) override {
        if (job.depth < job.stages() && satisfied(view, job)) satisfied_.push_back(&job);
    }

    void left(const View&, const ActiveJob& job) override {
        if (!satisfied_.empty()) std::erase(satisfied_, &job);
    }

    Action next(const View& view, int resource) override {
        if (!satisfied_.empty()) return Action::stop(*satisfied_.front());
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (!skip_ || next_stage_fits(view, *job)) return Action::run(*job);
            if (mandatory_done(view, *job)) return Action::stop(*job);
        }
        return Action::wait();
    }

private:
    bool satisfied(const View& view, const ActiveJob& job) const {
        if (job.depth >= depth_limit_[static_cast<std::size_t>(job.id.task)]) return true;
        return threshold_ > 0 && job.confidence() >= threshold_ && mandatory_done(view, job);
    }

    std::vector<int> depth_limit_;             // by task
    std::vector<const ActiveJob*> satisfied_;  // active jobs that want nothing more, to be stopped
    float threshold_;
    bool skip_;
};

}  // namespace

std::unique_ptr<Policy> make_edf(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<EarliestDeadlineFirst>(context.tasks, arguments);
}

}  // namespace laxity
