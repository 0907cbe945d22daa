// One node of an ONNX graph, with checked access to what it reads and is told. Internal to profiler/onnx.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/onnx/onnx_tensor.hpp"

namespace laxity {

using OnnxAttributes = std::map<std::string, onnx::AttributeProto>;

// What importing a node needs besides it.
struct OnnxContext {
    GraphBuilder& builder;
    std::string folder;  // of external weights
    std::int64_t opset = 0;
    std::vector<std::string> remarks;  // of the report

    void remark(const std::string& text);  // once
};

// Everything throws Refusal where the node is not as it must be.
class OnnxNode {
public:
    using Integers = std::vector<std::int64_t>;

    OnnxNode(OnnxContext& context, std::string type, std::string name, std::vector<const OnnxValue*> inputs,
             OnnxAttributes attributes, std::size_t outputs)
        : context_(context),
          type_(std::move(type)),
          name_(std::move(name)),
          inputs_(std::move(inputs)),
          attributes_(std::move(attributes)),
          outputs_(outputs) {}

    OnnxContext& context() const { return context_; }
    GraphBuilder& builder() const { return context_.builder; }
    std::int64_t opset() const { return context_.opset; }
    const std::string& type() const { return type_; }
    const std::string& name() const { return name_; }
    std::size_t outputs() const { return outputs_; }

    std::size_t input_count() const { return inputs_.size(); }
    bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
    const OnnxValue& input(std::size_t i) const;
    const Value& value(std::size_t i) const { return input(i).value; }
    Shape shape(std::size_t i) const { return builder().shape(value(i)); }
    // A constant: refused, with what it is for, if it is computed from the network's input.
    const Tensor& constant(std::size_t i, const std::string& what) const;
    Integers integers(std::size_t i, const std::string& what) const;
    std::int64_t integer(std::size_t i, const std::string& what) const;
    Weights weights(std::size_t i, const std::string& what) const;

    bool has(std::string_view attribute) const { return find(attribute) != nullptr; }
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
    float real(std::string_view attribute, float otherwise) const;
    std::string text(std::string_view attribute, const std::string& otherwise) const;
    Integers integers(std::string_view attribute, Integers otherwise = {}) const;
    std::vector<float> reals(std::string_view attribute) const;
    std::vector<std::string> texts(std::string_view attribute) const;
    const OnnxAttributes& attributes() const { return attributes_; }

    // An axis from the file, negative ones counted from the end, of a tensor of that rank.
    int axis(std::int64_t given, int rank) const;
    // The same for several, ascending, each once.
    std::vector<int> axes(Integers given, int rank) const;

    // A layer of this node.
    Value add(Operation operation, std::vector<Value> inputs, const Shape& wanted = {}) const;
    Value add(Elementwise function, const Value& x) const { return unary(builder(), name_, function, x); }
    Value add(BinaryKind kind, const Value& a, const Value& b) const { return binary(builder(), name_, kind, a, b); }
    Value reshaped(const Value& x, const Shape& shape) const { return reshape(builder(), name_, x, shape); }
    Value permuted(const Value& x, const std::vector<int>& order) const {
        return transpose(builder(), name_, x, order);
    }
    Value number(double value) const { return GraphBuilder::constant({Shape{}, {value}}); }

private:
    const onnx::AttributeProto* find(std::string_view name) const;
    const onnx::AttributeProto* find(std::string_view name, onnx::AttributeProto::AttributeType type) const;

    OnnxContext& context_;
    std::string type_, name_;
    std::vector<const OnnxValue*> inputs_;
    OnnxAttributes attributes_;
    std::size_t outputs_;
};

// Without the extents at those axes, which are 1.
Shape without_axes(const Shape& shape, std::span<const int> axes);

}  // namespace laxity
