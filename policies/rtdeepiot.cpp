// RTDeepIoT (Yao et al., RTCSA 2020): every request is an imprecise computation whose optional stages are worth what a
// predictor expects of them. A dynamic program assigns each active job a depth so that the predicted confidence in all
// is largest and every deadline holds; one stage at a time, the job with the earliest deadline that is short of its
// assignment runs.
//
// Our reading, where the paper's text was not at hand: the swap (swap_for_better below), the fate of jobs that cannot
// all be served (drop), and a job that is running while a plan is made (it counts as one stage deeper). Ours is
// reclaim: where the plan leaves the resource idle although stages have finished since it was made, a new plan is made.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/depth_assignment.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/predictor.hpp"

namespace laxity {

namespace {

enum class Update { kNone, kSwap, kResolve };

Update read_update(const std::string& text) {
    if (text == "none") return Update::kNone;
    return text == "swap" ? Update::kSwap : Update::kResolve;
}

class RtDeepIot final : public Policy {
public:
    RtDeepIot(const PolicyContext& context, const PolicyArguments& arguments)
        : delta_(arguments.number("delta")),
          update_(read_update(arguments.text("update"))),
          reclaim_(arguments.boolean("reclaim")),
          predictor_(make_predictor(arguments.text("predictor"), context.tasks, context.oracle)),
          resource_(busiest_resource(context.tasks)) {}

    void released(const View& view, const ActiveJob& job) override {
        if (job.slot >= plans_.size()) plans_.resize(job.slot + 1);
        plans_[job.slot] = JobPlan{};
        solve(view);
    }

    void stage_finished(const View& view, const ActiveJob& job) override {
        plan_of(job).predicted_at = kNotPredicted;
        outdated_ = true;
        if (update_ == Update::kSwap) swap_for_better(view, job);
    }

    Action next(const View& view, int resource) override {
        if (outdated_ && update_ == Update::kResolve) solve(view);
        const ActiveJob* job = first_short_of_assignment(view, resource);
        if (job == nullptr && outdated_ && reclaim_ && resource == resource_) {
            solve(view);
            job = first_short_of_assignment(view, resource);
        }
        return job == nullptr ? Action::wait() : Action::run(*job);
    }

private:
    static constexpr int kNotPredicted = -1;

    // What is planned for an active job, and what it could be worth.
    struct JobPlan {
        int assigned = 0;                                 // the depth to run to
        int predicted_at = kNotPredicted;                 // base depth that the rest was computed for
        int first_depth = 0;                              // depth of the first option that is not a drop
        bool may_drop = false;                            // option 0 = drop: go no further, and miss
        std::array<double, kMaxStages + 1> value{};       // by depth
        std::array<DepthOption, kMaxStages + 2> options;  // from the base depth
        std::size_t option_count = 0;

        int depth_of(std::size_t option) const {
            if (!may_drop) return first_depth + static_cast<int>(option);
            return option == 0 ? predicted_at : first_depth + static_cast<int>(option) - 1;
        }
    };

    JobPlan& plan_of(const ActiveJob& job) { return plans_[job.slot]; }

    // The depth that is already sure: the running stage, if there is one, ends when the plan starts.
    static int base_depth(const ActiveJob& job) { return job.depth + (job.running ? 1 : 0); }

    // The job's plan with predictions that are up to date.
    JobPlan& predicted(const View& view, const ActiveJob& job) {
        JobPlan& plan = plan_of(job);
        if (plan.predicted_at != base_depth(job)) predict(view, job, plan);
        return plan;
    }

    void predict(const View& view, const ActiveJob& job, JobPlan& plan) {
        const int base = base_depth(job), mandatory = task_of(view, job).mandatory_stages;
        plan.predicted_at = base;
        plan.may_drop = base < mandatory;
        plan.first_depth = std::max(base, mandatory);
        plan.option_count = 0;
        predictor_->predict(job, plan.value);
        std::fill_n(plan.value.begin(), mandatory, 0.0);  // less than the mandatory part is a miss
        if (plan.may_drop) plan.options[plan.option_count++] = {0, 0};
        for (int depth = plan.first_depth; depth <= job.stages(); ++depth) {
            plan.options[plan.option_count++] = {job.plan->cost_between(base, depth).count(),
                                                 quantised(plan.value[static_cast<std::size_t>(depth)])};
        }
    }

