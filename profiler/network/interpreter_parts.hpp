// The operations whose plain execution takes more than a few lines. Internal to the interpreter.
#pragma once

#include <span>

#include "profiler/network/interpreter.hpp"

namespace laxity {

Tensor interpret_convolution(const Convolution& convolution, std::span<const Tensor* const> inputs, const Shape& shape);
Tensor interpret_dense(const Dense& dense, std::span<const Tensor* const> inputs, const Shape& shape);
Tensor interpret_product(const MatMul& product, std::span<const Tensor* const> inputs, const Shape& shape);
Tensor interpret_pooling(const Pooling& pooling, const Tensor& x, const Shape& shape);
Tensor interpret_recurrent(const Recurrent& recurrent, std::span<const Tensor* const> inputs, const Shape& shape);

}  // namespace laxity
