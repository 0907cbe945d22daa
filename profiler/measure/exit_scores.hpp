// What every exit scored for every input, and what a trace makes of it.
#pragma once

#include <span>
#include <vector>

#include "traces/trace.hpp"

namespace laxity {

// Scores before calibration: by exit, row-major [sample][class]. All of them finite.
struct ExitScores {
    int classes = 0;
    std::vector<std::vector<float>> by_exit;

    std::span<const float> of(std::size_t exit, std::size_t sample) const {
        const auto width = static_cast<std::size_t>(classes);
        return std::span(by_exit[exit]).subspan(sample * width, width);
    }
};

// Fits a temperature for each exit on the calibration half of trace.samples.label, and writes the temperatures, and
// every exit's predictions and confidences at them, into the trace. Measured and imported scores both go through here,
// so that a trace means the same whoever measured it. O(samples * exits * classes).
void calibrate(Trace& trace, const ExitScores& scores);

}  // namespace laxity
