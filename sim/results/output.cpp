#include "sim/results/output.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/utc.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What our commands write into a folder (results/README.md). A folder with one of these holds results.
constexpr std::array kResultFiles = {"manifest.json",      "runs.csv",       "bounds.csv",      "responses.csv",
                                     "summary.json",       "jobs.csv",       "stages.csv",      "plan.json",
                                     "front.csv",          "candidates.csv", "validation.csv",  "capacity.csv",
                                     "capacity-seeds.csv", "decisions.csv",  "path.csv",        "steps.csv",
                                     "stalls.csv",         "figures",        "repetitions.csv", "protocol.json"};

std::string lock_file(const std::string& directory) { return directory + "/.lock"; }

bool is_there(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// A string of an object, whatever the object is; empty if there is none.
std::string text_of(const Json& object, const char* key) {
    if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
    return object[key].get<std::string>();
}

std::string without_slashes(std::string directory) {
    while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
    if (directory.empty()) throw input_error("--out", "a folder", "an empty name");
    return directory;
}

// --- The lock ---

std::string lock_text() {
    const Json holder = {
        {"pid", ::getpid()}, {"host", host_name()}, {"since", utc_now()}, {"command", shortened(command_line(), 160)}};
    return holder.dump() + "\n";
}

// Who holds the lock, as lock_text() of that process put it. It may be just about to.
std::string holder_of(const std::string& directory) {
    std::ifstream in(lock_file(directory));
    const Json holder = Json::parse(in, nullptr, false);
    if (!holder.is_object() || !holder.contains("pid")) return "another process";
    return "process " + holder["pid"].dump() + " on " + text_of(holder, "host") + ", since " +
           text_of(holder, "since") + ": " + text_of(holder, "command");
}

// Whether `path` still names the opened file: its last holder may have removed it, or moved its folder aside.
bool is_at(const Descriptor& file, const std::string& path) {
    struct stat opened {
    }, named{};
    return ::fstat(file.get(), &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

// The message of another process that finds the folder locked. Without it, because the disk is full, the lock holds
// too.
void sign(const Descriptor& file) {
    const std::string text = lock_text();
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), text.data(), text.size(), 0) < 0) return;
}

// --- What is there ---

// Rows of a CSV file below its header.
std::size_t rows_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
    return lines == 0 ? 0 : static_cast<std::size_t>(lines - 1);
}

std::string names_of_results(const std::string& directory) {
    std::string names;
    for (const char* name : kResultFiles)
        if (is_there(directory + "/" + name)) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

// "laxity sweep FILE ..." -> "a result of `laxity sweep`": manifests of schema 1 don't say it themselves.
std::string result_of_command(const std::string& command) {
    std::istringstream words(command);
    std::string program, name;
    words >> program >> name;
    return "a result of `laxity " + name + "`";
}

std::string described(const Json& manifest) {
    std::string what = text_of(manifest, "what");
    if (what.empty()) what = result_of_command(text_of(manifest, "command"));
    std::string made = text_of(manifest, "created").substr(0, 16);  // to the minute
    std::replace(made.begin(), made.end(), 'T', ' ');
    return shortened(what, 100) + (made.empty() ? "" : " made " + one_line(made) + " UTC");
}

// --- Moving aside ---

std::string free_name(const std::string& path) {
    std::string name = path + ".old";
    std::error_code error;  // a link that leads nowhere is in the way, too
    for (int number = 2; fs::exists(fs::symlink_status(name, error)); ++number)
        name = path + ".old." + std::to_string(number);
    return name;
}

void tell_moved(const std::string& path, const std::string& what, const std::string& aside) {
    std::cerr << "laxity: moved " << one_line(path) << " (" << what << ") to " << one_line(aside) << "\n";
}

// Why no file can be made beside `path`, as errno; 0 if one can. Permissions alone don't tell.
int probe(const std::string& path) {
    const std::string name = path + ".probe" + std::to_string(::getpid());
    const Descriptor made(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!made) return errno;
    ::unlink(name.c_str());
    return 0;
}

std::string size_of(const std::string& path) {
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    return error ? "a file" : "a file of " + std::to_string(bytes) + " bytes";
}

}  // namespace

