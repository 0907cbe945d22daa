#include "profiler/cpu/kernels/along_axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace laxity::cpu {

namespace {

// A dense tensor seen from one of its axes.
struct Extents {
    std::int64_t outer, extent, inner;
    Extents(const Shape& shape, int axis)
        : outer(shape.elements(0, axis)), extent(shape[axis]), inner(shape.elements(axis + 1, shape.rank())) {}
};

}  // namespace

Kernel gather_kernel(std::vector<std::int64_t> indices, int axis, const Shape& from) {
    return [indices = std::move(indices), e = Extents(from, axis)](std::span<float* const> tensors) {
        float* to = tensors[1];
        for (std::int64_t o = 0; o < e.outer; ++o) {
            for (const std::int64_t index : indices) {
                std::memcpy(to, tensors[0] + (o * e.extent + index) * e.inner,
                            static_cast<std::size_t>(e.inner) * sizeof(float));
                to += e.inner;
            }
        }
    };
}

Kernel cumulative_sum_kernel(const CumulativeSum& sum, const Shape& shape) {
    return [e = Extents(shape, sum.axis), exclusive = sum.exclusive,
            reverse = sum.reverse](std::span<float* const> tensors) {
        const std::int64_t first = reverse ? e.extent - 1 : 0, step = reverse ? -e.inner : e.inner;
        for (std::int64_t o = 0; o < e.outer; ++o) {
            const float* x = tensors[0] + (o * e.extent + first) * e.inner;
            float* y = tensors[1] + (o * e.extent + first) * e.inner;
            for (std::int64_t i = 0; i < e.inner; ++i) y[i] = exclusive ? 0 : x[i];
            for (std::int64_t k = 1; k < e.extent; ++k, x += step, y += step) {
                const float* added = exclusive ? x : x + step;
                for (std::int64_t i = 0; i < e.inner; ++i) y[step + i] = y[i] + added[i];
            }
        }
    };
}

Kernel taps_kernel(const Taps& taps, const Shape& from) {
    return [taps, e = Extents(from, taps.axis)](std::span<float* const> tensors) {
        const std::size_t outputs = taps.index.size() / static_cast<std::size_t>(taps.count);
        const auto count = static_cast<std::size_t>(taps.count);
        float* to = tensors[1];
        for (std::int64_t o = 0; o < e.outer; ++o) {
            const float* plane = tensors[0] + o * e.extent * e.inner;
            for (std::size_t k = 0; k < outputs; ++k, to += e.inner) {
                std::fill_n(to, e.inner, 0.0F);
                for (std::size_t tap = k * count; tap < (k + 1) * count; ++tap) {
                    const float* row = plane + taps.index[tap] * e.inner;
                    const float weight = taps.weight[tap];
                    for (std::int64_t i = 0; i < e.inner; ++i) to[i] += weight * row[i];
                }
            }
        }
    };
}

Kernel local_response_kernel(const LocalResponse& local, const Shape& shape) {
    return [local, e = Extents(shape, 1)](std::span<float* const> tensors) {
        const std::int64_t before = (local.size - 1) / 2, after = local.size - 1 - before;
        const float scale = local.alpha / static_cast<float>(local.size);
        for (std::int64_t o = 0; o < e.outer; ++o) {
            const float* x = tensors[0] + o * e.extent * e.inner;
            float* y = tensors[1] + o * e.extent * e.inner;
            for (std::int64_t c = 0; c < e.extent; ++c) {
                const std::int64_t first = std::max<std::int64_t>(0, c - before),
                                   last = std::min(e.extent - 1, c + after);
                float* row = y + c * e.inner;
                std::fill_n(row, e.inner, 0.0F);
                for (std::int64_t k = first; k <= last; ++k) {
                    const float* neighbour = x + k * e.inner;
                    for (std::int64_t i = 0; i < e.inner; ++i) row[i] += neighbour[i] * neighbour[i];
                }
                for (std::int64_t i = 0; i < e.inner; ++i)
                    row[i] = x[c * e.inner + i] / std::pow(local.bias + scale * row[i], local.beta);
            }
        }
    };
}

}  // namespace laxity::cpu
