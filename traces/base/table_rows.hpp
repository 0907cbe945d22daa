// The two kinds of rows of a TableFile. Internal to it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace laxity {

inline constexpr std::size_t kMostRowBytes = std::size_t{1} << 24;
inline constexpr std::size_t kMostFields = 65536;

// The characters of a file, without a byte order mark, with the number of the line. NUL bytes are an error: no text has
// any, and UTF-16 has many.
class TextSource {
public:
    explicit TextSource(const std::string& path);

    int peek() { return at_ < buffer_.size() || fill() ? static_cast<unsigned char>(buffer_[at_]) : -1; }
    int get();
    std::size_t line() const { return line_; }  // of the next character
    // What has been read ahead, at least a line unless lines are longer than that: for guessing.
    std::string_view ahead();
    // The rest of the line, without its end.
    std::string rest_of_line();
    const std::string& path() const { return path_; }
    [[noreturn]] void fail(std::size_t line, const std::string& expected, const std::string& found,
                           const std::string& advice = "") const;

private:
    bool fill();

    std::string path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::string buffer_;
    std::size_t at_ = 0, line_ = 1, total_ = 0;
};

struct TableRow {
    std::size_t line = 0;
    std::vector<std::string> names;  // of JSON lines; empty otherwise
    std::vector<std::string> fields;
    std::vector<bool> quoted;
};

// The next row; false at the end.
bool next_delimited_row(TextSource& text, char delimiter, TableRow& row);
bool next_json_row(TextSource& text, TableRow& row);

// , ; or tab: what the first line that is no comment has most of.
char guess_delimiter(std::string_view text);

}  // namespace laxity
