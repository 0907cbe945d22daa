#include "profiler/onnx/onnx_graph.hpp"

#include <algorithm>
#include <filesystem>

#include "profiler/network/shape_error.hpp"
#include "profiler/onnx/operators.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

// Limits that no network for this tool comes near; they keep damaged files from exhausting memory and stack.
constexpr int kMostNodes = 1 << 16;
constexpr int kMostNesting = 16;
constexpr std::size_t kMostLines = 20;
constexpr std::int64_t kNewestOpset = 21, kOldestOpset = 7;
constexpr const char* kExportAdvice = "export it again with torch.onnx.export";

const std::string& name_of(const onnx::NodeProto& node) {
    return node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
}

// Names that a node reads, those of the bodies inside it included.
void add_reads(const onnx::NodeProto& node, int depth, std::vector<std::string>& reads) {
    reads.insert(reads.end(), node.input().begin(), node.input().end());
    if (depth > kMostNesting) return;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (!attribute.has_g()) continue;
        for (const onnx::NodeProto& inner : attribute.g().node()) add_reads(inner, depth + 1, reads);
        for (const auto& output : attribute.g().output()) reads.push_back(output.name());
    }
}

bool understands(const OnnxOperator& row, const std::string& attribute) {
    const std::string list = " " + std::string(row.attributes) + " ";
    return list.find(" " + attribute + " ") != std::string::npos;
}

}  // namespace

const OnnxValue* OnnxGraph::Scope::find(const std::string& name) const {
    const auto found = values.find(name);
    if (found != values.end()) return &found->second;
    return around != nullptr ? around->find(name) : nullptr;
}

OnnxGraph::OnnxGraph(std::string file, const onnx::ModelProto& model, const OnnxOptions& options)
    : file_(std::move(file)), model_(model), options_(options) {
    if (model.graph().node_size() == 0) fail("holds no graph", "is this an ONNX file?");
    if (model.graph().node_size() > kMostNodes) fail("has more than " + std::to_string(kMostNodes) + " nodes");
    const Shape shape = input_shape(choose_input());
    builder_ = std::make_unique<GraphBuilder>(shape);
    context_ = std::make_unique<OnnxContext>(
        OnnxContext{*builder_, std::filesystem::path(file_).parent_path().string(), 0, {}});
    read_opset();
    define_constants();
    scope_.values[choose_input().name()] = {builder_->input(), onnx::TensorProto::FLOAT};
}

void OnnxGraph::fail(const std::string& problem, const std::string& advice) const {
    throw InputError(one_line(file_ + ": " + problem + (advice.empty() ? "" : "; " + advice)));
}

void OnnxGraph::read_opset() {
    for (const auto& set : model_.opset_import()) {
        if (set.domain().empty() || set.domain() == "ai.onnx") context_->opset = set.version();
    }
    if (context_->opset >= kOldestOpset && context_->opset <= kNewestOpset) return;
    fail("uses operator set " + std::to_string(context_->opset) + ", but those from " + std::to_string(kOldestOpset) +
             " to " + std::to_string(kNewestOpset) + " are understood",
         "export it again with opset_version=17");
}

void OnnxGraph::define_constants() {
    for (const onnx::TensorProto& tensor : model_.graph().initializer()) {
        try {
            if (!scope_.values.emplace(tensor.name(), read_tensor(tensor, context_->folder)).second)
                fail("'" + tensor.name() + "' is made twice", kExportAdvice);
        } catch (const Refusal& refusal) {
            fail(refusal.what(), refusal.advice());
        }
    }
    if (model_.graph().sparse_initializer_size() > 0) fail("holds sparse constants", "export dense weights");
}

// Old files list the weights among the inputs; what no node reads is no input either.
const onnx::ValueInfoProto& OnnxGraph::choose_input() const {
    std::set<std::string> constants;
    for (const onnx::TensorProto& tensor : model_.graph().initializer()) constants.insert(tensor.name());
    std::vector<std::string> read;
    for (const onnx::NodeProto& node : model_.graph().node()) add_reads(node, 0, read);
    const std::set<std::string> reads(read.begin(), read.end());
    const onnx::ValueInfoProto* input = nullptr;
    for (const onnx::ValueInfoProto& candidate : model_.graph().input()) {
        if (constants.contains(candidate.name()) || !reads.contains(candidate.name())) continue;
        if (input != nullptr)
            fail("has more than one input ('" + input->name() + "', '" + candidate.name() + "')",
                 "export a network that takes one tensor, the others as constants");
        input = &candidate;
    }
    if (input == nullptr) fail("has no input", kExportAdvice);
    return *input;
}

