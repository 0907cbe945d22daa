// The stage of the highest index that still fits (ours; policies/parts/stopping_tables.hpp says what the index is): the
// best answer per unit of time, with no plan and no regard for deadlines beyond the reach of the job itself. What it
// does not see is that a job of lower index may be lost while one of higher index could wait.
#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/outlook.hpp"

namespace laxity {

namespace {

class Gittins final : public Policy {
public:
    explicit Gittins(const TaskSet& tasks) : outlooks_(tasks, 2) {}

    void released(const View&, const ActiveJob& job) override { outlooks_.forget(job); }
    void stage_finished(const View&, const ActiveJob& job) override { outlooks_.forget(job); }

    Action next(const View& view, int resource) override {
        const ActiveJob* best = nullptr;
        float highest = 0;
        for (const ActiveJob* job : view.jobs()) {  // in deadline order: ties go to the earlier
            if (!ready_on(*job, resource)) continue;
            const float index = outlooks_.of(*job, view.now()).index;
            if (index > highest) best = job, highest = index;
        }
        return best == nullptr ? Action::wait() : Action::run(*best);
    }

private:
    Outlooks outlooks_;
};

}  // namespace

std::unique_ptr<Policy> make_gittins(const PolicyContext& context, const PolicyArguments&) {
    return std::make_unique<Gittins>(context.tasks);
}

}  // namespace laxity
