// A histogram of durations with constant memory and bounded relative error, which can be merged and written as text.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

// Enough for any sum of 64-bit times: so many of so much can't overflow it.
__extension__ typedef unsigned __int128 Uint128;

// Buckets of 1/512 of a power of two. A quantile is the middle of its bucket, so it is off by at most 1/1024 of itself
// (stated: at most 0.1 %); below 1024 ns it is exact, and so it is where all values are equal, since smallest and
// largest value are kept. Values are counted exactly: what a histogram says depends neither on the order of insertion
// nor on how the values were split before a merge.
//
// A duration below zero counts as zero. Counts have 64 bits, the sum 128: neither can overflow while values are added
// one by one (2^64 of them take centuries). Memory grows with the largest value's power of two, to 220 KiB for the
// longest duration, not with the count.
//
// As text, for a CSV field without quotes: MIN:MAX:SUM|BUCKET*COUNT;DELTA*COUNT;... with times in ns. The first number
// after the bar is the index of the lowest bucket that is not empty, every further one the distance to the bucket
// before; "*COUNT" is left out where it is 1. Bucket b < 1024 holds the value b alone; else, with s = b / 512 - 1, it
// holds the 2^s values from (b % 512 + 512) * 2^s. Nothing was added: the empty text.
class LogHistogram {
public:
    void add(Duration value) {
        const std::int64_t ns = value.count() < 0 ? 0 : value.count();
        const std::size_t bucket = bucket_of(ns);
        if (bucket >= counts_.size()) counts_.resize(bucket + 1);
        ++counts_[bucket];
        ++count_;
        sum_ += static_cast<std::uint64_t>(ns);
        min_ = std::min(min_, ns);
        max_ = std::max(max_, ns);
    }
    // Durations up to this are added without allocating.
    void reserve(Duration longest) { counts_.reserve(bucket_of(longest.count()) + 1); }
    // As if every value of `other` had been added here. Throws std::overflow_error, and changes nothing, if the counts
    // would not fit.
    void merge(const LogHistogram& other);

    std::uint64_t count() const { return count_; }
    // Exact; nothing if empty, like all that follows.
    std::optional<double> mean_ns() const;
    std::optional<Duration> min() const;  // exact
    std::optional<Duration> max() const;  // exact
    // The smallest value with at least a share q (of [0, 1]) of the values at or below it, to the error above. The
    // smallest and the largest value are exact.
    std::optional<Duration> quantile(double q) const;
    // The share of values at or below `value`, counting the whole bucket that `value` falls into: exactly the share at
    // or below some value that is at most 0.2 % above it.
    std::optional<double> fraction_up_to(Duration value) const;

    std::string text() const;
    // Reads what text() wrote. Throws InputError, naming `place` (file, line, column), if it is anything else.
    static LogHistogram parse(std::string_view text, std::string_view place);

    friend bool operator==(const LogHistogram&, const LogHistogram&) = default;

private:
    static constexpr int kBits = 9;

    static std::size_t bucket_of(std::int64_t value) {
        const auto v = static_cast<std::uint64_t>(value);
        if (v < (1U << kBits)) return v;
        const int shift = std::bit_width(v) - 1 - kBits;
        return (static_cast<std::size_t>(shift) << kBits) + static_cast<std::size_t>(v >> shift);
    }
    static std::int64_t middle_of(std::size_t bucket);
    bool read(std::string_view text);
    bool is_consistent() const;

    std::vector<std::uint64_t> counts_;  // by bucket, up to that of the largest value
    std::uint64_t count_ = 0;
    Uint128 sum_ = 0;
    std::int64_t min_ = std::numeric_limits<std::int64_t>::max();
    std::int64_t max_ = 0;
};

}  // namespace laxity
