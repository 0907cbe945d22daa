#include "policies/parts/traffic.hpp"

#include <algorithm>

namespace laxity {

namespace {

// What the average would be if the next arrival came now, where that is more: a silence is news, too.
double gap_by_now(double gap, double silence, double memory) {
    return std::max(gap, (1 - memory) * gap + memory * silence);
}

}  // namespace

Traffic::Traffic(Duration horizon, double memory, double fast_memory)
    : memory_(memory),
      fast_memory_(fast_memory),
      step_ns_(static_cast<double>(horizon.count()) / kSteps),
      steps_per_ns_(1 / step_ns_) {}

void Traffic::arrived(Time release, Duration relative_deadline) {
    ++arrivals_;
    const double memory = std::max(memory_, 1.0 / arrivals_), fast = std::max(memory, fast_memory_);
    if (arrivals_ > 1) {
        const auto gap = static_cast<double>((release - last_).count());
        gap_ns_ = arrivals_ == 2 ? gap : gap_ns_ + memory * (gap - gap_ns_);
        fast_gap_ns_ = arrivals_ == 2 ? gap : fast_gap_ns_ + fast * (gap - fast_gap_ns_);
    }
    last_ = release;
    const auto deadline = static_cast<double>(relative_deadline.count());
    mean_deadline_ += memory * (deadline - mean_deadline_);
    for (int i = 0; i <= kSteps; ++i) {
        double& due = due_[static_cast<std::size_t>(i)];
        due += memory * (std::max(0.0, i * step_ns_ - deadline) - due);
    }
}

double Traffic::rate(Time now) const {
    if (arrivals_ < 2) return 0;
    const auto silence = static_cast<double>((now - last_).count());
    double gap = gap_by_now(gap_ns_, silence, memory_);
    if (fast_memory_ > 0) gap = std::min(gap, gap_by_now(fast_gap_ns_, silence, fast_memory_));
    return 1 / std::max(gap, 1.0);
}

double Traffic::due_within(double x_ns) const {
    const double place = x_ns * steps_per_ns_;
    if (place >= kSteps) return std::max(0.0, x_ns - mean_deadline_);
    const auto i = static_cast<std::size_t>(std::max(place, 0.0));
    return due_[i] + (place - static_cast<double>(i)) * (due_[i + 1] - due_[i]);
}

double Traffic::share_due_by(double x_ns) const {
    const auto i = static_cast<std::size_t>(std::clamp(x_ns * steps_per_ns_, 0.0, kSteps - 1.0));
    return (due_[i + 1] - due_[i]) * steps_per_ns_;
}

}  // namespace laxity
