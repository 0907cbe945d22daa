// Options that `live` and `validate` share.
#pragma once

#include <boost/program_options.hpp>
#include <optional>

#include "policies/registry.hpp"
#include "profiler/device/realtime.hpp"
#include "sim/live/live_service.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// --wait: how threads that own their cores wait for each other; declared here for every command that has it.
void declare_wait_option(boost::program_options::options_description& options);
// Throws InputError.
Wait wait_option(const boost::program_options::variables_map& values);

// --device, --model, --data, --slots, --wait.
void declare_live_options(boost::program_options::options_description& options);
LiveServiceOptions live_options(const boost::program_options::variables_map& values);

// --winner and --anyway.
void declare_winner_options(boost::program_options::options_description& options);
// The policy of --winner; nothing without it. Throws InputError if this workload is not what the sweep was won on
// (sim/study/winner.hpp) and not --anyway; with it, says so on stderr.
std::optional<PolicySpec> winner_option(const boost::program_options::variables_map& values, const WorkloadFile& file,
                                        const Workload& workload);

// Says on stderr which device "auto" took, and why it is not a GPU; nothing for any other `spec`.
void tell_device(const std::string& spec, const DeviceInfo& device);

// Prints what to know of a live run (what it was not permitted, what may not hold) on stderr, each line once.
void print_notes(const std::vector<std::string>& lines);

// What a live run was not permitted, what stalled it, and a warning if others used the machine too much.
void print_report(const LiveReport& report);

}  // namespace laxity