    // Rewards are counted in whole quanta; the epsilon keeps 0.6 / 0.2 at 3.
    std::int32_t quantised(double value) const { return static_cast<std::int32_t>(std::floor(value / delta_ + 1e-9)); }

    const ActiveJob* first_short_of_assignment(const View& view, int resource) {
        for (const ActiveJob* job : view.jobs()) {
            if (ready_on(*job, resource) && job->depth < plan_of(*job).assigned) return job;
        }
        return nullptr;
    }

    void solve(const View& view) {
        outdated_ = false;
        problem_.clear();
        for (const ActiveJob* job : view.jobs()) {
            const JobPlan& plan = predicted(view, *job);
            problem_.add_job(to_ns(job->deadline), {plan.options.data(), plan.option_count});
        }
        problem_.solve(to_ns(view.free_at(resource_)));  // feasible: every job may stay where it is
        for (std::size_t i = 0; i < view.jobs().size(); ++i) {
            JobPlan& plan = plan_of(*view.jobs()[i]);
            plan.assigned = plan.depth_of(problem_.option(i));
        }
    }

    // The paper's greedy step on a stage's completion, in our reading. With the confidence that was just revealed, is
    // the rest of this job's assignment worth less than deepening one other job in its stead, so that every assigned
    // deadline still holds? Then the job is cut here and the best such other job gets the deeper assignment. O(N * L).
    void swap_for_better(const View& view, const ActiveJob& cut) {
        const int to = plan_of(cut).assigned;
        if (cut.depth >= to || !mandatory_done(view, cut)) return;
        const JobPlan& plan = predicted(view, cut);
        measure_room(view, cut);

        Deepening best{nullptr, 0,
                       plan.value[static_cast<std::size_t>(to)] - plan.value[static_cast<std::size_t>(cut.depth)]};
        best.gain = std::max(best.gain, 0.0) + kNoGain;
        for (std::size_t i = 0; i < view.jobs().size(); ++i) {
            const ActiveJob& other = *view.jobs()[i];
            if (&other != &cut) best = better(view, best, other, room_[i]);
        }
        if (best.job == nullptr) return;
        plan_of(*best.job).assigned = best.depth;
        plan_of(cut).assigned = cut.depth;
    }

    // A deeper assignment for one job.
    struct Deepening {
        const ActiveJob* job;
        int depth;
        double gain;
    };
    static constexpr double kNoGain = 1e-9;  // confidences differ by more, or not at all

    // The better of `best` and any deepening of `job` that takes no more than `room`.
    Deepening better(const View& view, Deepening best, const ActiveJob& job, Duration room) {
        const JobPlan& plan = predicted(view, job);
        const int from = std::max(plan.assigned, base_depth(job));
        for (int depth = std::max(from + 1, plan.first_depth); depth <= job.stages(); ++depth) {
            if (job.plan->cost_between(from, depth) > room) break;
            const double gain =
                plan.value[static_cast<std::size_t>(depth)] - plan.value[static_cast<std::size_t>(from)];
            if (gain > best.gain) best = {&job, depth, gain};
        }
        return best;
    }

    // room_[i] = how much time the i-th job could add to its assignment, were `cut` to stop now: its own slack and that
    // of every later job with assigned work.
    void measure_room(const View& view, const ActiveJob& cut) {
        const auto jobs = view.jobs();
        const auto assigned_work = [&](const ActiveJob& job) {
            const int base = base_depth(job), assigned = plan_of(job).assigned;
            return &job == &cut || assigned <= base ? Duration::zero() : job.plan->cost_between(base, assigned);
        };
        room_.resize(jobs.size());
        Time finish = view.free_at(resource_);
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            finish += assigned_work(*jobs[i]);
            room_[i] = jobs[i]->deadline - finish;
        }
        Duration later = Duration::max();
        for (std::size_t i = jobs.size(); i-- > 0;) {
            const Duration own = room_[i];
            room_[i] = std::min(own, later);
            if (assigned_work(*jobs[i]) > Duration::zero()) later = room_[i];
        }
    }

    double delta_;
    Update update_;
    bool reclaim_;
    std::unique_ptr<Predictor> predictor_;
    int resource_;           // what plans are made for
    bool outdated_ = false;  // a stage has finished since the last plan
    DepthAssignment problem_;
    std::vector<JobPlan> plans_;  // by slot
    std::vector<Duration> room_;  // by place in deadline order
};

}  // namespace

std::unique_ptr<Policy> make_rtdeepiot(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<RtDeepIot>(context, arguments);
}

}  // namespace laxity
