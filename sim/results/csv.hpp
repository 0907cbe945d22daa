// Comma-separated values, written and read back without loss.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/base/output_file.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Opens a file for writing and writes the header line. Throws InputError if it can't be opened. What comes after it is
// written with CsvLine; close() it in the end.
OutputFile open_csv(const std::string& path, std::string_view header);

// Builds one line, without allocating in the steady state. Text is quoted where it must be; numbers are the shortest
// that read back as the same value.
class CsvLine {
public:
    CsvLine& text(std::string_view field);
    CsvLine& integer(std::int64_t value);
    CsvLine& number(double value);
    CsvLine& number(float value);
    CsvLine& time(Time value) { return integer(to_ns(value)); }
    CsvLine& optional_time(Time value) { return value == kNever ? empty() : time(value); }
    CsvLine& empty();
    std::string take();           // the line with its newline; starts the next one
    void write(OutputFile& out);  // likewise, to a file

private:
    void separate();
    CsvLine& append(std::string_view field);

    std::string buffer_;
    bool first_ = true;
};

// Reads a file row by row, field by field. Every error is an InputError that names file, line and column.
class CsvReader {
public:
    // The file must start with `header`, or with `older_header` if there is one; `advice` says how to make a file that
    // isn't there.
    CsvReader(std::string path, std::string_view header, std::string_view advice = {},
              std::string_view older_header = {});

    const std::string& header() const { return header_; }  // the one that the file has
    bool next();                                           // the next row; false at the end of the file
    std::string text();
    std::int64_t integer(std::int64_t low = INT64_MIN, std::int64_t high = INT64_MAX);
    int small_integer(int low = INT32_MIN) { return static_cast<int>(integer(low, INT32_MAX)); }
    double number();
    Time time() { return at_ns(integer(0, kLongest)); }
    Duration duration() { return Duration(integer(-kLongest, kLongest)); }
    Time optional_time() { return skip_empty() ? kNever : time(); }
    std::optional<Duration> optional_duration() { return skip_empty() ? std::nullopt : std::optional(duration()); }
    std::optional<double> optional_number() { return skip_empty() ? std::nullopt : std::optional(number()); }
    int optional_integer() { return skip_empty() ? -1 : small_integer(); }

private:
    static constexpr std::int64_t kLongest = std::int64_t{1} << 61;  // ns, 73 years: sums of three do not overflow

    bool skip_empty();
    void split(const std::string& line);
    [[noreturn]] void fail(std::string_view expected, std::string_view found) const;

    std::string path_;
    std::ifstream in_;
    std::string header_;
    std::vector<std::string> fields_;
    std::size_t field_ = 0;
    std::size_t row_ = 1;
};

}  // namespace laxity
