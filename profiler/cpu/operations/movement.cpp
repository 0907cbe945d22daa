// Operations that move elements.
#include <numeric>

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/kernels/along_axis.hpp"
#include "profiler/cpu/kernels/copy.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

int compile(ProgramBuilder& b, const Gather& g) {
    const int from = b.dense(b.input(0)), to = b.new_tensor(b.layer().shape);
    b.emit("gather", gather_kernel(g.indices, g.axis, b.shape(from)), {from, to});
    return to;
}

namespace {

// A blocked tensor's memory as a dense one, for what only moves pixels; -1 for other tensors.
int as_blocks(ProgramBuilder& b, int tensor) {
    const auto shape = shape_of_blocks(b.layout(tensor));
    return shape ? b.view(tensor, Layout(*shape)) : -1;
}

// The layer's output, blocked like `source`, from a dense tensor of its blocks.
int of_blocks(ProgramBuilder& b, int blocks, int source) {
    return b.view(blocks, *blocked_like(b.layout(source), b.layer().shape));
}

}  // namespace

namespace {

// Where each element of a padded axis comes from.
std::vector<std::int64_t> padded_indices(PadKind kind, std::int64_t before, std::int64_t extent, std::int64_t after) {
    std::vector<std::int64_t> indices;
    for (std::int64_t i = -before; i < extent + after; ++i) {
        if (kind == PadKind::kReflect)
            indices.push_back(i < 0 ? -i : i < extent ? i : 2 * (extent - 1) - i);
        else if (kind == PadKind::kEdge)
            indices.push_back(std::clamp<std::int64_t>(i, 0, extent - 1));
        else
            indices.push_back((i + extent) % extent);
    }
    return indices;
}

// Axis by axis; at least one copy.
int gather_padding(ProgramBuilder& b, const Pad& p, int current) {
    for (std::size_t i = 0; i < p.before.size(); ++i) {
        if (p.before[i] + p.after[i] == 0) continue;
        const auto axis = static_cast<int>(i);
        const Shape from = b.shape(current);
        auto indices = padded_indices(p.kind, p.before[i], from[axis], p.after[i]);
        const int to = b.new_tensor(from.with(axis, static_cast<std::int64_t>(indices.size())));
        b.emit("gather", gather_kernel(std::move(indices), axis, from), {current, to});
        current = to;
    }
    return current;
}

Shape padded(const Shape& from, const Pad& p) {
    Shape shape = from;
    for (std::size_t i = 0; i < p.before.size(); ++i) {
        const auto axis = static_cast<int>(i);
        shape = shape.with(axis, from[axis] + p.before[i] + p.after[i]);
    }
    return shape;
}

int pad(ProgramBuilder& b, const Pad& p, int from) {
    if (p.kind != PadKind::kConstant && !(padded(b.shape(from), p) == b.shape(from)))
        return gather_padding(b, p, b.dense(from));
    const int to = b.new_tensor(padded(b.shape(from), p));
    b.emit("pad", pad_kernel(b.layout(from), p.before, p.value, b.shape(to)), {from, to});
    return to;
}

// The zeros that fill up blocks of channels stay so.
bool pads_pixels_only(const Pad& p) {
    const bool pixels = p.before.size() >= 3 && p.before[0] + p.after[0] + p.before[1] + p.after[1] == 0;
    return pixels && (p.kind != PadKind::kConstant || p.value == 0);
}

}  // namespace

int compile(ProgramBuilder& b, const Pad& p) {
    const int blocks = pads_pixels_only(p) ? as_blocks(b, b.input(0)) : -1;
    if (blocks < 0) return pad(b, p, b.plain(b.input(0)));
    Pad of_memory = p;
    of_memory.before.push_back(0);
    of_memory.after.push_back(0);
    return of_blocks(b, pad(b, of_memory, blocks), b.input(0));
}

namespace {

// The first part that is blocked.
std::optional<Layout> blocked_part(const ProgramBuilder& b) {
    for (std::size_t i = 0; i < b.layer().inputs.size(); ++i) {
        if (b.layout(b.input(i)).is_blocked()) return b.layout(b.input(i));
    }
    return {};
}

// oneDNN's, all parts blocked like the first that is; -1 if none is, or it has nothing fast.
int concatenate_blocked(ProgramBuilder& b, const Concat& c) {
    const auto model = blocked_part(b);
    if (!model) return -1;
    std::vector<dnnl::memory::desc> descs;
    std::vector<Layout> layouts;
    for (std::size_t i = 0; i < b.layer().inputs.size(); ++i) {
        const auto like = blocked_like(*model, b.shape(b.input(i)));
        if (!like) return -1;
        layouts.push_back(*like);
        descs.push_back(like->desc());
    }
    const auto description =
        unless_refused([&] { return describe_concat(b.engine(), ProgramBuilder::plain_attributes(), c.axis, descs); });
    if (!is_fast(description)) return -1;
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < layouts.size(); ++i)
        arguments.push_back({DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), b.converted(b.input(i), layouts[i])});
    const int to = b.new_tensor(Layout(b.layer().shape, description.dst_desc()));
    arguments.push_back({DNNL_ARG_DST, to});
    b.emit<dnnl::concat>(description, std::move(arguments));
    return to;
}

}  // namespace

int compile(ProgramBuilder& b, const Concat& c) {
    const int blocked = concatenate_blocked(b, c);
    if (blocked >= 0) return blocked;
    std::vector<int> tensors;
    std::vector<Layout> parts;
    for (std::size_t i = 0; i < b.layer().inputs.size(); ++i) {
        tensors.push_back(b.plain(b.input(i)));
        parts.push_back(b.layout(tensors.back()));
    }
    tensors.push_back(b.new_tensor(b.layer().shape));
    b.emit("concat", concat_kernel(parts, c.axis, b.layer().shape), tensors);
    return tensors.back();
}

namespace {

// Takes each axis in turn.
int resample(ProgramBuilder& b, const Resample& r, int current) {
    for (const Taps& taps : r.axes) {
        const Shape from = b.shape(current);
        const auto outputs = static_cast<std::int64_t>(taps.index.size()) / taps.count;
        const int to = b.new_tensor(from.with(taps.axis, outputs));
        b.emit("taps", taps_kernel(taps, from), {current, to});
        current = to;
    }
    return current;
}

}  // namespace

int compile(ProgramBuilder& b, const Resample& r) {
    const bool pixels = std::all_of(r.axes.begin(), r.axes.end(), [](const Taps& taps) { return taps.axis >= 2; });
    if (const int blocks = pixels ? as_blocks(b, b.input(0)) : -1; blocks >= 0)
        return of_blocks(b, resample(b, r, blocks), b.input(0));
    return resample(b, r, b.dense(b.input(0)));
}

}  // namespace laxity::cpu
