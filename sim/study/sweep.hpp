// A sweep: every policy x every point of a grid of workloads x several seeds, on all cores (schema "laxity.sweep/1").
//
//   {"schema": "laxity.sweep/1",
//    "workload": "quickstart.json",                         relative to the sweep file
//    "axes": {"/tasks/0/arrival/load": [0.5, 1.0]},         JSON pointers into the workload; the grid is their product
//    "policies": ["edf", "rtdeepiot:predictor=exp"],
//    "seeds": 10,                                            a count (seeds 1..n) or a list
//    "bounds": true}                                         also what no policy can beat; default false
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/results/statistics.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct SweepAxis {
    std::string pointer;
    std::vector<std::string> values;  // as JSON text
};

struct SweepPlan {
    std::string path;
    std::string workload;             // path of the workload file
    std::vector<Override> overrides;  // from the command line, applied before the axes
    std::vector<SweepAxis> axes;
    std::vector<PolicySpec> policies;
    std::vector<std::uint64_t> seeds;
    bool bounds = false;
    std::map<std::string, std::string> trace_hashes;  // SHA-256 of every trace file that a point replays, by path

    std::size_t points() const;
    std::size_t runs() const { return points() * policies.size() * seeds.size(); }
    std::size_t bound_lines() const { return points() * seeds.size(); }
    // The values of one point, one per axis; the last axis varies fastest.
    std::vector<std::string> values_of(std::size_t point) const;
    Workload workload_of(std::size_t point, TraceCache& cache) const;
    // What decides the bytes of runs.csv, this program included, as JSON.
    std::string configuration() const;
};

// Reads and checks a sweep, and loads every point's workload once, so that a bad axis value fails before the first run.
SweepPlan load_sweep(const std::string& path, const std::vector<Override>& overrides, TraceCache& cache);

struct SweepOptions {
    std::string directory;  // result folder
    int threads = 1;
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // called now and then, from this thread
};

// Throws InputError if DIR holds anything but this sweep.
void check_sweep_folder(const SweepPlan& plan, const std::string& directory);

// Runs what DIR/runs.csv does not hold yet and appends the rows in order (point, policy, seed): the same bytes whatever
// the thread count and however often it was stopped and started again. Returns false if it was interrupted; the rows
// that were done stay. Throws InputError if DIR holds anything but this sweep, RunError if a row can't be written. The
// caller holds DIR's lock (ResultFolder).
bool run_sweep(const SweepPlan& plan, TraceCache& cache, const SweepOptions& options);

// The same for DIR/bounds.csv, in the order (point, seed): the bounds of sim/bounds/bounds.hpp, empty where undefined.
// Call it after run_sweep(); it may be asked of a sweep that was run without.
bool run_bounds(const SweepPlan& plan, TraceCache& cache, const SweepOptions& options);

// How one policy did over the whole grid.
struct PolicyScore {
    std::string policy;
    Estimate accuracy;  // mean over the grid, interval over the seeds
    Estimate miss_ratio;
    Estimate behind_winner;                                    // winner's accuracy - this one's, paired by seed
    bool live = true;                                          // false: needs an oracle
    std::optional<Estimate> behind_least, behind_clairvoyant;  // bound - accuracy, paired; only with bounds
};

struct SweepSummary {
    std::uint64_t runs = 0;
    std::string winner;  // most accurate over the grid of those that can run live; ties: fewer misses, then first named
    std::vector<PolicyScore> scores;  // in the order of the plan
};

// Reads DIR/runs.csv of a finished sweep, and DIR/bounds.csv if the plan has bounds, and writes DIR/summary.json.
SweepSummary summarise_sweep(const SweepPlan& plan, const std::string& directory);

// The policy that won the sweep in DIR. Throws InputError if there is no summary.json.
std::string sweep_winner(const std::string& directory);

}  // namespace laxity
