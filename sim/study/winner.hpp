// The policy that won a sweep, for a run that goes on with it.
#pragma once

#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// Throws InputError if DIR holds no finished sweep, or one that no policy won which can run live.
std::string sweep_winner(const std::string& directory);

// Why a run of this workload is not what the sweep in DIR was won on, in a line; empty if it is:
//   the policy behaves differently in this program than in the one that made the sweep (behaviour signature);
//   a trace has other content than those of the sweep;
//   the workload differs in more than its horizon, the paths of its traces and what the sweep varied (the place is
//   named).
// A sweep of laxity 0.1 says too little to be checked: empty, with a note on stderr.
std::string not_won_on(const std::string& directory, const PolicySpec& policy, const WorkloadFile& file,
                       const Workload& workload);

}  // namespace laxity
