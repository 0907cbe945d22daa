// The loops over tensors of one shape that lie differently: as few and as long as can be. Internal to profiler/cpu.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "profiler/network/shape.hpp"

namespace laxity::cpu {

// `kOperands` tensors, each with its strides (in floats) by axis of a common shape. Neighbouring axes that every
// operand walks through evenly are joined; the innermost one is left to the caller, who knows what to do with a row.
template <std::size_t kOperands>
class Loops {
public:
    using Offsets = std::array<std::int64_t, kOperands>;

    Loops(const Shape& shape, const std::array<std::vector<std::int64_t>, kOperands>& strides) {
        for (int axis = 0; axis < shape.rank(); ++axis) {
            Offsets own;
            for (std::size_t k = 0; k < kOperands; ++k) own[k] = strides[k][static_cast<std::size_t>(axis)];
            if (shape[axis] > 1) add(shape[axis], own);
        }
        if (axes_.empty()) axes_.push_back({1, {}});
        row_ = axes_.back();
        axes_.pop_back();
    }

    // Elements of a row, and the distance of its neighbours in each operand.
    std::int64_t row() const { return row_.extent; }
    const Offsets& strides() const { return row_.strides; }

    // Calls body(offsets of the row's first element) for each row.
    template <class Body>
    void for_each_row(const Body& body) const {
        std::array<std::int64_t, kMaxRank> index{};
        Offsets offsets{};
        while (true) {
            body(offsets);
            std::size_t axis = axes_.size();
            while (axis > 0 && !advance(index, offsets, axis - 1)) --axis;
            if (axis == 0) return;
        }
    }

private:
    struct Axis {
        std::int64_t extent = 1;
        Offsets strides{};
    };

    void add(std::int64_t extent, const Offsets& own) {
        bool joins = !axes_.empty();
        for (std::size_t k = 0; k < kOperands && joins; ++k) joins = axes_.back().strides[k] == own[k] * extent;
        if (joins)
            axes_.back() = {axes_.back().extent * extent, own};
        else
            axes_.push_back({extent, own});
    }

    // False if the axis starts over.
    bool advance(std::array<std::int64_t, kMaxRank>& index, Offsets& offsets, std::size_t axis) const {
        const Axis& a = axes_[axis];
        const bool more = ++index[axis] < a.extent;
        const std::int64_t step = more ? 1 : 1 - a.extent;
        for (std::size_t k = 0; k < kOperands; ++k) offsets[k] += step * a.strides[k];
        if (!more) index[axis] = 0;
        return more;
    }

    std::vector<Axis> axes_;
    Axis row_;
};

}  // namespace laxity::cpu
