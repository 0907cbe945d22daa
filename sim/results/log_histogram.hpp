// A histogram of durations with constant memory and bounded relative error.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

// Buckets of 1/256 of a power of two: a quantile is off by at most 0.4 %, below 256 ns not at all. Values are counted
// exactly, so the quantiles do not depend on the order of insertion. Memory grows with the largest value's power of
// two, not with the count.
class LogHistogram {
public:
    void add(Duration value) {
        const std::size_t bucket = bucket_of(value.count());
        if (bucket >= counts_.size()) counts_.resize(bucket + 1);
        ++counts_[bucket];
        ++count_;
        sum_ += value.count();
        if (value.count() > max_) max_ = value.count();
    }

    std::uint64_t count() const { return count_; }
    double mean_ns() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
    Duration max() const { return Duration(max_); }
    // The smallest bucket with at least a share q of the values at or below it, as the middle of that bucket (never
    // above max()). Zero if empty.
    Duration quantile(double q) const;

private:
    static constexpr int kBits = 8;

    static std::size_t bucket_of(std::int64_t value) {
        const auto v = static_cast<std::uint64_t>(value < 0 ? 0 : value);
        if (v < (1U << kBits)) return v;
        const int shift = std::bit_width(v) - 1 - kBits;
        return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(v >> shift);
    }

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace laxity
