#include "profiler/cpu/layout.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "profiler/cpu/dnnl_api.hpp"

namespace laxity::cpu {

namespace {

constexpr auto kFloat = dnnl::memory::data_type::f32;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

bool same_extents(const std::vector<std::int64_t>& dims, const Shape& shape) {
    return std::equal(dims.begin(), dims.end(), shape.extents().begin(), shape.extents().end());
}

// Axes with more than one element, the widest stride first.
std::vector<int> axes_by_stride(const Shape& shape, const std::vector<std::int64_t>& strides) {
    std::vector<int> axes;
    for (int axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] > 1) axes.push_back(axis);
    }
    std::stable_sort(axes.begin(), axes.end(), [&](int a, int b) { return strides[at(a)] > strides[at(b)]; });
    return axes;
}

// Elements at equal distances.
struct Run {
    std::int64_t extent = 1;
    std::int64_t stride = 0;
};

// A plain layout with as few axes as it can be said with, outermost first.
std::vector<Run> runs_of(const Layout& layout) {
    std::vector<Run> runs;
    for (int axis = 0; axis < layout.shape().rank(); ++axis) {
        const Run run{layout.shape()[axis], layout.strides()[at(axis)]};
        if (run.extent == 1) continue;
        if (!runs.empty() && runs.back().stride == run.stride * run.extent)
            runs.back() = {runs.back().extent * run.extent, run.stride};
        else
            runs.push_back(run);
    }
    return runs;
}

}  // namespace

Layout::Layout(const Shape& shape) : shape_(shape), strides_(shape.strides()) {}

Layout::Layout(const Shape& shape, std::int64_t offset, std::vector<std::int64_t> strides)
    : shape_(shape), offset_(offset), strides_(std::move(strides)) {}

Layout::Layout(const Shape& shape, const dnnl::memory::desc& desc) : shape_(shape) {
    Blocking blocking = blocking_of(desc);
    const bool plain = blocking.complete && blocking.inner_blocks.empty() && blocking.dims == blocking.padded_dims &&
                       same_extents(blocking.dims, shape);
    if (plain) {
        strides_ = std::move(blocking.strides);
    } else {
        blocked_ = true;
        desc_ = desc;
    }
}

bool Layout::is_dense() const {
    if (blocked_) return false;
    const std::vector<std::int64_t> dense = shape_.strides();
    for (int axis = 0; axis < shape_.rank(); ++axis) {
        if (shape_[axis] > 1 && strides_[at(axis)] != dense[at(axis)]) return false;
    }
    return true;
}

bool Layout::is_permuted() const {
    if (blocked_) return false;
    const std::vector<int> axes = axes_by_stride(shape_, strides_);
    std::int64_t expected = 1;
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
        if (strides_[at(*axis)] != expected) return false;
        expected *= shape_[*axis];
    }
    return true;
}

// No two elements in one place; more strictly, each stride covers all steps of the one inside it.
bool Layout::is_describable() const {
    if (blocked_) return true;
    if (shape_.rank() == 0) return false;
    std::int64_t inside = 1;
    const std::vector<int> axes = axes_by_stride(shape_, strides_);
    for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
        if (strides_[at(*axis)] < inside) return false;
        inside = strides_[at(*axis)] * shape_[*axis];
    }
    return true;
}

dnnl::memory::desc Layout::desc() const {
    if (blocked_) return desc_;
    const dnnl::memory::dims dims(shape_.extents().begin(), shape_.extents().end());
    dnnl::memory::dims strides = strides_;
    // Of axes with one element the stride means nothing, but oneDNN looks at it.
    const std::vector<std::int64_t> dense = shape_.strides();
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (dims[axis] == 1) strides[axis] = is_dense() ? dense[axis] : std::max<std::int64_t>(strides[axis], 1);
    }
    return {dims, kFloat, strides};
}

std::size_t Layout::bytes() const { return blocked_ ? desc_.get_size() : at(shape_.elements()) * sizeof(float); }

