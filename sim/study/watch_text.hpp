// How a watched folder looks in a terminal, or line by line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/study/watch.hpp"

namespace laxity {

struct WatchLook {
    std::size_t width = 80;   // in characters: no line is longer but the last, a command to be copied whole
    std::size_t height = 40;  // in lines: there are never more; policies and notes that do not fit are counted
    bool colour = false;      // bold and dim, by ANSI escapes
    bool clock = true;        // also what changes from moment to moment: rate, time left, who writes
};

// The whole view, a line each without its newline. A pure function; without `clock` it depends on the files alone.
std::vector<std::string> watch_lines(const WatchState& state, const WatchLook& look);

// The same in one line: "320/800 runs, 3 of 8 points; accuracy: toll 0.8123 +- 0.0012, and 2 more cannot be told from
// it".
std::string watch_line(const WatchState& state);

// "12.5 runs/s, 00:38 left"; empty if nothing is known.
std::string watch_clock(const WatchState& state);

}  // namespace laxity
