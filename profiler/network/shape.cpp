#include "profiler/network/shape.hpp"

#include <algorithm>
#include <cassert>

#include "profiler/network/shape_error.hpp"

namespace laxity {

Shape::Shape(std::span<const std::int64_t> extents) : rank_(static_cast<int>(extents.size())) {
    assert(rank_ <= kMaxRank);
    assert(std::all_of(extents.begin(), extents.end(), [](std::int64_t extent) { return extent >= 0; }));
    std::copy(extents.begin(), extents.end(), extents_.begin());
}

Shape::Shape(std::initializer_list<std::int64_t> extents) : Shape(std::span(extents.begin(), extents.size())) {}

std::int64_t Shape::elements() const { return elements(0, rank_); }

std::int64_t Shape::elements(int first, int last) const {
    std::int64_t product = 1;
    for (int axis = first; axis < last; ++axis) product *= (*this)[axis];
    return product;
}

std::vector<std::int64_t> Shape::strides() const {
    std::vector<std::int64_t> strides(static_cast<std::size_t>(rank_));
    std::int64_t stride = 1;
    for (int axis = rank_ - 1; axis >= 0; --axis) {
        strides[static_cast<std::size_t>(axis)] = stride;
        stride *= (*this)[axis];
    }
    return strides;
}

Shape Shape::with(int axis, std::int64_t extent) const {
    Shape changed = *this;
    changed.extents_[static_cast<std::size_t>(axis)] = extent;
    return changed;
}

Shape Shape::without_batch() const { return Shape(extents().subspan(rank_ > 0 ? 1 : 0)); }

std::string Shape::text() const {
    if (rank_ == 0) return "scalar";
    std::string text;
    for (const std::int64_t extent : extents()) text += (text.empty() ? "" : "x") + std::to_string(extent);
    return text;
}

namespace {

// Of one axis, counted from the last one.
std::int64_t broadcast_extent(std::span<const Shape> operands, int from_last) {
    std::int64_t extent = 1;
    for (const Shape& operand : operands) {
        const int axis = operand.rank() - 1 - from_last;
        if (axis < 0 || operand[axis] == 1 || operand[axis] == extent) continue;
        if (extent != 1) {
            std::string shapes;
            for (const Shape& each : operands) shapes += (shapes.empty() ? "" : " and ") + each.text();
            throw ShapeError("cannot stretch " + shapes + " to one shape");
        }
        extent = operand[axis];
    }
    return extent;
}

}  // namespace

Shape broadcast(std::span<const Shape> operands) {
    int rank = 0;
    for (const Shape& operand : operands) rank = std::max(rank, operand.rank());
    std::vector<std::int64_t> extents(static_cast<std::size_t>(rank));
    for (int axis = 0; axis < rank; ++axis) {
        extents[static_cast<std::size_t>(axis)] = broadcast_extent(operands, rank - 1 - axis);
    }
    return Shape(extents);
}

std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
    std::vector<std::int64_t> strides(static_cast<std::size_t>(to.rank()), 0);
    const std::vector<std::int64_t> own = from.strides();
    const int missing = to.rank() - from.rank();
    for (int axis = 0; axis < from.rank(); ++axis) {
        if (from[axis] != 1) strides[static_cast<std::size_t>(axis + missing)] = own[static_cast<std::size_t>(axis)];
    }
    return strides;
}

bool Odometer::next() {
    for (int axis = shape_.rank() - 1; axis >= 0; --axis) {
        auto& digit = index_[static_cast<std::size_t>(axis)];
        if (++digit < shape_[axis]) return true;
        digit = 0;
    }
    return false;
}

}  // namespace laxity
