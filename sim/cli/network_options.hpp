// Options of the commands that read a network: what its file leaves open.
#pragma once

#include <boost/program_options.hpp>

namespace laxity {

struct OnnxOptions;  // profiler/onnx/onnx_import.hpp

// --input-shape and --exits.
void declare_network_options(boost::program_options::options_description& options);
// Throws InputError that names the option.
OnnxOptions network_options(const boost::program_options::variables_map& values);

}  // namespace laxity
