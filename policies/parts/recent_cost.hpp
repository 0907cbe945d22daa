// How long stages took lately, for policies that plan with what they measure instead of with planning costs.
#pragma once

#include <cstddef>
#include <vector>

#include "policies/policy.hpp"

namespace laxity {

// For every stage of every variant, the largest of its last `window` measured times; a stage that was not measured yet
// counts with its planning cost. A time is measured from the decision to run a stage to stage_finished(), which is all
// that a policy can see; a stage that ends after its job has left is never measured.
//
// O(1) per started(); O(window + stages) per finished(); O(1) per question.
class RecentCost {
public:
    RecentCost(const TaskSet& tasks, std::size_t window);

    // The policy has decided to run the job's next stage.
    void started(const View& view, const ActiveJob& job);
    // A stage has finished: call it from Policy::stage_finished().
    void finished(const View& view, const ActiveJob& job);
    // The planning costs count as one more measurement of all stages of the job's variant, so that an outlier that
    // keeps the variant from being run, and hence from being measured, is forgotten in the end.
    void forget_a_little(const ActiveJob& job);

    // The expected cost of going from depth `from` to depth `to`.
    Duration between(const ActiveJob& job, int from, int to) const {
        const std::vector<Duration>& cost_to = of(job).cost_to;
        return cost_to[static_cast<std::size_t>(to)] - cost_to[static_cast<std::size_t>(from)];
    }

private:
    struct Variant {
        std::vector<std::vector<Duration>> measured;  // by stage: a ring of at most `window`
        std::vector<std::size_t> count;               // by stage: measurements ever made
        std::vector<Duration> cost_to;                // cumulative maxima, as VariantPlan::cost_to
    };

    static std::size_t index(std::int32_t value) { return static_cast<std::size_t>(value); }
    Variant& of(const ActiveJob& job) { return variants_[index(job.id.task)][index(job.variant)]; }
    const Variant& of(const ActiveJob& job) const { return variants_[index(job.id.task)][index(job.variant)]; }
    void add(Variant& variant, std::size_t stage, Duration measured) const;
    static void sum_up(Variant& variant, const VariantPlan& plan);

    std::size_t window_;
    std::vector<std::vector<Variant>> variants_;  // by task and variant
    std::vector<Time> started_;                   // by slot
};

}  // namespace laxity
