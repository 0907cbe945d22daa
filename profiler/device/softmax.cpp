#include "profiler/device/softmax.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

Outcome outcome_of(std::span<const float> scores, double temperature) {
    const auto highest = std::max_element(scores.begin(), scores.end());
    const auto inverse = static_cast<float>(1 / temperature);
    float sum = 0;
    for (const float score : scores) sum += std::exp((score - *highest) * inverse);
    return {static_cast<std::int32_t>(highest - scores.begin()), 1 / sum};
}

}  // namespace laxity
