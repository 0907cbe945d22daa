// Dense layers and matrix products.
#include <optional>

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/kernels/matmul.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

namespace {

using dnnl::memory;
using Dims = memory::dims;

constexpr auto kFloat = memory::data_type::f32;

memory::desc any_layout(const Dims& dims) { return {dims, kFloat, memory::format_tag::any}; }

Dims row_major(const Dims& dims) { return Shape(dims).strides(); }

// [rows][columns]
Shape matrix(const Shape& shape) {
    const std::int64_t columns = shape[shape.rank() - 1];
    return {shape.elements() / columns, columns};
}

dnnl::inner_product_forward::primitive_desc describe_dense(const ProgramBuilder& b, const Fused& fused,
                                                           const memory::desc& from, const Dims& weights,
                                                           const Shape& to) {
    return describe<dnnl::inner_product_forward>(b.engine(), b.attributes(fused), dnnl::prop_kind::forward_inference,
                                                 from, any_layout(weights), any_layout({weights[0]}),
                                                 Layout(to).desc());
}

// What is multiplied, and the extents that the weights have for it.
struct Source {
    int tensor;
    Dims weights;
};

Source flat_source(ProgramBuilder& b, const Dense& d) {
    const Shape rows = matrix(b.layer(b.layer().inputs[0]).shape);
    return {b.dense(b.reshaped(b.input(0), rows)), {d.weights.shape[0], d.weights.shape[1]}};
}

// A blocked tensor whose flattening is what the layer reads (a Reshape leaves it so): its pixels as they lie, the
// weights reordered instead.
std::optional<Source> pixel_source(const ProgramBuilder& b, const Dense& d) {
    const int given = b.input(0);
    const Shape shape = b.shape(given);
    if (!b.layout(given).is_blocked() || shape[0] != 1 || shape.elements() != d.weights.shape[1]) return {};
    Source source{given, {shape.extents().begin(), shape.extents().end()}};
    source.weights[0] = d.weights.shape[0];
    return source;
}

dnnl::inner_product_forward::primitive_desc describe_dense(const ProgramBuilder& b, const Fused& fused,
                                                           const Source& source) {
    return describe_dense(b, fused, b.layout(source.tensor).desc(), source.weights, matrix(b.layer().shape));
}

int destination(ProgramBuilder& b, const Layout& layout) {
    if (b.layer().inputs.size() < 2) return b.new_tensor(layout);
    return b.to_overwrite(b.reshaped(b.input(1), layout.shape()), layout);
}

// The tensor, or -1 if oneDNN has nothing fast for this source.
int compile_primitive(ProgramBuilder& b, const Dense& d, const Source& source) {
    Fused fused{b.can_fuse_activation(), b.layer().inputs.size() == 2};
    auto description = describe_dense(b, fused, source);
    if (!is_fast(description)) {
        fused.activation = false;
        description = describe_dense(b, fused, source);
    }
    if (!is_fast(description)) return -1;
    const int to = destination(b, Layout(matrix(b.layer().shape)));
    const memory::desc given(source.weights, kFloat, row_major(source.weights));
    const int weights = b.weights(d.weights, given, description.weights_desc());
    b.emit<dnnl::inner_product_forward>(description,
                                        {{DNNL_ARG_SRC, source.tensor},
                                         {DNNL_ARG_WEIGHTS, weights},
                                         {DNNL_ARG_BIAS, b.bias(d.bias, source.weights[0])},
                                         {DNNL_ARG_DST, to}},
                                        fused);
    return to;
}

int compile_ourselves(ProgramBuilder& b, const Dense& d, const Source& source) {
    const Shape rows = b.shape(source.tensor), to_shape = matrix(b.layer().shape);
    const int to = destination(b, Layout(to_shape));
    b.emit("dense", dense_kernel(rows[0], to_shape[1], rows[1], b.layer().inputs.size() == 2),
           {source.tensor, b.constant(d.weights), b.bias(d.bias, to_shape[1]), to});
    return to;
}

}  // namespace

int compile(ProgramBuilder& b, const Dense& d) {
    int to = -1;
    if (const auto pixels = pixel_source(b, d)) to = compile_primitive(b, d, *pixels);
    if (to < 0) {
        const Source flat = flat_source(b, d);
        to = compile_primitive(b, d, flat);
        if (to < 0) to = compile_ourselves(b, d, flat);
    }
    return b.reshaped(to, b.layer().shape);
}

namespace {

// With leading axes of 1, as oneDNN wants both operands of one rank.
Shape of_rank(const Shape& shape, int rank) {
    std::vector<std::int64_t> extents(static_cast<std::size_t>(rank - shape.rank()), 1);
    extents.insert(extents.end(), shape.extents().begin(), shape.extents().end());
    return Shape(extents);
}

Layout transposed(const Layout& layout) {
    const int rank = layout.shape().rank();
    std::vector<std::int64_t> extents(layout.shape().extents().begin(), layout.shape().extents().end());
    std::vector<std::int64_t> strides = layout.strides();
    std::swap(extents[static_cast<std::size_t>(rank - 1)], extents[static_cast<std::size_t>(rank - 2)]);
    std::swap(strides[static_cast<std::size_t>(rank - 1)], strides[static_cast<std::size_t>(rank - 2)]);
    return {Shape(extents), layout.offset(), strides};
}

// oneDNN multiplies matrices whose rows or columns have no gaps inside.
bool suits_product(const Layout& layout) {
    const int rank = layout.shape().rank();
    const auto stride = [&](int axis) { return layout.strides()[static_cast<std::size_t>(axis)]; };
    return layout.is_describable() && (stride(rank - 1) == 1 || stride(rank - 2) == 1);
}

// Read as the matrix that is multiplied.
int operand(ProgramBuilder& b, std::size_t which, bool transpose) {
    const int rank = b.layer().shape.rank();
    int tensor = b.plain(b.input(which));
    tensor = b.reshaped(tensor, of_rank(b.shape(tensor), rank));
    if (!suits_product(b.layout(tensor))) tensor = b.dense(tensor);
    return transpose ? b.view(tensor, transposed(b.layout(tensor))) : tensor;
}

}  // namespace

int compile(ProgramBuilder& b, const MatMul& m) {
    const int left = operand(b, 0, m.transpose_a), right = operand(b, 1, m.transpose_b);
    // oneDNN 2.6 gives wrong results for a scale followed by functions that start with one.
    const Fused fused{m.scale == 1 && b.can_fuse_activation(), false, m.scale};
    const int to = b.new_tensor(b.layer().shape);
    const auto description = describe<dnnl::matmul>(b.engine(), b.attributes(fused), b.layout(left).desc(),
                                                    b.layout(right).desc(), b.layout(to).desc());
    if (is_fast(description)) {
        b.emit<dnnl::matmul>(description, {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, to}}, fused);
        return to;
    }
    const int x = b.dense(b.input(0)), y = b.dense(b.input(1));
    b.emit("products", matmul_kernel(m, b.shape(x), b.shape(y), b.layer().shape), {x, y, to});
    return to;
}

}  // namespace laxity::cpu
