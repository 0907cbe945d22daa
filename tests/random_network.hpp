// Random graphs of layers, by seed: for what must hold of any network.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "profiler/network/graph_builder.hpp"
#include "profiler/network/simplify.hpp"
#include "tests/draws.hpp"

namespace laxity::test {

// Grows a graph from an image or a sequence: any earlier value may be read again, so several tensors cross each cut.
// What exporters write by several layers (GELU, layer normalisation, padded poolings, constants beside convolutions)
// is drawn as often as single operations.
class RandomNetwork {
public:
    explicit RandomNetwork(std::uint64_t seed) : draws_(seed), builder_(input_shape(draws_)) {
        values_.push_back(builder_.input());
    }

    LayerGraph grow() {
        std::vector<int> exits;
        for (std::int64_t exit = draws_.integer(1, 4); exit > 0; --exit) {
            for (std::int64_t i = draws_.integer(1, 6); i > 0; --i) values_.push_back(step(any()));
            exits.push_back(builder_.layer_of(head(values_.back())));
        }
        return {builder_.take_layers(), exits};
    }

private:
    static Shape input_shape(Draws& draws) {
        if (draws.integer(0, 2) == 0) return {1, draws.integer(2, 6), draws.integer(2, 8)};
        return {1, draws.integer(1, 6), draws.integer(3, 8), draws.integer(3, 8)};
    }

    std::string name() { return "layer " + std::to_string(++names_); }
    const Value& any() {
        return values_[static_cast<std::size_t>(draws_.integer(0, static_cast<std::int64_t>(values_.size()) - 1))];
    }
    int draw(std::int64_t low, std::int64_t high) { return static_cast<int>(draws_.integer(low, high)); }
    std::vector<double> numbers(const Shape& shape) {
        std::vector<double> values(static_cast<std::size_t>(shape.elements()));
        for (double& value : values) value = draws_.real(-.5, .5);
        return values;
    }
    Weights weights(const Shape& shape) {
        const std::vector<double> values = numbers(shape);
        return make_weights(shape, {values.begin(), values.end()});
    }
    Value number(double value) { return GraphBuilder::constant({{}, {value}}); }
    Value function(Function kind, const Value& x) { return unary(builder_, name(), {kind, 1, 0}, x); }
    Value two(BinaryKind kind, const Value& a, const Value& b) { return binary(builder_, name(), kind, a, b); }
    Value reduce(ReduceKind kind, std::vector<int> axes, const Value& x) {
        return builder_.add(name(), Reduce{kind, std::move(axes)}, {{x}});
    }

    Value step(const Value& x);
    Value convolution(const Value& x);
    Value pooling(const Value& x);
    Value dense(const Value& x);
    Value permuted(const Value& x);
    Value padded(const Value& x);
    Value with_constant(const Value& x);
    Value exported_function(const Value& x);
    Value exported_normalisation(const Value& x);
    Value attention(const Value& x);
    Value head(const Value& x);

    Draws draws_;
    GraphBuilder builder_;
    std::vector<Value> values_;
    int names_ = 0;
};

inline Value RandomNetwork::convolution(const Value& x) {
    const Shape shape = builder_.shape(x);
    const bool depthwise = draw(0, 3) == 0;
    const std::int64_t out = depthwise ? shape[1] : draw(1, 6);
    Convolution c;
    c.groups = depthwise ? static_cast<int>(shape[1]) : 1;
    std::vector<std::int64_t> extents{out, depthwise ? 1 : shape[1]};
    for (int axis = 2; axis < shape.rank(); ++axis) {
        const int kernel = shape[axis] >= 3 ? draw(1, 3) : 1;
        c.windows.push_back({kernel, draw(1, 2), 1, draw(0, kernel - 1), draw(0, kernel - 1)});
        extents.push_back(kernel);
    }
    c.weights = weights(Shape(extents));
    if (draw(0, 1) == 0) c.bias = weights(Shape{out});
    return builder_.add(name(), std::move(c), {{x}});
}

inline Value RandomNetwork::pooling(const Value& x) {
    const Shape shape = builder_.shape(x);
    Pooling p;
    p.kind = draw(0, 1) == 0 ? PoolKind::kMaximum : PoolKind::kAverage;
    p.count_padding = draw(0, 1) == 0;
    const bool global = draw(0, 2) == 0;
    for (int axis = 2; axis < shape.rank(); ++axis) {
        const int kernel = global ? static_cast<int>(shape[axis]) : shape[axis] >= 2 ? 2 : 1;
        const int pad = global || kernel == 1 ? 0 : draw(0, 1);
        p.windows.push_back({kernel, draw(1, 2), 1, pad, pad});
    }
    return builder_.add(name(), std::move(p), {{x}});
}

inline Value RandomNetwork::dense(const Value& x) {
    const Shape shape = builder_.shape(x);
    const std::int64_t in = shape[shape.rank() - 1], out = draw(2, 6);
    if (draw(0, 1) == 0) return builder_.add(name(), Dense{weights({out, in}), {}}, {{x}});
    return builder_.add(name(), MatMul{}, {{x, GraphBuilder::constant({{in, out}, numbers({in, out})})}});
}

inline Value RandomNetwork::permuted(const Value& x) {
    std::vector<int> axes;
    for (int axis = 0; axis < builder_.shape(x).rank(); ++axis) axes.push_back(axis);
    for (std::size_t i = axes.size() - 1; i > 1; --i)
        std::swap(axes[i], axes[static_cast<std::size_t>(draws_.integer(1, static_cast<std::int64_t>(i)))]);
    return transpose(builder_, name(), x, axes);
}

inline Value RandomNetwork::padded(const Value& x) {
    const Shape shape = builder_.shape(x);
    Pad pad;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        pad.before.push_back(axis < 2 ? 0 : draw(0, 1));
        pad.after.push_back(axis < 2 ? 0 : draw(0, 1));
    }
    if (draw(0, 2) == 0) pad.value = -.25F;
    return builder_.add(name(), std::move(pad), {{x}});
}

