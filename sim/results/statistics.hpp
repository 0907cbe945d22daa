// What repetitions (seeds) say: means, paired differences, corrections for many comparisons, quantiles.
//
// Where there is no number there is none: a mean of nothing, an interval of one value and a test without spare values
// are empty, never 0. Distributions are Boost.Math's. Every result is a pure function of its arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace laxity {

inline constexpr double kUsualLevel = 0.95;

// A mean and half the width of its two-sided Student-t interval.
struct Estimate {
    std::size_t count = 0;             // values it rests on; over several points, the fewest at any of them
    std::optional<double> mean;        // none without values
    std::optional<double> half_width;  // none with fewer than two values
};

// One measure of one run.
struct SeedValue {
    std::uint64_t seed = 0;
    double value = 0;
};

// The values of one policy at one point, ascending by seed; a seed without a value is not in it.
using Series = std::vector<SeedValue>;

// Half the two-sided interval of a mean, in standard errors: Student's t with `degrees` of freedom (values - 1),
// from 1.
double student_t(std::size_t degrees, double level = kUsualLevel);

// Mean and interval of independent values. `level` is in (0, 1), as in every function here.
Estimate estimate(std::span<const double> values, double level = kUsualLevel);
Estimate estimate(const Series& values, double level = kUsualLevel);

// Mean and interval of a[i] - b[i]: the repetitions met the same luck, so their differences vary less. What is left
// over of the longer one is not used.
Estimate paired_difference(std::span<const double> a, std::span<const double> b, double level = kUsualLevel);

// The mean over points of each point's mean over its seeds. Empty if a point is. A seed meets the same luck at every
// point, so the interval is of what each seed adds to the whole (a sandwich estimate, clustered by seed); where all
// points have the same seeds this is the t interval of the seeds' own means over the points. Where they have not, it
// counts the degrees of freedom of the point with the fewest: rather too wide.
Estimate mean_over_points(std::span<const Series> points, double level = kUsualLevel);

// a - b over the seeds that both have, and the two-sided paired t test of "they are equal in the mean".
struct PairedTest {
    Estimate difference;
    // None with fewer than two pairs. 1 if all differences are zero; 0 if they are all the same and not zero.
    std::optional<double> p;
    // (variance of a + variance of b) / variance of a - b: how many times as many runs it would take to learn the same
    // from independent luck. Below 1 the pairing hurts. None where the differences do not vary.
    std::optional<double> variance_reduction;
};

PairedTest paired_test(const Series& a, const Series& b, double level = kUsualLevel);

// The same for means over points: a[i] and b[i] are of the same point. Empty if they share no seed at one of them.
PairedTest paired_test(std::span<const Series> a, std::span<const Series> b, double level = kUsualLevel);

// Holm's step-down correction (Scand. J. Statist. 6, 1979): adjusted p values, in the order given. Calling those that
// are at most alpha real keeps the chance of one false call or more at alpha, whatever the dependence. A missing p is
// no test: it stays missing and corrects nothing.
std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p_values);

// Ranks (from 1) of the order statistics that enclose a quantile, whatever the distribution.
struct RankInterval {
    std::uint64_t low = 0, high = 0;
    double coverage = 0;  // the least probability that they enclose it: at least the level asked for
};

// The interval of the q-quantile, 0 < q < 1, of `count` independent values: the number of values below the quantile is
// binomial (David and Nagaraja, Order Statistics, 7.1). Its tails are equal where the sample has both; where it is too
// short for one of them, that end is the smallest or largest value and the other takes what is left. None if even
// [smallest, largest] does not reach the level. O(log count) evaluations of the binomial distribution.
std::optional<RankInterval> quantile_ranks(std::uint64_t count, double q, double level = kUsualLevel);

struct QuantileEstimate {
    std::uint64_t count = 0;
    std::optional<double> value;            // the smallest value with at least a share q at or below; none of nothing
    std::optional<double> low, high;        // none if the sample is too small for an interval at this level
    std::optional<double> reached_level{};  // the coverage that it has
};

QuantileEstimate quantile_estimate(std::span<const double> values, double q, double level = kUsualLevel);

// The same of a sample that is kept as counts (a histogram): `value_at(rank)` is the rank-th smallest, from 1 to count.
QuantileEstimate quantile_estimate(std::uint64_t count, double q,
                                   const std::function<double(std::uint64_t rank)>& value_at,
                                   double level = kUsualLevel);

}  // namespace laxity
