// RT-mDL (Ling et al., SenSys 2021): every task is served by one variant and has a fixed priority, both from a plan
// made before the run (sim/plan/planning.hpp). Each resource has its own queue by priority, so that one task's subtasks
// on the host run beside another's on the accelerator; where a resource has several slots, subtasks are packed.
//
// The paper's: the joint plan, the independent queues, packing that uses idle capacity without hurting priorities.
// Our reading:
// - Packing. The head is the subtask of highest priority that runs on the resource. The next one by priority is started
//   beside it only while the measured slowdown of the head stays within 1 + epsilon; one that outranks the head starts
//   at once, for it would lose more by waiting. A stage whose job has left is out of sight and is not counted.
// - Early exits. The paper's networks have one exit. Here the plan's choice for a task without a pipeline is a variant
//   and a depth, and a job leaves at that depth; its earlier exits are what it has if the deadline comes first.
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/plan.hpp"

namespace laxity {

namespace {

// O(N) per decision for N active jobs.
class RtMdl final : public Policy {
public:
    RtMdl(const Plan& plan, double epsilon) : plan_(plan), most_slowdown_(1 + epsilon) {}

    int choose_variant(const View&, int task, Time) override {
        return plan_.tasks[static_cast<std::size_t>(task)].variant;
    }

    void stage_finished(const View&, const ActiveJob& job) override {
        if (job.depth >= choice_of(job).depth && job.depth < job.stages()) done_.push_back(&job);
    }

    void left(const View&, const ActiveJob& job) override {
        if (!done_.empty()) std::erase(done_, &job);
    }

    Action next(const View& view, int resource) override {
        if (!done_.empty()) return Action::stop(*done_.front());
        const ActiveJob *first = nullptr, *head = nullptr;  // of those that wait, of those that run
        std::size_t running = 0;
        for (const ActiveJob* job : view.jobs()) {
            if (job->next_resource() != resource) continue;
            running += job->running ? 1 : 0;
            const ActiveJob*& best = job->running ? head : first;
            if (best == nullptr || before(*job, *best)) best = job;
        }
        if (first == nullptr || (head != nullptr && !fits_beside(*first, *head, running))) return Action::wait();
        return Action::run(*first);
    }

private:
    const TaskChoice& choice_of(const ActiveJob& job) const {
        return plan_.tasks[static_cast<std::size_t>(job.id.task)];
    }

    bool before(const ActiveJob& a, const ActiveJob& b) const {
        const int priority_a = choice_of(a).priority, priority_b = choice_of(b).priority;
        return priority_a != priority_b ? priority_a < priority_b : earlier_release(a, b);
    }

    // The head, one of `running` stages, may be joined by one more.
    bool fits_beside(const ActiveJob& job, const ActiveJob& head, std::size_t running) const {
        if (before(job, head)) return true;
        const auto& slowdown = head.plan->slowdown;
        if (slowdown.empty()) return true;  // nothing was measured: taken as no slowdown
        return slowdown[static_cast<std::size_t>(head.depth)][running] <= most_slowdown_;
    }

    Plan plan_;
    double most_slowdown_;
    std::vector<const ActiveJob*> done_;  // active jobs at their planned depth, to be stopped
};

}  // namespace

std::unique_ptr<Policy> make_rtmdl(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<RtMdl>(*context.plan, arguments.number("epsilon"));
}

}  // namespace laxity
