// The extents of a tensor of any rank.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace laxity {

// As many axes as a tensor may have. What people export has up to six (windows of windows in transformers).
inline constexpr int kMaxRank = 8;

// Immutable extents, outermost axis first; the elements of a tensor lie densely in that order (row-major) wherever
// nothing else is said. Rank 0 is a single number. An extent may be 0 only while constants are folded.
class Shape {
public:
    Shape() = default;
    // At most kMaxRank extents, each >= 0; anything else is a programming error (asserted).
    Shape(std::initializer_list<std::int64_t> extents);
    explicit Shape(std::span<const std::int64_t> extents);

    int rank() const { return rank_; }
    std::int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
    std::span<const std::int64_t> extents() const { return {extents_.data(), static_cast<std::size_t>(rank_)}; }
    std::int64_t elements() const;  // 1 for rank 0
    // Elements between neighbours along each axis, in row-major order.
    std::vector<std::int64_t> strides() const;
    // The product of the extents of axes [first, last).
    std::int64_t elements(int first, int last) const;
    // The same with another extent on one axis.
    Shape with(int axis, std::int64_t extent) const;
    // Without the first axis, the batch: what is said to users.
    Shape without_batch() const;
    std::string text() const;  // "1x16x14x14"; "scalar" for rank 0

    friend bool operator==(const Shape&, const Shape&) = default;

private:
    std::array<std::int64_t, kMaxRank> extents_{};  // those past the rank are 0
    int rank_ = 0;
};

// The shape that operands of an element-wise operation are stretched to: aligned at the last axis, an extent of 1 takes
// that of the others (ONNX: multidirectional broadcasting). Throws ShapeError where extents differ.
Shape broadcast(std::span<const Shape> operands);

// Strides to read a tensor of shape `from` as one of shape `to` that it is broadcast to: 0 along stretched axes.
std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to);

// Steps through all index tuples of a shape in row-major order, for code that is not on a hot path.
class Odometer {
public:
    explicit Odometer(const Shape& shape) : shape_(shape) {}
    std::span<const std::int64_t> index() const { return {index_.data(), static_cast<std::size_t>(shape_.rank())}; }
    // False after the last tuple.
    bool next();

private:
    Shape shape_;
    std::array<std::int64_t, kMaxRank> index_{};
};

}  // namespace laxity