bool operator==(const Layout& a, const Layout& b) {
    if (a.blocked_ != b.blocked_ || !(a.shape_ == b.shape_)) return false;
    if (a.blocked_) return a.desc_ == b.desc_;
    if (a.offset_ != b.offset_) return false;
    for (int axis = 0; axis < a.shape_.rank(); ++axis) {
        if (a.shape_[axis] > 1 && a.strides_[at(axis)] != b.strides_[at(axis)]) return false;
    }
    return true;
}

std::optional<std::vector<std::int64_t>> reshaped_strides(const Layout& layout, const Shape& shape) {
    std::vector<Run> runs = runs_of(layout);
    std::vector<std::int64_t> strides(at(shape.rank()), 1);
    Run rest;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        const std::int64_t extent = shape[axis];
        if (extent == 1) continue;
        if (rest.extent == 1) {
            rest = runs.back();
            runs.pop_back();
        }
        if (rest.extent % extent != 0) return {};
        strides[at(axis)] = rest.stride;
        rest = {rest.extent / extent, rest.stride * extent};
    }
    return strides;
}

namespace {

using Tag = dnnl::memory::format_tag;

dnnl::memory::dims dims_of(const Shape& shape) { return {shape.extents().begin(), shape.extents().end()}; }

// Blocks of so many channels; `any` if oneDNN has no name for them.
Tag blocked_tag(int rank, std::int64_t block) {
    if (block == 16) return rank == 3 ? Tag::nCw16c : rank == 4 ? Tag::nChw16c : rank == 5 ? Tag::nCdhw16c : Tag::any;
    if (block == 8) return rank == 3 ? Tag::nCw8c : rank == 4 ? Tag::nChw8c : rank == 5 ? Tag::nCdhw8c : Tag::any;
    if (block == 4) return rank == 3 ? Tag::nCw4c : rank == 4 ? Tag::nChw4c : rank == 5 ? Tag::nCdhw4c : Tag::any;
    return Tag::any;
}

}  // namespace

std::optional<Layout> reshaped_blocks(const Layout& layout, const Shape& shape) {
    if (shape.rank() < 3 || shape[0] != layout.shape()[0] || shape[1] != layout.shape()[1]) return {};
    const dnnl::memory::desc desc = layout.desc().reshape(dims_of(shape), true);
    if (desc.get_size() == 0) return {};
    return Layout(shape, desc);
}

std::optional<Layout> blocked_like(const Layout& layout, const Shape& shape) {
    const Blocking blocking = blocking_of(layout.desc());
    if (blocking.inner_blocks.size() != 1 || blocking.inner_dims[0] != 1) return {};
    const Tag tag = blocked_tag(shape.rank(), blocking.inner_blocks[0]);
    if (tag == Tag::any) return {};
    return Layout(shape, dnnl::memory::desc(dims_of(shape), kFloat, tag));
}

std::optional<Shape> shape_of_blocks(const Layout& layout) {
    if (!layout.is_blocked()) return {};
    const auto like = blocked_like(layout, layout.shape());
    if (!like || !(*like == layout)) return {};
    const Blocking blocking = blocking_of(layout.desc());
    std::vector<std::int64_t> extents = dims_of(layout.shape());
    extents[1] = blocking.padded_dims[1] / blocking.inner_blocks[0];
    extents.push_back(blocking.inner_blocks[0]);
    return Shape(extents);
}

bool is_contiguous_vector(const Layout& layout) {
    const dnnl::memory::desc desc = layout.desc();
    const Blocking blocking = blocking_of(desc);
    if (!blocking.complete || blocking.dims.size() < 2 || blocking.inner_blocks.size() != 1) return false;
    for (std::size_t axis = 0; axis < blocking.dims.size(); ++axis) {
        if (axis != 1 && blocking.dims[axis] != 1) return false;
    }
    return blocking.inner_dims[0] == 1 && blocking.strides[1] == blocking.inner_blocks[0];
}

}  // namespace laxity::cpu
