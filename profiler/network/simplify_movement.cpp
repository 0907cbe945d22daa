// Fewer movements of data: reshapes and views in a row become one, and go into what can do their work.
#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "profiler/network/graph_editor.hpp"

namespace laxity {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// ---- Reshapes and views in a row ------------------------------------------------------------------------------------

// A movement as a StridedView of its input, which lies densely.
std::optional<StridedView> as_view(const Layer& layer) {
    if (const StridedView* view = layer.as<StridedView>()) return *view;
    if (layer.as<Reshape>()) return StridedView{0, layer.shape.strides()};
    return std::nullopt;
}

// Elements of a dense tensor as steps along each of its axes.
std::vector<std::int64_t> digits(const Shape& shape, std::int64_t elements) {
    std::vector<std::int64_t> result;
    const bool negative = elements < 0;
    std::int64_t rest = negative ? -elements : elements;
    for (const std::int64_t stride : shape.strides()) {
        result.push_back(negative ? -(rest / stride) : rest / stride);
        rest %= stride;
    }
    return result;
}

// What `outer`, which gives `shape`, reads of a tensor whose elements `inner` has taken from another: a view of that
// other one, as long as no sum of steps crosses the end of an axis between them.
std::optional<StridedView> composed(const StridedView& inner, const Shape& between, const StridedView& outer, const Shape& shape) {
    const auto dot = [&](const std::vector<std::int64_t>& steps) {
        std::int64_t sum = 0;
        for (std::size_t axis = 0; axis < steps.size(); ++axis) sum += steps[axis] * inner.strides[axis];
        return sum;
    };
    std::vector<std::int64_t> low = digits(between, outer.offset), high = low;
    StridedView result{inner.offset + dot(low), {}};
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] == 1) {
            result.strides.push_back(0);
            continue;
        }
        const std::vector<std::int64_t> steps = digits(between, outer.strides[at(axis)]);
        for (std::size_t i = 0; i < steps.size(); ++i) (steps[i] < 0 ? low : high)[i] += steps[i] * (shape[axis] - 1);
        result.strides.push_back(dot(steps));
    }
    for (int i = 0; i < between.rank(); ++i) {
        if (low[at(i)] < 0 || high[at(i)] >= between[i]) return std::nullopt;
    }
    return result;
}

// The view reads all elements of x in their order.
bool keeps_order(const StridedView& view, const Shape& shape, const Shape& x) {
    if (view.offset != 0 || shape.elements() != x.elements()) return false;
    const std::vector<std::int64_t> dense = shape.strides();
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] != 1 && view.strides[at(axis)] != dense[at(axis)]) return false;
    }
    return true;
}

Operation movement(StridedView view, const Shape& shape, const Shape& x) {
    if (keeps_order(view, shape, x)) return Reshape{};
    return view;
}

bool join_movements(GraphEditor& editor, int i) {
    const auto outer = as_view(editor.layer(i));
    if (!outer) return false;
    const Layer& before = editor.layer(editor.layer(i).inputs[0]);
    const auto inner = as_view(before);
    if (!inner || editor.layer(i).shape.elements() == 0) return false;
    const auto view = composed(*inner, before.shape, *outer, editor.layer(i).shape);
    if (!view) return false;
    Layer joined = editor.layer(i);
    joined.inputs = before.inputs;
    joined.operation = movement(*view, joined.shape, editor.layer(joined.inputs[0]).shape);
    editor.replace(i, std::move(joined));
    return true;
}

bool view_as_reshape(GraphEditor& editor, int i) {
    const StridedView* view = editor.layer(i).as<StridedView>();
    if (view == nullptr || !keeps_order(*view, editor.layer(i).shape, editor.input(editor.layer(i), 0).shape))
        return false;
    Layer reshape = editor.layer(i);
    reshape.operation = Reshape{};
    editor.replace(i, std::move(reshape));
    return true;
}

bool changes_nothing(const GraphEditor& editor, const Layer& layer) {
    if (layer.activation || layer.inputs.size() != 1 || !(editor.input(layer, 0).shape == layer.shape)) return false;
    if (layer.as<Reshape>()) return true;
    if (const Concat* concat = layer.as<Concat>()) return concat != nullptr;
    const Pad* pad = layer.as<Pad>();
    return pad != nullptr;  // of the same shape: by nothing
}

bool drop_idle(GraphEditor& editor, int i) {
    return changes_nothing(editor, editor.layer(i)) && editor.redirect(i, editor.layer(i).inputs[0]);
}

// ---- Into operations that do the same -------------------------------------------------------------------------------

