// Operators that move elements or copy them.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

using Integers = OnnxNode::Integers;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Shape checked_shape(const Integers& extents) {
    if (extents.size() > kMaxRank)
        throw Refusal("would give " + std::to_string(extents.size()) + " axes; at most " + std::to_string(kMaxRank) +
                      " are possible");
    for (const std::int64_t extent : extents) {
        if (extent < 0 || extent > std::int64_t{1} << 40)
            throw Refusal("would give an extent of " + std::to_string(extent));
    }
    return Shape(extents);
}

// From an attribute before an operator set, from an input since.
Integers axes_given(const OnnxNode& node, std::size_t input) {
    if (node.has("axes")) return node.integers("axes");
    return node.has_input(input) ? node.integers(input, "the axes") : Integers{};
}

}  // namespace

OnnxValues import_transpose(const OnnxNode& node) {
    const int rank = node.shape(0).rank();
    Integers order = node.integers("perm");
    if (order.empty()) {
        order.resize(at(rank));
        std::iota(order.rbegin(), order.rend(), std::int64_t{0});
    }
    std::vector<int> permutation;
    for (const std::int64_t axis : order) permutation.push_back(node.axis(axis, rank));
    std::vector<int> sorted = permutation;
    std::sort(sorted.begin(), sorted.end());
    for (int axis = 0; axis < static_cast<int>(sorted.size()); ++axis) {
        if (sorted[at(axis)] != axis || static_cast<int>(sorted.size()) != rank)
            throw Refusal("perm is no permutation of the axes");
    }
    if (std::is_sorted(permutation.begin(), permutation.end())) return {node.input(0)};
    return single(node, node.permuted(node.value(0), permutation));
}

// 0 keeps an extent (unless allowzero says that it is one), -1 is what is left.
OnnxValues import_reshape(const OnnxNode& node) {
    const Shape from = node.shape(0);
    Integers extents = node.integers(1, "the shape");
    const bool keeps = node.integer("allowzero", 0) == 0;
    std::int64_t known = 1, open = -1;
    for (std::size_t i = 0; i < extents.size(); ++i) {
        if (extents[i] == 0 && keeps) {
            if (static_cast<int>(i) >= from.rank())
                throw Refusal("keeps an axis that " + from.text() + " does not have");
            extents[i] = from[static_cast<int>(i)];
        }
        if (extents[i] == -1 && open >= 0) throw Refusal("leaves two extents open");
        if (extents[i] == -1)
            open = static_cast<std::int64_t>(i);
        else
            known *= std::clamp<std::int64_t>(extents[i], 0, std::int64_t{1} << 30);
        if (known > std::int64_t{1} << 30) throw Refusal("would give more than 2^30 elements");
    }
    if (open >= 0) {
        if (known == 0 || from.elements() % known != 0) throw Refusal("cannot make " + from.text() + " fit the shape");
        extents[at(open)] = from.elements() / known;
    }
    return single(node, node.reshaped(node.value(0), checked_shape(extents)));
}

OnnxValues import_flatten(const OnnxNode& node) {
    const Shape from = node.shape(0);
    const std::int64_t given = node.integer("axis", 1);
    const int axis = given == from.rank() ? from.rank() : node.axis(given, from.rank());
    return single(node, node.reshaped(node.value(0), {from.elements(0, axis), from.elements(axis, from.rank())}));
}

OnnxValues import_squeeze(const OnnxNode& node) {
    const Shape from = node.shape(0);
    std::vector<int> axes = node.axes(axes_given(node, 1), from.rank());
    for (const int axis : axes) {
        if (from[axis] != 1)
            throw Refusal("drops axis " + std::to_string(axis) + " of " + from.text() + ", which is not 1");
    }
    if (axes.empty() && !node.has("axes") && !node.has_input(1)) {
        for (int axis = 0; axis < from.rank(); ++axis) {
            if (from[axis] == 1) axes.push_back(axis);
        }
    }
    return single(node, node.reshaped(node.value(0), without_axes(from, axes)));
}

OnnxValues import_unsqueeze(const OnnxNode& node) {
    const Shape from = node.shape(0);
    const Integers given = axes_given(node, 1);
    const int rank = from.rank() + static_cast<int>(given.size());
    if (rank > kMaxRank) throw Refusal("would give " + std::to_string(rank) + " axes");
    const std::vector<int> axes = node.axes(given, rank);
    if (axes.size() != given.size()) throw Refusal("names an axis twice");
    Integers extents(from.extents().begin(), from.extents().end());
    for (const int axis : axes) extents.insert(extents.begin() + axis, 1);
    return single(node, node.reshaped(node.value(0), checked_shape(extents)));
}

OnnxValues import_expand(const OnnxNode& node) {
    const Shape both[] = {node.shape(0), checked_shape(node.integers(1, "the shape"))};
    return single(node, expand(node.builder(), node.name(), node.value(0), broadcast(both)));
}

