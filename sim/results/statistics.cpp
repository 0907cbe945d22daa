#include "sim/results/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

namespace laxity {

Estimate estimate(std::span<const double> values) {
    const auto count = static_cast<double>(values.size());
    if (values.empty()) return {};
    double sum = 0;
    for (const double value : values) sum += value;
    const double mean = sum / count;
    if (values.size() < 2) return {mean, 0};
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double standard_error = std::sqrt(squares / (count - 1) / count);
    const double t = boost::math::quantile(boost::math::students_t(count - 1), 0.975);
    return {mean, t * standard_error};
}

Estimate paired_difference(std::span<const double> a, std::span<const double> b) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) differences.push_back(a[i] - b[i]);
    return estimate(differences);
}

}  // namespace laxity
