#include "sim/results/folder_writer.hpp"

#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/results/results.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& object, const char* key) {
    return object.contains(key) && object[key].is_string() ? one_line(object[key].get<std::string>()) : std::string();
}

// Whether the system has a lock on this file: "1: FLOCK  ADVISORY  WRITE 1234 08:01:98765 0 EOF". Not every system
// shows them.
bool is_locked(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    const std::string inode = ":" + std::to_string(status.st_ino) + " ";
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        if (line.find("FLOCK") != std::string::npos && line.find(inode) != std::string::npos) return true;
    }
    return false;
}

// Whether the process runs a program of the name that the command line begins with: its number may be another's by now.
bool is_running(long pid, const std::string& command) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    std::string program, wanted;
    std::getline(in, program, '\0');
    std::istringstream(command) >> wanted;
    return !program.empty() && (wanted.empty() || program == wanted);
}

}  // namespace

FolderWriter folder_writer(const std::string& directory) {
    const std::string path = directory + "/.lock";
    std::ifstream in(path);
    if (!in) return {};
    FolderWriter writer;
    writer.state = FolderWriter::State::kHere;
    const Json holder = Json::parse(in, nullptr, false);
    if (!holder.is_object() || !holder.contains("pid") || !holder["pid"].is_number_integer())
        return writer;  // not yet signed
    const long pid = holder["pid"].get<long>();
    const std::string host = text_of(holder, "host");
    writer.since = text_of(holder, "since");
    writer.command = text_of(holder, "command");
    writer.who = "process " + std::to_string(pid) + " on " + host + ", since " + writer.since;
    if (host != host_name()) {
        writer.state = FolderWriter::State::kElsewhere;
    } else if (!is_locked(path) && !is_running(pid, writer.command)) {
        writer.state = FolderWriter::State::kGone;
    }
    return writer;
}

}  // namespace laxity
