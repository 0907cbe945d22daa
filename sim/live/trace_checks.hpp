// Before a live run: whether the traces of its workload are this device's, as far as two seconds can tell.
#pragma once

#include <vector>

#include "profiler/measure/trace_check.hpp"
#include "sim/live/live_service.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// One check for each network of the service, in the order of tasks and variants; `length` is shared among them. The
// executables run through the slots and lanes that the live run will use. Fewer, if an interrupt came. Throws
// DeviceError.
std::vector<TraceCheck> check_traces(LiveService& service, const Workload& workload, Duration length);

}  // namespace laxity
