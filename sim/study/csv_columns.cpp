#include "sim/study/csv_columns.hpp"

#include <algorithm>
#include <charconv>

#include "traces/base/error.hpp"

namespace laxity {

CsvColumns::CsvColumns(std::string path, std::string_view advice)
    : path_(std::move(path)), in_(path_, std::ios::binary) {
    if (!in_) throw input_error(path_, "a CSV file", "none that can be read", advice);
    if (!read_line()) throw input_error(path_ + ":1", "a line with the names of the columns", "none", advice);
    split();
    for (const std::string_view name : fields_) {
        if (find(name))
            throw input_error(path_ + ":1", "columns of different names", "\"" + one_line(name) + "\" twice");
        names_.emplace_back(name);
    }
}

std::optional<std::size_t> CsvColumns::find(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names_.begin());
}

std::size_t CsvColumns::at(std::string_view name) const {
    if (const auto column = find(name)) return *column;
    std::string all;
    for (const std::string& known : names_) all += (all.empty() ? "" : ", ") + known;
    throw input_error(path_ + ":1", "a column \"" + one_line(name) + "\"", shortened(all, 200));
}

bool CsvColumns::next() {
    if (!read_line()) return false;
    split();
    if (fields_.size() == names_.size()) return true;
    throw input_error(path_ + ":" + std::to_string(row_), std::to_string(names_.size()) + " fields, as the header has",
                      std::to_string(fields_.size()));
}

std::optional<double> CsvColumns::number(std::size_t column) const {
    if (fields_[column].empty()) return std::nullopt;
    const auto value = strict_number(fields_[column]);
    if (!value) fail(column, "a number or nothing");
    return value;
}

std::uint64_t CsvColumns::count(std::size_t column) const {
    const std::string_view field = fields_[column];
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size()) fail(column, "a whole number from 0");
    return value;
}

void CsvColumns::fail(std::size_t column, std::string_view expected, std::string_view advice) const {
    const std::string place = path_ + ":" + std::to_string(row_) + ", column \"" + one_line(names_[column]) + "\"";
    throw input_error(place, expected, "\"" + shortened(fields_[column]) + "\"", advice);
}

// One row into line_, without its end: more than one line of the file if a quoted field has newlines.
bool CsvColumns::read_line() {
    line_.clear();
    std::uint64_t bytes = 0;
    for (;;) {
        if (!std::getline(in_, more_)) {
            if (!line_.empty()) truncated_ = true;  // inside a quoted field
            return false;
        }
        line_ += more_;
        bytes += more_.size() + 1;
        if (in_.eof()) {  // no newline at its end
            truncated_ = true;
            return false;
        }
        if (std::count(line_.begin(), line_.end(), '"') % 2 == 0) break;
        line_ += '\n';
    }
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    ++row_;
    offset_ += bytes;
    return true;
}

void CsvColumns::look_again() {
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(offset_));
    truncated_ = false;
}

// Fields as views of line_; quoted ones of unquoted_, where a doubled quote is one.
void CsvColumns::split() {
    fields_.clear();
    unquoted_.clear();
    unquoted_.reserve(line_.size());  // the views must stay where they are
    for (std::size_t at = 0; at <= line_.size();) {
        if (at < line_.size() && line_[at] == '"') {
            const std::size_t start = unquoted_.size();
            for (++at; at < line_.size() && (line_[at] != '"' || line_.substr(at, 2) == "\"\""); ++at) {
                if (line_[at] == '"') ++at;
                unquoted_ += line_[at];
            }
            fields_.push_back(std::string_view(unquoted_).substr(start));
            at = std::min(line_.find(',', at), line_.size()) + 1;
        } else {
            const std::size_t end = std::min(line_.find(',', at), line_.size());
            fields_.push_back(std::string_view(line_).substr(at, end - at));
            at = end + 1;
        }
    }
}

}  // namespace laxity
