#include "profiler/onnx/onnx_import.hpp"

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>

#include "profiler/network/fusion.hpp"
#include "profiler/onnx/onnx_graph.hpp"
#include "traces/base/error.hpp"
#include "traces/base/sha256.hpp"

namespace laxity {

namespace {

// Limits that no network for this tool comes near; they keep damaged files from exhausting memory.
constexpr int kMaxNodes = 4096;
constexpr std::int64_t kMaxDimension = 1 << 16;
constexpr std::int64_t kMaxElements = 1 << 26;

constexpr const char* kExportAdvice = "export it again with torch.onnx.export";

// The number of elements, or nothing if a dimension is negative or the product out of bounds.
std::optional<std::int64_t> element_count(const onnx::TensorProto& tensor) {
    std::int64_t count = 1;
    for (const std::int64_t dimension : tensor.dims()) {
        if (dimension < 0 || (dimension > 0 && count > kMaxElements / dimension)) return std::nullopt;
        count *= dimension;
    }
    return count;
}

// The elements of a tensor from its raw bytes (little-endian, as is every machine this runs on) or its typed field.
template <class T, class Field>
std::vector<T> elements(const OnnxNode& node, const onnx::TensorProto& tensor, const Field& field) {
    const auto count = element_count(tensor);
    const auto label = "the constant '" + tensor.name() + "'";
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
        node.fail(label + " is in a separate file", "save the model with all weights in one file");
    }
    if (!count) node.fail(label + " has impossible dimensions", kExportAdvice);
    std::vector<T> values(static_cast<std::size_t>(tensor.has_raw_data() ? *count : 0));
    if (tensor.has_raw_data()) {
        if (tensor.raw_data().size() != values.size() * sizeof(T)) {
            node.fail(label + " has another size than its dimensions say", kExportAdvice);
        }
        if (!values.empty()) std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
    } else {
        values.assign(field.begin(), field.end());
        if (static_cast<std::int64_t>(values.size()) != *count) {
            node.fail(label + " has another size than its dimensions say", kExportAdvice);
        }
    }
    return values;
}

std::string dimensions_text(const std::vector<std::int64_t>& dimensions) {
    std::string text;
    for (const std::int64_t d : dimensions) text += (text.empty() ? "" : "x") + (d < 0 ? "any" : std::to_string(d));
    return text.empty() ? "a scalar" : text;
}

bool matches(const std::vector<std::int64_t>& dimensions, const std::vector<std::int64_t>& pattern) {
    return std::equal(dimensions.begin(), dimensions.end(), pattern.begin(), pattern.end(),
                      [](std::int64_t d, std::int64_t p) { return p < 0 || d == p; });
}

}  // namespace

const std::string& OnnxNode::name() const { return node_.name().empty() ? node_.output(0) : node_.name(); }

void OnnxNode::fail(const std::string& problem, const std::string& advice) const {
    graph_.fail("node '" + name() + "' (" + type() + "): " + problem, advice);
}

const OnnxValue& OnnxNode::value(int i) const {
    if (!has_input(i)) fail("input " + std::to_string(i) + " is missing", kExportAdvice);
    const OnnxValue* value = graph_.find(node_.input(i));
    if (value == nullptr) fail("reads '" + node_.input(i) + "', which no earlier node makes", kExportAdvice);
    return *value;
}

const OnnxValue& OnnxNode::activation(int i) const {
    const OnnxValue& value = this->value(i);
    if (value.constant != nullptr) fail("input " + std::to_string(i) + " is a constant, not an activation");
    return value;
}

TensorShape OnnxNode::shape(int i) const { return graph_.layer(activation(i).layer).shape; }

std::vector<float> OnnxNode::floats(int i, const std::vector<std::int64_t>& dimensions) const {
    const onnx::TensorProto* tensor = value(i).constant;
    if (tensor == nullptr) fail("input " + std::to_string(i) + " is computed, but only constants are supported there");
    if (tensor->data_type() != onnx::TensorProto::FLOAT) {
        fail("the constant '" + tensor->name() + "' is not of type float32", "export the network in float32");
    }
    const std::vector<std::int64_t> found(tensor->dims().begin(), tensor->dims().end());
    if (!matches(found, dimensions)) {
        fail("expected input " + std::to_string(i) + " to be " + dimensions_text(dimensions) + ", found " +
             dimensions_text(found));
    }
    auto values = elements<float>(*this, *tensor, tensor->float_data());
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
        fail("the constant '" + tensor->name() + "' holds numbers that are not finite", "train the network again");
    }
    return values;
}

