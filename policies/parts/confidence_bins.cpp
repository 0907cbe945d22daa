#include "policies/parts/confidence_bins.hpp"

#include <algorithm>
#include <cstddef>

namespace laxity {

ConfidenceBins::ConfidenceBins(std::vector<float> values, int bins) {
    std::sort(values.begin(), values.end());
    for (int bin = 1; bin < bins; ++bin) {
        const float edge = values[values.size() * static_cast<std::size_t>(bin) / static_cast<std::size_t>(bins)];
        const float previous = first_of_bin_.empty() ? values.front() : first_of_bin_.back();
        if (edge > previous) first_of_bin_.push_back(edge);
    }
}

int ConfidenceBins::bin_of(float confidence) const {
    return static_cast<int>(std::upper_bound(first_of_bin_.begin(), first_of_bin_.end(), confidence) -
                            first_of_bin_.begin());
}

namespace {

// A run of neighbours that share one value, their mean.
struct Pool {
    double mean, weight;
    std::size_t length;
};

Pool merged(const Pool& a, const Pool& b) {
    const double weight = a.weight + b.weight;
    return {(a.mean * a.weight + b.mean * b.weight) / weight, weight, a.length + b.length};
}

}  // namespace

void make_non_decreasing(std::span<double> values, std::span<const double> weights) {
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < values.size(); ++i) {
        Pool pool{values[i], weights[i], 1};
        while (!pools.empty() && pools.back().mean >= pool.mean) {
            pool = merged(pools.back(), pool);
            pools.pop_back();
        }
        pools.push_back(pool);
    }
    auto value = values.begin();
    for (const Pool& pool : pools) value = std::fill_n(value, pool.length, pool.mean);
}

}  // namespace laxity
