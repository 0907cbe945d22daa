// Means with confidence intervals over repetitions (seeds).
#pragma once

#include <span>

namespace laxity {

struct Estimate {
    double mean = 0;
    double half_width = 0;  // of the 95 % interval; 0 with fewer than two values
};

// Mean and 95 % Student-t interval of independent values.
Estimate estimate(std::span<const double> values);
// Mean and 95 % interval of a[i] - b[i]: the repetitions met the same luck, so their differences vary less.
Estimate paired_difference(std::span<const double> a, std::span<const double> b);

}  // namespace laxity
