// What `laxity show` prints: a trace or a workload in numbers that people can read, or as JSON.
#pragma once

#include <iosfwd>
#include <string>

#include "workloads/task_set.hpp"

namespace laxity {

void print_trace(std::ostream& out, const Trace& trace);
std::string trace_summary_json(const Trace& trace);

void print_workload(std::ostream& out, const Workload& workload);
std::string workload_summary_json(const Workload& workload);

}  // namespace laxity
