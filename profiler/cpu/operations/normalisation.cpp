// Softmax and normalisations.
#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/kernels/along_axis.hpp"
#include "profiler/cpu/kernels/reduce.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

namespace {

// [rows][columns]: the last axis, or the last axes from `axis` on, against the others.
Shape matrix(const Shape& shape, int axis) { return {shape.elements(0, axis), shape.elements(axis, shape.rank())}; }

// With one axis moved to the end, or back from there.
Layout with_axis_last(const Layout& layout, int axis) {
    std::vector<std::int64_t> extents(layout.shape().extents().begin(), layout.shape().extents().end());
    std::vector<std::int64_t> strides = layout.strides();
    std::rotate(extents.begin() + axis, extents.begin() + axis + 1, extents.end());
    std::rotate(strides.begin() + axis, strides.begin() + axis + 1, strides.end());
    return {Shape(extents), layout.offset(), strides};
}

Layout with_last_axis_at(const Layout& layout, int axis) {
    std::vector<std::int64_t> extents(layout.shape().extents().begin(), layout.shape().extents().end());
    std::vector<std::int64_t> strides = layout.strides();
    std::rotate(extents.begin() + axis, extents.end() - 1, extents.end());
    std::rotate(strides.begin() + axis, strides.end() - 1, strides.end());
    return {Shape(extents), layout.offset(), strides};
}

}  // namespace

// Always along rows: another axis is brought there by a copy, and the result read as it was.
int compile(ProgramBuilder& b, const Softmax& s) {
    const int plain = b.plain(b.input(0));
    const Layout last = with_axis_last(b.layout(plain), s.axis);
    const int from = b.dense(b.view(plain, last));
    const int rank = last.shape().rank();
    const Layout rows(matrix(last.shape(), rank - 1));
    const auto kind = s.logarithm ? dnnl::algorithm::softmax_log : dnnl::algorithm::softmax_accurate;
    const auto description =
        describe<SoftmaxForward>(b.engine(), ProgramBuilder::plain_attributes(), dnnl::prop_kind::forward_inference,
                                 kind, rows.desc(), rows.desc(), 1);
    const int to = b.new_tensor(rows);
    b.emit<SoftmaxForward>(description, {{DNNL_ARG_SRC, b.reshaped(from, rows.shape())}, {DNNL_ARG_DST, to}});
    return b.view(to, with_last_axis_at(Layout(last.shape()), s.axis));
}

namespace {

bool are_last(std::span<const int> axes, int rank) {
    return axes.back() == rank - 1 && axes.front() + static_cast<int>(axes.size()) == rank;
}

// Weights of all that a row of `columns` elements holds, in its order; -1 if other axes have a say.
int weights_of_row(ProgramBuilder& b, const Weights& weights, const Shape& shape, int first_axis) {
    const Shape row(shape.extents().subspan(static_cast<std::size_t>(first_axis)));
    Shape own = weights.shape;
    while (own.rank() > row.rank()) {
        if (own[0] != 1) return -1;
        own = own.without_batch();
    }
    const int tensor = b.view(b.constant(weights), Layout(own));
    return b.dense(b.view(tensor, Layout(row, 0, broadcast_strides(own, row))));
}

struct RowWeights {
    int scale = -1, bias = -1;
    bool usable = true;
};

RowWeights row_weights(ProgramBuilder& b, const Normalise& n, const Shape& shape, int first_axis) {
    RowWeights found;
    if (!n.scale.empty()) found.scale = weights_of_row(b, n.scale, shape, first_axis);
    if (!n.bias.empty()) found.bias = weights_of_row(b, n.bias, shape, first_axis);
    found.usable = (n.scale.empty() || found.scale >= 0) && (n.bias.empty() || found.bias >= 0);
    return found;
}

dnnl::normalization_flags flags_of(const RowWeights& weights) {
    using Flags = dnnl::normalization_flags;
    Flags flags = Flags::none;
    if (weights.scale >= 0) flags = flags | Flags::use_scale;
    if (weights.bias >= 0) flags = flags | Flags::use_shift;
    return flags;
}

// oneDNN's layer normalisation of rows; -1 if it is none, or has nothing fast.
int compile_rows(ProgramBuilder& b, const Normalise& n) {
    const Shape& shape = b.layer().shape;
    if (n.kind != NormKind::kMeanVariance || !are_last(n.axes, shape.rank())) return -1;
    const RowWeights weights = row_weights(b, n, shape, n.axes.front());
    if (!weights.usable) return -1;
    const Layout rows(matrix(shape, n.axes.front()));
    const auto description = describe_layer_normalisation(b.engine(), ProgramBuilder::plain_attributes(), rows.desc(),
                                                          n.epsilon, flags_of(weights));
    if (!is_fast(description)) return -1;
    const int from = b.reshaped(b.dense(b.input(0)), rows.shape()), to = b.new_tensor(rows);
    std::vector<Argument> arguments = {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}};
    if (weights.scale >= 0) arguments.push_back({DNNL_ARG_SCALE, b.reshaped(weights.scale, Shape{rows.shape()[1]})});
    if (weights.bias >= 0) arguments.push_back({DNNL_ARG_SHIFT, b.reshaped(weights.bias, Shape{rows.shape()[1]})});
    b.emit<dnnl::layer_normalization_forward>(description, std::move(arguments));
    return b.reshaped(to, shape);
}

// A number that stands for each element's weight if the layer has none.
int weights_or(ProgramBuilder& b, const Weights& weights, float otherwise) {
    return b.constant(weights.empty() ? make_weights(Shape{}, {otherwise}) : weights);
}

}  // namespace

int compile(ProgramBuilder& b, const Normalise& n) {
    const int rows = compile_rows(b, n);
    if (rows >= 0) return rows;
    const Shape& shape = b.layer().shape;
    const int from = b.plain(b.input(0)), to = b.new_tensor(shape);
    const int scale = weights_or(b, n.scale, 1), bias = weights_or(b, n.bias, 0);
    const int scratch = b.new_tensor(Shape{2 * normalise_groups(n, shape)});
    b.emit("normalise",
           normalise_kernel(n, b.layout(from),
                            {broadcast_strides(b.shape(scale), shape), broadcast_strides(b.shape(bias), shape)}),
           {from, to, scale, bias, scratch});
    return to;
}

int compile(ProgramBuilder& b, const LocalResponse& l) {
    const int given = b.input(0);
    const bool centred = l.size % 2 == 1 && b.layout(given).is_describable();
    if (centred && b.shape(given).rank() == 4) {
        const auto description = describe_lrn(b.engine(), ProgramBuilder::plain_attributes(), b.layout(given).desc(),
                                              l.size, l.alpha, l.beta, l.bias);
        if (is_fast(description)) {
            const int to = b.new_tensor(b.layout(given).is_blocked() ? b.layout(given)
                                                                     : Layout(b.shape(given), description.dst_desc()));
            b.emit<dnnl::lrn_forward>(description, {{DNNL_ARG_SRC, given}, {DNNL_ARG_DST, to}});
            return to;
        }
    }
    const int from = b.dense(given), to = b.new_tensor(b.layer().shape);
    b.emit("local response", local_response_kernel(l, b.layer().shape), {from, to});
    return to;
}

}  // namespace laxity::cpu
