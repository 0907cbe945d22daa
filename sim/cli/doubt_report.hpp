// What is doubtful about a trace, and what it lacks, for `laxity check` and `laxity import`.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "traces/trace.hpp"

namespace laxity {

// One line for each doubt; none if there is none.
void print_doubts(std::ostream& out, const Trace& trace);

// The trace's name with how many doubts there are, each of them, and a line for each thing that it lacks.
void print_trace_report(std::ostream& out, const Trace& trace);

// [{"kind", "where", "found", "meaning", "advice"}, ...] and ["dispatch times: ...", ...].
nlohmann::ordered_json doubts_json(const Trace& trace);
nlohmann::ordered_json lacks_json(const Trace& trace);

}  // namespace laxity