// A view that only stretches axes of extent 1: operations of two stretch their inputs themselves.
bool only_stretches(const StridedView& view, const Shape& shape, const Shape& x) {
    if (view.offset != 0 || shape.rank() < x.rank()) return false;
    const int missing = shape.rank() - x.rank();
    const std::vector<std::int64_t> strides = x.strides();
    for (int axis = 0; axis < shape.rank(); ++axis) {
        const bool own = axis >= missing && x[axis - missing] == shape[axis];
        if (!own && axis >= missing && x[axis - missing] != 1) return false;
        const std::int64_t stride = own ? strides[at(axis - missing)] : 0;
        if (shape[axis] != 1 && view.strides[at(axis)] != stride) return false;
    }
    return true;
}

bool drop_stretch(GraphEditor& editor, int i) {
    if (!editor.layer(i).as<Binary>()) return false;
    for (std::size_t which = 0; which < 2; ++which) {
        Layer layer = editor.layer(i);
        const Layer& before = editor.input(layer, which);
        const StridedView* view = before.as<StridedView>();
        if (view == nullptr || !only_stretches(*view, before.shape, editor.input(before, 0).shape)) continue;
        layer.inputs[which] = before.inputs[0];
        const Shape shapes[] = {editor.input(layer, 0).shape, editor.input(layer, 1).shape};
        if (!(broadcast(shapes) == layer.shape)) continue;
        editor.replace(i, std::move(layer));
        return true;
    }
    return false;
}

// A view that swaps the last two axes of x and does nothing else.
bool swaps_last(const Layer& layer, const Shape& x) {
    const StridedView* view = layer.as<StridedView>();
    const int rank = x.rank();
    if (view == nullptr || view->offset != 0 || layer.shape.rank() != rank || rank < 2) return false;
    std::vector<std::int64_t> strides = x.strides(), extents(x.extents().begin(), x.extents().end());
    std::swap(strides[at(rank - 1)], strides[at(rank - 2)]);
    std::swap(extents[at(rank - 1)], extents[at(rank - 2)]);
    if (!(layer.shape == Shape(extents))) return false;
    for (int axis = 0; axis < rank; ++axis) {
        if (layer.shape[axis] != 1 && view->strides[at(axis)] != strides[at(axis)]) return false;
    }
    return true;
}

// The tensor whose last two axes a view swaps.
std::optional<int> before_swap(const GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    if (layer.inputs.size() != 1 || !swaps_last(layer, editor.input(layer, 0).shape)) return std::nullopt;
    return layer.inputs[0];
}

bool transpose_in_product(GraphEditor& editor, int i) {
    if (!editor.layer(i).as<MatMul>()) return false;
    Layer layer = editor.layer(i);
    MatMul& product = std::get<MatMul>(layer.operation);
    bool changed = false;
    for (const std::size_t which : {0U, 1U}) {
        const auto x = before_swap(editor, layer.inputs[which]);
        if (!x) continue;
        bool& flag = which == 0 ? product.transpose_a : product.transpose_b;
        flag = !flag;
        layer.inputs[which] = *x;
        changed = true;
    }
    if (changed) editor.replace(i, std::move(layer));
    return changed;
}

// Only spatial axes, by as much as int holds.
bool pads_windows(const Pad& pad, std::size_t windows) {
    if (pad.kind != PadKind::kConstant || pad.before.size() != windows + 2) return false;
    for (std::size_t axis = 0; axis < pad.before.size(); ++axis) {
        if (axis < 2 && (pad.before[axis] != 0 || pad.after[axis] != 0)) return false;
        if (std::max(pad.before[axis], pad.after[axis]) > 1 << 20) return false;
    }
    return true;
}

void widen(std::vector<Window>& windows, const Pad& pad) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
        windows[i].pad_begin += static_cast<int>(pad.before[i + 2]);
        windows[i].pad_end += static_cast<int>(pad.after[i + 2]);
    }
}

bool unpadded(const std::vector<Window>& windows) {
    return std::all_of(windows.begin(), windows.end(), [](const Window& w) { return w.pad_begin + w.pad_end == 0; });
}

// Every window keeps at least one element of the input: what devices' poolings ask for.
bool within_kernels(const std::vector<Window>& windows) {
    return std::all_of(windows.begin(), windows.end(),
                       [](const Window& w) { return std::max(w.pad_begin, w.pad_end) < w.extent(); });
}

bool pad_in_convolution(Layer& layer, const Pad& pad) {
    Convolution* convolution = std::get_if<Convolution>(&layer.operation);
    if (convolution == nullptr || convolution->transposed || pad.value != 0) return false;
    if (!pads_windows(pad, convolution->windows.size())) return false;
    widen(convolution->windows, pad);
    return true;
}

