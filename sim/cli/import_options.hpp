// The options of `laxity import`.
#pragma once

#include <boost/program_options.hpp>

#include "profiler/measure/import_trace.hpp"

namespace laxity {

boost::program_options::options_description import_options();

// What they ask for; the network's file has been read. Throws InputError for options that contradict each other, lack
// each other, or are out of range.
ImportRequest import_request(const boost::program_options::variables_map& values);

}  // namespace laxity
