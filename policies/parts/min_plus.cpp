#include "policies/parts/min_plus.hpp"

#include <algorithm>
#include <array>

#if defined(__clang__)
// Below -O2 clang vectorises nothing and would say so of every loop that asks for it.
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

namespace laxity {

namespace {

// Left to the compiler's vectoriser, which finds the processor's minimum instructions where vector types with ?: do not
// (g++ 12). `count` is made a visible multiple, so that no cells are left for a slower loop.
template <class Cell>
inline __attribute__((always_inline)) void relax_vectors(const Cell* base, const Shifted<Cell>* group, Cell limit,
                                                         Cell* cells, std::size_t count) {
    const auto [a, cost_a] = group[0];
    const auto [b, cost_b] = group[1];
    const auto [c, cost_c] = group[2];
    const auto [d, cost_d] = group[3];
    count = count / kBlock<Cell> * kBlock<Cell>;
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
    for (std::size_t r = 0; r < count; ++r) {
        const Cell ab = std::min<Cell>(a[r] + cost_a, b[r] + cost_b);
        const Cell cd = std::min<Cell>(c[r] + cost_c, d[r] + cost_d);
        const Cell least = std::min(ab, cd);
        cells[r] = std::min(base[r], least <= limit ? least : kUnreachable<Cell>);
    }
}

template <class Cell>
void relax_scalar(const Cell* base, const Shifted<Cell>* group, Cell limit, Cell* cells, std::size_t count) {
    for (std::size_t r = 0; r < count; ++r) {
        Cell least = kUnreachable<Cell>;
        for (std::size_t o = 0; o < kGroup; ++o) least = std::min<Cell>(least, group[o].row[r] + group[o].cost);
        cells[r] = std::min(base[r], least <= limit ? least : kUnreachable<Cell>);
    }
}

template <class Cell>
void relax_128(const Cell* base, const Shifted<Cell>* group, Cell limit, Cell* cells, std::size_t count) {
    relax_vectors<Cell>(base, group, limit, cells, count);
}

#if defined(__x86_64__)
template <class Cell>
__attribute__((target("avx2"))) void relax_256(const Cell* base, const Shifted<Cell>* group, Cell limit, Cell* cells,
                                               std::size_t count) {
    relax_vectors<Cell>(base, group, limit, cells, count);
}
template <class Cell>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) void relax_512(const Cell* base,
                                                                             const Shifted<Cell>* group, Cell limit,
                                                                             Cell* cells, std::size_t count) {
    relax_vectors<Cell>(base, group, limit, cells, count);
}
#endif

std::size_t count_usable_widths() {
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2")) return 2;
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return wide ? 4 : 3;
#else
    return 2;
#endif
}

}  // namespace

std::span<const VectorWidth> usable_vector_widths() {
    static constexpr std::array kWidths = {VectorWidth::kScalar, VectorWidth::kVector128, VectorWidth::kVector256,
                                           VectorWidth::kVector512};
    return std::span(kWidths).first(count_usable_widths());
}

template <class Cell>
typename MinPlus<Cell>::Relax MinPlus<Cell>::relax(VectorWidth width) {
    switch (width) {
        case VectorWidth::kScalar:
            return relax_scalar<Cell>;
#if defined(__x86_64__)
        case VectorWidth::kVector256:
            return relax_256<Cell>;
        case VectorWidth::kVector512:
            return relax_512<Cell>;
#endif
        default:
            return relax_128<Cell>;
    }
}

template struct MinPlus<std::int32_t>;
template struct MinPlus<std::int64_t>;

}  // namespace laxity
