// Options that describe a study, for the commands that run one.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "sim/study/study.hpp"

namespace laxity {

// --workload, --policy, --axis, --zip, --where, --seeds, --jobs, --warmup, --until, --max-seeds, --bounds, --per-task
// and
// --set, and FILE.
void declare_study(boost::program_options::options_description& options);

// The arguments with a bare --per-task made one of all tasks, so that it does not take the next argument for their
// names.
std::vector<std::string> with_whole_options(std::vector<std::string> arguments);

// The study of FILE, if one was named, as the options change it: --policy, --where, --zip and --until replace what the
// file says, --axis an axis of the same target or adds one, --set a value that the file sets. Throws InputError.
StudySpec study_option(const boost::program_options::variables_map& values);

// --threads: 0 = one per core.
void declare_threads(boost::program_options::options_description& options);
int threads_option(const boost::program_options::variables_map& values);

// Lines on stderr that a study's author should read: policies that run once, parameters that axes leave alone.
void print_notes(const Study& study);

}  // namespace laxity
