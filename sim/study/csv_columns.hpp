// A CSV file whose columns are found by name, in whatever order they are.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/base/number_text.hpp"

namespace laxity {

// Reads row by row, in memory for one row. A last line without its newline was cut off while it was written: even
// where it looks whole its last number may not be, so that it is left out and truncated() says so. Every error is an
// InputError that names file, row (the header is 1) and column.
class CsvColumns {
public:
    // Opens the file and reads its header. Throws if it can't be read (`advice` says how to make it), has no header, or
    // has two columns of one name.
    explicit CsvColumns(std::string path, std::string_view advice = {});

    const std::string& path() const { return path_; }
    const std::vector<std::string>& names() const { return names_; }
    std::optional<std::size_t> find(std::string_view name) const;
    std::size_t at(std::string_view name) const;  // throws if there is none

    // The next row; false at the end. Throws if it has more or fewer fields than the header.
    bool next();
    std::string_view field(std::size_t column) const { return fields_[column]; }  // until the next row
    std::optional<double> number(std::size_t column) const;  // none if empty; throws if it is no finite number
    std::uint64_t count(std::size_t column) const;           // a whole number from 0
    std::uint64_t row() const { return row_; }
    bool truncated() const { return truncated_; }
    // After next() was false: makes it look again, from the end of the last whole row, for what was appended meanwhile.
    void look_again();
    std::uint64_t offset() const { return offset_; }  // bytes of the whole rows that were read, and of the header

    [[noreturn]] void fail(std::size_t column, std::string_view expected, std::string_view advice = {}) const;

private:
    bool read_line();
    void split();

    std::string path_;
    std::ifstream in_;
    std::string line_, more_, unquoted_;
    std::vector<std::string> names_;
    std::vector<std::string_view> fields_;
    std::uint64_t row_ = 0, offset_ = 0;
    bool truncated_ = false;
};

}  // namespace laxity
