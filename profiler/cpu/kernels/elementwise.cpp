#include "profiler/cpu/kernels/elementwise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "profiler/cpu/kernels/loops.hpp"

namespace laxity::cpu {

namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }
float softplus(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }
float shrink(float x, float limit, float bias) { return x > limit ? x - bias : x < -limit ? x + bias : 0; }
float gelu_tanh(float x) {
    constexpr float kFactor = 0.797884560802865F;  // sqrt(2 / pi)
    return x / 2 * (1 + std::tanh(kFactor * (x + 0.044715F * x * x * x)));
}

// Calls body(f) with the function as something that the compiler sees through, so that the choice is made once a row.
template <class Body>
void with_function(const Elementwise& e, const Body& body) {
    const float alpha = e.alpha, beta = e.beta;
    switch (e.function) {
        case Function::kIdentity:
            return body([](float x) { return x; });
        case Function::kNegate:
            return body([](float x) { return -x; });
        case Function::kAbsolute:
            return body([](float x) { return std::abs(x); });
        case Function::kReciprocal:
            return body([](float x) { return 1 / x; });
        case Function::kSquare:
            return body([](float x) { return x * x; });
        case Function::kSquareRoot:
            return body([](float x) { return std::sqrt(x); });
        case Function::kExponential:
            return body([](float x) { return std::exp(x); });
        case Function::kLogarithm:
            return body([](float x) { return std::log(x); });
        case Function::kErf:
            return body([](float x) { return std::erf(x); });
        case Function::kSine:
            return body([](float x) { return std::sin(x); });
        case Function::kCosine:
            return body([](float x) { return std::cos(x); });
        case Function::kFloor:
            return body([](float x) { return std::floor(x); });
        case Function::kCeil:
            return body([](float x) { return std::ceil(x); });
        case Function::kRound:
            return body([](float x) { return std::nearbyint(x); });
        case Function::kTruncate:
            return body([](float x) { return std::trunc(x); });
        case Function::kSign:
            return body([](float x) { return x > 0 ? 1.0F : x < 0 ? -1.0F : 0.0F; });
        case Function::kNot:
            return body([](float x) { return x == 0 ? 1.0F : 0.0F; });
        case Function::kLinear:
            return body([=](float x) { return alpha * x + beta; });
        case Function::kPower:
            return body([=](float x) { return std::pow(x, alpha); });
        case Function::kClip:
            return body([=](float x) { return std::min(std::max(x, alpha), beta); });
        case Function::kRelu:
            return body([](float x) { return std::max(x, 0.0F); });
        case Function::kLeakyRelu:
            return body([=](float x) { return x >= 0 ? x : alpha * x; });
        case Function::kElu:
            return body([=](float x) { return x >= 0 ? x : alpha * std::expm1(x); });
        case Function::kSelu:
            return body([=](float x) { return beta * (x > 0 ? x : alpha * std::expm1(x)); });
        case Function::kCelu:
            return body([=](float x) { return std::max(x, 0.0F) + std::min(0.0F, alpha * std::expm1(x / alpha)); });
        case Function::kThresholdedRelu:
            return body([=](float x) { return x > alpha ? x : 0; });
        case Function::kShrink:
            return body([=](float x) { return shrink(x, alpha, beta); });
        case Function::kSigmoid:
            return body([](float x) { return sigmoid(x); });
        case Function::kTanh:
            return body([](float x) { return std::tanh(x); });
        case Function::kSoftplus:
            return body([](float x) { return softplus(x); });
        case Function::kSoftsign:
            return body([](float x) { return x / (1 + std::abs(x)); });
        case Function::kMish:
            return body([](float x) { return x * std::tanh(softplus(x)); });
        case Function::kHardSigmoid:
            return body([=](float x) { return std::clamp(alpha * x + beta, 0.0F, 1.0F); });
        case Function::kHardSwish:
            return body([](float x) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); });
        case Function::kSwish:
            return body([=](float x) { return x * sigmoid(alpha * x); });
        case Function::kGeluErf:
            return body([](float x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2_v<float>)); });
        case Function::kGeluTanh:
            return body([](float x) { return gelu_tanh(x); });
    }
}