// Each repeated axis becomes two, of which the outer one is stretched.
OnnxValues import_tile(const OnnxNode& node) {
    const Integers repeats = node.integers(1, "the repeats");
    Value x = node.value(0);
    Shape shape = node.shape(0);
    if (static_cast<int>(repeats.size()) != shape.rank())
        throw Refusal("expected a repeat for every axis of " + shape.text());
    for (int axis = 0; axis < shape.rank(); ++axis) {
        const std::int64_t count = repeats[at(axis)];
        if (count < 0 || count > 1 << 20) throw Refusal("repeats an axis " + std::to_string(count) + " times");
        if (count == 1) continue;
        const std::int64_t outer = shape.elements(0, axis), inner = shape.elements(axis, shape.rank());
        x = node.reshaped(x, {outer, 1, inner});
        x = expand(node.builder(), node.name(), x, {outer, count, inner});
        shape = shape.with(axis, shape[axis] * count);
        x = node.reshaped(x, shape);
    }
    return single(node, x);
}

namespace {

// Python's slice of an axis: the first element and how many.
std::pair<std::int64_t, std::int64_t> slice_range(std::int64_t start, std::int64_t end, std::int64_t step,
                                                  std::int64_t extent) {
    const auto wrapped = [extent](std::int64_t i) {
        return i < 0 ? std::max(i, -(std::int64_t{1} << 62)) + extent : i;
    };
    const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    start = std::clamp(wrapped(start), step > 0 ? 0 : std::int64_t{0} - 1, high);
    end = std::clamp(wrapped(end), low, high);
    if (step > 0) return {start, std::max<std::int64_t>(0, (end - start + step - 1) / step)};
    return {start, std::max<std::int64_t>(0, (start - end - step - 1) / -step)};
}

// Starts or ends, which may be the least or greatest integer: "to the end".
OnnxNode::Integers bounds(const OnnxNode& node, std::size_t i, const std::string& what) {
    constexpr double kFarOutside = 9e15;
    OnnxNode::Integers result;
    for (const double value : node.constant(i, what).values) {
        if (value != std::floor(value))
            throw Refusal("expected " + what + " to be integers, found " + std::to_string(value));
        result.push_back(static_cast<std::int64_t>(std::clamp(value, -kFarOutside, kFarOutside)));
    }
    return result;
}

}  // namespace

OnnxValues import_slice(const OnnxNode& node) {
    const bool by_input = node.opset() >= 10;
    const Integers starts = by_input ? bounds(node, 1, "the starts") : node.integers("starts");
    const Integers ends = by_input ? bounds(node, 2, "the ends") : node.integers("ends");
    Integers axes = axes_given(node, 3);
    const Integers steps = by_input && node.has_input(4) ? node.integers(4, "the steps") : Integers(starts.size(), 1);
    if (axes.empty()) {
        axes.resize(starts.size());
        std::iota(axes.begin(), axes.end(), std::int64_t{0});
    }
    if (starts.size() != ends.size() || axes.size() != starts.size() || steps.size() != starts.size())
        throw Refusal("has starts, ends, axes and steps of different lengths");
    Value x = node.value(0);
    const Shape shape = node.shape(0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (steps[i] == 0) throw Refusal("has a step of 0");
        const int axis = node.axis(axes[i], shape.rank());
        const auto [first, count] =
            slice_range(starts[i], ends[i], std::clamp<std::int64_t>(steps[i], -(1 << 30), 1 << 30), shape[axis]);
        x = slice(node.builder(), node.name(), x, axis, first, steps[i], count);
    }
    return single(node, x);
}

OnnxValues import_split(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    const int axis = node.axis(node.integer("axis", 0), shape.rank());
    Integers parts = node.has_input(1) ? node.integers(1, "the parts") : node.integers("split");
    if (parts.empty()) {  // equal ones; the last may be smaller
        const auto count = static_cast<std::int64_t>(node.outputs());
        const std::int64_t size = (shape[axis] + count - 1) / count;
        for (std::int64_t i = 0; i < count; ++i)
            parts.push_back(std::clamp<std::int64_t>(shape[axis] - i * size, 0, size));
    }
    if (std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) != shape[axis] || parts.size() < node.outputs() ||
        std::any_of(parts.begin(), parts.end(), [](std::int64_t part) { return part < 0; }))
        throw Refusal("splits axis " + std::to_string(axis) + " of " + shape.text() + " into other parts than it has");
    OnnxValues outputs;
    std::int64_t first = 0;
    for (const std::int64_t part : parts) {
        outputs.push_back(
            {slice(node.builder(), node.name(), node.value(0), axis, first, 1, part), node.input(0).type});
        first += part;
    }
    return outputs;
}

OnnxValues import_concat(const OnnxNode& node) {
    std::vector<Value> parts;
    const int axis = node.axis(node.integer("axis", 1), node.shape(0).rank());
    for (std::size_t i = 0; i < node.input_count(); ++i) {
        if (node.shape(i).elements() > 0 || node.input_count() == 1) parts.push_back(node.value(i));
    }
    if (parts.empty()) return {node.input(0)};
    if (parts.size() == 1) return single(node, parts[0]);
    return single(node, node.add(Concat{axis}, parts));
}

