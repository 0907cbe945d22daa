// What one finished stage says.
#pragma once

#include <cstdint>

namespace laxity {

// The exit's answer: the class with the largest probability, and that probability after temperature calibration.
struct Outcome {
    std::int32_t prediction = -1;
    float confidence = 0;
};

// No network has more stages than this; fixed so that a job's record is one flat piece of memory.
inline constexpr int kMaxStages = 64;

}  // namespace laxity
