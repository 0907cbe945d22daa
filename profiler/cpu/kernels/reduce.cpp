#include "profiler/cpu/kernels/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "profiler/cpu/kernels/loops.hpp"

namespace laxity::cpu {

namespace {

// Source, and what it is reduced to, which stands still along reduced axes.
using ReduceLoops = Loops<2>;

Shape reduced(const Shape& shape, std::span<const int> axes) {
    Shape result = shape;
    for (const int axis : axes) result = result.with(axis, 1);
    return result;
}

ReduceLoops loops_over(const Layout& from, std::span<const int> axes) {
    return {from.shape(), {from.strides(), broadcast_strides(reduced(from.shape(), axes), from.shape())}};
}

// to = f(to, from) for every element. A row that is reduced is summed up in a register; `join` brings two partial
// results together.
template <class Accumulate>
void accumulate(const ReduceLoops& loops, const float* from, float* to, const Accumulate& f) {
    const auto [x, y] = loops.strides();
    loops.for_each_row([&, x = x, y = y](const ReduceLoops::Offsets& offset) {
        const float* row = from + offset[0];
        float* result = to + offset[1];
        if (y == 0) {
            float sum = *result;
            for (std::int64_t i = 0; i < loops.row(); ++i) sum = f(sum, row[i * x]);
            *result = sum;
        } else {
            for (std::int64_t i = 0; i < loops.row(); ++i) result[i * y] = f(result[i * y], row[i * x]);
        }
    });
}

// Sums g(x). Eight partial sums a row, which vectors hold, and which lose less to rounding than one.
template <class Transform>
void add_up(const ReduceLoops& loops, const float* from, float* to, const Transform& g) {
    const auto [x, y] = loops.strides();
    if (x != 1 || y != 0) {
        accumulate(loops, from, to, [&](float sum, float value) { return sum + g(value); });
        return;
    }
    loops.for_each_row([&](const ReduceLoops::Offsets& offset) {
        const float* row = from + offset[0];
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < loops.row(); ++i) sum += g(row[i]);
        to[offset[1]] += sum;
    });
}

constexpr auto kLarger = [](float a, float b) { return std::max(a, b); };

void sum_exponentials(const ReduceLoops& loops, const float* from, float* largest, float* sums, std::int64_t count) {
    std::fill_n(sums, count, 0.0F);
    const auto [x, y] = loops.strides();
    loops.for_each_row([&, x = x, y = y](const ReduceLoops::Offsets& offset) {
        for (std::int64_t i = 0; i < loops.row(); ++i) {
            const std::int64_t group = offset[1] + i * y;
            sums[group] += std::exp(from[offset[0] + i * x] - largest[group]);
        }
    });
    for (std::int64_t i = 0; i < count; ++i) largest[i] += std::log(sums[i]);
}

float first_of(ReduceKind kind) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    switch (kind) {
        case ReduceKind::kMaximum:
        case ReduceKind::kLogSumExp:
            return -kInfinity;
        case ReduceKind::kMinimum:
            return kInfinity;
        case ReduceKind::kProduct:
            return 1;
        default:
            return 0;
    }
}

void accumulate(ReduceKind kind, const ReduceLoops& loops, const float* from, float* to) {
    switch (kind) {
        case ReduceKind::kMaximum:
        case ReduceKind::kLogSumExp:
            return accumulate(loops, from, to, kLarger);
        case ReduceKind::kMinimum:
            return accumulate(loops, from, to, [](float a, float b) { return std::min(a, b); });
        case ReduceKind::kProduct:
            return accumulate(loops, from, to, [](float a, float b) { return a * b; });
        case ReduceKind::kL1:
            return add_up(loops, from, to, [](float x) { return std::abs(x); });
        case ReduceKind::kL2:
        case ReduceKind::kSumSquare:
            return add_up(loops, from, to, [](float x) { return x * x; });
        default:
            return add_up(loops, from, to, [](float x) { return x; });
    }
}

void finish(ReduceKind kind, float* to, std::int64_t count, float elements) {
    for (std::int64_t i = 0; i < count; ++i) {
        if (kind == ReduceKind::kMean) to[i] /= elements;
        if (kind == ReduceKind::kL2) to[i] = std::sqrt(to[i]);
        if (kind == ReduceKind::kLogSum) to[i] = std::log(to[i]);
    }
}

}  // namespace

Kernel reduce_kernel(const Reduce& reduce, const Layout& from) {
    const ReduceLoops loops = loops_over(from, reduce.axes);
    const std::int64_t count = reduced(from.shape(), reduce.axes).elements();
    const auto elements = static_cast<float>(from.shape().elements() / count);
    return [kind = reduce.kind, loops, count, elements](std::span<float* const> tensors) {
        std::fill_n(tensors[1], count, first_of(kind));
        accumulate(kind, loops, tensors[0], tensors[1]);
        if (kind == ReduceKind::kLogSumExp) sum_exponentials(loops, tensors[0], tensors[1], tensors[2], count);
        finish(kind, tensors[1], count, elements);
    };
}