Shape OnnxGraph::input_shape(const onnx::ValueInfoProto& input) const {
    const std::string label = "the input '" + input.name() + "' ";
    const onnx::TypeProto::Tensor& type = input.type().tensor_type();
    switch (type.elem_type()) {
        case onnx::TensorProto::FLOAT:
        case onnx::TensorProto::FLOAT16:
        case onnx::TensorProto::BFLOAT16:
        case onnx::TensorProto::DOUBLE:
            break;
        default:
            fail(label + "is of type " + type_name(type.elem_type()), "export a network that takes float32");
    }
    const int rank = type.shape().dim_size();
    const auto& stated = options_.input_shape;
    if (rank < 2 || rank > kMaxRank)
        fail(label + "has " + std::to_string(rank) + " axes", "export with a batch axis, and one to seven more");
    if (!stated.empty() && static_cast<int>(stated.size()) != rank - 1)
        fail(label + "has " + std::to_string(rank - 1) + " axes besides the batch, but --input-shape states " +
             std::to_string(stated.size()));
    std::vector<std::int64_t> extents = {1};
    if (type.shape().dim(0).dim_value() > 1)
        fail(label + "has a batch of " + std::to_string(type.shape().dim(0).dim_value()),
             "export with a batch of one input, or with a dynamic batch axis");
    for (int axis = 1; axis < rank; ++axis) {
        const auto& dimension = type.shape().dim(axis);
        const std::int64_t wanted = stated.empty() ? 0 : stated[static_cast<std::size_t>(axis - 1)];
        const std::int64_t extent = dimension.dim_value() > 0 ? dimension.dim_value() : wanted;
        if (extent == 0)
            fail(label + "leaves axis " + std::to_string(axis) + " open",
                 "state its shape without the batch, as in --input-shape 3,32,32");
        if (wanted > 0 && wanted != extent)
            fail(label + "has " + std::to_string(extent) + " along axis " + std::to_string(axis) +
                 ", but --input-shape states " + std::to_string(wanted));
        if (extent < 0 || extent > 1 << 24) fail(label + "has an impossible shape");
        extents.push_back(extent);
    }
    const Shape shape(extents);
    std::int64_t count = 1;
    for (const std::int64_t extent : extents) {
        if (count > (1 << 28) / extent) fail(label + "has an impossible shape");
        count *= extent;
    }
    return shape;
}

std::vector<std::string> OnnxGraph::outputs() const {
    std::vector<std::string> names;
    for (const onnx::ValueInfoProto& output : model_.graph().output()) names.push_back(output.name());
    return names;
}

const OnnxValue* OnnxGraph::find(const std::string& name) const { return scope_.find(name); }

// The nodes that `wanted` need, each after all that it reads; iterative, since files may be deep.
std::vector<const onnx::NodeProto*> OnnxGraph::in_order(const Nodes& nodes,
                                                        const std::vector<std::string>& wanted) const {
    std::map<std::string, int> maker;
    for (int i = 0; i < nodes.size(); ++i) {
        for (const std::string& output : nodes[i].output()) {
            if (!output.empty() && !maker.emplace(output, i).second)
                fail("'" + output + "' is made twice", kExportAdvice);
        }
    }
    enum class State { kNew, kOpen, kDone };
    std::vector<State> state(static_cast<std::size_t>(nodes.size()), State::kNew);
    std::vector<const onnx::NodeProto*> order;
    std::vector<std::pair<int, std::vector<std::string>>> stack;  // a node and what of its inputs is not looked at yet
    const auto open = [&](const std::string& name) {
        const auto found = maker.find(name);
        if (found == maker.end()) return;
        State& its = state[static_cast<std::size_t>(found->second)];
        if (its == State::kOpen) fail("has a cycle through '" + name_of(nodes[found->second]) + "'", kExportAdvice);
        if (its == State::kDone) return;
        its = State::kOpen;
        std::vector<std::string> reads;
        add_reads(nodes[found->second], 0, reads);
        std::reverse(reads.begin(), reads.end());
        stack.emplace_back(found->second, std::move(reads));
    };
    for (const std::string& name : wanted) {
        open(name);
        while (!stack.empty()) {
            if (stack.back().second.empty()) {
                state[static_cast<std::size_t>(stack.back().first)] = State::kDone;
                order.push_back(&nodes[stack.back().first]);
                stack.pop_back();
                continue;
            }
            const std::string next = std::move(stack.back().second.back());
            stack.back().second.pop_back();
            open(next);
        }
    }
    // In the file's order where that is one of execution: stages then read as they were written.
    std::vector<const onnx::NodeProto*> as_written = order;
    std::sort(as_written.begin(), as_written.end());
    std::set<std::string> made;
    for (const onnx::NodeProto* node : as_written) {
        std::vector<std::string> reads;
        add_reads(*node, 0, reads);
        for (const std::string& read : reads) {
            if (maker.contains(read) && !made.contains(read)) return order;
        }
        made.insert(node->output().begin(), node->output().end());
    }
    return as_written;
}

