// Copies between plain layouts. Internal to profiler/cpu.
#pragma once

#include <vector>

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Tensors: from, to. The same shape, plain layouts, whose offsets do not count: they are in the tensors' addresses.
Kernel copy_kernel(const Layout& from, const Layout& to);

// Tensors: the parts, then the dense output: one after the other along `axis`.
Kernel concat_kernel(const std::vector<Layout>& parts, int axis, const Shape& shape);

// Tensors: from, to (dense, of shape `shape`). Constant padding.
Kernel pad_kernel(const Layout& from, const std::vector<std::int64_t>& before, float value, const Shape& shape);

}  // namespace laxity::cpu
