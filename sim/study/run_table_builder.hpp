// How a RunTable comes about. Internal to sim/study/run_table.cpp and sim/study/run_follower.cpp.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "sim/study/csv_columns.hpp"
#include "sim/study/run_table.hpp"
#include "sim/study/swept_plan.hpp"

namespace laxity {

// Numbers the distinct tuples of some columns in order of appearance. Rows of one tuple tend to follow each other.
class TupleIndex {
public:
    explicit TupleIndex(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}

    // The number of this row's tuple; `is_new` if it is the first of its kind.
    std::uint32_t of(const CsvColumns& csv, bool& is_new);
    // Of a row of another file, whose columns these are.
    std::optional<std::uint32_t> find(const CsvColumns& csv, const std::vector<std::size_t>& columns);
    const std::vector<std::size_t>& columns() const { return columns_; }

private:
    std::vector<std::size_t> columns_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::string key_, last_key_;
    std::uint32_t last_ = 0;
};

// A column that may turn out to be a measure.
struct PossibleMeasure {
    enum class Kind { kUnknown, kNumber, kText };
    std::size_t column = 0;
    Kind kind = Kind::kUnknown;  // until its first value
    bool wanted = false;
    std::vector<double> values;  // only if wanted
};

// Makes a RunTable of rows that are given to it one by one, of one file or of several with the same header. It can be
// copied, to build a table of what there is so far and go on. build() or build_so_far() may be called once.
class RunTableBuilder {
public:
    // `csv` has the header of all files.
    RunTableBuilder(const std::string& directory, const SweptPlan& plan, const CsvColumns& csv,
                    const std::vector<std::string>& wanted);

    // The row that `csv` has just read.
    void add(const CsvColumns& csv);
    void note(std::string text) { table_.notes_.push_back(std::move(text)); }

    // With bounds, where the folder has them, and notes of what is missing.
    RunTable build();
    // The rows alone: more are to come.
    RunTable build_so_far();

private:
    struct Row {
        std::uint32_t point, competitor;
        std::uint64_t seed;
        bool operator<(const Row& other) const {
            return std::tie(point, competitor, seed) < std::tie(other.point, other.competitor, other.seed);
        }
    };

    std::vector<std::size_t> columns_of(const CsvColumns& csv, bool policy) const;
    void find_candidates(const std::vector<std::string>& wanted);
    void add_competitor(const CsvColumns& csv);
    void finish_rows();
    void check_names() const;
    void sort_rows();
    [[noreturn]] void fail_twice(std::size_t first, std::size_t second) const;
    void drop_capacities_out_of_range();
    void name_measures();
    void note_gaps();
    std::string points_begun() const;
    std::size_t missing_runs() const;
    void load_bounds();
    void check_bounds(const std::string& path);

    RunTable table_;
    SweptPlan plan_;
    std::vector<std::string> names_;  // of the columns
    TupleIndex points_, competitors_;
    std::size_t seed_;
    std::vector<PossibleMeasure> candidates_;
    std::vector<Row> rows_;
};

}  // namespace laxity
