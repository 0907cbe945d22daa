// The runs of a sweep as a table: what a result folder holds, ready for statistics.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/statistics.hpp"

namespace laxity {

// Something that the sweep varied.
struct RunAxis {
    std::string name;       // short and unique: "load"
    std::string column;     // its column in the files; older ones have the JSON pointer, "/tasks/0/arrival/load"
    std::string policy;     // of a policy's parameter: whose; empty for an axis of the workload
    std::string parameter;  // of a policy's parameter: which
    std::size_t zip = 0;    // axes of the same number above 0 move together
    bool of_policy() const { return !policy.empty(); }
};

// A policy with its parameters: what is compared.
struct Competitor {
    std::string policy;               // as in the column "policy"
    std::vector<std::string> values;  // one per axis of a policy; empty where it is not this policy's
    std::string label;                // the policy's spec with those parameters: "rtdeepiot:delta=0.05"
    bool oracle = false;              // it knows what cannot be known: no winner
    bool live = false;                // this program knows the policy, and it needs no oracle
};

enum class Bound { kLeast, kClairvoyant };

// runs.csv of a sweep, whole or half-finished, with bounds.csv if it is there. The values of one point and competitor
// lie side by side, ascending by seed. Memory: 16 bytes a run, and 8 for every measure that was asked for.
class RunTable {
public:
    const std::string& directory() const { return directory_; }
    const std::string& file() const { return file_; }  // path of the CSV that the runs are from
    // Capacities (`laxity capacity`) instead of runs: one measure, "capacity", of each seed.
    bool holds_capacities() const { return holds_capacities_; }
    const std::vector<RunAxis>& workload_axes() const { return workload_axes_; }
    const std::vector<RunAxis>& policy_axes() const { return policy_axes_; }
    // The distinct values of the workload's axes, and the policies, both in the order in which they first appear.
    const std::vector<std::vector<std::string>>& points() const { return points_; }
    const std::vector<Competitor>& competitors() const { return competitors_; }
    const std::vector<std::string>& measures() const { return measures_; }  // every numeric column, loaded or not
    bool has_measure(std::string_view name) const;
    std::uint64_t runs() const { return seeds_.size(); }
    std::size_t runs(std::size_t point, std::size_t competitor) const;
    std::span<const std::uint64_t> seeds(std::size_t point, std::size_t competitor) const;  // of its runs, ascending
    // What the reader should know, a line each: a cut-off row, points or runs that are missing.
    const std::vector<std::string>& notes() const { return notes_; }

    // One measure of one competitor at one point: the seeds that have a value. `measure` must have been loaded.
    Series values(std::size_t point, std::size_t competitor, std::string_view measure) const;
    bool has_bounds() const { return has_bounds_; }
    Series bound(std::size_t point, Bound bound) const;  // empty without bounds, or where they are undefined

private:
    friend class RunTableBuilder;
    struct Cell {
        std::size_t first = 0, count = 0;  // in seeds_ and in every column
    };
    struct Column {
        std::string name;
        std::vector<double> values;  // NaN = none
    };

    std::string directory_, file_;
    bool holds_capacities_ = false;
    std::vector<RunAxis> workload_axes_, policy_axes_;
    std::vector<std::vector<std::string>> points_;
    std::vector<Competitor> competitors_;
    std::vector<std::string> measures_, notes_;
    std::vector<Cell> cells_;  // [point * competitors + competitor]
    std::vector<std::uint64_t> seeds_;
    std::vector<Column> columns_;
    bool has_bounds_ = false;
    std::vector<Series> least_, clairvoyant_;  // by point
};

// Reads DIR/manifest.json (laxity.manifest/1 or /2), DIR/runs.csv and, if it is there, DIR/bounds.csv. Columns are
// found by name; those that are neither axes nor "policy" nor "seed" are measures if they hold numbers. Of the measures
// only those of `wanted` that exist are kept; none = all. An empty table (a header alone) is no error here.
//
// Of the folder of `laxity capacity` it is DIR/capacity-seeds.csv, a row a search. Where a seed's capacity lies outside
// the range that was searched, none of that point and policy counts: the mean of the others would be of chosen seeds.
//
// Throws InputError: a file that is missing or no sweep's, a missing column, a field that is no number, a row with too
// many fields, two rows of the same run.
RunTable load_run_table(const std::string& directory, const std::vector<std::string>& wanted = {});

// The policy's spec with the values of its axes: "rtdeepiot:delta=0.05".
std::string competitor_label(const Competitor& competitor, const std::vector<RunAxis>& policy_axes);

// A value of an axis as people read it: a JSON string without its quotes, anything else as it is.
std::string axis_value(const std::string& text);

// Whether two values of an axis are the same: as text or, if both are numbers, as numbers.
bool same_axis_value(const std::string& a, const std::string& b);

}  // namespace laxity
