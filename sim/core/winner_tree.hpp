// The future-event list: a tournament over a fixed number of event sources, each with at most one pending event.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

// Finds the source with the earliest time; equal times go to the lower source. O(1) to look, O(log n) to change one
// source, with one comparison a level and no data-dependent branch.
class WinnerTree {
public:
    explicit WinnerTree(std::size_t sources)
        : leaves_(std::bit_ceil(sources < 2 ? std::size_t{2} : sources)), time_(leaves_, kNever), winner_(leaves_) {
        for (std::size_t node = leaves_ - 1; node > 0; --node) {
            winner_[node] = 2 * node < leaves_ ? winner_[2 * node] : static_cast<std::uint32_t>(2 * node - leaves_);
        }
    }

    std::size_t top() const { return winner_[1]; }
    Time top_time() const { return time_[winner_[1]]; }
    Time time(std::size_t source) const { return time_[source]; }

    void set(std::size_t source, Time time) {
        time_[source] = time;
        std::size_t node = (leaves_ + source) / 2;
        const auto sibling_leaf = static_cast<std::uint32_t>(source ^ 1);
        auto best = better(static_cast<std::uint32_t>(source), sibling_leaf);
        winner_[node] = best;
        while (node > 1) {
            best = better(best, winner_[node ^ 1]);
            node /= 2;
            winner_[node] = best;
        }
    }

private:
    std::uint32_t better(std::uint32_t a, std::uint32_t b) const {
        const Time time_a = time_[a];
        const Time time_b = time_[b];
        const bool b_wins = time_b < time_a || (time_b == time_a && b < a);
        return b_wins ? b : a;
    }

    std::size_t leaves_;                 // a power of two
    std::vector<Time> time_;             // by source
    std::vector<std::uint32_t> winner_;  // by inner node, root at 1
};

}  // namespace laxity
