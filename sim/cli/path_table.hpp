// What the way to a stage and back costs, spinning and parked: `laxity bench --path`.
#pragma once

#include <boost/program_options.hpp>

namespace laxity {

// --path, --wait, --executions.
void declare_path_options(boost::program_options::options_description& options);

// Throws InputError if one of them is given without --path.
void check_no_path_options(const boost::program_options::variables_map& values);

// Measures and prints a row for each way of waiting, length of the stage and time of idling before it; CSV with --csv.
// Throws InputError on options that do not fit, Interrupted at Ctrl-C, when the rows are of what was measured.
void measure_paths(const boost::program_options::variables_map& values);

}  // namespace laxity
