// Reshapes and views: free wherever strides can say them.
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

// Left to the dense layers that read it where the pixels of a blocked tensor would have to be moved: their weights can
// be reordered instead, once.
int compile(ProgramBuilder& b, const Reshape&) {
    const Shape& shape = b.layer().shape;
    const bool flattens = shape.rank() > 0 && shape[shape.rank() - 1] == shape.elements();
    if (flattens && b.layout(b.input(0)).is_blocked() && b.is_read_by_dense_layers_only()) return b.input(0);
    return b.reshaped(b.input(0), shape);
}

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// An axis of what is viewed, and how many of its elements each step of the view goes on.
struct Walk {
    int axis = -1;  // none: the view's axis has one element, or stands still
    std::int64_t step = 0;
};

// The widest axis that the stride is a multiple of.
std::optional<Walk> walk_of(std::int64_t stride, const Shape& shape) {
    if (stride == 0) return Walk{};
    const std::vector<std::int64_t> strides = shape.strides();
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] > 1 && std::abs(stride) >= strides[at(axis)]) {
            if (stride % strides[at(axis)] != 0) return {};
            return Walk{axis, stride / strides[at(axis)]};
        }
    }
    return {};
}

// The view of a plain tensor that is not dense, as strides of its storage; nothing if a walk along one axis of the view
// would leave one axis of the tensor and go on in another.
std::optional<Layout> composed(const StridedView& view, const Layout& from, const Shape& shape) {
    const std::vector<std::int64_t> dense = from.shape().strides();
    std::vector<std::int64_t> lowest(dense.size()), highest, strides(at(shape.rank()), 0);
    std::int64_t rest = view.offset, offset = from.offset();
    for (std::size_t axis = 0; axis < dense.size(); ++axis) {
        lowest[axis] = rest / dense[axis];
        rest %= dense[axis];
        offset += lowest[axis] * from.strides()[axis];
    }
    highest = lowest;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] == 1) continue;
        const auto walk = walk_of(view.strides[at(axis)], from.shape());
        if (!walk) return {};
        if (walk->axis < 0) continue;
        (walk->step < 0 ? lowest : highest)[at(walk->axis)] += walk->step * (shape[axis] - 1);
        strides[at(axis)] = walk->step * from.strides()[at(walk->axis)];
    }
    for (std::size_t axis = 0; axis < dense.size(); ++axis) {
        if (lowest[axis] < 0 || highest[axis] >= from.shape()[static_cast<int>(axis)]) return {};
    }
    return Layout(shape, offset, std::move(strides));
}

// The layout in which a blocked tensor would be dense after the view, if that only changes the order of the axes: then
// one copy does both.
std::optional<Layout> permuted(const StridedView& view, const Shape& from, const Shape& to) {
    const auto viewed = composed(view, Layout(from), to);
    if (!viewed || view.offset != 0 || to.elements() != from.elements() || !viewed->is_permuted()) return {};
    const std::vector<std::int64_t> own = from.strides(), dense = to.strides();
    std::vector<std::int64_t> strides(own.size(), 1);
    for (int axis = 0; axis < to.rank(); ++axis) {
        if (to[axis] == 1) continue;
        const auto walk = walk_of(view.strides[at(axis)], from);
        if (walk->step != 1 || from[walk->axis] != to[axis]) return {};
        strides[at(walk->axis)] = dense[at(axis)];
    }
    return Layout(from, 0, std::move(strides));
}

int viewable(ProgramBuilder& b, const StridedView& view, int tensor) {
    if (!b.layout(tensor).is_blocked()) return tensor;
    if (const auto layout = permuted(view, b.shape(tensor), b.layer().shape)) return b.converted(tensor, *layout);
    return b.dense(tensor);
}

}  // namespace

int compile(ProgramBuilder& b, const StridedView& v) {
    const int from = viewable(b, v, b.input(0));
    if (const auto layout = composed(v, b.layout(from), b.layer().shape)) return b.view(from, *layout);
    const int dense = b.dense(from);
    return b.view(dense, Layout(b.layer().shape, b.layout(dense).offset() + v.offset, v.strides));
}

}  // namespace laxity::cpu
