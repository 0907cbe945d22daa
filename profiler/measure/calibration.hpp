// Makes confidences mean what they say.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace laxity {

// The temperature T in [1/20, 20] that minimises the mean negative log-likelihood of the labels under
// softmax(scores / T) (Guo et al., ICML 2017). `scores` are row-major [sample][class]; `chosen` are the samples to fit
// on. 1 if there are none. In b = 1/T the likelihood is concave, so its derivative is bisected.
// O(chosen * classes * 50).
double fit_temperature(std::span<const float> scores, std::span<const std::int32_t> labels, int classes,
                       std::span<const std::uint32_t> chosen);

// Mean negative log-likelihood at a temperature.
double negative_log_likelihood(std::span<const float> scores, std::span<const std::int32_t> labels, int classes,
                               std::span<const std::uint32_t> chosen, double temperature);

// Expected calibration error: the mean over samples of |share that is right - mean confidence| of the sample's bin of
// confidence. `bins` bins of equal width over [0, 1]. 0 if there are no samples.
double expected_calibration_error(std::span<const float> confidence, const std::vector<bool>& correct, int bins = 15);

}  // namespace laxity
