// The folder of a sweep at any moment of its making, by hand.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/test_files.hpp"
#include "traces/base/descriptor.hpp"

namespace laxity::test {

// Two loads, two policies, three seeds: 12 runs.
inline void write_watched_manifest(const std::string& directory, bool complete, const std::string& more = {}) {
    std::filesystem::create_directories(directory);
    write_test_file(directory + "/manifest.new", R"({"schema": "laxity.manifest/2", "what": "a sweep",
        "created": "2026-11-25T10:02:00Z", "command": "laxity sweep mine.json --out )" +
                                                     directory + R"(",
        "configuration": {"kind": "sweep", "workload_path": "w.json", "axes": [{"name": "load", "values": [0.5, 1.5]}],
                          "policies": ["edf", "lcf"]},
        "inputs": [], "signatures": {}, "unit": "point", "programs": [], "expected": {"runs": 12, "points": 2}, )" +
                                                     more + R"("state": {"complete": )" +
                                                     (complete ? "true" : "false") + R"(, "rows": 0}})");
    std::filesystem::rename(directory + "/manifest.new", directory + "/manifest.json");
}

inline const std::string kWatchedHeader = "load,policy,seed,jobs,missed,accuracy,miss_ratio\n";

// The runs of a policy at a load: accuracies that vary a little from seed to seed.
inline std::string watched_rows(const std::string& load, const std::string& policy, double accuracy, int seeds = 3,
                                int first = 1) {
    std::string rows;
    for (int seed = first; seed <= seeds; ++seed)
        rows += load + "," + policy + "," + std::to_string(seed) + ",5000,100," +
                std::to_string(accuracy + 0.001 * seed * seed) + ",0.02\n";
    return rows;
}

inline void append_to(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

inline std::string this_host() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

// A process that writes into a folder: this one, or `pid`. Without `held` the lock is left behind, as after kill -9.
class WatchedLock {
public:
    WatchedLock(const std::string& directory, bool held, long pid = ::getpid(), const std::string& host = this_host())
        : path_(directory + "/.lock") {
        std::filesystem::create_directories(directory);
        write_test_file(path_,
                        R"({"pid": )" + std::to_string(pid) + R"(, "host": ")" + host +
                            R"(", "since": "2026-11-25T10:02:00Z", "command": "laxity-of-the-test sweep mine.json"})");
        if (!held) return;
        file_ = Descriptor(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
        ::flock(file_.get(), LOCK_EX | LOCK_NB);
    }
    void end() {
        std::filesystem::remove(path_);
        file_.close();
    }

private:
    std::string path_;
    Descriptor file_;
};

}  // namespace laxity::test
