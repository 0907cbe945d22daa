// The end of every exit: scores to prediction and confidence.
#pragma once

#include <span>

#include "traces/outcome.hpp"

namespace laxity {

// The class with the highest score (the first of equals) and its softmax probability at `temperature` (> 0):
// 1 / sum_c exp((score_c - highest) / temperature). Devices and measurement share it, so that a trace holds what a live
// run sees. The scores must be finite.
Outcome outcome_of(std::span<const float> scores, double temperature);

}  // namespace laxity
