// Options that `live` and `validate` share.
#pragma once

#include <boost/program_options.hpp>

#include "sim/live/live_service.hpp"

namespace laxity {

// --device, --model, --data, --slots.
void declare_live_options(boost::program_options::options_description& options);
LiveServiceOptions live_options(const boost::program_options::variables_map& values);

// Says on stderr which device "auto" took, and why it is not a GPU; nothing for any other `spec`.
void tell_device(const std::string& spec, const DeviceInfo& device);

// Prints what to know of a live run (what it was not permitted, what may not hold) on stderr, each line once.
void print_notes(const std::vector<std::string>& lines);

// What a live run was not permitted, and a warning if others used the machine too much.
void print_report(const LiveReport& report);

}  // namespace laxity
