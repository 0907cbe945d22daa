// A CSV file that one process appends whole rows to and a later one goes on with.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "traces/base/output_file.hpp"

namespace laxity {

// Rows hold no line break. What was cut off in the middle of a row (the process was killed, the disk was full) is
// dropped when the file is opened again. Not thread-safe.
class RowFile {
public:
    // Opens the file, or makes it with its header. Throws InputError if it begins with another header or can't be
    // opened.
    RowFile(std::string path, std::string header);

    const std::string& path() const { return path_; }
    std::uint64_t rows() const { return rows_; }  // below the header
    // Drops all rows but the first so many.
    void keep(std::uint64_t rows);
    // Rows with their line breaks, handed to the system at once. Throws RunError if they can't be written, or if the
    // file is gone.
    void append(std::string_view text);
    // Waits until all rows are on the disk. Nothing can be appended afterwards.
    void close();

private:
    void start_anew();
    void go_on_after(std::uint64_t most_rows);

    std::string path_, header_;
    std::uint64_t rows_ = 0;
    std::optional<OutputFile> out_;
};

// Reads the rows of such a file in order, fields as text.
class RowReader {
public:
    // Throws InputError if there is no such file or it begins with another header; `header` empty takes any.
    explicit RowReader(std::string path, const std::string& header = {});

    const std::string& path() const { return path_; }
    const std::string& header() const { return header_; }
    // The next row without its line break; false at the end, and at a row that was cut off.
    bool next(std::string& row);
    std::uint64_t row() const { return row_; }  // of the last one, counted from 1

private:
    std::string path_, header_;
    std::ifstream in_;
    std::uint64_t row_ = 0;
};

// The field after `skipped` others of a CSV row, without its quotes. An empty text if there is none.
std::string field_of(std::string_view row, std::size_t skipped);

}  // namespace laxity
