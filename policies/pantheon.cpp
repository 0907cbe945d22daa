// Pantheon (MobiSys 2024), as far as one resource that is not preempted within a stage goes: jobs preempt each other at
// stage boundaries, and whenever a job starts or resumes it takes the deepest exit that fits its remaining time.
//
// The paper's: preemption between short chunks, and the exit chosen on resume. Our reading: the order is earliest
// deadline first; the exit is kept until another job has run in between, so a job that is slower than planned may end
// its last stage too late (edf:skip=true asks again before every stage); a job leaves when its exit is reached, or as
// soon as not even its mandatory part fits. Left out: two stream priorities that share the GPU.
#include <algorithm>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"

namespace laxity {

namespace {

// O(N) per decision for N active jobs.
class Pantheon final : public Policy {
public:
    explicit Pantheon(std::size_t resources) : served_(resources) {}

    void released(const View&, const ActiveJob& job) override {
        if (job.slot >= exit_.size()) exit_.resize(job.slot + 1);
    }

    void left(const View&, const ActiveJob& job) override {
        std::replace(served_.begin(), served_.end(), &job, static_cast<const ActiveJob*>(nullptr));
    }

    Action next(const View& view, int resource) override {
        const ActiveJob*& served = served_[static_cast<std::size_t>(resource)];
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            int& exit = exit_[job->slot];
            if (job != served) exit = deepest_that_fits(view, *job);
            if (job->depth >= exit) return Action::stop(*job);
            served = job;
            return Action::run(*job);
        }
        return Action::wait();
    }

private:
    // The depth to run to; the present one if no further answer can be had in time.
    static int deepest_that_fits(const View& view, const ActiveJob& job) {
        const int shallowest = std::max<int>(task_of(view, job).mandatory_stages, job.depth + 1);
        for (int depth = job.stages(); depth >= shallowest; --depth) {
            if (view.now() + job.plan->cost_between(job.depth, depth) <= job.deadline) return depth;
        }
        return job.depth;
    }

    std::vector<const ActiveJob*> served_;  // by resource: who ran there last
    std::vector<int> exit_;                 // by slot: the depth that the job runs to
};

}  // namespace

std::unique_ptr<Policy> make_pantheon(const PolicyContext& context, const PolicyArguments&) {
    return std::make_unique<Pantheon>(context.tasks.resources.size());
}

}  // namespace laxity
