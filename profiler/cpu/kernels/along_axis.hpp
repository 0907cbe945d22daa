// Kernels that walk along one axis of dense tensors. Internal to profiler/cpu.
#pragma once

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Tensors: from, to. Elements of `axis` picked by index.
Kernel gather_kernel(std::vector<std::int64_t> indices, int axis, const Shape& from);

// Tensors: from, to.
Kernel cumulative_sum_kernel(const CumulativeSum& sum, const Shape& shape);

// Tensors: from, to. Each output along the axis is a weighted sum of few inputs.
Kernel taps_kernel(const Taps& taps, const Shape& from);

// Tensors: from, to. Axis 1.
Kernel local_response_kernel(const LocalResponse& local, const Shape& shape);

}  // namespace laxity::cpu
