// Products of many matrices that oneDNN has no fast primitive for. Internal to profiler/cpu.
#pragma once

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Tensors: a, b, to; all dense. One product after the other.
Kernel matmul_kernel(const MatMul& product, const Shape& a, const Shape& b, const Shape& to);

// Tensors: x [rows][in], weights [out][in], bias [out], to [rows][out]; all dense. If `add` the output is added to what
// it holds.
Kernel dense_kernel(std::int64_t rows, std::int64_t out, std::int64_t in, bool add);

}  // namespace laxity::cpu
