// What every Function means.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "profiler/network/layer.hpp"

namespace laxity {

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double gelu_tanh(double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}
double shrink(double x, double limit, double bias) { return x > limit ? x - bias : x < -limit ? x + bias : 0; }

}  // namespace

double apply(const Elementwise& f, double x) {
    const double alpha = f.alpha, beta = f.beta;
    switch (f.function) {
        case Function::kIdentity:
            return x;
        case Function::kNegate:
            return -x;
        case Function::kAbsolute:
            return std::abs(x);
        case Function::kReciprocal:
            return 1 / x;
        case Function::kSquare:
            return x * x;
        case Function::kSquareRoot:
            return std::sqrt(x);
        case Function::kExponential:
            return std::exp(x);
        case Function::kLogarithm:
            return std::log(x);
        case Function::kErf:
            return std::erf(x);
        case Function::kSine:
            return std::sin(x);
        case Function::kCosine:
            return std::cos(x);
        case Function::kFloor:
            return std::floor(x);
        case Function::kCeil:
            return std::ceil(x);
        case Function::kRound:
            return std::nearbyint(x);
        case Function::kTruncate:
            return std::trunc(x);
        case Function::kSign:
            return x > 0 ? 1 : x < 0 ? -1 : 0;
        case Function::kNot:
            return x == 0 ? 1 : 0;
        case Function::kLinear:
            return alpha * x + beta;
        case Function::kPower:
            return std::pow(x, alpha);
        case Function::kClip:
            return std::min(std::max(x, alpha), beta);
        case Function::kRelu:
            return std::max(x, 0.0);
        case Function::kLeakyRelu:
            return x >= 0 ? x : alpha * x;
        case Function::kElu:
            return x >= 0 ? x : alpha * std::expm1(x);
        case Function::kSelu:
            return beta * (x > 0 ? x : alpha * std::expm1(x));
        case Function::kCelu:
            return std::max(x, 0.0) + std::min(0.0, alpha * std::expm1(x / alpha));
        case Function::kThresholdedRelu:
            return x > alpha ? x : 0;
        case Function::kShrink:
            return shrink(x, alpha, beta);
        case Function::kSigmoid:
            return sigmoid(x);
        case Function::kTanh:
            return std::tanh(x);
        case Function::kSoftplus:
            return softplus(x);
        case Function::kSoftsign:
            return x / (1 + std::abs(x));
        case Function::kMish:
            return x * std::tanh(softplus(x));
        case Function::kHardSigmoid:
            return std::clamp(alpha * x + beta, 0.0, 1.0);
        case Function::kHardSwish:
            return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
        case Function::kSwish:
            return x * sigmoid(alpha * x);
        case Function::kGeluErf:
            return x / 2 * (1 + std::erf(x / std::numbers::sqrt2));
        case Function::kGeluTanh:
            return gelu_tanh(x);
    }
    return x;
}

}  // namespace laxity