float modulo(float a, float b) {
    const float rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

template <class Body>
void with_function(BinaryKind kind, const Body& body) {
    switch (kind) {
        case BinaryKind::kAdd:
            return body([](float a, float b) { return a + b; });
        case BinaryKind::kSubtract:
            return body([](float a, float b) { return a - b; });
        case BinaryKind::kMultiply:
            return body([](float a, float b) { return a * b; });
        case BinaryKind::kDivide:
            return body([](float a, float b) { return a / b; });
        case BinaryKind::kPower:
            return body([](float a, float b) { return std::pow(a, b); });
        case BinaryKind::kMinimum:
            return body([](float a, float b) { return std::min(a, b); });
        case BinaryKind::kMaximum:
            return body([](float a, float b) { return std::max(a, b); });
        case BinaryKind::kEqual:
            return body([](float a, float b) { return a == b ? 1.0F : 0.0F; });
        case BinaryKind::kLess:
            return body([](float a, float b) { return a < b ? 1.0F : 0.0F; });
        case BinaryKind::kLessOrEqual:
            return body([](float a, float b) { return a <= b ? 1.0F : 0.0F; });
        case BinaryKind::kGreater:
            return body([](float a, float b) { return a > b ? 1.0F : 0.0F; });
        case BinaryKind::kGreaterOrEqual:
            return body([](float a, float b) { return a >= b ? 1.0F : 0.0F; });
        case BinaryKind::kAnd:
            return body([](float a, float b) { return a != 0 && b != 0 ? 1.0F : 0.0F; });
        case BinaryKind::kOr:
            return body([](float a, float b) { return a != 0 || b != 0 ? 1.0F : 0.0F; });
        case BinaryKind::kXor:
            return body([](float a, float b) { return (a != 0) != (b != 0) ? 1.0F : 0.0F; });
        case BinaryKind::kModulo:
            return body([](float a, float b) { return modulo(a, b); });
        case BinaryKind::kRemainder:
            return body([](float a, float b) { return std::fmod(a, b); });
        case BinaryKind::kPrelu:
            return body([](float a, float b) { return a >= 0 ? a : a * b; });
    }
}

// One row, with the strides that compilers make vectors of as cases of their own.
template <class Combine>
void combine_row(const Combine& f, const float* a, const float* b, float* y, std::int64_t count, std::int64_t a_stride,
                 std::int64_t b_stride) {
    if (a_stride == 1 && b_stride == 1) {
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], b[i]);
    } else if (a_stride == 1 && b_stride == 0) {
        const float second = *b;
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], second);
    } else if (a_stride == 0 && b_stride == 1) {
        const float first = *a;
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(first, b[i]);
    } else {
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i * a_stride], b[i * b_stride]);
    }
}

}  // namespace

void apply_function(const Elementwise& function, const float* x, float* y, std::int64_t count) {
    with_function(function, [&](const auto& f) {
        for (std::int64_t i = 0; i < count; ++i) y[i] = f(x[i]);
    });
}

Kernel elementwise_kernel(const Elementwise& function, std::int64_t count) {
    return [=](std::span<float* const> tensors) { apply_function(function, tensors[0], tensors[1], count); };
}

Kernel binary_kernel(BinaryKind kind, const Shape& shape, const std::array<std::vector<std::int64_t>, 2>& strides) {
    const Loops<3> loops(shape, {strides[0], strides[1], shape.strides()});
    return [kind, loops](std::span<float* const> tensors) {
        const auto [a_stride, b_stride, y_stride] = loops.strides();
        with_function(kind, [&, a_stride = a_stride, b_stride = b_stride](const auto& f) {
            loops.for_each_row([&](const Loops<3>::Offsets& o) {
                combine_row(f, tensors[0] + o[0], tensors[1] + o[1], tensors[2] + o[2], loops.row(), a_stride,
                            b_stride);
            });
        });
    };
}

Kernel select_kernel(const Shape& shape, const std::array<std::vector<std::int64_t>, 3>& strides) {
    return [loops = Loops<4>(shape, {strides[0], strides[1], strides[2], shape.strides()})](
               std::span<float* const> tensors) {
        const Loops<4>::Offsets s = loops.strides();
        loops.for_each_row([&](const Loops<4>::Offsets& o) {
            const float *condition = tensors[0] + o[0], *a = tensors[1] + o[1], *b = tensors[2] + o[2];
            float* y = tensors[3] + o[3];
            for (std::int64_t i = 0; i < loops.row(); ++i) y[i] = condition[i * s[0]] != 0 ? a[i * s[1]] : b[i * s[2]];
        });
    };
}

}  // namespace laxity::cpu
