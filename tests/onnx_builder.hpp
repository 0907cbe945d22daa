// Builds small ONNX files in memory for tests.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "profiler/network/network.hpp"
#include "profiler/onnx/onnx_import.hpp"

namespace laxity {

class OnnxBuilder {
public:
    using Integers = std::vector<std::int64_t>;

    onnx::ModelProto model;

    explicit OnnxBuilder(const Integers& input = {1, 2, 5, 6}) {
        model.set_ir_version(7);
        model.add_opset_import()->set_version(13);
        auto* info = graph().add_input();
        info->set_name("input");
        auto* type = info->mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        for (const std::int64_t d : input) type->mutable_shape()->add_dim()->set_dim_value(d);
    }

    onnx::GraphProto& graph() { return *model.mutable_graph(); }

    OnnxBuilder& constant(const std::string& name, const Integers& dims, const std::vector<float>& values) {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::FLOAT);
        for (const std::int64_t d : dims) tensor->add_dims(d);
        for (const float v : values) tensor->add_float_data(v);
        return *this;
    }

    OnnxBuilder& integers(const std::string& name, const Integers& values) {
        auto* tensor = graph().add_initializer();
        tensor->set_name(name);
        tensor->set_data_type(onnx::TensorProto::INT64);
        tensor->add_dims(static_cast<std::int64_t>(values.size()));
        tensor->set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
        return *this;
    }

    // A node with one output; attributes are added to it by the functions below.
    OnnxBuilder& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output) {
        auto* node = graph().add_node();
        node->set_op_type(type);
        node->set_name("the " + output);
        for (const std::string& input : inputs) node->add_input(input);
        node->add_output(output);
        return *this;
    }

    OnnxBuilder& with(const std::string& name, const Integers& values) {
        auto* attribute = add_attribute(name, onnx::AttributeProto::INTS);
        for (const std::int64_t v : values) attribute->add_ints(v);
        return *this;
    }
    OnnxBuilder& with(const std::string& name, std::int64_t value) {
        add_attribute(name, onnx::AttributeProto::INT)->set_i(value);
        return *this;
    }
    OnnxBuilder& with_real(const std::string& name, float value) {
        add_attribute(name, onnx::AttributeProto::FLOAT)->set_f(value);
        return *this;
    }
    OnnxBuilder& with_text(const std::string& name, const std::string& value) {
        add_attribute(name, onnx::AttributeProto::STRING)->set_s(value);
        return *this;
    }

    OnnxBuilder& output(const std::string& name) {
        graph().add_output()->set_name(name);
        return *this;
    }
    // Flattens `name` into an exit: one score per element.
    OnnxBuilder& exit(const std::string& name) {
        const std::string flat = name + " flat";
        return node("Flatten", {name}, flat).output(flat);
    }
    // A linear classifier on the channels' means.
    OnnxBuilder& head(const std::string& name, std::int64_t channels, std::int64_t classes = 3) {
        const auto size = static_cast<std::size_t>(classes * channels);
        constant(name + " head w", {classes, channels}, numbers(size));
        constant(name + " head b", {classes}, numbers(static_cast<std::size_t>(classes)));
        node("GlobalAveragePool", {name}, name + " mean").node("Flatten", {name + " mean"}, name + " vector");
        node("Gemm", {name + " vector", name + " head w", name + " head b"}, name + " scores")
            .with("transB", std::int64_t{1});
        return output(name + " scores");
    }
    OnnxBuilder& convolution(const std::string& input, const std::string& output, std::int64_t from, std::int64_t to,
                             std::int64_t kernel = 3) {
        constant(output + " w", {to, from, kernel, kernel},
                 numbers(static_cast<std::size_t>(to * from * kernel * kernel)));
        constant(output + " b", {to}, numbers(static_cast<std::size_t>(to)));
        const std::int64_t pad = kernel / 2;
        return node("Conv", {input, output + " w", output + " b"}, output).with("pads", {pad, pad, pad, pad});
    }

    std::string bytes() const { return model.SerializeAsString(); }
    Network import() const {
        const std::string content = bytes();
        return import_onnx("test.onnx", content);
    }

    // Reproducible numbers of either sign, of magnitude below 1.
    static std::vector<float> numbers(std::size_t count, std::uint32_t seed = 1) {
        std::vector<float> values(count);
        std::uint32_t state = seed * 2654435761U + static_cast<std::uint32_t>(count);
        for (float& v : values) {
            state = state * 1664525U + 1013904223U;
            v = static_cast<float>(static_cast<std::int32_t>(state >> 8) - (1 << 23)) / static_cast<float>(1 << 23);
        }
        return values;
    }

private:
    onnx::AttributeProto* add_attribute(const std::string& name, onnx::AttributeProto::AttributeType type) {
        auto* attribute = graph().mutable_node(graph().node_size() - 1)->add_attribute();
        attribute->set_name(name);
        attribute->set_type(type);
        return attribute;
    }
};

}  // namespace laxity
