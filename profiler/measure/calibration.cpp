#include "profiler/measure/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

namespace {

// One sample under softmax(b * scores).
struct Likelihood {
    double negative_log = 0;
    double slope = 0;  // of negative_log, by b
};

Likelihood likelihood(std::span<const float> scores, std::int32_t label, double b) {
    const double highest = *std::max_element(scores.begin(), scores.end());
    double sum = 0, weighted = 0;
    for (const float score : scores) {
        const double weight = std::exp(b * (score - highest));
        sum += weight;
        weighted += weight * score;
    }
    const double own = scores[static_cast<std::size_t>(label)];
    return {std::log(sum) + b * (highest - own), weighted / sum - own};
}

Likelihood mean_likelihood(std::span<const float> scores, std::span<const std::int32_t> labels, int classes,
                           std::span<const std::uint32_t> chosen, double b) {
    Likelihood mean;
    const auto width = static_cast<std::size_t>(classes);
    for (const std::uint32_t i : chosen) {
        const Likelihood one = likelihood(scores.subspan(i * width, width), labels[i], b);
        mean.negative_log += one.negative_log / static_cast<double>(chosen.size());
        mean.slope += one.slope / static_cast<double>(chosen.size());
    }
    return mean;
}

}  // namespace

double fit_temperature(std::span<const float> scores, std::span<const std::int32_t> labels, int classes,
                       std::span<const std::uint32_t> chosen) {
    if (chosen.empty()) return 1;
    double low = 1.0 / 20, high = 20;  // of b
    for (int step = 0; step < 50; ++step) {
        const double middle = std::sqrt(low * high);
        const bool rising = mean_likelihood(scores, labels, classes, chosen, middle).slope > 0;
        (rising ? high : low) = middle;
    }
    return 1 / std::sqrt(low * high);
}

double negative_log_likelihood(std::span<const float> scores, std::span<const std::int32_t> labels, int classes,
                               std::span<const std::uint32_t> chosen, double temperature) {
    return mean_likelihood(scores, labels, classes, chosen, 1 / temperature).negative_log;
}

double expected_calibration_error(std::span<const float> confidence, const std::vector<bool>& correct, int bins) {
    if (confidence.empty()) return 0;
    std::vector<double> surplus(static_cast<std::size_t>(bins), 0.0);  // right answers less confidence, by bin
    for (std::size_t i = 0; i < confidence.size(); ++i) {
        const int bin = std::clamp(static_cast<int>(confidence[i] * static_cast<float>(bins)), 0, bins - 1);
        surplus[static_cast<std::size_t>(bin)] += (correct[i] ? 1.0 : 0.0) - confidence[i];
    }
    double error = 0;
    for (const double s : surplus) error += std::abs(s);
    return error / static_cast<double>(confidence.size());
}

}  // namespace laxity
