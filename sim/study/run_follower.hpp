// The runs of a sweep while they are made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/study/run_table.hpp"

namespace laxity {

// Follows runs.csv of one folder, or of the shards of one sweep, and makes a RunTable of what there is so far. Rows are
// parsed once, when they have been appended; a table costs a copy of what was asked for.
class RunFollower {
public:
    // `folders` are those of a whole sweep, or of shards. Throws InputError if one is no sweep's.
    RunFollower(const std::vector<std::string>& folders, std::vector<std::string> measures);
    ~RunFollower();
    RunFollower(RunFollower&&) noexcept;
    RunFollower& operator=(RunFollower&&) noexcept;

    // Reads the rows that are new. False if a file was replaced or cut: begin anew, with another follower. Throws
    // InputError for a row that is none, and for shards of different sweeps.
    bool read_on();

    std::uint64_t rows() const;
    const std::vector<std::uint64_t>& rows_by_folder() const;
    // None of its notes is about what is missing, for more is to come. Without axes and points before the first row.
    RunTable table() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace laxity
