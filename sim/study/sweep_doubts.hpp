// Where the runs of a sweep are too short for what is asked of them.
#pragma once

#include <string>
#include <vector>

#include "sim/study/run_table.hpp"
#include "sim/study/stopping.hpp"

namespace laxity {

// At most one line for each kind of doubt, which says for how many pairs of point and policy it holds and names the
// worst:
//   - all seeds together have fewer than 10 misses, but some: the miss ratio is hardly known;
//   - a run has fewer than 1000 jobs: fewer than 10 responses lie beyond its 99 % quantile;
//   - in the mean over the seeds, the last quarter of the jobs stayed more than 1.25 times as long as the first
//     (backlog_trend): an unstable queue, or too short a run.
// `table` must hold "jobs", "missed" and "backlog_trend", if the sweep has them.
std::vector<std::string> doubts(const RunTable& table);

// A line for each precision that some pair of point and policy did not reach, though it has as many seeds as it may.
// The table must hold the measures.
std::vector<std::string> unreached(const RunTable& table, const std::vector<Precision>& until);

}  // namespace laxity
