// A result folder: what was run, so that it can be run again.
#pragma once

#include <string>
#include <vector>

#include "sim/results/inputs.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct Manifest {
    std::string command;                   // the whole command line
    std::string configuration;             // JSON: the workload or sweep as resolved, after overrides
    std::vector<std::string> trace_paths;  // hashed into the manifest
    std::string what{};                    // what the folder holds, as a phrase: "a simulated run of edf"
    InputHashes inputs{};                  // every file that it was made from, as it was then
    std::string extra{};                   // JSON: an object whose keys are added
};

// Creates the folder (and its parents). Throws InputError if it can't be made or written.
void make_result_folder(const std::string& directory);

// Writes DIR/manifest.json (schema "laxity.manifest/2"): what the folder holds, version, commit and whether its tree
// was clean, command, configuration, SHA-256 of every trace and of every input, host and UTC time. Of a trace that is
// among the inputs that hash is taken. Throws RunError if it can't be written.
void write_manifest(const std::string& directory, const Manifest& manifest);

// The files of the measured traces that a workload replays, for the manifest; synthetic ones have none.
std::vector<std::string> measured_trace_paths(const Workload& workload);

// The command line of this process, set once by main() for the manifests.
void remember_command_line(int argc, char** argv);
const std::string& command_line();

std::string host_name();

}  // namespace laxity
