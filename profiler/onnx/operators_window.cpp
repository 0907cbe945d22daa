// Convolutions and poolings, in one to three dimensions.
#include <algorithm>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

using Integers = OnnxNode::Integers;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

int small(std::int64_t value, std::int64_t least, const std::string& what) {
    if (value < least || value > 1 << 20)
        throw Refusal("expected " + what + " of at least " + std::to_string(least) + ", found " +
                      std::to_string(value));
    return static_cast<int>(value);
}

Integers per_axis(const OnnxNode& node, std::string_view attribute, std::size_t count, std::int64_t otherwise) {
    const Integers given = node.integers(attribute, Integers(count, otherwise));
    if (given.size() != count)
        throw Refusal("expected " + std::to_string(count) + " " + std::string(attribute) + ", found " +
                      std::to_string(given.size()));
    return given;
}

std::size_t spatial_axes(const OnnxNode& node) {
    const int rank = node.shape(0).rank();
    if (rank < 3 || rank > 5) throw Refusal("expected a signal, an image or a volume, found " + node.shape(0).text());
    return at(rank - 2);
}

enum class Padding { kGiven, kValid, kSameUpper, kSameLower };

Padding padding_of(const OnnxNode& node) {
    const std::string text = node.text("auto_pad", "NOTSET");
    if (text == "NOTSET" || text.empty()) return Padding::kGiven;
    if (text == "VALID") return Padding::kValid;
    if (text == "SAME_UPPER") return Padding::kSameUpper;
    if (text == "SAME_LOWER") return Padding::kSameLower;
    throw Refusal("expected auto_pad to be NOTSET, VALID, SAME_UPPER or SAME_LOWER, found " + text);
}

void split_padding(Window& window, Padding padding, std::int64_t total) {
    total = std::max<std::int64_t>(0, total);
    const std::int64_t less = total / 2, more = total - less;
    window.pad_begin = static_cast<int>(padding == Padding::kSameLower ? more : less);
    window.pad_end = static_cast<int>(padding == Padding::kSameLower ? less : more);
}

// Kernels come from the weights or the attribute; `extents` are those of the input.
std::vector<Window> windows_of(const OnnxNode& node, const Integers& kernels) {
    const std::size_t count = kernels.size();
    const Integers strides = per_axis(node, "strides", count, 1), dilations = per_axis(node, "dilations", count, 1);
    const Integers pads = per_axis(node, "pads", 2 * count, 0);
    const Padding padding = padding_of(node);
    std::vector<Window> windows(count);
    for (std::size_t i = 0; i < count; ++i) {
        Window& w = windows[i];
        w.kernel = small(kernels[i], 1, "kernels");
        w.stride = small(strides[i], 1, "strides");
        w.dilation = small(dilations[i], 1, "dilations");
        const std::int64_t extent = node.shape(0)[static_cast<int>(i) + 2];
        if (padding == Padding::kGiven) {
            w.pad_begin = small(pads[i], 0, "padding");
            w.pad_end = small(pads[i + count], 0, "padding");
        } else if (padding != Padding::kValid) {
            const std::int64_t outputs = (extent + w.stride - 1) / w.stride;
            split_padding(w, padding, (outputs - 1) * w.stride + w.extent() - extent);
        }
    }
    return windows;
}

Integers kernels_of(const OnnxNode& node, const Shape& weights, std::size_t count) {
    if (weights.rank() != static_cast<int>(count) + 2)
        throw Refusal("expected weights with " + std::to_string(count + 2) + " axes, found " + weights.text());
    Integers kernels(weights.extents().begin() + 2, weights.extents().end());
    if (node.integers("kernel_shape", kernels) != kernels)
        throw Refusal("kernel_shape is not the shape of the weights");
    return kernels;
}

Weights bias_of(const OnnxNode& node) { return node.has_input(2) ? node.weights(2, "the bias") : Weights{}; }

}  // namespace

OnnxValues import_convolution(const OnnxNode& node) {
    Convolution convolution;
    convolution.weights = node.weights(1, "the weights");
    convolution.windows = windows_of(node, kernels_of(node, convolution.weights.shape, spatial_axes(node)));
    convolution.groups = small(node.integer("group", 1), 1, "groups");
    convolution.bias = bias_of(node);
    return single(node, node.add(std::move(convolution), {node.value(0)}));
}

