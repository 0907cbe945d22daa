// What the active jobs are worth going on with, by the stopping tables: shared by toll and gittins.
//
// All tasks share one list of prices, in value (weight x share of right answers) per nanosecond of the busiest
// resource. Time on any other resource is charged at a thousandth: it is not what is scarce, but nothing is free.
// Whether a stage still fits is asked of its planning cost.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "policies/parts/stopping_tables.hpp"
#include "policies/policy.hpp"

namespace laxity {

// The planning cost of a stage, or its mean with dispatch where that is more: a plan at mean costs takes on work that
// the next slow stage pushes out.
Duration charged_time(const VariantPlan& variant, int stage);

// The part of a task's tables that is looked up while running, on the common prices.
struct NetworkOutlook {
    std::shared_ptr<const StoppingTables> tables;
    double weight = 1;
    std::vector<float> charge;  // by stage, ns
    std::vector<float> work;    // [state][price]; see StoppingTables::work
};

// One active job at one moment.
struct JobOutlook {
    float index = 0;              // in the common prices; 0 = nothing more to do for it
    float charge = 0;             // of its next stage, ns
    const float* work = nullptr;  // by price
    Time valid_until = Time::min();
};

class Outlooks {
public:
    // `levels` >= 2 common prices, the last one 0. `tasks` outlives this.
    Outlooks(const TaskSet& tasks, int levels);

    int resource() const { return resource_; }
    std::span<const double> prices() const { return prices_; }
    const NetworkOutlook& network(int task, int variant) const {
        return networks_[static_cast<std::size_t>(task)][static_cast<std::size_t>(variant)];
    }

    // To be called when a job is released and when a stage of it has finished.
    void forget(const ActiveJob& job);
    // O(1) while the deepest exit in reach stays the same.
    const JobOutlook& of(const ActiveJob& job, Time now) {
        JobOutlook& outlook = by_slot_[job.slot];
        if (now > outlook.valid_until) renew(outlook, job, now);
        return outlook;
    }

private:
    void renew(JobOutlook& outlook, const ActiveJob& job, Time now) const;

    int resource_;
    std::vector<double> prices_;
    std::vector<std::vector<NetworkOutlook>> networks_;  // [task][variant]
    std::vector<JobOutlook> by_slot_;
};

}  // namespace laxity
