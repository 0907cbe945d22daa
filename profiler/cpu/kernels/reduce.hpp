// Reductions over any axes, and what is made of them: normalisation. Internal to profiler/cpu.
#pragma once

#include <array>
#include <vector>

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Tensors: from (plain), to (dense, reduced axes of one element), and for kLogSumExp scratch like `to`. Not kArg...
Kernel reduce_kernel(const Reduce& reduce, const Layout& from);

// Tensors: from (dense), to. The index of the largest or smallest along one axis, the first of equals.
Kernel extreme_kernel(const Reduce& reduce, const Shape& from);

// Tensors: from (plain), to (dense), scale, bias, scratch of 2 x `normalise_groups` floats. Scale and bias have the
// strides given by axis of the output, whatever they hold.
Kernel normalise_kernel(const Normalise& normalise, const Layout& from,
                        const std::array<std::vector<std::int64_t>, 2>& weights_strides);
// How many sets of elements are normalised, each by itself.
std::int64_t normalise_groups(const Normalise& normalise, const Shape& shape);

}  // namespace laxity::cpu
