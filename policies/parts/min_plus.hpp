// One step of a min-plus product on rows of whole numbers, the inner loop of depth_assignment: compiled once per vector
// width, and chosen when the program runs, by any compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace laxity {

// kScalar is the plain loop that the others are tested against; kVector128 is what every processor has.
enum class VectorWidth { kScalar, kVector128, kVector256, kVector512 };

// The widths this processor can run, narrowest first; the last is the one to use.
std::span<const VectorWidth> usable_vector_widths();

// A cell holds a time. kUnreachable + any other cell does not overflow.
template <class Cell>
constexpr Cell kUnreachable = Cell{1} << (sizeof(Cell) * 8 - 2);

// Rows are processed in blocks of so many cells, whatever the width.
template <class Cell>
constexpr std::size_t kBlock = 64 / sizeof(Cell);

// A row shifted by the gain of an option, and the option's cost.
template <class Cell>
struct Shifted {
    const Cell* row;
    Cell cost;
};

// Four options at a time: so many loads per store keep the processor's ports busy.
constexpr std::size_t kGroup = 4;

// cells[r] = min(base[r], the least of row[r] + cost over the group if that is within the limit, else kUnreachable).
// `base` may be `cells`; the group's rows may not overlap them. `count` is a multiple of kBlock.
template <class Cell>
struct MinPlus {
    using Relax = void (*)(const Cell* base, const Shifted<Cell>* group, Cell limit, Cell* cells, std::size_t count);
    static Relax relax(VectorWidth width);
};

extern template struct MinPlus<std::int32_t>;
extern template struct MinPlus<std::int64_t>;

}  // namespace laxity