OnnxValues import_transposed_convolution(const OnnxNode& node) {
    Convolution c;
    c.transposed = true;
    c.weights = node.weights(1, "the weights");
    const std::size_t count = spatial_axes(node);
    const Integers kernels = kernels_of(node, c.weights.shape, count);
    const Padding padding = padding_of(node);
    if (padding == Padding::kGiven || padding == Padding::kValid) c.windows = windows_of(node, kernels);
    const Integers strides = per_axis(node, "strides", count, 1), dilations = per_axis(node, "dilations", count, 1);
    const Integers extra = per_axis(node, "output_padding", count, 0), wanted = node.integers("output_shape");
    c.windows.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        Window& w = c.windows[i];
        w.kernel = small(kernels[i], 1, "kernels");
        w.stride = small(strides[i], 1, "strides");
        w.dilation = small(dilations[i], 1, "dilations");
        c.output_padding.push_back(small(extra[i], 0, "output_padding"));
        const std::int64_t extent = node.shape(0)[static_cast<int>(i) + 2];
        const bool same = padding == Padding::kSameUpper || padding == Padding::kSameLower;
        if (wanted.size() < count && !same) continue;
        const std::int64_t output = wanted.size() >= count ? wanted[wanted.size() - count + i] : extent * w.stride;
        const std::int64_t total = w.stride * (extent - 1) + extra[i] + w.extent() - output;
        if (total < 0) throw Refusal("would have to pad its output");
        // Here the larger half is at the beginning unless it is SAME_UPPER.
        split_padding(w, padding == Padding::kSameUpper ? Padding::kSameUpper : Padding::kSameLower, total);
    }
    c.groups = small(node.integer("group", 1), 1, "groups");
    c.bias = bias_of(node);
    return single(node, node.add(std::move(c), {node.value(0)}));
}

namespace {

// In ceil mode the last window may reach over the end, but must begin inside input or leading padding.
void round_up(Pooling& pooling, const Shape& shape) {
    for (std::size_t i = 0; i < pooling.windows.size(); ++i) {
        Window& w = pooling.windows[i];
        const std::int64_t extent = shape[static_cast<int>(i) + 2];
        const std::int64_t room = extent + w.pad_begin + w.pad_end - w.extent();
        std::int64_t last = std::max<std::int64_t>(0, (room + w.stride - 1) / w.stride);
        if (last * w.stride >= extent + w.pad_begin) --last;
        const auto surplus = static_cast<int>(std::max<std::int64_t>(0, last * w.stride - room));
        pooling.ceil_surplus.push_back(surplus);
        w.pad_end += surplus;
    }
}

PoolKind kind_of(const OnnxNode& node) {
    if (node.type().ends_with("AveragePool")) return PoolKind::kAverage;
    if (node.type().ends_with("MaxPool")) return PoolKind::kMaximum;
    if (node.integer("p", 2) != 2) throw Refusal("expected p to be 2, found " + std::to_string(node.integer("p", 2)));
    return PoolKind::kL2;
}

}  // namespace

OnnxValues import_pooling(const OnnxNode& node) {
    if (node.outputs() > 1) throw Refusal("gives the places of its maxima too", "drop return_indices");
    Pooling pooling;
    pooling.kind = kind_of(node);
    const std::size_t count = spatial_axes(node);
    if (!node.has("kernel_shape")) throw Refusal("the attribute 'kernel_shape' is missing");
    pooling.windows = windows_of(node, per_axis(node, "kernel_shape", count, 1));
    pooling.count_padding = node.integer("count_include_pad", 0) != 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Window& w = pooling.windows[i];
        if (w.pad_begin >= w.extent()) throw Refusal("pads more than its window covers");
    }
    if (node.integer("ceil_mode", 0) != 0) round_up(pooling, node.shape(0));
    return single(node, node.add(std::move(pooling), {node.value(0)}));
}

OnnxValues import_global_pooling(const OnnxNode& node) {
    std::vector<int> axes;
    for (int axis = 2; axis < node.shape(0).rank(); ++axis) axes.push_back(axis);
    if (axes.empty()) throw Refusal("expected a signal, an image or a volume, found " + node.shape(0).text());
    const PoolKind kind = kind_of(node);
    const ReduceKind reduce = kind == PoolKind::kAverage   ? ReduceKind::kMean
                              : kind == PoolKind::kMaximum ? ReduceKind::kMaximum
                                                           : ReduceKind::kL2;
    return single(node, node.add(Reduce{reduce, axes}, {node.value(0)}));
}

}  // namespace laxity
