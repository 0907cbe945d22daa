// Sums, means, extremes and softmax over axes.
#include <algorithm>
#include <numeric>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

struct NamedReduction {
    std::string_view name;
    ReduceKind kind;
};

constexpr NamedReduction kReductions[] = {
    {"ReduceL1", ReduceKind::kL1},         {"ReduceL2", ReduceKind::kL2},
    {"ReduceLogSum", ReduceKind::kLogSum}, {"ReduceLogSumExp", ReduceKind::kLogSumExp},
    {"ReduceMax", ReduceKind::kMaximum},   {"ReduceMean", ReduceKind::kMean},
    {"ReduceMin", ReduceKind::kMinimum},   {"ReduceProd", ReduceKind::kProduct},
    {"ReduceSum", ReduceKind::kSum},       {"ReduceSumSquare", ReduceKind::kSumSquare},
};

Value reduced(const OnnxNode& node, ReduceKind kind, const std::vector<int>& axes) {
    const Value full = node.add(Reduce{kind, axes}, {node.value(0)});
    if (node.integer("keepdims", 1) != 0) return full;
    return node.reshaped(full, without_axes(node.shape(0), axes));
}

}  // namespace

OnnxValues import_reduce(const OnnxNode& node) {
    const auto row = std::find_if(std::begin(kReductions), std::end(kReductions),
                                  [&](const NamedReduction& each) { return each.name == node.type(); });
    const int rank = node.shape(0).rank();
    std::vector<int> axes = node.axes(node.has("axes")    ? node.integers("axes")
                                      : node.has_input(1) ? node.integers(1, "the axes")
                                                          : OnnxNode::Integers{},
                                      rank);
    if (axes.empty()) {
        if (node.integer("noop_with_empty_axes", 0) != 0 || rank == 0) return {node.input(0)};
        axes.resize(static_cast<std::size_t>(rank));
        std::iota(axes.begin(), axes.end(), 0);
    }
    return single(node, reduced(node, row->kind, axes));
}

OnnxValues import_arg(const OnnxNode& node) {
    if (node.integer("select_last_index", 0) != 0) throw Refusal("select_last_index is not supported");
    const auto kind = node.type() == "ArgMax" ? ReduceKind::kArgMax : ReduceKind::kArgMin;
    const int axis = node.axis(node.integer("axis", 0), node.shape(0).rank());
    return single(reduced(node, kind, {axis}), onnx::TensorProto::INT64);
}

// Before operator set 13 over everything from the axis on, since then over one axis.
OnnxValues import_softmax(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    const bool logarithm = node.type() == "LogSoftmax", flattens = node.opset() < 13;
    const int axis = node.axis(node.integer("axis", flattens ? 1 : -1), shape.rank());
    if (!flattens || shape.elements(axis + 1, shape.rank()) == 1)
        return single(node, node.add(Softmax{axis, logarithm}, {node.value(0)}));
    const Value flat = node.reshaped(node.value(0), {shape.elements(0, axis), shape.elements(axis, shape.rank())});
    return single(node, node.reshaped(node.add(Softmax{1, logarithm}, {flat}), shape));
}

OnnxValues import_cumulative_sum(const OnnxNode& node) {
    const int axis = node.axis(node.integer(1, "the axis"), node.shape(0).rank());
    const CumulativeSum sum{axis, node.integer("exclusive", 0) != 0, node.integer("reverse", 0) != 0};
    return single(node, node.add(sum, {node.value(0)}));
}

}  // namespace laxity
