// The graph of an ONNX file while it is being imported. Internal to onnx_import.cpp and onnx_operators.cpp.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "profiler/network/network.hpp"

namespace laxity {

// What a name in the graph stands for: the output of a layer, or constants.
struct OnnxValue {
    int layer = -1;
    int rank = 4;  // 4: 1 x channels x height x width; 2: 1 x channels
    const onnx::TensorProto* constant = nullptr;
};

class OnnxGraph;

// One node, with checked access to what it reads. Every error names the file, the node and the operator.
class OnnxNode {
public:
    OnnxNode(OnnxGraph& graph, const onnx::NodeProto& node) : graph_(graph), node_(node) {}

    OnnxGraph& graph() const { return graph_; }
    const std::string& type() const { return node_.op_type(); }
    const std::string& name() const;
    const std::string& output() const { return node_.output(0); }
    int input_count() const { return node_.input_size(); }
    bool has_input(int i) const { return i < node_.input_size() && !node_.input(i).empty(); }

    const OnnxValue& value(int i) const;  // of input i, activation or constant
    const OnnxValue& activation(int i) const;
    TensorShape shape(int i) const;  // of an activation
    // Constants, with their dimensions checked against `dimensions` (-1 = any).
    std::vector<float> floats(int i, const std::vector<std::int64_t>& dimensions) const;
    std::vector<std::int64_t> integers(int i) const;

    // Throws if the node has an attribute that isn't among `known`: what isn't understood isn't ignored.
    void only_attributes(std::initializer_list<std::string_view> known) const;
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
    float real(std::string_view attribute, float otherwise) const;
    std::string text(std::string_view attribute, const std::string& otherwise) const;
    std::vector<std::int64_t> integers(std::string_view attribute, std::vector<std::int64_t> otherwise) const;
    bool has_attribute(std::string_view name) const { return find(name) != nullptr; }
    const onnx::TensorProto* tensor(std::string_view attribute) const;

    [[noreturn]] void fail(const std::string& problem, const std::string& advice = {}) const;

private:
    const onnx::AttributeProto* find(std::string_view name) const;
    const onnx::AttributeProto* find(std::string_view name, onnx::AttributeProto::AttributeType type) const;

    OnnxGraph& graph_;
    const onnx::NodeProto& node_;
};

// The names defined so far and the layers made so far.
class OnnxGraph {
public:
    // Both outlive the graph. Throws InputError.
    OnnxGraph(std::string file, const onnx::ModelProto& model);

    // Imports all nodes and returns the layers that give the graph's outputs.
    std::vector<int> import_nodes();
    std::vector<Layer> take_layers() { return std::move(layers_); }

    std::int64_t opset() const { return opset_; }
    const OnnxValue* find(const std::string& name) const;
    const Layer& layer(int i) const { return layers_[static_cast<std::size_t>(i)]; }
    // Appends a layer; checks that its output has a sane size.
    OnnxValue add(const OnnxNode& node, Layer layer, int rank);
    OnnxValue add_constant(onnx::TensorProto tensor);
    // Whether `name` is an output of the graph that no node reads.
    bool is_exit_only(const std::string& name) const;

    [[noreturn]] void fail(const std::string& problem, const std::string& advice = {}) const;

private:
    void read_opset(const onnx::ModelProto& model);
    void define(const std::string& name, const OnnxValue& value);
    void define_input();
    void import_node(const onnx::NodeProto& node);

    std::string file_;
    const onnx::GraphProto& graph_;
    std::int64_t opset_ = 0;
    std::map<std::string, OnnxValue> values_;
    std::set<std::string> read_by_nodes_;
    std::deque<onnx::TensorProto> constants_;  // of Constant nodes; addresses are stable
    std::vector<Layer> layers_;
};

// Imports one node whose operator is `node.type()` and returns what its first output is. Throws InputError.
OnnxValue import_operator(const OnnxNode& node);

}  // namespace laxity