Kernel extreme_kernel(const Reduce& reduce, const Shape& from) {
    const int axis = reduce.axes[0];
    const std::int64_t inner = from.elements(axis + 1, from.rank()), extent = from[axis];
    const std::int64_t outer = from.elements(0, axis);
    return [=, largest = reduce.kind == ReduceKind::kArgMax](std::span<float* const> tensors) {
        for (std::int64_t o = 0; o < outer; ++o) {
            for (std::int64_t i = 0; i < inner; ++i) {
                const float* x = tensors[0] + o * extent * inner + i;
                std::int64_t best = 0;
                for (std::int64_t k = 1; k < extent; ++k) {
                    if (largest ? x[k * inner] > x[best * inner] : x[k * inner] < x[best * inner]) best = k;
                }
                tensors[1][o * inner + i] = static_cast<float>(best);
            }
        }
    };
}

std::int64_t normalise_groups(const Normalise& normalise, const Shape& shape) {
    return reduced(shape, normalise.axes).elements();
}

namespace {

// Over source, mean of its group.
void add_up_squares(const ReduceLoops& loops, const float* from, const float* mean, float* to) {
    const auto [x, y] = loops.strides();
    loops.for_each_row([&, x = x, y = y](const ReduceLoops::Offsets& offset) {
        const float *row = from + offset[0], *centre = mean + offset[1];
        float* result = to + offset[1];
        if (y == 0) {
            float sum = 0;
#pragma omp simd reduction(+ : sum)
            for (std::int64_t i = 0; i < loops.row(); ++i) sum += (row[i * x] - *centre) * (row[i * x] - *centre);
            *result += sum;
        } else {
            for (std::int64_t i = 0; i < loops.row(); ++i)
                result[i * y] += (row[i * x] - centre[i * y]) * (row[i * x] - centre[i * y]);
        }
    });
}

// From sums to what an element is multiplied by.
float factor_of(const Normalise& n, float sum, float elements) {
    switch (n.kind) {
        case NormKind::kL1:
            return 1 / std::max(sum, n.epsilon);
        case NormKind::kL2:
            return 1 / std::max(std::sqrt(sum), n.epsilon);
        default:
            return 1 / std::sqrt(sum / elements + n.epsilon);
    }
}

// Source, output, group, scale, bias.
using ApplyLoops = Loops<5>;

void apply_norm(const ApplyLoops& loops, std::span<float* const> tensors, const float* mean, const float* factor) {
    const ApplyLoops::Offsets s = loops.strides();
    loops.for_each_row([&](const ApplyLoops::Offsets& o) {
        const float *x = tensors[0] + o[0], *scale = tensors[2] + o[3], *bias = tensors[3] + o[4];
        float* y = tensors[1] + o[1];
        if (s[2] == 0 && s[0] == 1 && s[3] == s[4] && (s[3] == 0 || s[3] == 1)) {
            const float centre = mean[o[2]], f = factor[o[2]];
            if (s[3] == 0) {
                const float a = f * *scale, b = *bias;
                for (std::int64_t i = 0; i < loops.row(); ++i) y[i] = (x[i] - centre) * a + b;
            } else {
                for (std::int64_t i = 0; i < loops.row(); ++i) y[i] = (x[i] - centre) * f * scale[i] + bias[i];
            }
            return;
        }
        for (std::int64_t i = 0; i < loops.row(); ++i) {
            const std::int64_t group = o[2] + i * s[2];
            y[i] = (x[i * s[0]] - mean[group]) * factor[group] * scale[i * s[3]] + bias[i * s[4]];
        }
    });
}

}  // namespace

Kernel normalise_kernel(const Normalise& normalise, const Layout& from,
                        const std::array<std::vector<std::int64_t>, 2>& weights_strides) {
    const Shape& shape = from.shape();
    const ReduceLoops sums = loops_over(from, normalise.axes);
    const Shape groups_shape = reduced(shape, normalise.axes);
    const ApplyLoops apply(shape, {from.strides(), shape.strides(), broadcast_strides(groups_shape, shape),
                                   weights_strides[0], weights_strides[1]});
    const std::int64_t groups = groups_shape.elements();
    const auto elements = static_cast<float>(shape.elements() / groups);
    return [n = Normalise{normalise.kind, {}, normalise.epsilon, {}, {}}, sums, apply, groups,
            elements](std::span<float* const> tensors) {
        float *mean = tensors[4], *factor = mean + groups;
        std::fill_n(mean, 2 * groups, 0.0F);
        if (n.kind == NormKind::kMeanVariance) {
            add_up(sums, tensors[0], mean, [](float x) { return x; });
            for (std::int64_t g = 0; g < groups; ++g) mean[g] /= elements;
        }
        if (n.kind == NormKind::kL1)
            add_up(sums, tensors[0], factor, [](float x) { return std::abs(x); });
        else
            add_up_squares(sums, tensors[0], mean, factor);
        for (std::int64_t g = 0; g < groups; ++g) factor[g] = factor_of(n, factor[g], elements);
        apply_norm(apply, tensors, mean, factor);
    };
}

}  // namespace laxity::cpu
