// Operators that make constants, most of them from shapes; all is known while importing.
#include <algorithm>
#include <cmath>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

using onnx::TensorProto;

constexpr std::int64_t kMostElements = 1 << 26;

template <class T>
OnnxValues list(const std::vector<T>& values, int type) {
    return single(
        GraphBuilder::constant({Shape{static_cast<std::int64_t>(values.size())}, {values.begin(), values.end()}}),
        type);
}

OnnxValues tensor(Shape shape, std::vector<double> values, int type) {
    return single(GraphBuilder::constant({shape, std::move(values)}), type);
}

Shape shape_from(const OnnxNode::Integers& extents) {
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) {
        if (extents.size() > kMaxRank || extent < 0 || (extent > 0 && count > kMostElements / extent))
            throw Refusal("would make a constant of impossible shape");
        count *= extent;
    }
    return Shape(extents);
}

}  // namespace

OnnxValues import_constant(const OnnxNode& node) {
    const auto& attributes = node.attributes();
    if (const auto value = attributes.find("value"); value != attributes.end())
        return {read_tensor(value->second.t(), node.context().folder)};
    if (node.has("value_float")) return {number_value(node.real("value_float", 0), TensorProto::FLOAT)};
    if (node.has("value_int"))
        return {number_value(static_cast<double>(node.integer("value_int", 0)), TensorProto::INT64)};
    if (node.has("value_floats")) return list(node.reals("value_floats"), TensorProto::FLOAT);
    if (node.has("value_ints")) return {integers_value(node.integers("value_ints"))};
    throw Refusal("has no value");
}

OnnxValues import_shape(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    const auto bound = [&](std::string_view name, std::int64_t otherwise) {
        const std::int64_t given = node.integer(name, otherwise);
        return std::clamp<std::int64_t>(given < 0 ? given + shape.rank() : given, 0, shape.rank());
    };
    const std::int64_t first = bound("start", 0), last = std::max(first, bound("end", shape.rank()));
    return {integers_value({shape.extents().begin() + first, shape.extents().begin() + last})};
}

OnnxValues import_size(const OnnxNode& node) {
    return {number_value(static_cast<double>(node.shape(0).elements()), TensorProto::INT64)};
}

OnnxValues import_constant_of_shape(const OnnxNode& node) {
    const Shape shape = shape_from(node.integers(0, "the shape"));
    OnnxValue value = number_value(0, TensorProto::FLOAT);
    if (const auto given = node.attributes().find("value"); given != node.attributes().end())
        value = read_tensor(given->second.t(), node.context().folder);
    const auto& numbers = value.value.constant->values;
    if (numbers.size() != 1) throw Refusal("expected one value, found " + std::to_string(numbers.size()));
    return tensor(shape, std::vector<double>(static_cast<std::size_t>(shape.elements()), numbers[0]), value.type);
}

OnnxValues import_range(const OnnxNode& node) {
    double bounds[3];
    for (std::size_t i = 0; i < 3; ++i) {
        const Tensor& given = node.constant(i, "a bound");
        if (given.values.size() != 1) throw Refusal("expected bounds of one number");
        bounds[i] = given.values[0];
    }
    const double count = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
    if (!(count < static_cast<double>(kMostElements)))
        throw Refusal("would give " + std::to_string(count) + " numbers");
    std::vector<double> values;
    for (double i = 0; i < count; ++i) values.push_back(bounds[0] + i * bounds[2]);
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    return tensor(shape, std::move(values), node.input(0).type);
}

OnnxValues import_non_zero(const OnnxNode& node) {
    const Tensor& x = node.constant(0, "what is looked through");
    std::vector<std::vector<double>> found(static_cast<std::size_t>(x.shape.rank()));
    std::int64_t count = 0;
    Odometer odometer(x.shape);
    for (const double value : x.values) {
        if (value != 0) {
            for (std::size_t axis = 0; axis < found.size(); ++axis)
                found[axis].push_back(static_cast<double>(odometer.index()[axis]));
            ++count;
        }
        odometer.next();
    }
    std::vector<double> all;
    for (const auto& axis : found) all.insert(all.end(), axis.begin(), axis.end());
    return tensor({x.shape.rank(), count}, std::move(all), TensorProto::INT64);
}

OnnxValues import_one_hot(const OnnxNode& node) {
    const OnnxNode::Integers indices = node.integers(0, "the indices");
    const std::int64_t depth = node.integer(1, "the depth");
    const Tensor& values = node.constant(2, "the values");
    const Shape from = node.shape(0);
    const int axis = node.axis(node.integer("axis", -1), from.rank() + 1);
    if (values.values.size() != 2 || depth < 1 || depth > kMostElements / std::max<std::int64_t>(1, from.elements()))
        throw Refusal("expected a depth above 0 and two values");
    OnnxNode::Integers extents(from.extents().begin(), from.extents().end());
    extents.insert(extents.begin() + axis, depth);
    const Shape shape = shape_from(extents);
    const std::int64_t inner = shape.elements(axis + 1, shape.rank());
    std::vector<double> result(static_cast<std::size_t>(shape.elements()), values.values[0]);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::int64_t index = indices[i] < 0 ? indices[i] + depth : indices[i],
                           place = static_cast<std::int64_t>(i);
        if (index < 0 || index >= depth) continue;
        result[static_cast<std::size_t>((place / inner * depth + index) * inner + place % inner)] = values.values[1];
    }
    return tensor(shape, std::move(result), node.input(2).type);
}

OnnxValues import_eye_like(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    if (shape.rank() != 2) throw Refusal("expected a matrix, found " + shape.text());
    std::vector<double> values(static_cast<std::size_t>(shape.elements()), 0);
    for (std::int64_t row = 0; row < shape[0]; ++row) {
        const std::int64_t column = row + node.integer("k", 0);
        if (column >= 0 && column < shape[1]) values[static_cast<std::size_t>(row * shape[1] + column)] = 1;
    }
    const auto type = static_cast<int>(node.integer("dtype", node.input(0).type));
    return tensor(shape, std::move(values), type);
}

// Selects by a constant mask, so that activations may be cut too.
OnnxValues import_triangle(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    if (shape.rank() < 2) throw Refusal("expected a matrix, found " + shape.text());
    const std::int64_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
    const std::int64_t k = node.has_input(1) ? node.integer(1, "the diagonal") : 0;
    const bool upper = node.integer("upper", 1) != 0;
    Tensor mask{Shape{rows, columns}, {}};
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < columns; ++column)
            mask.values.push_back(upper ? column - row >= k : column - row <= k);
    }
    return single(node, node.add(Select{}, {GraphBuilder::constant(std::move(mask)), node.value(0), node.number(0)}));
}

}  // namespace laxity
