#include "profiler/cpu/kernels/matmul.hpp"

#include <dnnl.h>

#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/cpu/kernels/loops.hpp"

namespace laxity::cpu {

namespace {

// The axes before the last two.
Shape batch_of(const Shape& shape) { return Shape(shape.extents().first(static_cast<std::size_t>(shape.rank() - 2))); }

std::vector<std::int64_t> matrix_strides(const Shape& shape, const Shape& batch) {
    std::vector<std::int64_t> strides = broadcast_strides(batch_of(shape), batch);
    for (std::int64_t& stride : strides) stride *= shape.elements(shape.rank() - 2, shape.rank());
    return strides;
}

}  // namespace

Kernel matmul_kernel(const MatMul& product, const Shape& a, const Shape& b, const Shape& to) {
    const Shape batch = batch_of(to);
    const Loops<3> loops(batch, {matrix_strides(a, batch), matrix_strides(b, batch), matrix_strides(to, batch)});
    const std::int64_t rows = to[to.rank() - 2], columns = to[to.rank() - 1];
    const std::int64_t inner = a[a.rank() - (product.transpose_a ? 2 : 1)];
    return [=](std::span<float* const> tensors) {
        const Loops<3>::Offsets s = loops.strides();
        loops.for_each_row([&](const Loops<3>::Offsets& o) {
            for (std::int64_t i = 0; i < loops.row(); ++i) {
                check(dnnl_sgemm(product.transpose_a ? 'T' : 'N', product.transpose_b ? 'T' : 'N', rows, columns, inner,
                                 product.scale, tensors[0] + o[0] + i * s[0], product.transpose_a ? rows : inner,
                                 tensors[1] + o[1] + i * s[1], product.transpose_b ? inner : columns, 0,
                                 tensors[2] + o[2] + i * s[2], columns),
                      "a matrix product");
            }
        });
    };
}

Kernel dense_kernel(std::int64_t rows, std::int64_t out, std::int64_t in, bool add) {
    return [=](std::span<float* const> tensors) {
        const float* bias = tensors[2];
        float* to = tensors[3];
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t o = 0; o < out; ++o) to[row * out + o] = bias[o] + (add ? to[row * out + o] : 0);
        }
        check(dnnl_sgemm('N', 'T', rows, out, in, 1, tensors[0], in, tensors[1], in, 1, to, out), "a dense layer");
    };
}

}  // namespace laxity::cpu