void OnnxGraph::import_all(const std::vector<std::string>& wanted) {
    import_nodes(in_order(model_.graph().node(), wanted), scope_);
    if (!problems_.empty()) fail_with_problems();
    for (const std::string& name : wanted) {
        if (find(name) == nullptr) fail("no node makes '" + name + "'", kExportAdvice);
    }
}

void OnnxGraph::import_nodes(const std::vector<const onnx::NodeProto*>& nodes, Scope& scope) {
    for (const onnx::NodeProto* node : nodes) {
        if (++imported_ > kMostNodes) fail("has more than " + std::to_string(kMostNodes) + " nodes");
        import_node(*node, scope);
    }
}

void OnnxGraph::import_node(const onnx::NodeProto& node, Scope& scope) {
    const auto note = [&](const std::string& problem, const std::string& advice) {
        problems_.push_back({node.op_type(), name_of(node), problem, advice});
    };
    try {
        const std::vector<OnnxValue> values = values_of(node, scope);
        for (int i = 0; i < node.output_size(); ++i) {
            if (node.output(i).empty() || static_cast<std::size_t>(i) >= values.size()) continue;
            if (!scope.values.emplace(node.output(i), values[static_cast<std::size_t>(i)]).second)
                fail("'" + node.output(i) + "' is made twice", kExportAdvice);
        }
    } catch (const Refusal& refusal) {
        note(refusal.what(), refusal.advice());
    } catch (const ShapeError& error) {
        note(error.what(), "");
    } catch (const std::out_of_range&) {
        // It reads what an earlier problem left unknown.
    }
}

std::vector<OnnxValue> OnnxGraph::values_of(const onnx::NodeProto& node, const Scope& scope) {
    if (const onnx::FunctionProto* function = find_function(node)) return call(*function, node, scope);
    if (!node.domain().empty() && node.domain() != "ai.onnx")
        throw Refusal("is an operator of the domain '" + node.domain() + "'", "export with ONNX's own operators");
    if (scope.depth == 0) ++operators_[node.op_type()];
    if (node.op_type() == "If") return branch(node, scope);
    const OnnxOperator* row = find_operator(node.op_type());
    if (row == nullptr) throw Refusal("is not understood", operator_advice(node.op_type()));
    std::vector<const OnnxValue*> inputs;
    for (const std::string& name : node.input()) {
        inputs.push_back(name.empty() ? nullptr : scope.find(name));
        if (!name.empty() && inputs.back() == nullptr) {
            if (problems_.empty()) throw Refusal("reads '" + name + "', which nothing makes", kExportAdvice);
            throw std::out_of_range(name);
        }
    }
    int outputs = node.output_size();
    while (outputs > 0 && node.output(outputs - 1).empty()) --outputs;
    const OnnxNode view(*context_, node.op_type(), name_of(node), inputs, attributes_of(node, scope),
                        static_cast<std::size_t>(outputs));
    for (const auto& [name, attribute] : view.attributes()) {
        if (!understands(*row, name)) throw Refusal("the attribute '" + name + "' is not understood");
    }
    return row->import(view);
}

OnnxAttributes OnnxGraph::attributes_of(const onnx::NodeProto& node, const Scope& scope) const {
    OnnxAttributes attributes;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.ref_attr_name().empty()) {
            attributes[attribute.name()] = attribute;
        } else if (const auto given = scope.attributes.find(attribute.ref_attr_name());
                   given != scope.attributes.end()) {
            attributes[attribute.name()] = given->second;
        }
    }
    return attributes;
}

