#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/kernels/reduce.hpp"
#include "profiler/cpu/kernels/windows.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

namespace {

using dnnl::algorithm;
using dnnl::memory;
using Dims = memory::dims;

// Windows in oneDNN's words.
struct Terms {
    Dims to, strides, kernel, dilations, begin, end;

    Terms(const Pooling& p, const Shape& y) : to(y.extents().begin(), y.extents().end()) {
        for (const Window& w : p.windows) {
            strides.push_back(w.stride);
            kernel.push_back(w.kernel);
            dilations.push_back(w.dilation - 1);
            begin.push_back(w.pad_begin);
            end.push_back(w.pad_end);
        }
    }
};

bool has_surplus(const Pooling& p) {
    return std::any_of(p.ceil_surplus.begin(), p.ceil_surplus.end(), [](int surplus) { return surplus > 0; });
}

// Nothing if oneDNN has no such pooling.
std::optional<algorithm> algorithm_of(const Pooling& p) {
    if (p.kind == PoolKind::kL2) return {};
    if (p.kind == PoolKind::kMaximum) return algorithm::pooling_max;
    if (!p.count_padding) return algorithm::pooling_avg_exclude_padding;
    if (has_surplus(p)) return {};
    return algorithm::pooling_avg_include_padding;
}

// The tensor, or -1 if oneDNN has nothing fast.
int compile_primitive(ProgramBuilder& b, const Pooling& p, int from, const Shape& to_shape) {
    const auto kind = algorithm_of(p);
    if (!kind) return -1;
    const Terms t(p, to_shape);
    for (const bool activation : {true, false}) {
        const Fused fused{activation && b.can_fuse_activation()};
        const auto description = describe<PoolingForward>(
            b.engine(), b.attributes(fused), dnnl::prop_kind::forward_inference, *kind, b.layout(from).desc(),
            memory::desc(t.to, memory::data_type::f32, memory::format_tag::any), t.strides, t.kernel, t.dilations,
            t.begin, t.end);
        if (!is_fast(description)) continue;
        const int to = b.new_tensor(Layout(to_shape, description.dst_desc()));
        b.emit<PoolingForward>(description, {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}, fused);
        return to;
    }
    return -1;
}

int describable(ProgramBuilder& b, int tensor) { return b.layout(tensor).is_describable() ? tensor : b.dense(tensor); }

}  // namespace

int compile(ProgramBuilder& b, const Pooling& p) {
    const int to = compile_primitive(b, p, describable(b, b.input(0)), b.layer().shape);
    if (to >= 0) return to;
    const int from = b.dense(b.input(0)), own = b.new_tensor(b.layer().shape);
    b.emit("windows", pooling_kernel(p, b.shape(from), b.layer().shape), {from, own});
    return own;
}

namespace {

// A reduction of all pixels of a blocked tensor is a pooling that leaves it blocked.
std::optional<Pooling> as_pooling(const Reduce& r, const Shape& shape) {
    if (r.kind != ReduceKind::kMean && r.kind != ReduceKind::kMaximum) return {};
    if (shape.rank() < 3 || shape.rank() > 5 || r.axes.front() != 2 || r.axes.size() + 2 != shape.extents().size())
        return {};
    Pooling pooling;
    pooling.kind = r.kind == ReduceKind::kMean ? PoolKind::kAverage : PoolKind::kMaximum;
    for (const int axis : r.axes) pooling.windows.push_back({static_cast<int>(shape[axis]), 1, 1, 0, 0});
    return pooling;
}

}  // namespace

int compile(ProgramBuilder& b, const Reduce& r) {
    const int given = b.input(0);
    if (b.layout(given).is_blocked()) {
        if (const auto pooling = as_pooling(r, b.shape(given))) {
            const int to = compile_primitive(b, *pooling, given, b.layer().shape);
            if (to >= 0) return to;
        }
    }
    const int to = b.new_tensor(b.layer().shape);
    if (r.kind == ReduceKind::kArgMax || r.kind == ReduceKind::kArgMin) {
        const int from = b.dense(given);
        b.emit("extreme", extreme_kernel(r, b.shape(from)), {from, to});
        return to;
    }
    const int from = b.plain(given);
    std::vector<int> tensors = {from, to};
    if (r.kind == ReduceKind::kLogSumExp) tensors.push_back(b.new_tensor(b.layer().shape));
    b.emit("reduce", reduce_kernel(r, b.layout(from)), tensors);
    return to;
}

}  // namespace laxity::cpu
