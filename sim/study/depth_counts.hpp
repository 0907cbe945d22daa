// At which depths jobs left, of a sweep's runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/study/run_table.hpp"

namespace laxity {

// Jobs that left at depth 0, 1, ..., summed over the seeds: of all tasks, or of one that the sweep took apart.
struct DepthCounts {
    std::string task;                               // empty: of all
    std::vector<std::vector<std::uint64_t>> cells;  // [point * competitors + competitor]; empty without runs
};

// The columns `depth_histogram` and TASK.depth_histogram of the table's file; none if there are none, as of capacities. Throws
// InputError for a field that is no list of counts. Reads the file row by row.
std::vector<DepthCounts> read_depth_counts(const RunTable& table);

}  // namespace laxity
