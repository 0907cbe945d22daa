#include "profiler/network/graph_builder.hpp"

#include <algorithm>
#include <utility>

#include "profiler/network/shape_error.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

void check_size(const std::string& name, const Shape& shape) {
    // By extents, since a product of hostile ones may overflow.
    std::int64_t product = 1;
    for (const std::int64_t extent : shape.extents()) {
        if (extent != 0 && product > kMostElements / extent)
            throw InputError("'" + name + "' would give " + shape.text() + " elements; at most 2^28 are possible");
        product *= extent;
    }
}

Operation constant_of(const Tensor& tensor) {
    return Constant{make_weights(tensor.shape, {tensor.values.begin(), tensor.values.end()})};
}

}  // namespace

GraphBuilder::GraphBuilder(const Shape& input) {
    check_size("input", input);
    layers_.push_back({"input", Input{}, {}, input, {}});
}

Value GraphBuilder::constant(Tensor tensor) { return {-1, std::make_shared<const Tensor>(std::move(tensor))}; }

const Shape& GraphBuilder::shape(const Value& value) const {
    return value.is_constant() ? value.constant->shape : layers_[static_cast<std::size_t>(value.layer)].shape;
}

int GraphBuilder::layer_of(const Value& value) {
    if (!value.is_constant()) return value.layer;
    const auto known = std::find_if(constants_.begin(), constants_.end(),
                                    [&](const auto& each) { return each.first == value.constant; });
    if (known != constants_.end()) return known->second;
    const int layer = static_cast<int>(layers_.size());
    layers_.push_back({"constant", constant_of(*value.constant), {}, value.constant->shape, {}});
    constants_.emplace_back(value.constant, layer);
    return layer;
}

Value GraphBuilder::add(const std::string& name, Operation operation, std::span<const Value> inputs,
                        const Shape& wanted) {
    std::vector<Shape> shapes;
    for (const Value& input : inputs) shapes.push_back(shape(input));
    check_size(name, wanted);
    const Shape output = infer_shape(operation, shapes, wanted);
    check_size(name, output);
    if (std::all_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.is_constant(); })) {
        std::vector<const Tensor*> tensors;
        for (const Value& input : inputs) tensors.push_back(input.constant.get());
        ++folded_;
        return constant(evaluate(operation, tensors, output));
    }
    Layer layer{name, std::move(operation), {}, output, {}};
    for (const Value& input : inputs) layer.inputs.push_back(layer_of(input));
    layers_.push_back(std::move(layer));
    return {static_cast<int>(layers_.size()) - 1, nullptr};
}

Value reshape(GraphBuilder& builder, const std::string& name, const Value& x, const Shape& shape) {
    if (builder.shape(x) == shape) return x;
    return builder.add(name, Reshape{}, {{x}}, shape);
}

Value transpose(GraphBuilder& builder, const std::string& name, const Value& x, std::span<const int> permutation) {
    const Shape& from = builder.shape(x);
    const std::vector<std::int64_t> strides = from.strides();
    std::vector<std::int64_t> extents, permuted;
    for (const int axis : permutation) {
        extents.push_back(from[axis]);
        permuted.push_back(strides[static_cast<std::size_t>(axis)]);
    }
    return builder.add(name, StridedView{0, std::move(permuted)}, {{x}}, Shape(extents));
}

Value slice(GraphBuilder& builder, const std::string& name, const Value& x, int axis, std::int64_t first,
            std::int64_t step, std::int64_t count) {
    const Shape& from = builder.shape(x);
    if (first == 0 && step == 1 && count == from[axis]) return x;
    StridedView view{0, from.strides()};
    std::int64_t& stride = view.strides[static_cast<std::size_t>(axis)];
    view.offset = count > 0 ? first * stride : 0;
    stride *= step;
    return builder.add(name, std::move(view), {{x}}, from.with(axis, count));
}

Value expand(GraphBuilder& builder, const std::string& name, const Value& x, const Shape& shape) {
    const Shape& from = builder.shape(x);
    if (from == shape) return x;
    const Shape both[] = {from, shape};
    if (!(broadcast(both) == shape)) throw ShapeError("cannot stretch " + from.text() + " to " + shape.text());
    return builder.add(name, StridedView{0, broadcast_strides(from, shape)}, {{x}}, shape);
}

Value unary(GraphBuilder& builder, const std::string& name, Elementwise function, const Value& x) {
    return builder.add(name, Unary{function}, {{x}});
}

Value binary(GraphBuilder& builder, const std::string& name, BinaryKind kind, const Value& a, const Value& b) {
    const Value inputs[] = {a, b};
    return builder.add(name, Binary{kind}, inputs);
}

}  // namespace laxity