ResultFolder::ResultFolder(std::string directory) : path_(without_slashes(std::move(directory))) {
    made_ = !is_there(path_);
    make_result_folder(path_);
    lock();
}

// The order matters: whoever opened the lock file before it is removed gets the lock only after, and sees with is_at()
// that it has to open it again.
ResultFolder::~ResultFolder() {
    if (is_at(lock_, lock_file(path_))) ::unlink(lock_file(path_).c_str());
    if (made_) ::rmdir(path_.c_str());  // refused, as it should be, if something is in it
}

void ResultFolder::lock() {
    const std::string file = lock_file(path_);
    do {
        lock_ = Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
        if (!lock_)
            throw input_error("--out " + path_, "a folder that can be written", std::strerror(errno),
                              "choose another or change its permissions");
        if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) continue;
        if (errno == EWOULDBLOCK)
            throw input_error("--out " + path_, "a folder that no other process writes into", holder_of(path_),
                              "wait until it has ended, or choose another folder");
        std::cerr << "laxity: warning: " << one_line(path_) << " can't be locked (" << std::strerror(errno)
                  << "); see to it that nothing else writes there\n";
    } while (!is_at(lock_, file));
    sign(lock_);
}

bool ResultFolder::occupied() const { return holds_results(path_); }

std::string ResultFolder::contents() const { return describe_results(path_); }

void ResultFolder::check(bool replace) const {
    if (replace || !occupied()) return;
    throw input_error("--out " + path_, "a folder without results", contents(),
                      "choose another folder, or add --replace, which moves this one to " + free_name(path_));
}

// The old lock goes with the old folder, and is held until the new one is there.
void ResultFolder::claim(bool replace) {
    check(replace);
    if (!occupied()) return;
    const std::string what = contents();
    const std::string aside = move_aside(path_);
    tell_moved(path_, what, aside);
    const Descriptor old = std::move(lock_);
    make_result_folder(path_);
    made_ = true;
    lock();
    ::unlink(lock_file(aside).c_str());
}

bool holds_results(const std::string& directory) {
    return std::any_of(kResultFiles.begin(), kResultFiles.end(),
                       [&](const char* name) { return is_there(directory + "/" + name); });
}

std::string describe_results(const std::string& directory) {
    std::ifstream in(directory + "/manifest.json");
    const Json manifest = in ? Json::parse(in, nullptr, false) : Json();
    std::string text = manifest.is_object() ? described(manifest)
                                            : names_of_results(directory) + " without a manifest that can be read";
    if (is_there(directory + "/runs.csv")) text += ", " + std::to_string(rows_of(directory + "/runs.csv")) + " rows";
    return text;
}

void check_file(const std::string& path, bool replace) {
    if (is_stream(path)) return;
    std::error_code error;
    if (path.empty() || fs::is_directory(path, error)) {
        throw input_error(path.empty() ? "--out" : path, "a file that can be written",
                          path.empty() ? "an empty name" : "a folder");
    }
    if (const int refusal = probe(path); refusal != 0)
        throw input_error(path, "a file that can be written", std::strerror(refusal),
                          "check the folder and its permissions");
    if (replace || !is_there(path)) return;
    throw input_error(path, "a name that is not in use", size_of(path),
                      "choose another, or add --replace, which moves this one to " + free_name(path));
}

void claim_file(const std::string& path, bool replace) {
    check_file(path, replace);
    if (is_stream(path) || !is_there(path)) return;
    const std::string what = size_of(path);
    tell_moved(path, what, move_aside(path));
}

std::string move_aside(const std::string& path) {
    std::string aside = free_name(path);
    std::error_code error;
    fs::rename(path, aside, error);
    if (error)
        throw input_error(path, "something that can be moved to " + aside, error.message(), "choose another name");
    return aside;
}

}  // namespace laxity
