// Poolings that oneDNN has no fast code for, or none: dilated, L2, and averages that count some of the padding.
#include <algorithm>
#include <cmath>
#include <limits>

#include "profiler/cpu/kernels/windows.hpp"

namespace laxity::cpu {

namespace {

// What each output is multiplied by to make a sum an average.
std::vector<float> average_factors(const Pooling& pooling, Volume v) {
    if (pooling.count_padding) {  // padding becomes input, but for what ceil mode added
        const std::size_t missing = 3 - pooling.windows.size();
        for (std::size_t i = 0; i < 3; ++i) {
            const bool surplus = i >= missing && i - missing < pooling.ceil_surplus.size();
            Window& w = v.windows[i];
            v.input[i] += w.pad_begin + w.pad_end - (surplus ? pooling.ceil_surplus[i - missing] : 0);
            w.pad_begin = 0;
        }
    }
    std::vector<float> factors(static_cast<std::size_t>(v.output_area()), 0);
    for (const RowMeeting& m : meetings_of(v)) {
        for (std::int64_t i = m.to; i < m.to + m.count; ++i) ++factors[static_cast<std::size_t>(i)];
    }
    for (float& factor : factors) factor = 1 / factor;
    return factors;
}

template <class Accumulate>
void slide(const std::vector<RowMeeting>& meetings, std::int64_t stride, const float* from, float* to,
           const Accumulate& f) {
    for (const RowMeeting& m : meetings) {
        const float* x = from + m.from;
        float* y = to + m.to;
        for (std::int64_t i = 0; i < m.count; ++i) y[i] = f(y[i], x[i * stride]);
    }
}

}  // namespace

Kernel pooling_kernel(const Pooling& pooling, const Shape& from, const Shape& to) {
    const Volume v(pooling.windows, from, to);
    std::vector<float> factors;
    if (pooling.kind == PoolKind::kAverage) factors = average_factors(pooling, v);
    return [kind = pooling.kind, v, meetings = meetings_of(v), factors = std::move(factors),
            planes = from[0] * from[1]](std::span<float* const> tensors) {
        const std::int64_t area = v.output_area(), stride = v.windows[2].stride;
        const float first = kind == PoolKind::kMaximum ? -std::numeric_limits<float>::infinity() : 0;
        for (std::int64_t plane = 0; plane < planes; ++plane) {
            const float* x = tensors[0] + plane * v.input_area();
            float* y = tensors[1] + plane * area;
            std::fill_n(y, area, first);
            if (kind == PoolKind::kMaximum)
                slide(meetings, stride, x, y, [](float a, float b) { return std::max(a, b); });
            else if (kind == PoolKind::kL2)
                slide(meetings, stride, x, y, [](float a, float b) { return a + b * b; });
            else
                slide(meetings, stride, x, y, [](float a, float b) { return a + b; });
            for (std::int64_t i = 0; i < area && kind == PoolKind::kL2; ++i) y[i] = std::sqrt(y[i]);
            for (std::size_t i = 0; i < factors.size(); ++i) y[i] *= factors[i];
        }
    };
}

}  // namespace laxity::cpu
