#include "sim/results/log_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

Duration LogHistogram::quantile(double q) const {
    if (count_ == 0) return Duration::zero();
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while ((seen += counts_[bucket]) < std::max<std::uint64_t>(rank, 1)) ++bucket;
    if (bucket < (2U << kBits)) return Duration(static_cast<std::int64_t>(bucket));
    const auto shift = static_cast<int>(bucket >> kBits) - 1;
    const auto mantissa = static_cast<std::int64_t>((bucket & ((1U << kBits) - 1)) + (1U << kBits));
    const std::int64_t low = mantissa << (shift);
    const std::int64_t middle = low + ((std::int64_t{1} << shift) / 2);
    return Duration(std::min(middle, max_));
}

}  // namespace laxity
