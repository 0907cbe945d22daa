// The check of a workload's traces that `live` and `validate` make before anything runs.
#pragma once

#include <boost/program_options.hpp>

#include "sim/live/live_service.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// --check-seconds. --anyway is declare_winner_options()'s.
void declare_check_options(boost::program_options::options_description& options);

// Measures every network of the service for --check-seconds in all and holds it against its trace
// (sim/live/trace_checks.hpp): beyond 5 % a warning on stderr; beyond 25 % InputError, or a warning with --anyway. 0
// seconds check nothing. Throws Interrupted, DeviceError.
void check_traces_option(const boost::program_options::variables_map& values, LiveService& service,
                         const Workload& workload);

}  // namespace laxity
