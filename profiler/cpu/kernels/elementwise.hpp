// Functions of one number and of several, element by element. Internal to profiler/cpu.
#pragma once

#include <array>

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// y[i] = f(x[i]); y may be x.
void apply_function(const Elementwise& function, const float* x, float* y, std::int64_t count);

// Tensors: from, to, which may be the same; as many elements in one piece each, in the same order.
Kernel elementwise_kernel(const Elementwise& function, std::int64_t count);

// Tensors: a, b, the dense output. Strides are those of the output's axes.
Kernel binary_kernel(BinaryKind kind, const Shape& shape, const std::array<std::vector<std::int64_t>, 2>& strides);

// Tensors: condition, a, b, the dense output.
Kernel select_kernel(const Shape& shape, const std::array<std::vector<std::int64_t>, 3>& strides);

}  // namespace laxity::cpu
