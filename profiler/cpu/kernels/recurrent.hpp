// Recurrent layers: one matrix product for the inputs of all times, then step by step. Internal to profiler/cpu.
#pragma once

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Tensors: x (dense), the initial states (dense) that the layer has, the packed output, scratch of `recurrent_scratch`
// floats. Shapes: of x.
Kernel recurrent_kernel(const Recurrent& layer, const Shape& x, std::size_t initial_states);
std::int64_t recurrent_scratch(const Recurrent& layer, const Shape& x);

}  // namespace laxity::cpu
