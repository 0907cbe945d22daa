// The commands of the `laxity` executable.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace laxity {

// Exit codes of every command.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;        // the run itself failed (a device error, say)
inline constexpr int kExitBadInput = 2;       // InputError: one line on stderr says what to mend
inline constexpr int kExitInterrupted = 130;  // Ctrl-C; what was recorded is kept

using Arguments = std::vector<std::string>;

// One row of the command table in main.cpp. `run` may throw InputError.
struct Command {
    const char* name;
    const char* summary;
    int (*run)(const Arguments& arguments);
};

int profile_command(const Arguments& arguments);
int import_command(const Arguments& arguments);
int show_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int plan_command(const Arguments& arguments);
int simulate_command(const Arguments& arguments);
int sweep_command(const Arguments& arguments);
int merge_command(const Arguments& arguments);
int capacity_command(const Arguments& arguments);
int live_command(const Arguments& arguments);
int replay_command(const Arguments& arguments);
int validate_command(const Arguments& arguments);
int policies_command(const Arguments& arguments);
int export_command(const Arguments& arguments);
int bound_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int watch_command(const Arguments& arguments);
int schedulable_command(const Arguments& arguments);
int bench_command(const Arguments& arguments);

// Parses a command's arguments with Boost.Program_options. Prints help (usage, options, examples) on stdout and returns
// nullopt for --help. Unknown options, missing values and missing required options become InputError with a hint.
// `positional` names the option that takes the free arguments ("" = none are allowed), at most so many.
inline constexpr int kAnyNumber = -1;
std::optional<boost::program_options::variables_map> parse_options(
    const Arguments& arguments, const std::string& usage, const boost::program_options::options_description& options,
    const std::string& examples, const std::string& positional = "", int positional_count = 1);

// --replace, which every command with an output has (sim/results/output.hpp).
void declare_replace_option(boost::program_options::options_description& options);
bool replace_option(const boost::program_options::variables_map& values);

}  // namespace laxity
