#include "sim/results/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace laxity {

namespace {

using boost::math::binomial;
using boost::math::complement;
using boost::math::students_t;

// A mean over points and how well it is known.
struct Pooled {
    std::size_t count = 0;            // the fewest values of a point
    std::optional<double> mean;       // none if a point has no value
    std::optional<double> deviation;  // standard error of the mean; none if a point has fewer than two values
};

double mean_of(const Series& values) {
    double sum = 0;
    for (const SeedValue& value : values) sum += value.value;
    return sum / static_cast<double>(values.size());
}

std::size_t fewest(std::span<const Series> points) {
    std::size_t count = points.empty() ? 0 : points.front().size();
    for (const Series& point : points) count = std::min(count, point.size());
    return count;
}

// Seed s moves the mean over points by the sum of its residuals, each weighted by 1 / (points * seeds of that point).
// The factor n / (n - 1) makes a single point's variance the usual unbiased one.
double variance_of_mean(std::span<const Series> points) {
    std::map<std::uint64_t, double> moved;  // by seed
    for (const Series& point : points) {
        const auto n = static_cast<double>(point.size());
        const double mean = mean_of(point);
        const double weight = std::sqrt(n / (n - 1)) / (n * static_cast<double>(points.size()));
        for (const SeedValue& value : point) moved[value.seed] += weight * (value.value - mean);
    }
    double variance = 0;
    for (const auto& [seed, residual] : moved) variance += residual * residual;
    return variance;
}

Pooled pool(std::span<const Series> points) {
    Pooled result;
    result.count = fewest(points);
    if (result.count == 0) return result;
    double sum = 0;
    for (const Series& point : points) sum += mean_of(point);
    result.mean = sum / static_cast<double>(points.size());
    if (result.count >= 2) result.deviation = std::sqrt(variance_of_mean(points));
    return result;
}

Estimate estimate_of(const Pooled& pooled, double level) {
    Estimate result{pooled.count, pooled.mean, std::nullopt};
    if (pooled.deviation) result.half_width = student_t(pooled.count - 1, level) * *pooled.deviation;
    return result;
}

Series numbered(std::span<const double> values) {
    Series series(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) series[i] = {i, values[i]};
    return series;
}

// The values of a and b at the seeds that both have, and their differences.
struct Pairs {
    Series a, b, difference;
    double rounding = 0;  // what a difference may be off by, because its terms are rounded
};

Pairs pairs_of(const Series& a, const Series& b) {
    Pairs pairs;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
        if (x->seed == y->seed) {
            const double size = std::max(std::abs(x->value), std::abs(y->value));
            pairs.rounding = std::max(pairs.rounding, 4 * std::numeric_limits<double>::epsilon() * size);
            pairs.a.push_back(*x);
            pairs.b.push_back(*y);
            pairs.difference.push_back({x->seed, x->value - y->value});
        }
        x->seed<y->seed ? ++x : x->seed> y->seed ? ++y : (++x, ++y);
    }
    return pairs;
}

double two_sided_p(const Pooled& difference) {
    if (*difference.deviation == 0) return *difference.mean == 0 ? 1 : 0;
    const students_t distribution(static_cast<double>(difference.count - 1));
    return 2 * cdf(complement(distribution, std::abs(*difference.mean) / *difference.deviation));
}

double square(double x) { return x * x; }

// P(fewer than `rank` of the values are below the quantile).
double lower_tail(const binomial& below, std::uint64_t rank) {
    return rank == 0 ? 0 : cdf(below, static_cast<double>(rank - 1));
}

// P(`rank` of the values or more are below the quantile).
double upper_tail(const binomial& below, std::uint64_t rank) {
    return rank == 0 ? 1 : cdf(complement(below, static_cast<double>(rank - 1)));
}

// The first of the ranks 1 ... count for which `holds`, which is false and then true; count + 1 if it never is.
template <class Condition>
std::uint64_t first_rank(std::uint64_t count, Condition holds) {
    std::uint64_t low = 1, high = count + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        holds(middle) ? high = middle : low = middle + 1;
    }
    return low;
}

std::uint64_t highest_low_rank(const binomial& below, std::uint64_t count, double tail) {
    return first_rank(count, [&](std::uint64_t rank) { return lower_tail(below, rank) > tail; }) - 1;
}