// An If whose condition is known is the branch that is taken.
std::vector<OnnxValue> OnnxGraph::branch(const onnx::NodeProto& node, const Scope& scope) {
    const OnnxValue* condition = node.input_size() > 0 ? scope.find(node.input(0)) : nullptr;
    if (condition == nullptr) throw std::out_of_range("condition");
    if (!condition->is_constant() || condition->value.constant->values.size() != 1)
        throw Refusal("decides by the network's input which branch to take", "export a network without branches");
    if (scope.depth >= kMostNesting) throw Refusal("is nested too deeply");
    const std::string wanted = condition->value.constant->values[0] != 0 ? "then_branch" : "else_branch";
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        if (attribute.name() != wanted || !attribute.has_g()) continue;
        Scope inner{{}, &scope, scope.attributes, scope.depth + 1};
        for (const onnx::TensorProto& tensor : attribute.g().initializer())
            inner.values[tensor.name()] = read_tensor(tensor, context_->folder);
        std::vector<std::string> names;
        for (const auto& output : attribute.g().output()) names.push_back(output.name());
        import_nodes(in_order(attribute.g().node(), names), inner);
        std::vector<OnnxValue> values;
        for (const std::string& name : names) {
            const OnnxValue* value = inner.find(name);
            if (value == nullptr) throw std::out_of_range(name);
            values.push_back(*value);
        }
        return values;
    }
    throw Refusal("lacks the branch that is taken", kExportAdvice);
}

const onnx::FunctionProto* OnnxGraph::find_function(const onnx::NodeProto& node) const {
    for (const onnx::FunctionProto& function : model_.functions()) {
        if (function.name() == node.op_type() && function.domain() == node.domain()) return &function;
    }
    return nullptr;
}

std::vector<OnnxValue> OnnxGraph::call(const onnx::FunctionProto& function, const onnx::NodeProto& node,
                                       const Scope& scope) {
    if (scope.depth >= kMostNesting)
        throw Refusal("calls functions too deeply", "export without functions that call themselves");
    Scope inner{{}, nullptr, attributes_of(node, scope), scope.depth + 1};
    for (int i = 0; i < std::min(node.input_size(), function.input_size()); ++i) {
        if (node.input(i).empty()) continue;
        const OnnxValue* value = scope.find(node.input(i));
        if (value == nullptr) throw std::out_of_range(node.input(i));
        inner.values[function.input(i)] = *value;
    }
    const std::vector<std::string> names(function.output().begin(), function.output().end());
    import_nodes(in_order(function.node(), names), inner);
    std::vector<OnnxValue> values;
    for (const std::string& name : names) {
        const OnnxValue* value = inner.find(name);
        if (value == nullptr) throw std::out_of_range(name);
        values.push_back(*value);
    }
    return values;
}

OnnxReport OnnxGraph::report() const {
    OnnxReport report;
    report.opset = context_->opset;
    report.operators.assign(operators_.begin(), operators_.end());
    report.folded = builder_->folded();
    int needed = 0;
    for (const auto& [name, count] : operators_) needed += count;
    report.unneeded = std::max(0, model_.graph().node_size() - needed);
    report.remarks = context_->remarks;
    return report;
}

// One line a node, those of the same operator and problem together.
void OnnxGraph::fail_with_problems() const {
    std::vector<OnnxProblem> grouped;
    std::vector<int> counts;
    for (const OnnxProblem& problem : problems_) {
        const auto same = std::find_if(grouped.begin(), grouped.end(), [&](const OnnxProblem& other) {
            return other.type == problem.type && other.problem == problem.problem && other.advice == problem.advice;
        });
        if (same != grouped.end()) {
            ++counts[static_cast<std::size_t>(same - grouped.begin())];
            continue;
        }
        grouped.push_back(problem);
        counts.push_back(1);
    }
    const auto line = [&](std::size_t i) {
        const OnnxProblem& p = grouped[i];
        const std::string others = counts[i] > 1 ? " and " + std::to_string(counts[i] - 1) + " more" : "";
        return one_line("node '" + p.name + "'" + others + " (" + p.type + "): " + p.problem +
                        (p.advice.empty() ? "" : "; " + p.advice));
    };
    if (grouped.size() == 1) throw InputError(one_line(file_ + ": ") + line(0));
    std::string text = one_line(file_ + ": " + std::to_string(problems_.size()) + " nodes cannot be imported:");
    for (std::size_t i = 0; i < std::min(grouped.size(), kMostLines); ++i) text += "\n  " + line(i);
    if (grouped.size() > kMostLines)
        text += "\n  and " + std::to_string(grouped.size() - kMostLines) + " more kinds of problems";
    throw InputError(text);
}

}  // namespace laxity
