#include "sim/results/results.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/sha256.hpp"
#include "traces/base/utc.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::string& stored_command_line() {
    static std::string line = "laxity";
    return line;
}

// As a shell would take it; one line of valid UTF-8.
std::string quoted(const std::string& argument) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (!argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos) return argument;
    std::string text = "'";
    for (const char c : one_line(argument)) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

std::string processor_name() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

Json input_json(const std::string& path, const std::string& hash) {
    return {{"path", one_line(path)}, {"sha256", hash}};  // a path may be no UTF-8
}

Json host() {
    utsname name{};
    uname(&name);
    return {{"name", host_name()},
            {"system", std::string(name.sysname) + " " + name.release},
            {"machine", name.machine},
            {"processor", processor_name()},
            {"cores", std::thread::hardware_concurrency()}};
}

}  // namespace

void remember_command_line(int argc, char** argv) {
    std::string& line = stored_command_line();
    line.clear();
    for (int i = 0; i < argc; ++i) line += (i == 0 ? "" : " ") + quoted(argv[i]);
}

const std::string& command_line() { return stored_command_line(); }

std::string host_name() {
    utsname name{};
    uname(&name);
    return name.nodename;
}

void make_result_folder(const std::string& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error || ::access(directory.c_str(), W_OK) != 0) {
        throw input_error("--out " + directory, "a folder that can be written",
                          error ? error.message() : "one that can't", "choose another or change its permissions");
    }
}

void write_manifest(const std::string& directory, const Manifest& manifest) {
    Json json = {{"schema", "laxity.manifest/2"}};
    if (!manifest.what.empty()) json["what"] = manifest.what;
    json.update({{"tool", tool()}, {"version", version()}, {"commit", commit()}, {"clean", nullptr}});
    if (const auto is_clean = clean()) json["clean"] = *is_clean;
    json.update({{"created", utc_now()}, {"command", manifest.command}});
    json["configuration"] = Json::parse(manifest.configuration);
    for (const std::string& path : manifest.trace_paths) {
        const auto known = manifest.inputs.find(path);
        json["traces"].push_back(
            input_json(path, known != manifest.inputs.end() ? known->second : sha256_of_file(path)));
    }
    for (const auto& [path, hash] : manifest.inputs) json["inputs"].push_back(input_json(path, hash));
    json["host"] = host();
    if (!manifest.extra.empty()) json.update(Json::parse(manifest.extra));
    write_file(directory + "/manifest.json", json.dump(2) + "\n");
}

std::vector<std::string> measured_trace_paths(const Workload& workload) {
    std::set<std::string> paths;
    for (const Task& task : workload.tasks) {
        for (const Variant& variant : task.variants) {
            if (variant.trace->device.kind != "synthetic") paths.insert(variant.trace->path);
        }
    }
    return {paths.begin(), paths.end()};
}

}  // namespace laxity
