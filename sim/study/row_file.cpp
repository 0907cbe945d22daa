#include "sim/study/row_file.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <vector>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::size_t kChunk = 1 << 20;

// Where the field that begins at `at` ends: at its comma, or at the end of the row.
std::size_t end_of_field(std::string_view row, std::size_t at) {
    bool quoted = false;
    for (; at < row.size() && (quoted || row[at] != ','); ++at) {
        if (row[at] == '"') quoted = !quoted;
    }
    return at;
}

}  // namespace

RowFile::RowFile(std::string path, std::string header) : path_(std::move(path)), header_(std::move(header)) {
    std::ifstream in(path_, std::ios::binary);
    std::string start(header_.size() + 1, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(in ? start.size() : static_cast<std::size_t>(in.gcount()));
    if (start == header_ + "\n") {
        go_on_after(std::numeric_limits<std::uint64_t>::max());
        return;
    }
    if (!header_.starts_with(start)) {
        throw input_error(path_ + ":1", "the columns " + shortened(header_, 200), "\"" + shortened(start) + "\"");
    }
    start_anew();  // there is no file, or it was cut off in its header
}

void RowFile::start_anew() {
    out_.emplace(path_);
    append(header_ + "\n");
    rows_ = 0;
}

// Counts whole rows, up to a number of them, and cuts the file after the last one.
void RowFile::go_on_after(std::uint64_t most_rows) {
    std::ifstream in(path_, std::ios::binary);
    std::uint64_t at = header_.size() + 1, end = at;
    in.seekg(static_cast<std::streamoff>(at));
    rows_ = 0;
    std::vector<char> chunk(kChunk);
    while (in && rows_ < most_rows) {
        in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        const auto got = static_cast<std::size_t>(in.gcount());
        for (std::size_t i = 0; i < got && rows_ < most_rows; ++i) {
            if (chunk[i] != '\n') continue;
            ++rows_;
            end = at + i + 1;
        }
        at += got;
    }
    out_.reset();
    std::error_code error;
    std::filesystem::resize_file(path_, end, error);
    if (error) throw input_error(path_, "a file that can be written", error.message());
    out_.emplace(path_, OutputFile::Start::kAtEnd);
}

void RowFile::keep(std::uint64_t rows) {
    if (rows < rows_) go_on_after(rows);
}

void RowFile::append(std::string_view text) {
    out_->write(text);
    out_->flush();
    rows_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

void RowFile::close() { out_->close(); }

RowReader::RowReader(std::string path, const std::string& header)
    : path_(std::move(path)), in_(path_, std::ios::binary) {
    if (!in_) throw input_error(path_, "a file of rows", "nothing there");
    std::getline(in_, header_);
    if (!header.empty() && header_ != header) {
        throw input_error(path_ + ":1", "the columns " + shortened(header, 200), "\"" + shortened(header_) + "\"");
    }
}

bool RowReader::next(std::string& row) {
    if (!std::getline(in_, row) || in_.eof()) return false;
    ++row_;
    return true;
}

std::string field_of(std::string_view row, std::size_t skipped) {
    std::size_t begin = 0;
    for (; skipped > 0; --skipped) {
        begin = end_of_field(row, begin) + 1;
        if (begin > row.size()) return {};
    }
    const std::string_view field = row.substr(begin, end_of_field(row, begin) - begin);
    if (!field.starts_with('"')) return std::string(field);
    std::string text;
    for (std::size_t i = 1; i + 1 < field.size(); ++i) {
        text += field[i];
        if (field[i] == '"') ++i;
    }
    return text;
}

}  // namespace laxity
