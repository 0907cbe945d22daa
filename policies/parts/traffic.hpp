// How often a task's jobs come and how soon they are due, as seen so far: what toll reserves time for.
#pragma once

#include <array>

#include "traces/base/time.hpp"

namespace laxity {

// Moving averages over the arrivals of one task. Each remembers about 1 / memory arrivals; the first ones count in
// full. A second average of the gap, with a shorter memory, makes the rate follow the start of a burst.
class Traffic {
public:
    // memory, fast_memory in (0, 1]; fast_memory = 0: no second average. Deadlines are resolved to 1/48 of `horizon`,
    // and beyond it are taken for their mean.
    Traffic(Duration horizon, double memory, double fast_memory);

    // O(48).
    void arrived(Time release, Duration relative_deadline);

    // Arrivals per ns; falls while none comes. 0 before the second arrival.
    double rate(Time now) const;
    double mean_deadline() const { return mean_deadline_; }  // ns
    // E (x - D)^+ over relative deadlines D: times the rate, the arrivals expected within the next x ns that are due
    // by then.
    double due_within(double x_ns) const;
    // Share of relative deadlines that are at most x: the slope of due_within().
    double share_due_by(double x_ns) const;

private:
    static constexpr int kSteps = 48;

    double memory_, fast_memory_;
    double step_ns_, steps_per_ns_;
    int arrivals_ = 0;
    Time last_{};
    double gap_ns_ = 0, fast_gap_ns_ = 0;
    double mean_deadline_ = 0;
    std::array<double, kSteps + 1> due_{};
};

}  // namespace laxity
