// What a trace knows of histories, for people and as JSON: for `laxity profile` and `laxity show`.
#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>

#include "traces/trace.hpp"

namespace laxity {

// The cells of every stage with their p50, mean and counts, the share of the variance that they explain, the path
// around stages, the lateness of releases and stalls: what there is of them.
void print_history(std::ostream& out, const Trace& trace);

// The same as members "history", "path", "release_lateness" and "stalls"; those that the trace lacks are not added.
// Times in us.
void add_history(nlohmann::ordered_json& json, const Trace& trace);

}  // namespace laxity
