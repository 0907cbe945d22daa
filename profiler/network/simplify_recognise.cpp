// Sees what exporters took apart. First operations with one number become functions of one input (x / 6: linear), so
// that the patterns below, written from their last layer to their first, need not know how a number was applied.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "profiler/network/graph_editor.hpp"

namespace laxity {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool near(double value, double expected) { return std::abs(value - expected) <= 1e-5 * std::abs(expected); }

Layer unary_layer(const Layer& replaced, int input, Elementwise function) {
    return {replaced.name, Unary{function}, {input}, replaced.shape, {}};
}

void become(GraphEditor& editor, int i, int input, Elementwise function) {
    editor.replace(i, unary_layer(editor.layer(i), input, function));
}

// The layer that a chain of these functions, the last first, was applied to; -1 if it is another chain. A layer in
// between may be read elsewhere too: what replaces the chain does not need it.
int under(const GraphEditor& editor, int i, Function function) {
    return function_of(editor.layer(i), function) ? editor.layer(i).inputs[0] : -1;
}

const Elementwise* linear(const GraphEditor& editor, int i) { return function_of(editor.layer(i), Function::kLinear); }

bool is_linear(const GraphEditor& editor, int i, double alpha, double beta) {
    const Elementwise* function = linear(editor, i);
    return function != nullptr && near(function->alpha, alpha) &&
           (beta == 0 ? function->beta == 0 : near(function->beta, beta));
}

// ---- Operations with one number -------------------------------------------------------------------------------------

std::optional<Elementwise> with_constant_second(BinaryKind kind, double c) {
    const auto value = static_cast<float>(c);
    switch (kind) {
        case BinaryKind::kAdd:
            return Elementwise{Function::kLinear, 1, value};
        case BinaryKind::kSubtract:
            return Elementwise{Function::kLinear, 1, -value};
        case BinaryKind::kMultiply:
            return Elementwise{Function::kLinear, value, 0};
        case BinaryKind::kDivide:
            if (c == 0 || !std::isfinite(1 / value)) return std::nullopt;
            return Elementwise{Function::kLinear, static_cast<float>(1 / c), 0};
        case BinaryKind::kPower:
            return Elementwise{Function::kPower, value, 0};
        case BinaryKind::kMaximum:
            return Elementwise{Function::kClip, value, kInfinity};
        case BinaryKind::kMinimum:
            return Elementwise{Function::kClip, -kInfinity, value};
        case BinaryKind::kPrelu:
            return Elementwise{Function::kLeakyRelu, value, 0};
        default:
            return std::nullopt;
    }
}

std::optional<Elementwise> with_constant_first(BinaryKind kind, double c) {
    const auto value = static_cast<float>(c);
    switch (kind) {
        case BinaryKind::kSubtract:
            return Elementwise{Function::kLinear, -1, value};
        case BinaryKind::kDivide:
            return c == 1 ? std::optional(Elementwise{Function::kReciprocal, 0, 0}) : std::nullopt;
        case BinaryKind::kAdd:
        case BinaryKind::kMultiply:
        case BinaryKind::kMaximum:
        case BinaryKind::kMinimum:
            return with_constant_second(kind, c);
        default:
            return std::nullopt;
    }
}

bool apply_number(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    const Binary* binary = plain<Binary>(layer);
    if (binary == nullptr) return false;
    for (const std::size_t which : {1U, 0U}) {
        const auto number = uniform(editor.input(layer, which));
        const int x = layer.inputs[1 - which];
        if (!number || !std::isfinite(*number) || !(editor.layer(x).shape == layer.shape)) continue;
        const auto function =
            which == 1 ? with_constant_second(binary->kind, *number) : with_constant_first(binary->kind, *number);
        if (!function) continue;
        become(editor, i, x, *function);
        return true;
    }
    return false;
}

// ---- Functions of one number ----------------------------------------------------------------------------------------

std::optional<Elementwise> plainer(const Elementwise& f) {
    if (f.function == Function::kPower && f.alpha == 2) return Elementwise{Function::kSquare, 0, 0};
    if (f.function == Function::kPower && f.alpha == 0.5F) return Elementwise{Function::kSquareRoot, 0, 0};
    if (f.function == Function::kPower && f.alpha == -1) return Elementwise{Function::kReciprocal, 0, 0};
    if (f.function == Function::kPower && f.alpha == 1) return Elementwise{Function::kIdentity, 0, 0};
    if (f.function == Function::kClip && f.alpha == 0 && f.beta == kInfinity) return Elementwise{Function::kRelu, 0, 0};
    if (f.function == Function::kLinear && f.alpha == 1 && f.beta == 0) return Elementwise{Function::kIdentity, 0, 0};
    if (f.function == Function::kNegate) return Elementwise{Function::kLinear, -1, 0};
    return std::nullopt;
}

bool make_plainer(GraphEditor& editor, int i) {
    const Unary* unary = plain<Unary>(editor.layer(i));
    if (unary == nullptr) return false;
    const int x = editor.layer(i).inputs[0];
    if (unary->function.function == Function::kIdentity) return editor.redirect(i, x);
    const auto function = plainer(unary->function);
    if (!function) return false;
    become(editor, i, x, *function);
    return true;
}

bool square(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    if (!is_binary(layer, BinaryKind::kMultiply) || layer.inputs[0] != layer.inputs[1]) return false;
    become(editor, i, layer.inputs[0], {Function::kSquare, 0, 0});
    return true;
}

// a * (1 / b) -> a / b
bool divide(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    if (!is_binary(layer, BinaryKind::kMultiply)) return false;
    for (const std::size_t which : {1U, 0U}) {
        const int divisor = under(editor, layer.inputs[which], Function::kReciprocal);
        if (divisor < 0) continue;
        Layer quotient = layer;
        quotient.operation = Binary{BinaryKind::kDivide};
        quotient.inputs = {layer.inputs[1 - which], divisor};
        editor.replace(i, std::move(quotient));
        return true;
    }
    return false;
}

// log(1 + exp x)
bool softplus(GraphEditor& editor, int i) {
    const int sum = under(editor, i, Function::kLogarithm);
    if (sum < 0 || !is_linear(editor, sum, 1, 1)) return false;
    const int x = under(editor, editor.layer(sum).inputs[0], Function::kExponential);
    if (x < 0) return false;
    become(editor, i, x, {Function::kSoftplus, 0, 0});
    return true;
}

// 1 / (1 + exp -x)
bool sigmoid(GraphEditor& editor, int i) {
    const int sum = under(editor, i, Function::kReciprocal);
    if (sum < 0 || !is_linear(editor, sum, 1, 1)) return false;
    const int negated = under(editor, editor.layer(sum).inputs[0], Function::kExponential);
    if (negated < 0 || !is_linear(editor, negated, -1, 0)) return false;
    become(editor, i, editor.layer(negated).inputs[0], {Function::kSigmoid, 0, 0});
    return true;
}

// clip(x + 3, 0, 6) / 6, in this form: clip(x / 6 + 1/2, 0, 1)
bool hard_sigmoid(GraphEditor& editor, int i) {
    if (!is_linear(editor, i, 1.0 / 6, 0)) return false;
    const int clip = editor.layer(i).inputs[0];
    const Elementwise* limits = function_of(editor.layer(clip), Function::kClip);
    if (limits == nullptr || limits->alpha != 0 || limits->beta != 6) return false;
    const int sum = editor.layer(clip).inputs[0];
    if (!is_linear(editor, sum, 1, 3)) return false;
    become(editor, i, editor.layer(sum).inputs[0], {Function::kHardSigmoid, 1.0F / 6, 0.5F});
    return true;
}

// ---- Products of x and a function of it -----------------------------------------------------------------------------

// A tree of multiplications as its factors and one number.
struct Product {
    double number = 1;
    std::vector<int> factors;
};

void collect(const GraphEditor& editor, int i, bool root, Product& product) {
    const Layer& layer = editor.layer(i);
    const Elementwise* scale = linear(editor, i);
    const bool may = root || editor.used_once(i);
    if (may && is_binary(layer, BinaryKind::kMultiply) && product.factors.size() < 4) {
        for (const int input : layer.inputs) collect(editor, input, false, product);
    } else if (may && scale != nullptr && scale->beta == 0) {
        product.number *= scale->alpha;
        collect(editor, layer.inputs[0], false, product);
    } else {
        product.factors.push_back(i);
    }
}

// tanh's argument in GELU: sqrt(2 / pi) (x + 0.044715 x^3).
bool is_gelu_argument(const GraphEditor& editor, int i, int x) {
    if (!is_linear(editor, i, 0.7978845608, 0)) return false;
    const Layer& sum = editor.layer(editor.layer(i).inputs[0]);
    if (!is_binary(sum, BinaryKind::kAdd)) return false;
    for (const std::size_t which : {0U, 1U}) {
        if (sum.inputs[which] != x) continue;
        Product cube;
        collect(editor, sum.inputs[1 - which], true, cube);
        if (!near(cube.number, 0.044715)) continue;
        const auto power = [&](int factor) {
            const Elementwise* f = function_of(editor.layer(factor), Function::kPower);
            if (factor == x) return 1;
            if (under(editor, factor, Function::kSquare) == x) return 2;
            return f != nullptr && f->alpha == 3 && editor.layer(factor).inputs[0] == x ? 3 : 100;
        };
        int degree = 0;
        for (const int factor : cube.factors) degree += power(factor);
        if (degree == 3) return true;
    }
    return false;
}

// The function of x that x * number * g(x) is.
std::optional<Elementwise> gated(const GraphEditor& editor, double number, int x, int g) {
    const Layer& gate = editor.layer(g);
    if (near(number, 1)) {
        if (under(editor, g, Function::kSigmoid) == x) return Elementwise{Function::kSwish, 1, 0};
        if (const int scaled = under(editor, g, Function::kSigmoid); scaled >= 0 && linear(editor, scaled)) {
            const Elementwise& inner = *linear(editor, scaled);
            if (inner.beta == 0 && editor.layer(scaled).inputs[0] == x)
                return Elementwise{Function::kSwish, inner.alpha, 0};
        }
        if (const int inner = under(editor, g, Function::kTanh);
            inner >= 0 && under(editor, inner, Function::kSoftplus) == x)
            return Elementwise{Function::kMish, 0, 0};
        const Elementwise* hard = function_of(gate, Function::kHardSigmoid);
        if (hard != nullptr && near(hard->alpha, 1.0 / 6) && near(hard->beta, .5) && gate.inputs[0] == x)
            return Elementwise{Function::kHardSwish, 0, 0};
    }
    if (near(number, 1.0 / 6)) {  // x * clip(x + 3, 0, 6) / 6
        const Elementwise* limits = function_of(gate, Function::kClip);
        if (limits != nullptr && limits->alpha == 0 && limits->beta == 6 && is_linear(editor, gate.inputs[0], 1, 3) &&
            editor.layer(gate.inputs[0]).inputs[0] == x)
            return Elementwise{Function::kHardSwish, 0, 0};
    }
    // number * (p + p erf or tanh) with number * p = 1/2
    const Elementwise* half = linear(editor, g);
    if (half == nullptr || !near(half->beta, half->alpha) || !near(number * half->alpha, .5)) return std::nullopt;
    const int scaled = under(editor, gate.inputs[0], Function::kErf);
    if (scaled >= 0 && is_linear(editor, scaled, std::sqrt(.5), 0) && editor.layer(scaled).inputs[0] == x)
        return Elementwise{Function::kGeluErf, 0, 0};
    const int argument = under(editor, gate.inputs[0], Function::kTanh);
    if (argument >= 0 && is_gelu_argument(editor, argument, x)) return Elementwise{Function::kGeluTanh, 0, 0};
    return std::nullopt;
}

bool gate(GraphEditor& editor, int i) {
    if (!is_binary(editor.layer(i), BinaryKind::kMultiply) && !linear(editor, i)) return false;
    Product product;
    collect(editor, i, true, product);
    if (product.factors.size() != 2 || (linear(editor, i) && linear(editor, i)->beta != 0)) return false;
    for (const std::size_t which : {0U, 1U}) {
        const int x = product.factors[which];
        const auto function = gated(editor, product.number, x, product.factors[1 - which]);
        if (!function) continue;
        become(editor, i, x, *function);
        return true;
    }
    return false;
}

// ---- Normalisations -------------------------------------------------------------------------------------------------

const Reduce* reduction(const GraphEditor& editor, int i, ReduceKind kind) {
    const Reduce* reduce = plain<Reduce>(editor.layer(i));
    return reduce != nullptr && reduce->kind == kind ? reduce : nullptr;
}

void become_normalise(GraphEditor& editor, int i, int x, Normalise normalise) {
    Layer layer = editor.layer(i);
    layer.operation = std::move(normalise);
    layer.inputs = {x};
    editor.replace(i, std::move(layer));
}

// y / sqrt(mean(y^2) + epsilon); y may be x - mean(x).
bool mean_variance(GraphEditor& editor, int i, int y, int divisor) {
    const int sum = under(editor, divisor, Function::kSquareRoot);
    if (sum < 0 || linear(editor, sum) == nullptr || linear(editor, sum)->alpha != 1) return false;
    const float epsilon = linear(editor, sum)->beta;
    const int mean_square = editor.layer(sum).inputs[0];
    const Reduce* reduce = reduction(editor, mean_square, ReduceKind::kMean);
    if (reduce == nullptr || under(editor, editor.layer(mean_square).inputs[0], Function::kSquare) != y) return false;
    const std::vector<int> axes = reduce->axes;
    const Layer& centred = editor.layer(y);
    if (is_binary(centred, BinaryKind::kSubtract)) {
        const int x = centred.inputs[0], mean = centred.inputs[1];
        const Reduce* first = reduction(editor, mean, ReduceKind::kMean);
        if (first != nullptr && first->axes == axes && editor.layer(mean).inputs[0] == x) {
            become_normalise(editor, i, x, {NormKind::kMeanVariance, axes, epsilon, {}, {}});
            return true;
        }
    }
    become_normalise(editor, i, y, {NormKind::kRootMeanSquare, axes, epsilon, {}, {}});
    return true;
}

// x / max(norm, epsilon)
bool norm(GraphEditor& editor, int i, int x, int divisor) {
    const Elementwise* limit = function_of(editor.layer(divisor), Function::kClip);
    if (limit == nullptr || limit->beta != kInfinity || limit->alpha <= 0) return false;
    const float epsilon = limit->alpha;
    const int length = editor.layer(divisor).inputs[0];
    for (const auto& [reduced, kind] :
         {std::pair(ReduceKind::kL1, NormKind::kL1), std::pair(ReduceKind::kL2, NormKind::kL2)}) {
        const Reduce* reduce = reduction(editor, length, reduced);
        if (reduce == nullptr || editor.layer(length).inputs[0] != x) continue;
        become_normalise(editor, i, x, {kind, std::vector<int>(reduce->axes), epsilon, {}, {}});
        return true;
    }
    return false;
}

// exp y / sum(exp y); y may be x - max(x).
bool softmax(GraphEditor& editor, int i, int exponential, int divisor) {
    int x = under(editor, exponential, Function::kExponential);
    const Reduce* sum = reduction(editor, divisor, ReduceKind::kSum);
    if (x < 0 || sum == nullptr || sum->axes.size() != 1 || editor.layer(divisor).inputs[0] != exponential)
        return false;
    const int axis = sum->axes[0];
    const Layer& shifted = editor.layer(x);
    if (is_binary(shifted, BinaryKind::kSubtract)) {
        const Reduce* maximum = reduction(editor, shifted.inputs[1], ReduceKind::kMaximum);
        if (maximum != nullptr && maximum->axes == std::vector<int>{axis} &&
            editor.input(shifted, 1).inputs[0] == shifted.inputs[0])
            x = shifted.inputs[0];
    }
    Layer layer = editor.layer(i);
    layer.operation = Softmax{axis, false};
    layer.inputs = {x};
    editor.replace(i, std::move(layer));
    return true;
}

bool quotient(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    if (!is_binary(layer, BinaryKind::kDivide)) return false;
    const int x = layer.inputs[0], divisor = layer.inputs[1];
    if (!(editor.layer(x).shape == layer.shape)) return false;
    return mean_variance(editor, i, x, divisor) || norm(editor, i, x, divisor) || softmax(editor, i, x, divisor);
}

}  // namespace

bool recognise(LayerGraph& graph) {
    GraphEditor editor(graph);
    constexpr bool (*kPatterns[])(GraphEditor&, int) = {apply_number, make_plainer, square, divide,  softplus,
                                                        sigmoid,      hard_sigmoid, gate,   quotient};
    bool changed = false;
    for (int i = 1; i < editor.count(); ++i) {
        for (const auto pattern : kPatterns) {
            if (editor.alive(i)) changed |= pattern(editor, i);
        }
    }
    return changed;
}

}  // namespace laxity
