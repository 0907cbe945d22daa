// What a result folder holds now, and how far the command that writes it is.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/results/folder_writer.hpp"
#include "sim/results/statistics.hpp"

namespace laxity {

// How fast something grows, and so how long it still takes: from what was seen in the last minute, and before there is
// enough of that from the whole time that its writer has run.
class GrowthRate {
public:
    // `seconds` never go back.
    void see(double seconds, std::uint64_t done);
    // What is known without having watched: so much in so many seconds.
    void remember(double seconds, std::uint64_t done) { life_ = {seconds, done}; }
    std::optional<double> per_second() const;

private:
    std::deque<std::pair<double, std::uint64_t>> seen_;
    std::pair<double, std::uint64_t> life_{};
};

// A part of the whole: a point of a sweep, a shard, a cell of a validation.
struct PartProgress {
    std::string name;
    std::uint64_t done = 0;
    std::optional<std::uint64_t> of;  // none where it is not known
    bool complete = false;
};

// A policy's place so far.
struct Standing {
    std::string policy;
    Estimate mean;
    Estimate behind;  // this - the best, paired by seed; empty of the best
    bool among_best = false;
    bool ranked = true;  // false: it needs an oracle
};

// A recorded run's numbers, of one task or of all.
struct TaskStanding {
    std::string task;
    std::uint64_t jobs = 0;
    Estimate accuracy, misses;
    std::optional<double> p50_ms, p99_ms;
};

// A line of validation.csv, or of what a validation was asked, as text.
struct ValidationCell {
    std::string name;
    std::size_t metrics = 0,
                differ = 0;  // whose difference is more than chance, or beyond its margin where that is judged
    std::size_t equal = 0;   // shown to be, within their margins
    bool judged = false;     // there are margins
};

struct WatchState {
    enum class Phase { kStarting, kRunning, kFinished, kStopped };

    std::string directory, what;  // "a sweep"
    Phase phase = Phase::kStarting;
    FolderWriter writer;
    std::string unit = "runs";  // of done and of
    std::uint64_t done = 0;
    std::optional<std::uint64_t> of;
    bool may_grow = false;        // `of` is the least: seeds are added
    std::optional<double> share;  // done of all, where it is known otherwise: of simulated time
    std::optional<double> per_second, seconds_left;

    std::string part = "point";  // what the parts are
    std::vector<PartProgress> parts;
    std::optional<std::size_t> parts_in_all;

    std::string metric;
    std::size_t points_judged = 0;
    std::vector<Standing> standings;  // the best first
    bool tested = false;
    std::vector<TaskStanding> tasks;
    std::vector<ValidationCell> cells;

    std::vector<std::string> notes;  // what should be doubted
    std::string advice;              // what to do next; empty while it runs
};

// What kind of a folder it is, and its state at every look. Rows are parsed once, when they have been appended. It only
// reads: it takes no lock, and a writer never notices.
class FolderWatch {
public:
    // `folders`: one result folder, or the shards of one sweep. `metric`: what policies are ranked by.
    FolderWatch(std::vector<std::string> folders, std::string metric);
    ~FolderWatch();

    // Now; `seconds` is a steady clock's. None if a folder is not there. Throws InputError for a folder whose results
    // can't be watched, and for a metric that there is not.
    std::optional<WatchState> look(double seconds);

    struct Kind;  // of a folder: how it is read

private:
    std::unique_ptr<Kind> open() const;

    std::vector<std::string> folders_;
    std::string metric_;
    std::unique_ptr<Kind> kind_;
    GrowthRate rate_;
};

}  // namespace laxity
