// Runs the executable from outside, for tests of the command line.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace command_line {

struct Result {
    int code = -1;
    std::string out;
    std::string err;
};

inline std::string read_all(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A command for the shell.
inline Result run_command(const std::string& command) {
    const int status = std::system(("{ " + command + "\n} >cli_out.txt 2>cli_err.txt").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all("cli_out.txt"), read_all("cli_err.txt")};
}

inline Result laxity(const std::string& arguments) { return run_command(LAXITY_EXECUTABLE " " + arguments); }

// A workload and a sweep of it, without files beside them; the option that names the workload.
inline std::string workload() {
    std::ofstream("cli_workload.json") << R"({"schema": "laxity.workload/1",
        "tasks": [{"name": "camera", "variants": [{"synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.6, 0.9]}}],
                   "arrival": {"process": "poisson", "load": 0.8}, "deadline": {"fixed": 10, "unit": "ms"}}],
        "horizon": {"jobs": 500}})";
    std::ofstream("cli_not_json.json") << "{\"schema\": ";
    std::ofstream("cli_sweep.json") << R"({"schema": "laxity.sweep/1", "workload": "cli_workload.json",
        "axes": {"/tasks/0/arrival/load": [0.5, 1.5]}, "policies": ["edf", "fifo"], "seeds": 2})";
    return "--workload cli_workload.json ";
}

}  // namespace command_line
