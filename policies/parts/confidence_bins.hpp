// What a confidence is worth, learned on the calibration half: equal-mass bins and isotonic regression.
#pragma once

#include <span>
#include <vector>

namespace laxity {

// Bins that hold about equally many of the given values. Equal values share a bin, so there may be fewer bins than
// asked for, and none is empty.
class ConfidenceBins {
public:
    // values.size() >= 1, bins >= 1. O(n log n).
    ConfidenceBins(std::vector<float> values, int bins);

    int count() const { return static_cast<int>(first_of_bin_.size()) + 1; }
    // O(log bins). A value outside the given ones belongs to the first or the last bin.
    int bin_of(float confidence) const;

private:
    std::vector<float> first_of_bin_;  // the least value of bins 1, 2, ...
};

// Replaces `values` by the non-decreasing sequence with the least weighted squared distance from them (pool adjacent
// violators; Barlow et al. 1972). Weights are positive. O(n).
void make_non_decreasing(std::span<double> values, std::span<const double> weights);

}  // namespace laxity