std::uint64_t lowest_high_rank(const binomial& below, std::uint64_t count, double tail) {
    return first_rank(count, [&](std::uint64_t rank) { return upper_tail(below, rank) <= tail; });
}

}  // namespace

double student_t(std::size_t degrees, double level) {
    return quantile(complement(students_t(static_cast<double>(degrees)), (1 - level) / 2));
}

Estimate estimate(std::span<const double> values, double level) { return estimate(numbered(values), level); }

Estimate estimate(const Series& values, double level) { return mean_over_points({&values, 1}, level); }

Estimate paired_difference(std::span<const double> a, std::span<const double> b, double level) {
    return paired_test(numbered(a), numbered(b), level).difference;
}

Estimate mean_over_points(std::span<const Series> points, double level) { return estimate_of(pool(points), level); }

PairedTest paired_test(const Series& a, const Series& b, double level) {
    return paired_test(std::span(&a, 1), std::span(&b, 1), level);
}

PairedTest paired_test(std::span<const Series> a, std::span<const Series> b, double level) {
    std::vector<Series> from, to, differences;
    double rounding = 0;
    for (std::size_t point = 0; point < a.size() && point < b.size(); ++point) {
        Pairs pairs = pairs_of(a[point], b[point]);
        rounding = std::max(rounding, pairs.rounding);
        from.push_back(std::move(pairs.a));
        to.push_back(std::move(pairs.b));
        differences.push_back(std::move(pairs.difference));
    }
    Pooled difference = pool(differences);
    if (difference.deviation && *difference.deviation <= rounding) difference.deviation = 0;
    if (difference.mean && std::abs(*difference.mean) <= rounding) difference.mean = 0;
    PairedTest result;
    result.difference = estimate_of(difference, level);
    if (!difference.deviation) return result;
    result.p = two_sided_p(difference);
    if (*difference.deviation > 0) {
        const double apart = square(*pool(from).deviation) + square(*pool(to).deviation);
        result.variance_reduction = apart / square(*difference.deviation);
    }
    return result;
}

std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p_values) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p_values.size(); ++i) {
        if (p_values[i]) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t x, std::size_t y) { return p_values[x] < p_values[y]; });
    std::vector<std::optional<double>> adjusted(p_values.size());
    double largest = 0;  // an adjusted value is at least that of every smaller p
    for (std::size_t step = 0; step < order.size(); ++step) {
        largest = std::max(largest, std::min(1.0, static_cast<double>(order.size() - step) * *p_values[order[step]]));
        adjusted[order[step]] = largest;
    }
    return adjusted;
}

std::optional<RankInterval> quantile_ranks(std::uint64_t count, double q, double level) {
    if (count == 0) return std::nullopt;
    const binomial below(static_cast<double>(count), q);
    const double outside = 1 - level;
    std::uint64_t low = highest_low_rank(below, count, outside / 2);
    std::uint64_t high = lowest_high_rank(below, count, outside / 2);
    if (low == 0 && high > count) return std::nullopt;
    if (low == 0) {
        low = 1;
        high = lowest_high_rank(below, count, outside - lower_tail(below, low));
    } else if (high > count) {
        high = count;
        low = highest_low_rank(below, count, outside - upper_tail(below, high));
    }
    if (low == 0 || high > count) return std::nullopt;
    return RankInterval{low, high, 1 - lower_tail(below, low) - upper_tail(below, high)};
}

QuantileEstimate quantile_estimate(std::span<const double> values, double q, double level) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return quantile_estimate(
        sorted.size(), q, [&](std::uint64_t rank) { return sorted[rank - 1]; }, level);
}

QuantileEstimate quantile_estimate(std::uint64_t count, double q,
                                   const std::function<double(std::uint64_t rank)>& value_at, double level) {
    QuantileEstimate result{count, {}, {}, {}, {}};
    if (count == 0) return result;
    // 0.07 * 100 is a little above 7: take off what the product may be off by.
    const double share = q * static_cast<double>(count) * (1 - 2 * std::numeric_limits<double>::epsilon());
    const auto rank = static_cast<std::uint64_t>(std::ceil(share));
    result.value = value_at(std::clamp<std::uint64_t>(rank, 1, count));
    if (const auto ranks = quantile_ranks(count, q, level)) {
        result.low = value_at(ranks->low);
        result.high = value_at(ranks->high);
        result.reached_level = ranks->coverage;
    }
    return result;
}

}  // namespace laxity
