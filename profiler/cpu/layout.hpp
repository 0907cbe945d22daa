// How a tensor lies in memory on the processor. Internal to profiler/cpu.
#pragma once

#include <cstddef>
#include <cstdint>
#include <dnnl.hpp>
#include <optional>
#include <vector>

#include "profiler/network/shape.hpp"

namespace laxity::cpu {

// Either plain, one stride per axis (a view of another tensor may have any, also 0 or negative ones), or in one of
// oneDNN's blocked layouts, where channels lie in blocks that a vector register holds and the last block is filled up
// with zeros. Offset and strides count floats.
class Layout {
public:
    Layout() = default;
    // Plain, in row-major order without gaps.
    explicit Layout(const Shape& shape);
    Layout(const Shape& shape, std::int64_t offset, std::vector<std::int64_t> strides);
    // As oneDNN describes it. A description without blocks becomes plain, if its extents are those of the shape.
    Layout(const Shape& shape, const dnnl::memory::desc& desc);

    const Shape& shape() const { return shape_; }
    std::int64_t offset() const { return offset_; }
    const std::vector<std::int64_t>& strides() const { return strides_; }  // empty if blocked

    bool is_blocked() const { return blocked_; }
    bool is_dense() const;  // plain, row-major, without gaps; its offset may be anything
    // Plain, and the elements fill one piece of memory in some order, each once.
    bool is_permuted() const;
    // Plain, and oneDNN can be told of it.
    bool is_describable() const;
    // For oneDNN, relative to the first element. Plain layouts must be describable.
    dnnl::memory::desc desc() const;
    // Of the storage that a new tensor of this layout needs, which must have no offset.
    std::size_t bytes() const;

    friend bool operator==(const Layout& a, const Layout& b);

private:
    Shape shape_;
    std::int64_t offset_ = 0;
    std::vector<std::int64_t> strides_;
    bool blocked_ = false;
    dnnl::memory::desc desc_;  // if blocked
};

// Strides of `layout` for a row-major walk over the same elements under another shape, without a copy; nothing if there
// are none (as for the flattening of a transposed tensor). The layout must be plain.
std::optional<std::vector<std::int64_t>> reshaped_strides(const Layout& layout, const Shape& shape);

// A blocked layout of the same memory under another shape, channels where they were; nothing if there is none.
std::optional<Layout> reshaped_blocks(const Layout& layout, const Shape& shape);

// Of another shape with as many axes, in blocks of channels as large as those of `layout`; nothing for other blocks.
std::optional<Layout> blocked_like(const Layout& layout, const Shape& shape);

// The memory of a blocked layout as a dense tensor [batch][blocks][pixels].. [channels of a block], padding included;
// nothing for other blocks. Axes of pixels keep their numbers.
std::optional<Shape> shape_of_blocks(const Layout& layout);

// A blocked tensor of 1x1 pixels, whose channels lie in a row and can be read as a vector.
bool is_contiguous_vector(const Layout& layout);

}  // namespace laxity::cpu
