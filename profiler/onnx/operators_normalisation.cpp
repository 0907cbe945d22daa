// Normalisations.
#include <cmath>
#include <limits>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

// [C] as [C][1].., to stretch along the channels of a tensor of that rank.
Value per_channel(const OnnxNode& node, const Value& values, int rank) {
    std::vector<std::int64_t> extents(static_cast<std::size_t>(rank - 1), 1);
    extents[0] = node.builder().shape(values).elements();
    return node.reshaped(values, Shape(extents));
}

std::vector<int> axes_from(int first, int rank) {
    std::vector<int> axes;
    for (int axis = first; axis < rank; ++axis) axes.push_back(axis);
    return axes;
}

Value scaled(const OnnxNode& node, Value x, const Value& scale) { return node.add(BinaryKind::kMultiply, x, scale); }
Value shifted(const OnnxNode& node, Value x, const Value& bias) { return node.add(BinaryKind::kAdd, x, bias); }

Value normalised(const OnnxNode& node, const Value& x, std::vector<int> axes, float epsilon) {
    return node.add(Normalise{NormKind::kMeanVariance, std::move(axes), epsilon, {}, {}}, {x});
}

void check_channels(const Shape& shape) {
    if (shape.rank() < 2) throw Refusal("expected channels, found " + shape.text());
}

}  // namespace

// x * s + b with s = scale / sqrt(variance + epsilon), b = bias - mean * s, in double precision.
OnnxValues import_batch_normalisation(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    check_channels(shape);
    if (node.integer("spatial", 1) == 0)
        throw Refusal("normalises every element by itself (spatial = 0)", "export with spatial = 1");
    if (node.integer("training_mode", 0) != 0 || node.outputs() > 1)
        node.context().remark("batch normalisations in training mode use their running means and variances");
    const Tensor &scale = node.constant(1, "the scale"), &bias = node.constant(2, "the bias");
    const Tensor &mean = node.constant(3, "the mean"), &variance = node.constant(4, "the variance");
    for (const Tensor* each : {&scale, &bias, &mean, &variance}) {
        if (each->shape.elements() != shape[1])
            throw Refusal("expected statistics of " + std::to_string(shape[1]) + " channels, found " +
                          each->shape.text());
    }
    Tensor factor{Shape{shape[1]}, {}}, offset{Shape{shape[1]}, {}};
    for (std::size_t c = 0; c < scale.values.size(); ++c) {
        factor.values.push_back(scale.values[c] / std::sqrt(variance.values[c] + node.real("epsilon", 1e-5F)));
        offset.values.push_back(bias.values[c] - mean.values[c] * factor.values[c]);
        if (!std::isfinite(factor.values[c]) || !std::isfinite(offset.values[c]))
            throw Refusal("has statistics that are not finite", "train the network again");
    }
    const auto stretched = [&](Tensor t) {
        return per_channel(node, GraphBuilder::constant(std::move(t)), shape.rank());
    };
    const Value x = scaled(node, node.value(0), stretched(std::move(factor)));
    return single(node, shifted(node, x, stretched(std::move(offset))));
}

OnnxValues import_layer_normalisation(const OnnxNode& node) {
    const int rank = node.shape(0).rank();
    const int first = node.axis(node.integer("axis", -1), rank);
    Value x = normalised(node, node.value(0), axes_from(first, rank), node.real("epsilon", 1e-5F));
    x = scaled(node, x, node.value(1));
    return single(node, node.has_input(2) ? shifted(node, x, node.value(2)) : x);
}

// Scale and bias belong to groups before operator set 21, to channels since then.
OnnxValues import_group_normalisation(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    check_channels(shape);
    const std::int64_t groups = node.integer("num_groups", 0);
    if (groups < 1 || shape[1] % groups != 0)
        throw Refusal("cannot make " + std::to_string(groups) + " groups of " + shape.text());
    Value x = node.reshaped(node.value(0), {shape[0], groups, shape.elements() / shape[0] / groups});
    x = normalised(node, x, {2}, node.real("epsilon", 1e-5F));
    const auto affine = [&](Value y, int rank) {
        return shifted(node, scaled(node, y, per_channel(node, node.value(1), rank)),
                       per_channel(node, node.value(2), rank));
    };
    const bool by_group = node.shape(1).elements() == groups && node.opset() < 21;
    if (by_group) x = affine(x, 3);
    x = node.reshaped(x, shape);
    return single(node, by_group ? x : affine(x, shape.rank()));
}

OnnxValues import_instance_normalisation(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    if (shape.rank() < 3) throw Refusal("expected an image or a signal, found " + shape.text());
    Value x = normalised(node, node.value(0), axes_from(2, shape.rank()), node.real("epsilon", 1e-5F));
    x = scaled(node, x, per_channel(node, node.value(1), shape.rank()));
    return single(node, shifted(node, x, per_channel(node, node.value(2), shape.rank())));
}

OnnxValues import_local_response(const OnnxNode& node) {
    const std::int64_t size = node.integer("size", 0);
    if (size < 1 || size > 1 << 20) throw Refusal("expected a size above 0, found " + std::to_string(size));
    const LocalResponse local{static_cast<int>(size), node.real("alpha", 1e-4F), node.real("beta", 0.75F),
                              node.real("bias", 1)};
    return single(node, node.add(local, {node.value(0)}));
}

OnnxValues import_lp_normalisation(const OnnxNode& node) {
    const std::int64_t p = node.integer("p", 2);
    if (p != 1 && p != 2) throw Refusal("expected p to be 1 or 2, found " + std::to_string(p));
    const Normalise normalise{p == 1 ? NormKind::kL1 : NormKind::kL2,
                              {node.axis(node.integer("axis", -1), node.shape(0).rank())},
                              1e-30F,
                              {},
                              {}};
    return single(node, node.add(normalise, {node.value(0)}));
}

OnnxValues import_mean_variance(const OnnxNode& node) {
    const std::vector<int> axes = node.axes(node.integers("axes", {0, 2, 3}), node.shape(0).rank());
    return single(node, normalised(node, node.value(0), axes, 1e-18F));
}

}  // namespace laxity
