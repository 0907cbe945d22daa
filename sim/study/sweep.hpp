// Running a study on all cores, or a shard of it, into a folder that survives being stopped at any moment.
//
//   DIR/runs.csv       a row per run, in the order (point, round of seeds, contender, seed): the axes' columns, policy,
//                      seed, and the measures of sim/results/measures.hpp; of task sets that are drawn also `accepted`
//                      (no scored job missed: 1, else 0) and `schedulable` (by analysis: 1, 0, or no verdict)
//   DIR/responses.csv  a row per run: axes, policy, seed, and the distribution of response times (log_histogram.hpp)
//   DIR/bounds.csv     a row per point and seed: what no policy can beat; only if asked for
//   DIR/manifest.json  what was run, by what, on what: sweep_folder.hpp
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/study/shard.hpp"
#include "sim/study/study.hpp"
#include "sim/study/sweep_folder.hpp"

namespace laxity {

struct SweepOptions {
    int threads = 1;
    // Called now and then, from the calling thread. `total` grows where seeds are added.
    std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
    // Called before the first run with the rows of an earlier start, if there are any.
    std::function<void(std::uint64_t rows)> goes_on{};
};

// Runs what the folder does not hold yet and appends the rows in their order: the same bytes whatever the number of
// threads and however often it was stopped and started again. Returns false if it was interrupted; the rows that were
// done stay. Throws InputError if a row in the folder is not the study's, RunError if a row can't be written.
bool run_sweep(const Study& study, SweepFolder& folder, const SweepOptions& options);

// The same for bounds.csv, in the order (point, seed), of the seeds that runs.csv has: call it after run_sweep(). It
// may be asked of a sweep that was run without. Where the study asks for bounds, the folder is complete after it.
bool run_bounds(const Study& study, SweepFolder& folder, const SweepOptions& options);

// The headers of those files.
std::string runs_header(const Study& study);
std::string responses_header(const Study& study);
std::string bounds_header(const Study& study);

}  // namespace laxity