bool pad_in_pooling(Layer& layer, const Pad& pad) {
    Pooling* pooling = std::get_if<Pooling>(&layer.operation);
    if (pooling == nullptr || !pads_windows(pad, pooling->windows.size())) return false;
    const bool maximum = pooling->kind == PoolKind::kMaximum;
    const float neutral = maximum ? -std::numeric_limits<float>::infinity() : 0;
    if (pad.value != neutral) return false;
    if (pooling->kind == PoolKind::kAverage) {
        if (!pooling->count_padding && !unpadded(pooling->windows)) return false;
        pooling->count_padding = true;
    }
    widen(pooling->windows, pad);
    return within_kernels(pooling->windows);
}

bool pad_in_window(GraphEditor& editor, int i) {
    Layer layer = editor.layer(i);
    if (!layer.as<Convolution>() && !layer.as<Pooling>()) return false;
    const int before = layer.inputs[0];
    const Pad* pad = plain<Pad>(editor.layer(before));
    if (pad == nullptr || !editor.used_once(before)) return false;
    const Pad taken = *pad;
    if (!pad_in_convolution(layer, taken) && !pad_in_pooling(layer, taken)) return false;
    layer.inputs[0] = editor.layer(before).inputs[0];
    editor.replace(i, std::move(layer));
    return true;
}

// ---- Global poolings ------------------------------------------------------------------------------------------------

bool covers_all(const Pooling& pooling, const Shape& x) {
    for (std::size_t i = 0; i < pooling.windows.size(); ++i) {
        const Window& w = pooling.windows[i];
        if (w.kernel != x[static_cast<int>(i) + 2] || w.dilation != 1) return false;
    }
    return unpadded(pooling.windows) && pooling.ceil_surplus.empty();
}

bool global_pooling(GraphEditor& editor, int i) {
    Layer layer = editor.layer(i);
    const Pooling* pooling = layer.as<Pooling>();
    if (pooling == nullptr || pooling->kind == PoolKind::kL2 || !covers_all(*pooling, editor.input(layer, 0).shape))
        return false;
    Reduce reduce{pooling->kind == PoolKind::kMaximum ? ReduceKind::kMaximum : ReduceKind::kMean, {}};
    for (int axis = 2; axis < layer.shape.rank(); ++axis) reduce.axes.push_back(axis);
    layer.operation = std::move(reduce);
    editor.replace(i, std::move(layer));
    return true;
}

// The axes of x that a reshape joined into axis `axis` of `shape`; nothing if that axis is none of x's joined ones.
std::optional<std::vector<int>> joined_axes(const Shape& x, const Shape& shape, int axis) {
    const std::int64_t before = shape.elements(0, axis);
    int first = 0;
    while (first < x.rank() && x.elements(0, first) < before) ++first;
    while (first < x.rank() && x.elements(0, first) == before && x[first] == 1 && shape[axis] != 1) ++first;
    std::vector<int> axes;
    std::int64_t extent = 1;
    for (int i = first; i < x.rank() && extent < shape[axis]; ++i) {
        extent *= x[i];
        axes.push_back(i);
    }
    if (x.elements(0, first) != before || extent != shape[axis] || axes.empty()) return std::nullopt;
    return axes;
}

// A flattened image is reduced as an image: [n][c][h * w] over its last axis.
bool reduce_unflattened(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    const Reduce* reduce = layer.as<Reduce>();
    if (reduce == nullptr || reduce->axes.size() != 1 || !editor.input(layer, 0).as<Reshape>()) return false;
    if (reduce->kind == ReduceKind::kArgMax || reduce->kind == ReduceKind::kArgMin) return false;
    const Layer& flat = editor.input(layer, 0);
    if (!editor.used_once(layer.inputs[0])) return false;
    const Shape x = editor.input(flat, 0).shape;
    const auto axes = joined_axes(x, flat.shape, reduce->axes[0]);
    if (!axes) return false;
    Layer inner = layer;
    inner.operation = Reduce{reduce->kind, *axes};
    inner.inputs = flat.inputs;
    inner.shape = x;
    for (const int axis : *axes) inner.shape = inner.shape.with(axis, 1);
    Layer outer{layer.name, Reshape{}, {}, layer.shape, {}};
    outer.inputs = {editor.add(std::move(inner))};
    editor.replace(i, std::move(outer));
    return true;
}

}  // namespace

bool simplify_movement(LayerGraph& graph) {
    GraphEditor editor(graph);
    constexpr bool (*kPatterns[])(GraphEditor&, int) = {join_movements, view_as_reshape,      drop_idle,
                                                        drop_stretch,   transpose_in_product, pad_in_window,
                                                        global_pooling, reduce_unflattened};
    bool changed = false;
    for (int i = 1; i < editor.count(); ++i) {
        for (const auto pattern : kPatterns) {
            if (editor.alive(i)) changed |= pattern(editor, i);
        }
    }
    return changed;
}

}  // namespace laxity