// One number, or one a channel or column.
inline Value RandomNetwork::with_constant(const Value& x) {
    const Shape shape = builder_.shape(x);
    std::vector<std::int64_t> extents(static_cast<std::size_t>(shape.rank()), 1);
    const int axis = draw(0, 1) == 0 ? 1 : shape.rank() - 1;
    if (draw(0, 2) > 0) extents[static_cast<std::size_t>(axis)] = shape[axis];
    Tensor tensor{Shape(extents), numbers(Shape(extents))};
    for (double& value : tensor.values) value += value < 0 ? -.5 : .5;
    constexpr BinaryKind kKinds[] = {BinaryKind::kAdd, BinaryKind::kSubtract, BinaryKind::kMultiply,
                                     BinaryKind::kDivide, BinaryKind::kMaximum};
    const int kind = draw(0, 4);
    Value a = x, b = GraphBuilder::constant(std::move(tensor));
    if (kKinds[kind] != BinaryKind::kDivide && draw(0, 1) == 0) std::swap(a, b);
    return two(kKinds[kind], a, b);
}

inline Value RandomNetwork::exported_function(const Value& x) {
    const auto times = [&](const Value& a, const Value& b) { return two(BinaryKind::kMultiply, a, b); };
    const auto plus = [&](const Value& a, double b) { return two(BinaryKind::kAdd, a, number(b)); };
    switch (draw(0, 3)) {
        case 0: {
            const Value erf = function(Function::kErf, two(BinaryKind::kDivide, x, number(std::sqrt(2.0))));
            return times(times(x, plus(erf, 1)), number(.5));
        }
        case 1:
            return times(x, function(Function::kSigmoid, x));
        case 2: {
            const Value clipped = unary(builder_, name(), {Function::kClip, 0, 6}, plus(x, 3));
            return two(BinaryKind::kDivide, times(x, clipped), number(6));
        }
        default:
            return times(x, function(Function::kTanh, function(Function::kSoftplus, x)));
    }
}

inline Value RandomNetwork::exported_normalisation(const Value& x) {
    const int last = builder_.shape(x).rank() - 1;
    const Value centred = two(BinaryKind::kSubtract, x, reduce(ReduceKind::kMean, {last}, x));
    const Value square = two(BinaryKind::kPower, centred, number(2));
    const Value sum = two(BinaryKind::kAdd, reduce(ReduceKind::kMean, {last}, square), number(.01));
    return two(BinaryKind::kDivide, centred, function(Function::kSquareRoot, sum));
}

inline Value RandomNetwork::attention(const Value& x) {
    const int rank = builder_.shape(x).rank();
    std::vector<int> swapped;
    for (int axis = 0; axis < rank; ++axis) swapped.push_back(axis < rank - 2 ? axis : 2 * rank - 3 - axis);
    const Value keys = transpose(builder_, name(), x, swapped);
    const Value scores = builder_.add(name(), MatMul{}, {{x, keys}});
    const Value scaled = two(BinaryKind::kMultiply, scores, number(.25));
    const Value shares = builder_.add(name(), Softmax{rank - 1, false}, {{scaled}});
    return builder_.add(name(), MatMul{}, {{shares, x}});
}

inline Value RandomNetwork::step(const Value& x) {
    switch (draw(0, 11)) {
        case 0:
        case 1:
            return convolution(x);
        case 2:
            return pooling(x);
        case 3:
            return dense(x);
        case 4:
            return permuted(x);
        case 5:
            return convolution(padded(x));
        case 6:
            return pooling(padded(x));
        case 7:
            return with_constant(x);
        case 8:
            return exported_function(x);
        case 9:
            return exported_normalisation(x);
        case 10:
            return attention(x);
        default:
            return two(BinaryKind::kAdd, x, function(Function::kRelu, x));
    }
}

inline Value RandomNetwork::head(const Value& x) {
    const Shape flat{1, builder_.shape(x).elements()};
    const Value rows = reshape(builder_, name(), reshape(builder_, name(), x, {flat[1], 1}), flat);
    return builder_.add(name(), Dense{weights({3, flat[1]}), weights(Shape{3})}, {{rows}});
}

}  // namespace laxity::test
