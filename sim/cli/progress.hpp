// Progress of long work, on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace laxity {

// A bar with rate and time left, redrawn at most ten times a second on a terminal; elsewhere one line every ten
// seconds and one at the end; nothing without an update(). Not thread-safe.
class Progress {
public:
    // `unit` is what is counted: "runs", "inputs".
    Progress(std::string title, std::uint64_t total, std::string unit);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // What is done at the first call was done before, and counts neither for the rate nor for the time left.
    void update(std::uint64_t done) { update(done, total_); }
    void update(std::uint64_t done, std::uint64_t total);
    // Ends the bar. The destructor does it too.
    void finish();

private:
    void draw(bool last);

    std::string title_, unit_;
    std::uint64_t total_, done_ = 0;
    std::optional<std::uint64_t> first_;  // done at the first call
    bool terminal_, finished_ = false;
    std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace laxity
