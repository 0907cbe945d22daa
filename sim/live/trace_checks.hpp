// Before live runs: whether the traces of their workloads are this device's, as far as two seconds can tell.
#pragma once

#include <span>
#include <vector>

#include "profiler/measure/trace_check.hpp"
#include "sim/live/live_service.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// One check for each trace file that the service's workloads name, in the order of workloads, tasks and variants;
// `length` is shared among them. The executables run through the slots and lanes that the live runs will use. Fewer, if
// an interrupt came. Throws DeviceError.
std::vector<TraceCheck> check_traces(LiveService& service, std::span<const Workload* const> workloads, Duration length);

}  // namespace laxity
