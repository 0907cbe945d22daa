#include "sim/results/csv.hpp"

#include <array>
#include <charconv>

#include "traces/base/error.hpp"

namespace laxity {

OutputFile open_csv(const std::string& path, std::string_view header) {
    OutputFile out(path);
    out.write(std::string(header) + '\n');
    return out;
}

void CsvLine::separate() {
    if (!first_) buffer_ += ',';
    first_ = false;
}

CsvLine& CsvLine::append(std::string_view field) {
    buffer_ += field;
    return *this;
}

CsvLine& CsvLine::text(std::string_view field) {
    separate();
    if (field.find_first_of(",\"\n") == std::string_view::npos) return append(field);
    buffer_ += '"';
    for (const char c : field) buffer_.append(c == '"' ? 2 : 1, c);
    buffer_ += '"';
    return *this;
}

CsvLine& CsvLine::integer(std::int64_t value) {
    separate();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

CsvLine& CsvLine::number(double value) {
    separate();
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

CsvLine& CsvLine::number(float value) {
    separate();
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

CsvLine& CsvLine::empty() {
    separate();
    return *this;
}

std::string CsvLine::take() {
    std::string line = std::move(buffer_) + '\n';
    buffer_.clear();
    first_ = true;
    return line;
}

void CsvLine::write(OutputFile& out) {
    buffer_ += '\n';
    out.write(buffer_);
    buffer_.clear();
    first_ = true;
}

CsvReader::CsvReader(std::string path, std::string_view header, std::string_view advice, std::string_view older_header)
    : path_(std::move(path)), in_(path_) {
    if (!in_) throw input_error(path_, "a CSV file", "nothing there", advice);
    std::getline(in_, header_);
    if (header_ != header && (older_header.empty() || header_ != older_header))
        throw input_error(path_ + ":1", "the columns " + std::string(header), header_.substr(0, 60));
}

bool CsvReader::next() {
    std::string line;
    if (!std::getline(in_, line)) return false;
    ++row_;
    field_ = 0;
    split(line);
    return true;
}

std::string CsvReader::text() {
    if (field_ >= fields_.size()) fail("more columns", std::to_string(fields_.size()));
    return fields_[field_++];
}

std::int64_t CsvReader::integer(std::int64_t low, std::int64_t high) {
    const std::string field = text();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size()) fail("an integer", field);
    if (value < low || value > high)
        fail("an integer from " + std::to_string(low) + " to " + std::to_string(high), field);
    return value;
}

double CsvReader::number() {
    const std::string field = text();
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size()) fail("a number", field);
    return value;
}

bool CsvReader::skip_empty() {
    if (field_ >= fields_.size() || !fields_[field_].empty()) return false;
    ++field_;
    return true;
}

// A quote inside a quoted field is doubled.
void CsvReader::split(const std::string& line) {
    fields_.assign(1, {});
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields_.back() += line[++i];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields_.emplace_back();
        } else {
            fields_.back() += c;
        }
    }
}

void CsvReader::fail(std::string_view expected, std::string_view found) const {
    const std::string place = path_ + ":" + std::to_string(row_) + ", column " + std::to_string(field_);
    throw input_error(place, expected, "\"" + std::string(found.substr(0, 60)) + "\"");
}

}  // namespace laxity
