// DNN-SAM (Kang et al., RTAS 2022): an inference is a mandatory and an optional sub-task. EDF-MandFirst runs all
// mandatory parts before any optional one; EDF-Slack keeps EDF order and gives an optional part the slack that is left
// over ("reclaimed") by what is still mandatory. Either way an optional part takes the largest of its sizes that fits,
// which may be none.
//
// The paper's: the two orders, and the largest size that fits. Our reading, since the paper's parts are a region of
// interest and the whole image at some scale: the mandatory part is the mandatory stages, the sizes are the deeper
// exits; and since ours may be reconsidered after every stage, "the deepest exit that fits" is asked stage by stage:
// the next stage is run if it fits, else the job leaves. Left out: the offline test that guarantees all mandatory
// parts.
#include <algorithm>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"

namespace laxity {

namespace {

// What is still to be done of the job's mandatory part.
Duration mandatory_work(const View& view, const ActiveJob& job) {
    const int mandatory = std::min(task_of(view, job).mandatory_stages, job.stages());
    return job.depth < mandatory ? job.plan->cost_between(job.depth, mandatory) : Duration::zero();
}

// O(N) per decision for N active jobs, no state.
class DnnSam final : public Policy {
public:
    explicit DnnSam(bool mandatory_first) : mandatory_first_(mandatory_first) {}

    Action next(const View& view, int resource) override {
        if (mandatory_first_) {
            if (const ActiveJob* job = first_mandatory(view, resource)) return Action::run(*job);
        }
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (!mandatory_done(view, *job)) {
                if (mandatory_fits(view, *job)) return Action::run(*job);
                continue;
            }
            if (job->next_cost() <= slack(view, *job)) return Action::run(*job);
            return Action::stop(*job);
        }
        return Action::wait();
    }

private:
    static bool mandatory_fits(const View& view, const ActiveJob& job) {
        return view.now() + mandatory_work(view, job) <= job.deadline;
    }

    static const ActiveJob* first_mandatory(const View& view, int resource) {
        for (const ActiveJob* job : view.jobs()) {
            if (ready_on(*job, resource) && !mandatory_done(view, *job) && mandatory_fits(view, *job)) return job;
        }
        return nullptr;
    }

    // How long the resource may serve an optional part before its own deadline or, in EDF order, a mandatory part
    // becomes late. A mandatory part that is late anyway has no say. (Under mandatory_first_, none is left but those
    // that run or wait for another resource.)
    Duration slack(const View& view, const ActiveJob& optional) const {
        Duration least = optional.deadline - view.now();
        if (mandatory_first_) return least;
        Duration due{};
        for (const ActiveJob* job : view.jobs()) {
            const Duration work = mandatory_work(view, *job);
            if (job->running || work == Duration::zero() || !mandatory_fits(view, *job)) continue;
            due += work;
            const Duration room = job->deadline - view.now() - due;
            if (room < Duration::zero()) {
                due -= work;
            } else {
                least = std::min(least, room);
            }
        }
        return least;
    }

    bool mandatory_first_;
};

}  // namespace

std::unique_ptr<Policy> make_dnnsam(const PolicyContext&, const PolicyArguments& arguments) {
    return std::make_unique<DnnSam>(arguments.text("order") == "mandfirst");
}

}  // namespace laxity
