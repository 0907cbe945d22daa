// A table of numbers that others wrote: text (CSV with commas, semicolons or tabs; JSON lines) or an array (.npy,
// .npz).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace laxity {

// Rows by columns, at least one of each. Numbers are finite.
struct NumberTable {
    std::string file;
    std::vector<std::string> columns;  // the names in the header; empty if there are none
    std::size_t width = 0;
    std::vector<double> values;      // row-major
    std::vector<std::size_t> lines;  // of each row in the text; empty for an array

    std::size_t rows() const { return values.size() / width; }
    double at(std::size_t row, std::size_t column) const { return values[row * width + column]; }
    // Where a number stands, for messages: "stages.csv: line 17, column stage1", "stages.npy, row 15, column 2".
    std::string place(std::size_t row, std::size_t column) const;
};

// Reads a table, of whose columns only those that are named in `chosen`, in that order; all of them if none is. An
// array has one or two dimensions; one is one column, and its columns are named "1", "2", ... Throws InputError that
// names the file, the line and the column.
NumberTable read_number_table(const std::string& path, std::span<const std::string> chosen = {});

}  // namespace laxity
