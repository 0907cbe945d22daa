#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/kernels/windows.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

namespace {

using dnnl::memory;
using Dims = memory::dims;

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kInference = dnnl::prop_kind::forward_inference;

memory::desc any_layout(const Dims& dims) { return {dims, kFloat, memory::format_tag::any}; }
Dims dims_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

// A convolution in oneDNN's words.
struct Terms {
    Dims from, to, kernel, strides, dilations, begin, end;
    memory::desc given_weights;  // as the layer has them

    Terms(const Convolution& c, const Shape& x, const Shape& y) : from(dims_of(x)), to(dims_of(y)) {
        for (std::size_t i = 0; i < c.windows.size(); ++i) {
            const Window& w = c.windows[i];
            const std::int64_t surplus = i < c.output_padding.size() ? c.output_padding[i] : 0;
            strides.push_back(w.stride);
            dilations.push_back(w.dilation - 1);
            begin.push_back(w.pad_begin);
            end.push_back(w.pad_end - surplus);
        }
        describe_weights(c, x[1], y[1]);
    }

private:
    // [groups][out][in][kernel].. of each group; groups only if there are several.
    void describe_weights(const Convolution& c, std::int64_t in, std::int64_t out) {
        const std::int64_t groups = c.groups, in_part = in / groups, out_part = out / groups;
        const std::vector<std::int64_t> own = c.weights.shape.strides();
        kernel = {groups, out_part, in_part};
        Dims distances = {in_part * own[0], own[1], own[0]};
        if (!c.transposed) distances = {out_part * own[0], own[0], own[1]};
        for (int axis = 2; axis < c.weights.shape.rank(); ++axis) {
            kernel.push_back(c.weights.shape[axis]);
            distances.push_back(own[static_cast<std::size_t>(axis)]);
        }
        if (groups == 1) {
            kernel.erase(kernel.begin());
            distances.erase(distances.begin());
        }
        given_weights = {kernel, kFloat, distances};
    }
};

template <class Primitive>
auto describe_as(const ProgramBuilder& b, const Terms& t, dnnl::algorithm algorithm, const Fused& fused) {
    return describe<Primitive>(b.engine(), b.attributes(fused), kInference, algorithm, any_layout(t.from),
                               any_layout(t.kernel), any_layout({t.to[1]}), any_layout(t.to), t.strides, t.dilations,
                               t.begin, t.end);
}

// A convolution along one axis as one over pixels of height 1, for which oneDNN has more code.
Convolution lifted(const Convolution& c) {
    Convolution result = c;
    result.windows.insert(result.windows.begin(), Window{});
    const Shape& w = c.weights.shape;
    result.weights.shape = {w[0], w[1], 1, w[2]};
    if (!c.output_padding.empty()) result.output_padding.insert(result.output_padding.begin(), 0);
    return result;
}

Shape lifted(const Shape& shape) { return {shape[0], shape[1], 1, shape[2]}; }

// The layer's output, in memory that holds the second input already if there is one.
int destination(ProgramBuilder& b, const Layout& layout) {
    if (b.layer().inputs.size() < 2) return b.new_tensor(layout);
    return b.to_overwrite(b.reshaped(b.input(1), layout.shape()), layout);
}

// The tensor, or -1 if oneDNN has nothing fast. The layer's shapes are `x` and `y`, or lifted to them.
template <class Primitive>
int compile_as(ProgramBuilder& b, const Convolution& c, dnnl::algorithm algorithm, const Shape& x, const Shape& y) {
    const Terms terms(c, x, y);
    Fused fused{b.can_fuse_activation(), b.layer().inputs.size() == 2};
    auto description = describe_as<Primitive>(b, terms, algorithm, fused);
    if (!is_fast(description)) {
        fused.activation = false;
        description = describe_as<Primitive>(b, terms, algorithm, fused);
    }
    if (!is_fast(description)) return -1;
    const int from = b.converted(b.reshaped(b.input(0), x), Layout(x, description.src_desc()));
    const int weights = b.weights(c.weights, terms.given_weights, description.weights_desc());
    const int bias = b.bias(c.bias, terms.to[1]);
    const int to = destination(b, Layout(y, description.dst_desc()));
    b.emit<Primitive>(description,
                      {{DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, to}},
                      fused);
    return b.reshaped(to, b.layer().shape);
}

template <class Primitive>
int compile_as(ProgramBuilder& b, const Convolution& c, dnnl::algorithm algorithm) {
    const Shape x = b.shape(b.input(0)), y = b.layer().shape;
    if (c.windows.size() > 1 || c.groups == 1) return compile_as<Primitive>(b, c, algorithm, x, y);
    return compile_as<Primitive>(b, lifted(c), algorithm, lifted(x), lifted(y));
}

int compile_ourselves(ProgramBuilder& b, const Convolution& c) {
    const int from = b.dense(b.input(0)), bias = b.bias(c.bias, b.layer().shape[1]);
    const int to = destination(b, Layout(b.layer().shape));
    const Shape &x = b.shape(from), &y = b.layer().shape;
    const bool add = b.layer().inputs.size() == 2;
    std::vector<int> tensors = {from, b.constant(c.weights), bias, to};
    // A matrix product pays off where it shares what it gathers among several outputs.
    if (!c.transposed && y[1] / c.groups >= 4) {
        tensors.push_back(b.new_tensor(Shape{columns_elements(c, x, y)}));
        b.emit("columns", columns_kernel(c, x, y, add), tensors);
    } else {
        b.emit("rows", convolution_kernel(c, x, y, add), tensors);
    }
    b.note_slow("oneDNN has only its reference code for it on this processor; runs on our own");
    return to;
}

}  // namespace

int compile(ProgramBuilder& b, const Convolution& c) {
    const int to = c.transposed ? compile_as<dnnl::deconvolution_forward>(b, c, dnnl::algorithm::deconvolution_direct)
                                : compile_as<dnnl::convolution_forward>(b, c, dnnl::algorithm::convolution_direct);
    return to >= 0 ? to : compile_ourselves(b, c);
}

}  // namespace laxity::cpu
