// The halves of trace_doubts(), and how they say numbers. Only for the sources of this folder.
#pragma once

#include <string>
#include <vector>

#include "traces/trace_doubts.hpp"

namespace laxity {

void add_latency_doubts(const Trace& trace, std::vector<TraceDoubt>& doubts);
void add_sample_doubts(const Trace& trace, std::vector<TraceDoubt>& doubts);

std::string digits(double value);                             // three significant digits
std::string time_text(double ns);                             // "3 ns", "1.25 ms", "2.5 h"
std::string share_text(double share);                         // "12.5 %"
std::string count_text(std::size_t count, const char* noun);  // "1 row", "2 rows"

}  // namespace laxity
