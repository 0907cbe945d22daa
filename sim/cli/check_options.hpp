// The check of the traces that `live` and `validate` make before anything runs.
#pragma once

#include <boost/program_options.hpp>
#include <span>

#include "sim/live/live_service.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// --check-seconds. --anyway is declare_winner_options()'s.
void declare_check_options(boost::program_options::options_description& options);

// Measures the network of every trace of the service's workloads, each file once, for --check-seconds in all and holds
// it against its trace (sim/live/trace_checks.hpp): beyond 5 % a warning on stderr; beyond 25 % InputError, or a
// warning with --anyway. 0 seconds check nothing. Throws Interrupted, DeviceError.
void check_traces_option(const boost::program_options::variables_map& values, LiveService& service,
                         std::span<const Workload* const> workloads);

}  // namespace laxity