std::vector<std::int64_t> OnnxNode::integers(int i) const {
    const onnx::TensorProto* tensor = value(i).constant;
    if (tensor == nullptr) {
        fail("input " + std::to_string(i) + " is computed at run time",
             "export with fixed shapes (no dynamic_axes), or simplify the file with onnxsim");
    }
    if (tensor->data_type() != onnx::TensorProto::INT64)
        fail("the constant '" + tensor->name() + "' is not of type int64");
    return elements<std::int64_t>(*this, *tensor, tensor->int64_data());
}

void OnnxNode::only_attributes(std::initializer_list<std::string_view> known) const {
    for (const onnx::AttributeProto& attribute : node_.attribute()) {
        if (std::find(known.begin(), known.end(), attribute.name()) == known.end()) {
            fail("the attribute '" + attribute.name() + "' is not supported");
        }
    }
}

const onnx::AttributeProto* OnnxNode::find(std::string_view name) const {
    for (const onnx::AttributeProto& attribute : node_.attribute()) {
        if (attribute.name() == name) return &attribute;
    }
    return nullptr;
}

const onnx::AttributeProto* OnnxNode::find(std::string_view name, onnx::AttributeProto::AttributeType type) const {
    const onnx::AttributeProto* attribute = find(name);
    if (attribute != nullptr && attribute->type() != type) {
        fail("the attribute '" + std::string(name) + "' has the wrong type", kExportAdvice);
    }
    return attribute;
}

std::int64_t OnnxNode::integer(std::string_view attribute, std::int64_t otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::INT);
    return found != nullptr ? found->i() : otherwise;
}

float OnnxNode::real(std::string_view attribute, float otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::FLOAT);
    return found != nullptr ? found->f() : otherwise;
}

std::string OnnxNode::text(std::string_view attribute, const std::string& otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::STRING);
    return found != nullptr ? found->s() : otherwise;
}

std::vector<std::int64_t> OnnxNode::integers(std::string_view attribute, std::vector<std::int64_t> otherwise) const {
    const auto* found = find(attribute, onnx::AttributeProto::INTS);
    return found != nullptr ? std::vector<std::int64_t>(found->ints().begin(), found->ints().end()) : otherwise;
}

const onnx::TensorProto* OnnxNode::tensor(std::string_view attribute) const {
    const auto* found = find(attribute, onnx::AttributeProto::TENSOR);
    return found != nullptr ? &found->t() : nullptr;
}

OnnxGraph::OnnxGraph(std::string file, const onnx::ModelProto& model) : file_(std::move(file)), graph_(model.graph()) {
    if (graph_.node_size() == 0) fail("holds no graph", "is this an ONNX file?");
    if (graph_.node_size() > kMaxNodes) fail("has more than " + std::to_string(kMaxNodes) + " nodes");
    read_opset(model);
    for (const onnx::TensorProto& tensor : graph_.initializer())
        define(tensor.name(), {-1, tensor.dims_size(), &tensor});
    define_input();
    for (const onnx::NodeProto& node : graph_.node()) read_by_nodes_.insert(node.input().begin(), node.input().end());
}

void OnnxGraph::fail(const std::string& problem, const std::string& advice) const {
    throw InputError(one_line(file_ + ": " + problem + (advice.empty() ? "" : "; " + advice)));
}

// Before operator set 7, additions broadcast and batch-norms take arguments in other ways.
void OnnxGraph::read_opset(const onnx::ModelProto& model) {
    for (const auto& set : model.opset_import()) {
        if (set.domain().empty() || set.domain() == "ai.onnx") opset_ = set.version();
    }
    if (opset_ < 7) {
        fail("uses operator set " + std::to_string(opset_) + ", but at least 7 is needed",
             "export it again with a newer opset_version");
    }
}

void OnnxGraph::define(const std::string& name, const OnnxValue& value) {
    if (!values_.emplace(name, value).second) fail("'" + name + "' is made twice", kExportAdvice);
}

const OnnxValue* OnnxGraph::find(const std::string& name) const {
    const auto found = values_.find(name);
    return found != values_.end() ? &found->second : nullptr;
}

bool OnnxGraph::is_exit_only(const std::string& name) const {
    const auto is_it = [&](const onnx::ValueInfoProto& output) { return output.name() == name; };
    return std::any_of(graph_.output().begin(), graph_.output().end(), is_it) && !read_by_nodes_.contains(name);
}

