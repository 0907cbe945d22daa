// Device time has a price per deadline window, and a stage runs only if it pays the toll (ours).
//
// Under a price every job is an optimal-stopping problem that was solved offline (policies/parts/stopping_tables.hpp).
// Online, at each decision, the price falls level by level. At each level every job, in deadline order, buys the
// further time that it wants at this price, as far as the work of all jobs still ends by all later deadlines once room
// is kept for jobs that are expected to arrive and to want their time at a higher price (policies/parts/forecast.hpp).
// A job whose next stage finds no room buys nothing at lower prices. Of the jobs with a plan the one with the earliest
// deadline runs, unless its stage would cost more by blocking newcomers than it is worth; if there is no plan, the
// stage of the highest index runs, so that the device does not idle over work that fits.
//
// Several resources: the plan is made for the time of the busiest one, and serves whichever resource asks. Several
// slots: it has their combined time, and no stage is charged for blocking.
//
// O(levels * N) per decision with N active jobs and O(levels * tasks * N) for the reservations. No allocation.
#include <algorithm>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/forecast.hpp"
#include "policies/parts/outlook.hpp"

namespace laxity {

namespace {

class Toll final : public Policy {
public:
    Toll(const TaskSet& tasks, const PolicyArguments& arguments)
        : outlooks_(tasks, arguments.integer("levels")),
          forecast_(tasks, outlooks_,
                    {arguments.number("inflation"), arguments.number("memory"), arguments.number("fast")}),
          slots_(tasks.resources[static_cast<std::size_t>(outlooks_.resource())].slots) {}

    void released(const View&, const ActiveJob& job) override {
        outlooks_.forget(job);
        forecast_.arrived(job);
    }
    void stage_finished(const View&, const ActiveJob& job) override { outlooks_.forget(job); }

    Action next(const View& view, int resource) override {
        gather(view);
        if (jobs_.empty()) return Action::wait();
        forecast_.look_at(view.now());
        const int chosen = jobs_.size() == 1 ? best_that_fits(resource) : first_planned(resource);
        return chosen == kNone ? Action::wait() : Action::run(*jobs_[static_cast<std::size_t>(chosen)]);
    }

private:
    static constexpr int kNone = -1;
    // Far beyond the last deadline of an active job: if the traffic to come fills even this window, overload will last
    // and time is dear. In mean relative deadlines.
    static constexpr double kFarDeadlines = 10;
    static constexpr float kEnough = 0.9999F;  // of a stage: rounding denies none

    // The jobs that something can still be done for, in deadline order.
    void gather(const View& view) {
        jobs_.clear();
        outlook_.clear();
        slack_.clear();
        for (const ActiveJob* job : view.jobs()) {
            if (job->running) continue;
            const JobOutlook& outlook = outlooks_.of(*job, view.now());
            if (outlook.index <= 0) continue;
            jobs_.push_back(job);
            outlook_.push_back(outlook);
            slack_.push_back(static_cast<float>((job->deadline - view.now()).count()));
        }
    }

    bool may_run(std::size_t i, int resource) const { return ready_on(*jobs_[i], resource) && pays(outlook_[i]); }

    bool pays(const JobOutlook& outlook) const {
        if (slots_ > 1) return true;
        const auto stage_ns = static_cast<double>(outlook.charge);
        return static_cast<double>(outlook.index) * stage_ns >= forecast_.lost_during(stage_ns);
    }

    int best_that_fits(int resource) const {
        int best = kNone;
        float highest = 0;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            if (outlook_[i].index > highest && may_run(i, resource)) {
                best = static_cast<int>(i);
                highest = outlook_[i].index;
            }
        }
        return best;
    }

    // Lets the price fall until it is known which job comes first among those with a plan.
    int first_planned(int resource) {
        start_plan();
        std::size_t first = 0;  // all before it are out: without a plan for good, or not to be run now
        for (std::size_t level = 0; level < outlooks_.prices().size(); ++level) {
            if (level > 0) forecast_.reserve(static_cast<int>(level), reserved_);
            find_room();
            buy(level);
            for (; first < jobs_.size() && (planned_[first] != 0 || closed_[first] != 0); ++first) {
                if (planned_[first] != 0 && may_run(first, resource)) return static_cast<int>(first);
            }
            if (first == jobs_.size()) break;
        }
        return best_that_fits(resource);
    }

    // One entry per job and one for the far deadline.
    void start_plan() {
        const std::size_t count = jobs_.size();
        const auto far = static_cast<float>(kFarDeadlines * forecast_.longest_mean_deadline());
        slack_.push_back(slack_[count - 1] + far);
        forecast_.count_due(slack_);
        for (float& slack : slack_) slack *= static_cast<float>(slots_);
        reserved_.assign(count + 1, 0.0F);
        room_.resize(count + 1);
        planned_.assign(count, 0);
        closed_.assign(count, 0);
    }

    // room_[i]: how much more may be done by deadline i so that every later deadline holds.
    void find_room() {
        for (std::size_t i = 0; i < room_.size(); ++i) room_[i] = slack_[i] - reserved_[i];
        for (std::size_t i = room_.size() - 1; i-- > 0;) room_[i] = std::min(room_[i], room_[i + 1]);
    }

    void buy(std::size_t level) {
        float taken = 0;  // time taken at one deadline is missing at all later ones
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            if (closed_[i] == 0) taken += take(i, level, room_[i] - taken);
            slack_[i] -= taken;
        }
        slack_.back() -= taken;
    }

    float take(std::size_t i, std::size_t level, float room) {
        const float* const work = outlook_[i].work;
        const float wanted = level == 0 ? work[0] : work[level] - work[level - 1];
        if (!(wanted > 0)) return 0;
        if (room < wanted) closed_[i] = 1;
        const float taken = std::min(wanted, room);
        if (planned_[i] == 0 && taken < outlook_[i].charge * kEnough) {
            closed_[i] = 1;
            return 0;
        }
        if (!(taken > 0)) return 0;
        planned_[i] = 1;
        return taken;
    }

    Outlooks outlooks_;
    Forecast forecast_;
    int slots_;

    // By place in deadline order, rebuilt at each decision.
    std::vector<const ActiveJob*> jobs_;
    std::vector<JobOutlook> outlook_;
    std::vector<float> slack_, reserved_, room_;  // ns; one more entry, for the far deadline
    std::vector<std::uint8_t> planned_, closed_;
};

}  // namespace

std::unique_ptr<Policy> make_toll(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<Toll>(context.tasks, arguments);
}

}  // namespace laxity
