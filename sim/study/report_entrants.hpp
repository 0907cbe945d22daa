// Who is compared in a report: policies, the best of several, one policy at each value of its parameter. Internal to
// sim/study/report_selection.cpp.
#pragma once

#include <string>
#include <vector>

#include "sim/study/report_selection.hpp"

namespace laxity {

using Indices = std::vector<std::size_t>;

// Throws InputError: `option` expected `expected`, found `name`; the nearest of `known`, and all of them.
[[noreturn]] void fail_unknown(const std::string& option, const std::string& expected, const std::string& name,
                               const std::vector<std::string>& known);

// Fills in entrants, baseline and notes; and the lineups, where `axis` is an axis of policies (an index into
// table.policy_axes()). `kept` are the competitors that --where leaves.
void add_entrants(ReportSelection& selection, const SelectionRequest& request, const Indices& kept,
                  std::optional<std::size_t> axis);

}  // namespace laxity