void OnnxGraph::define_input() {
    const onnx::ValueInfoProto* input = nullptr;
    for (const onnx::ValueInfoProto& candidate : graph_.input()) {
        if (values_.contains(candidate.name())) continue;  // old files list the weights too
        if (input != nullptr) fail("has more than one input", "export a network that takes one image");
        input = &candidate;
    }
    if (input == nullptr) fail("has no input", kExportAdvice);
    const std::string label = "the input '" + input->name() + "' ";
    const onnx::TypeProto::Tensor& type = input->type().tensor_type();
    if (type.elem_type() != onnx::TensorProto::FLOAT) fail(label + "is not of type float32");
    if (type.shape().dim_size() != 4) fail(label + "must have 4 dimensions: 1, channels, height, width");
    for (const auto& dimension : type.shape().dim()) {
        if (!dimension.has_dim_value()) {
            fail(label + "has a dynamic dimension", "export with fixed shapes and batch size 1 (no dynamic_axes)");
        }
        if (dimension.dim_value() < 1 || dimension.dim_value() > kMaxDimension) fail(label + "has an impossible shape");
    }
    const auto dimension = [&](int i) { return static_cast<int>(type.shape().dim(i).dim_value()); };
    if (dimension(0) != 1) {
        fail(label + "has batch size " + std::to_string(dimension(0)), "export with a batch of one input");
    }
    Layer layer;
    layer.name = input->name();
    layer.shape = {dimension(1), dimension(2), dimension(3)};
    if (layer.shape.elements() > kMaxElements) fail(label + "has an impossible shape");
    layers_.push_back(std::move(layer));
    define(input->name(), {0, 4, nullptr});
}

OnnxValue OnnxGraph::add(const OnnxNode& node, Layer layer, int rank) {
    const auto in_range = [](int d) { return d >= 1 && d <= kMaxDimension; };
    const TensorShape& shape = layer.shape;
    if (!in_range(shape.height) || !in_range(shape.width) || shape.channels < 1 || shape.elements() > kMaxElements) {
        node.fail("would give an output of impossible shape " + shape.text());
    }
    layer.name = node.name();
    layers_.push_back(std::move(layer));
    return {static_cast<int>(layers_.size()) - 1, rank, nullptr};
}

OnnxValue OnnxGraph::add_constant(onnx::TensorProto tensor) {
    constants_.push_back(std::move(tensor));
    return {-1, constants_.back().dims_size(), &constants_.back()};
}

void OnnxGraph::import_node(const onnx::NodeProto& proto) {
    if (proto.output_size() == 0 || proto.output(0).empty())
        fail("a node '" + proto.name() + "' has no output", kExportAdvice);
    const OnnxNode node(*this, proto);
    if (!proto.domain().empty() && proto.domain() != "ai.onnx") {
        node.fail("the operator is of the domain '" + proto.domain() + "', which is not supported");
    }
    define(proto.output(0), import_operator(node));
    for (int i = 1; i < proto.output_size(); ++i) {  // the mask of a Dropout, say
        if (read_by_nodes_.contains(proto.output(i))) node.fail("only the first output is supported");
    }
}

std::vector<int> OnnxGraph::import_nodes() {
    for (const onnx::NodeProto& node : graph_.node()) import_node(node);
    std::vector<int> exits;
    for (const onnx::ValueInfoProto& output : graph_.output()) {
        const OnnxValue* value = find(output.name());
        if (value == nullptr) fail("no node makes the output '" + output.name() + "'", kExportAdvice);
        if (value->constant != nullptr || value->layer == 0) fail("the output '" + output.name() + "' is not computed");
        exits.push_back(value->layer);
    }
    return exits;
}

namespace {

std::vector<char> read_file(const std::string& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        throw InputError(one_line(path + ": cannot be read; give an ONNX file, such as scripts/train.py writes"));
    }
    if (size > std::numeric_limits<std::int32_t>::max()) throw InputError(one_line(path + ": is larger than 2 GiB"));
    std::vector<char> content(size);
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return content;
}

}  // namespace

Network import_onnx(const std::string& path, std::span<const char> content) {
    onnx::ModelProto model;
    const google::protobuf::LogSilencer silence;  // the error below says it in one line
    if (content.size() > std::numeric_limits<std::int32_t>::max() ||
        !model.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
        throw InputError(one_line(path + ": is not an ONNX file, or a damaged one; export or copy it again"));
    }
    OnnxGraph graph(path, model);
    std::vector<int> exits = graph.import_nodes();
    std::vector<Layer> layers = graph.take_layers();
    fuse(layers, exits);
    const std::string name = std::filesystem::path(path).stem().string();
    return Network({name, path, sha256({content.data(), content.size()})}, std::move(layers), exits);
}

Network import_onnx(const std::string& path) { return import_onnx(path, read_file(path)); }

}  // namespace laxity
