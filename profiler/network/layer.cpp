#include "profiler/network/layer.hpp"

#include <cassert>
#include <utility>

namespace laxity {

namespace {

// By alternative of Operation.
constexpr const char* kNames[] = {
    "input",          "constant",       "convolution",      "dense",
    "matrix product", "unary function", "binary operation", "selection",
    "reduction",      "softmax",        "normalisation",    "local response normalisation",
    "pooling",        "resampling",     "reshape",          "view",
    "gather",         "padding",        "concatenation",    "cumulative sum",
    "recurrent layer"};
static_assert(std::size(kNames) == std::variant_size_v<Operation>);

struct CountMacs {
    const Shape& output;
    std::span<const Shape> inputs;

    std::int64_t operator()(const Convolution& convolution) const {
        // Transposed, every element of the input meets the whole window; else every element of the output does.
        const Shape& windows = convolution.transposed ? inputs[0] : output;
        return convolution.weights.count() * windows.elements(2, windows.rank()) * windows[0];
    }
    std::int64_t operator()(const Dense& dense) const { return output.elements() * dense.weights.shape[1]; }
    std::int64_t operator()(const MatMul& product) const {
        const Shape& a = inputs[0];
        return output.elements() * a[a.rank() - (product.transpose_a ? 2 : 1)];
    }
    std::int64_t operator()(const Recurrent& recurrent) const {
        return (recurrent.input_weights.count() + recurrent.recurrent_weights.count()) * inputs[0][0] * inputs[0][1];
    }
    template <class Other>
    std::int64_t operator()(const Other&) const {
        return 0;
    }
};

struct ListWeights {
    using List = std::vector<const Weights*>;

    List operator()(const Constant& constant) const { return {&constant.value}; }
    List operator()(const Convolution& layer) const { return {&layer.weights, &layer.bias}; }
    List operator()(const Dense& layer) const { return {&layer.weights, &layer.bias}; }
    List operator()(const Normalise& layer) const { return {&layer.scale, &layer.bias}; }
    List operator()(const Recurrent& layer) const {
        return {&layer.input_weights, &layer.recurrent_weights, &layer.bias, &layer.peepholes};
    }
    template <class Other>
    List operator()(const Other&) const {
        return {};
    }
};

}  // namespace

Weights make_weights(const Shape& shape, std::vector<float> values) {
    assert(static_cast<std::int64_t>(values.size()) == shape.elements());
    return {shape, std::make_shared<const std::vector<float>>(std::move(values))};
}

std::string operation_name(const Operation& operation) { return kNames[operation.index()]; }

int gate_count(RecurrentKind kind) { return kind == RecurrentKind::kLstm ? 4 : kind == RecurrentKind::kGru ? 3 : 1; }

std::int64_t macs(const Layer& layer, std::span<const Shape> inputs) {
    return std::visit(CountMacs{layer.shape, inputs}, layer.operation);
}

std::vector<const Weights*> weights_of(const Operation& operation) { return std::visit(ListWeights{}, operation); }

std::int64_t parameters(const Layer& layer) {
    std::int64_t count = 0;
    for (const Weights* weights : weights_of(layer.operation)) count += weights->count();
    return count;
}

}  // namespace laxity
