// How much is work worth that one resource can do in time, at best? The relaxation behind the bounds
// (sim/bounds/bounds.hpp): jobs may be preempted and done in part, and each is worth a concave function of the work
// that it gets.
//
// Amounts of work x are feasible (by preemptive EDF) exactly if, for all s < t, what must be done between s and t fits:
//   sum of x_i over release_i >= s and deadline_i <= t   <=   t - s.
// Such x form a polymatroid, so that taking work by falling price, each piece as far as it fits, is optimal (Edmonds
// 1970; Federgruen & Groenevelt 1986). For prices p_1 > p_2 > ... > p_K > p_(K+1) = 0 its value is
//   sum over k of (p_k - p_(k+1)) * most work that can be done of the pieces that pay at least p_k.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace laxity {

// A piece of a concave curve: so much work, each unit of it worth so much.
struct WorkPiece {
    double price = 0;
    std::int64_t work = 0;
};
// From the origin, by falling price. Prices are above 0.
using ConcaveCurve = std::vector<WorkPiece>;

// A job: its window and what work for it is worth. A resource that runs n stages at once does n units of work per unit
// of time: give times multiplied by n.
struct WorkWindow {
    std::int64_t release = 0, deadline = 0;
    std::uint32_t curve = 0;  // index into the curves
};

// The most value that work within the windows can have. Exact, but for rounding in the sum. `windows` ascend by
// release. Takes O(n log n log K) for n windows and K different prices: a bisection over the prices, which falls apart
// into the stretches of time that are full at a price and the rest of the time without them (the decomposition
// algorithm of Fujishige 1980). Throws Interrupted on Ctrl-C.
double most_value(std::vector<WorkWindow> windows, std::span<const ConcaveCurve> curves);

// The same if all that matters is the sum of the work: `counts[i]` jobs have curve i.
double most_value(std::int64_t capacity, std::span<const ConcaveCurve> curves, std::span<const std::size_t> counts);

}  // namespace laxity
