#include "profiler/onnx/onnx_node.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

namespace {

using onnx::AttributeProto;

constexpr const char* kShapeAdvice =
    "export with fixed shapes (no dynamic_axes but the batch), or state the input's with --input-shape";

}  // namespace

void OnnxContext::remark(const std::string& text) {
    if (std::find(remarks.begin(), remarks.end(), text) == remarks.end()) remarks.push_back(text);
}

const OnnxValue& OnnxNode::input(std::size_t i) const {
    if (!has_input(i)) throw Refusal("input " + std::to_string(i) + " is missing", "export it again");
    return *inputs_[i];
}

const Tensor& OnnxNode::constant(std::size_t i, const std::string& what) const {
    const OnnxValue& given = input(i);
    if (!given.is_constant())
        throw Refusal(what + " (input " + std::to_string(i) + ") depends on the network's input", kShapeAdvice);
    return *given.value.constant;
}

OnnxNode::Integers OnnxNode::integers(std::size_t i, const std::string& what) const {
    Integers result;
    for (const double value : constant(i, what).values) {
        if (std::abs(value) > 9e15 || value != std::floor(value))
            throw Refusal("expected " + what + " to be integers, found " + std::to_string(value));
        result.push_back(static_cast<std::int64_t>(value));
    }
    return result;
}

std::int64_t OnnxNode::integer(std::size_t i, const std::string& what) const {
    const Integers values = integers(i, what);
    if (values.size() != 1)
        throw Refusal("expected " + what + " to be one number, found " + std::to_string(values.size()));
    return values[0];
}

Weights OnnxNode::weights(std::size_t i, const std::string& what) const {
    const OnnxValue& given = input(i);
    if (!given.is_constant())
        throw Refusal(what + " (input " + std::to_string(i) +
                      ") is computed from the network's input; it must be constant");
    const Tensor& tensor = *given.value.constant;
    if (!std::all_of(tensor.values.begin(), tensor.values.end(), [](double v) { return std::isfinite(v); }))
        throw Refusal(what + " holds numbers that are not finite", "train the network again");
    return make_weights(tensor.shape, {tensor.values.begin(), tensor.values.end()});
}

const AttributeProto* OnnxNode::find(std::string_view name) const {
    const auto found = attributes_.find(std::string(name));
    return found != attributes_.end() ? &found->second : nullptr;
}

const AttributeProto* OnnxNode::find(std::string_view name, AttributeProto::AttributeType type) const {
    const AttributeProto* attribute = find(name);
    if (attribute != nullptr && attribute->type() != type)
        throw Refusal("the attribute '" + std::string(name) + "' has the wrong type", "export it again");
    return attribute;
}

std::int64_t OnnxNode::integer(std::string_view attribute, std::int64_t otherwise) const {
    const auto* found = find(attribute, AttributeProto::INT);
    return found != nullptr ? found->i() : otherwise;
}

float OnnxNode::real(std::string_view attribute, float otherwise) const {
    const auto* found = find(attribute, AttributeProto::FLOAT);
    return found != nullptr ? found->f() : otherwise;
}

std::string OnnxNode::text(std::string_view attribute, const std::string& otherwise) const {
    const auto* found = find(attribute, AttributeProto::STRING);
    return found != nullptr ? found->s() : otherwise;
}

OnnxNode::Integers OnnxNode::integers(std::string_view attribute, Integers otherwise) const {
    const auto* found = find(attribute, AttributeProto::INTS);
    return found != nullptr ? Integers(found->ints().begin(), found->ints().end()) : otherwise;
}

std::vector<float> OnnxNode::reals(std::string_view attribute) const {
    const auto* found = find(attribute, AttributeProto::FLOATS);
    return found != nullptr ? std::vector<float>(found->floats().begin(), found->floats().end()) : std::vector<float>();
}

std::vector<std::string> OnnxNode::texts(std::string_view attribute) const {
    const auto* found = find(attribute, AttributeProto::STRINGS);
    return found != nullptr ? std::vector<std::string>(found->strings().begin(), found->strings().end())
                            : std::vector<std::string>();
}

int OnnxNode::axis(std::int64_t given, int rank) const {
    if (given < -rank || given >= rank)
        throw Refusal("expected an axis of a tensor with " + std::to_string(rank) + ", found " + std::to_string(given));
    return static_cast<int>(given < 0 ? given + rank : given);
}

std::vector<int> OnnxNode::axes(Integers given, int rank) const {
    std::vector<int> result;
    for (const std::int64_t each : given) result.push_back(axis(each, rank));
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

Value OnnxNode::add(Operation operation, std::vector<Value> inputs, const Shape& wanted) const {
    return builder().add(name_, std::move(operation), inputs, wanted);
}

Shape without_axes(const Shape& shape, std::span<const int> axes) {
    std::vector<std::int64_t> extents;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (std::find(axes.begin(), axes.end(), axis) == axes.end()) extents.push_back(shape[axis]);
    }
    return Shape(extents);
}

}  // namespace laxity
