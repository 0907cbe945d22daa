// Walks an ONNX graph and imports what its outputs need. Internal to profiler/onnx.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "profiler/onnx/onnx_import.hpp"
#include "profiler/onnx/onnx_node.hpp"

namespace laxity {

// What is wrong with one node.
struct OnnxProblem {
    std::string type, name, problem, advice;
};

// A node that cannot be imported does not end the walk: its outputs stay unknown, what reads them is passed over, and
// all problems are told together.
class OnnxGraph {
public:
    OnnxGraph(std::string file, const onnx::ModelProto& model, const OnnxOptions& options);

    // Imports what `wanted` (names) need. Throws InputError that lists every problem.
    void import_all(const std::vector<std::string>& wanted);

    GraphBuilder& builder() { return *builder_; }
    OnnxContext& context() { return *context_; }
    std::vector<std::string> outputs() const;
    const OnnxValue* find(const std::string& name) const;
    OnnxReport report() const;

    [[noreturn]] void fail(const std::string& problem, const std::string& advice = {}) const;

private:
    // Names that are visible in a graph or function body; a body of an If sees those around it too.
    struct Scope {
        std::map<std::string, OnnxValue> values;
        const Scope* around = nullptr;
        OnnxAttributes attributes;  // of the node that calls a function
        int depth = 0;

        const OnnxValue* find(const std::string& name) const;
    };
    using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

    void read_opset();
    void define_constants();
    const onnx::ValueInfoProto& choose_input() const;
    Shape input_shape(const onnx::ValueInfoProto& input) const;

    std::vector<const onnx::NodeProto*> in_order(const Nodes& nodes, const std::vector<std::string>& wanted) const;
    void import_nodes(const std::vector<const onnx::NodeProto*>& nodes, Scope& scope);
    void import_node(const onnx::NodeProto& node, Scope& scope);
    std::vector<OnnxValue> values_of(const onnx::NodeProto& node, const Scope& scope);
    std::vector<OnnxValue> branch(const onnx::NodeProto& node, const Scope& scope);
    std::vector<OnnxValue> call(const onnx::FunctionProto& function, const onnx::NodeProto& node, const Scope& scope);
    OnnxAttributes attributes_of(const onnx::NodeProto& node, const Scope& scope) const;
    const onnx::FunctionProto* find_function(const onnx::NodeProto& node) const;
    [[noreturn]] void fail_with_problems() const;

    std::string file_;
    const onnx::ModelProto& model_;
    const OnnxOptions& options_;
    std::unique_ptr<GraphBuilder> builder_;
    std::unique_ptr<OnnxContext> context_;
    Scope scope_;
    std::vector<OnnxProblem> problems_;
    std::map<std::string, int> operators_;
    int imported_ = 0;
};

}  // namespace laxity
