#include "sim/results/backlog_trend.hpp"

#include <cmath>
#include <numeric>

namespace laxity {

namespace {

constexpr double kNotableRatio = 1.25;
constexpr double kNormalQuantile = 3.0902;  // of 99.9 %

// Mann and Kendall's statistic: pairs that rise - pairs that fall, in units of its standard deviation if there is no
// trend, with the correction for continuity. Ties are so rare in sums of nanoseconds that they are not corrected for;
// that makes the test stricter.
double mann_kendall(const std::vector<Uint128>& values) {
    int rising = 0;
    for (std::size_t j = 1; j < values.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) rising += (values[j] > values[i]) - (values[j] < values[i]);
    }
    const auto n = static_cast<double>(values.size());
    return (rising - 1) / std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

}  // namespace

void BacklogTrend::close_batch() {
    batches_.push_back(sum_);
    sum_ = 0;
    filled_ = 0;
    if (batches_.size() < kMostBatches) return;
    for (std::size_t i = 0; i < kMostBatches / 2; ++i) batches_[i] = batches_[2 * i] + batches_[2 * i + 1];
    batches_.resize(kMostBatches / 2);
    size_ *= 2;
}

std::optional<double> BacklogTrend::ratio() const {
    if (batches_.size() < kMostBatches / 2) return std::nullopt;
    const auto quarter = static_cast<std::ptrdiff_t>(batches_.size() / 4);
    const Uint128 first = std::accumulate(batches_.begin(), batches_.begin() + quarter, Uint128{0});
    const Uint128 last = std::accumulate(batches_.end() - quarter, batches_.end(), Uint128{0});
    if (first == 0) return std::nullopt;
    return static_cast<double>(last) / static_cast<double>(first);
}

bool BacklogTrend::grows() const {
    const std::optional<double> ratio = this->ratio();
    return ratio && *ratio > kNotableRatio && mann_kendall(batches_) > kNormalQuantile;
}

}  // namespace laxity
