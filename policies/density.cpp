// Increments of work by falling density of predicted gain (ours; the simplest of our policies).
//
// 1. Every active job offers increments: from its depth to each deeper exit on the concave envelope of predicted value
//    over planned cost. Density = gain / cost.
// 2. Increments are taken by falling density as long as all work taken ends by its deadline in deadline order. Where
//    one does not fit, the next smaller step of that job is tried. The densest one refused is remembered.
// 3. Increments below `price` x the moving average of the refused densities are not taken: time will be worth more. The
//    price is zero where nothing is ever refused.
// 4. The densest stage runs whose going first leaves all other work taken in time; if there is none, the stage with the
//    earliest deadline.
//
// A plan counts a job's whole cost as if on one resource with one slot, and leaves out jobs that are running. With N
// active jobs of L stages a decision takes O(L * N * (N + log N)) at most.
#include <algorithm>
#include <array>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/predictor.hpp"

namespace laxity {

namespace {

class Density final : public Policy {
public:
    Density(const PolicyContext& context, const PolicyArguments& arguments)
        : predictor_(make_predictor(arguments.text("predictor"), context.tasks, context.oracle)),
          price_(arguments.number("price")),
          memory_(arguments.number("memory")) {}

    void released(const View& view, const ActiveJob& job) override {
        if (job.slot >= values_.size()) values_.resize(job.slot + 1);
        predict(view, job);
    }
    void stage_finished(const View& view, const ActiveJob& job) override { predict(view, job); }

    Action next(const View& view, int resource) override {
        offer_all(view);
        const double refused = take_by_density(price_ * refused_, view.now());
        refused_ += memory_ * (refused - refused_);
        const ActiveJob* job = densest_that_may_go_first(view.now(), resource);
        return job == nullptr ? Action::wait() : Action::run(*job);
    }

private:
    static constexpr double kNoGain = 1e-9;

    // What is taken of one job so far.
    struct Choice {
        const ActiveJob* job;
        int depth;           // planned
        Duration work{};     // until there
        double density = 0;  // of the first increment taken
    };

    // Taking job `choice` on to `depth`.
    struct Increment {
        double density;
        std::size_t choice;
        int depth;

        // The denser goes first; ties: the earlier deadline, then the smaller step.
        bool operator<(const Increment& other) const {
            if (density != other.density) return density < other.density;
            if (choice != other.choice) return choice > other.choice;
            return depth > other.depth;
        }
    };

    using Values = std::array<double, kMaxStages + 1>;  // by depth, weighted; below the mandatory part 0

    void predict(const View& view, const ActiveJob& job) {
        const TaskPlan& task = task_of(view, job);
        Values& values = values_[job.slot];
        predictor_->predict(job, values);
        for (double& value : values) value *= task.weight;
        std::fill_n(values.begin(), task.mandatory_stages, 0.0);
    }

    void offer_all(const View& view) {
        choices_.clear();
        offers_.clear();
        for (const ActiveJob* job : view.jobs()) {
            if (!job->running) choices_.push_back({job, job->depth});
        }
        for (std::size_t i = 0; i < choices_.size(); ++i) offer(i);
    }

    double density_of(const Choice& choice, int depth) const {
        const Values& values = values_[choice.job->slot];
        const double gain = values[static_cast<std::size_t>(depth)] - values[static_cast<std::size_t>(choice.depth)];
        if (gain <= kNoGain) return 0;
        return gain / static_cast<double>(choice.job->plan->cost_between(choice.depth, depth).count());
    }

    // The next edge of the concave envelope: the deeper exit of highest density, the nearest of equals.
    void offer(std::size_t i) {
        Increment best{0, i, 0};
        for (int depth = choices_[i].depth + 1; depth <= choices_[i].job->stages(); ++depth) {
            const double density = density_of(choices_[i], depth);
            if (density > best.density) best = {density, i, depth};
        }
        push(best);
    }

    void push(const Increment& increment) {
        if (increment.density <= 0) return;
        offers_.push_back(increment);
        std::push_heap(offers_.begin(), offers_.end());
    }

    Increment pop() {
        std::pop_heap(offers_.begin(), offers_.end());
        const Increment increment = offers_.back();
        offers_.pop_back();
        return increment;
    }

    // Returns the highest density that found no room.
    double take_by_density(double price, Time now) {
        double refused = 0;
        while (!offers_.empty()) {
            const Increment increment = pop();
            if (increment.density < price) break;
            Choice& choice = choices_[increment.choice];
            const Duration cost = choice.job->plan->cost_between(choice.depth, increment.depth);
            choice.work += cost;
            if (all_in_time(now, nullptr)) {
                if (choice.density == 0) choice.density = increment.density;
                choice.depth = increment.depth;
                offer(increment.choice);
                continue;
            }
            choice.work -= cost;
            refused = std::max(refused, increment.density);
            const int smaller = increment.depth - 1;
            if (smaller > choice.depth) push({density_of(choice, smaller), increment.choice, smaller});
        }
        return refused;
    }

    // All work taken ends in time in deadline order, after one stage of `first` if there is one.
    bool all_in_time(Time now, const Choice* first) const {
        Time end = now;
        if (first != nullptr) {
            end += first->job->next_cost();
            if (end > first->job->deadline) return false;
        }
        for (const Choice& choice : choices_) {
            const Duration work = &choice == first ? choice.work - choice.job->next_cost() : choice.work;
            if (work <= Duration::zero()) continue;
            end += work;
            if (end > choice.job->deadline) return false;
        }
        return true;
    }

    const ActiveJob* densest_that_may_go_first(Time now, int resource) {
        by_density_.clear();
        for (const Choice& choice : choices_) {
            if (choice.work > Duration::zero() && ready_on(*choice.job, resource)) by_density_.push_back(&choice);
        }
        if (by_density_.empty()) return nullptr;
        const Choice* const earliest = by_density_.front();
        std::sort(by_density_.begin(), by_density_.end(), [](const Choice* a, const Choice* b) {
            return a->density != b->density ? a->density > b->density : a < b;  // ties: the earlier deadline
        });
        for (const Choice* choice : by_density_) {
            if (all_in_time(now, choice)) return choice->job;
        }
        return earliest->job;
    }

    std::unique_ptr<Predictor> predictor_;
    double price_, memory_;
    double refused_ = 0;             // moving average of the densest increment refused
    std::vector<Values> values_;     // by slot
    std::vector<Choice> choices_;    // in deadline order
    std::vector<Increment> offers_;  // a heap
    std::vector<const Choice*> by_density_;
};

}  // namespace

std::unique_ptr<Policy> make_density(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<Density>(context, arguments);
}

}  // namespace laxity
