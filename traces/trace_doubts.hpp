// What is doubtful about a trace that loads: whoever measured it, Laxity or somebody else.
#pragma once

#include <string>
#include <vector>

#include "traces/trace.hpp"

namespace laxity {

struct TraceDoubt {
    std::string kind;     // "rows", "clock", "unit" ...: README.md of this folder has the table, with every threshold
    std::string where;    // the stage's name, "exit 2", or empty for the whole trace
    std::string found;    // what there is, with its number
    std::string meaning;  // why that matters
    std::string advice;   // what to do about it
};

// All doubts, in the order of README.md's table and within a kind by stage or exit: the same trace raises the same
// doubts in the same words. Nothing is said of the latencies of a trace of constants (device kind "synthetic").
// O(runs log runs + samples log samples) for each stage.
std::vector<TraceDoubt> trace_doubts(const Trace& trace);

// What a trace was not given, and what is assumed in its place; one line each.
std::vector<std::string> trace_lacks(const Trace& trace);

// "kind (where): found; meaning; advice", without a newline.
std::string text_of(const TraceDoubt& doubt);

}  // namespace laxity