OnnxValues import_gather(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    const int axis = node.axis(node.integer("axis", 0), shape.rank());
    if (!node.input(1).is_constant())
        throw Refusal("looks up rows by indices that depend on the network's input",
                      "give the network embedded (float) inputs");
    Gather gather{axis, node.integers(1, "the indices"), node.shape(1)};
    for (std::int64_t& index : gather.indices) index = index < 0 ? index + shape[axis] : index;
    if (gather.indices.size() == 1 && gather.shape.rank() <= 1 && gather.indices[0] >= 0 &&
        gather.indices[0] < shape[axis]) {
        const Value one = slice(node.builder(), node.name(), node.value(0), axis, gather.indices[0], 1, 1);
        if (gather.shape.rank() == 1) return single(node, one);
        const int axes[] = {axis};
        return single(node, node.reshaped(one, without_axes(node.builder().shape(one), axes)));
    }
    return single(node, node.add(std::move(gather), {node.value(0)}));
}

namespace {

PadKind pad_kind(const std::string& mode) {
    if (mode == "constant") return PadKind::kConstant;
    if (mode == "reflect") return PadKind::kReflect;
    if (mode == "edge") return PadKind::kEdge;
    if (mode == "wrap") return PadKind::kWrap;
    throw Refusal("expected the mode constant, reflect, edge or wrap, found " + mode);
}

}  // namespace

OnnxValues import_pad(const OnnxNode& node) {
    const bool by_input = node.opset() >= 11;
    const Shape shape = node.shape(0);
    const Integers given = by_input ? node.integers(1, "the padding") : node.integers("pads");
    Integers axes = by_input && node.has_input(3) ? node.integers(3, "the axes") : Integers{};
    if (axes.empty()) {
        axes.resize(at(shape.rank()));
        std::iota(axes.begin(), axes.end(), std::int64_t{0});
    }
    if (given.size() != 2 * axes.size()) throw Refusal("expected two paddings per axis");
    Pad pad{pad_kind(node.text("mode", "constant")), Integers(at(shape.rank()), 0), Integers(at(shape.rank()), 0), 0};
    if (!by_input) pad.value = node.real("value", 0);
    if (by_input && node.has_input(2)) {
        const Tensor& value = node.constant(2, "the value");
        if (!value.values.empty()) pad.value = static_cast<float>(value.values[0]);
    }
    Value x = node.value(0);
    bool pads = false;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const int axis = node.axis(axes[i], shape.rank());
        const std::int64_t before = given[i], after = given[i + axes.size()];
        // Negative padding crops.
        const std::int64_t first = std::max<std::int64_t>(0, -before),
                           count = shape[axis] - first - std::max<std::int64_t>(0, -after);
        if (count <= 0) throw Refusal("crops all of axis " + std::to_string(axis));
        x = slice(node.builder(), node.name(), x, axis, first, 1, count);
        pad.before[at(axis)] = std::max<std::int64_t>(0, before);
        pad.after[at(axis)] = std::max<std::int64_t>(0, after);
        pads = pads || before > 0 || after > 0;
    }
    return single(node, pads ? node.add(std::move(pad), {x}) : x);
}

namespace {

struct Image {
    std::int64_t batch, channels, height, width, block;
};

Image image_of(const OnnxNode& node) {
    const Shape shape = node.shape(0);
    const std::int64_t block = node.integer("blocksize", 0);
    if (shape.rank() != 4 || block < 1) throw Refusal("expected an image and a block size above 0");
    return {shape[0], shape[1], shape[2], shape[3], block};
}

}  // namespace

OnnxValues import_depth_to_space(const OnnxNode& node) {
    const auto [n, c, h, w, b] = image_of(node);
    if (c % (b * b) != 0) throw Refusal("cannot spread " + std::to_string(c) + " channels over blocks");
    const bool depth_first = node.text("mode", "DCR") == "DCR";
    const std::int64_t rest = c / (b * b);
    Value x = node.reshaped(node.value(0), depth_first ? Shape{n, b, b, rest, h, w} : Shape{n, rest, b, b, h, w});
    x = node.permuted(x, depth_first ? std::vector<int>{0, 3, 4, 1, 5, 2} : std::vector<int>{0, 1, 4, 2, 5, 3});
    return single(node, node.reshaped(x, {n, rest, h * b, w * b}));
}

OnnxValues import_space_to_depth(const OnnxNode& node) {
    const auto [n, c, h, w, b] = image_of(node);
    if (h % b != 0 || w % b != 0) throw Refusal("cannot cut the image into blocks");
    Value x = node.reshaped(node.value(0), {n, c, h / b, b, w / b, b});
    x = node.permuted(x, {0, 3, 5, 1, 2, 4});
    return single(node, node.reshaped(x, {n, c * b * b, h / b, w / b}));
}

}  // namespace laxity
