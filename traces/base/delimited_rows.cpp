#include <algorithm>
#include <array>

#include "traces/base/table_rows.hpp"

namespace laxity {

namespace {

bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\r'; }

void trim(std::string& field) {
    field.erase(field.find_last_not_of(" \t\r") + 1);
    field.erase(0, std::min(field.find_first_not_of(" \t"), field.size()));
}

// Reads one row, a field at a time.
class RowParser {
public:
    RowParser(TextSource& text, char delimiter, TableRow& row) : text_(text), delimiter_(delimiter), row_(row) {}

    void parse() {
        do parse_field();
        while (take_delimiter());
    }

private:
    bool at_end_of_field() { return text_.peek() < 0 || text_.peek() == '\n' || text_.peek() == delimiter_; }

    void add(char c) {
        if (++bytes_ > kMostRowBytes)
            text_.fail(row_.line, "a row of at most 16 MiB", "a longer one", "is it a table?");
        row_.fields.back() += c;
    }

    void skip_blanks() {
        while (is_blank(text_.peek()) && text_.peek() != delimiter_) text_.get();
    }

    void parse_field() {
        if (row_.fields.size() == kMostFields) text_.fail(row_.line, "at most 65536 fields in a row", "more");
        row_.fields.emplace_back();
        skip_blanks();
        row_.quoted.push_back(text_.peek() == '"');
        if (row_.quoted.back()) return parse_quoted();
        while (!at_end_of_field()) add(static_cast<char>(text_.get()));
        trim(row_.fields.back());
    }

    void parse_quoted() {
        const std::size_t opened = text_.line();
        text_.get();
        for (;;) {
            const int next = text_.get();
            if (next < 0) text_.fail(opened, "a quote that is closed", "the end of the file");
            if (next == '"' && text_.peek() != '"') break;
            if (next == '"') text_.get();
            add(static_cast<char>(next));
        }
        skip_blanks();
        if (!at_end_of_field())
            text_.fail(text_.line(), "the end of the field after its quotes",
                       std::string{'"', static_cast<char>(text_.peek()), '"'}, "write quotes within quotes twice");
    }

    bool take_delimiter() {
        const int next = text_.get();
        return next == delimiter_;
    }

    TextSource& text_;
    char delimiter_;
    TableRow& row_;
    std::size_t bytes_ = 0;
};

// A blank line, which may be of tabs.
bool says_nothing(const TableRow& row, char delimiter) {
    const auto empty = [&](std::size_t i) { return row.fields[i].empty() && !row.quoted[i]; };
    if (row.fields.size() > 1 && delimiter != '\t') return false;
    for (std::size_t i = 0; i < row.fields.size(); ++i)
        if (!empty(i)) return false;
    return true;
}

// Whether a blank line or a comment comes first.
bool starts_with_nothing(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r");
    return start != std::string_view::npos && text.find('\n') != std::string_view::npos &&
           (text[start] == '\n' || text.front() == '#');
}

// The first line that says something; a quoted field may go on over its end.
std::string_view first_row(std::string_view text) {
    while (starts_with_nothing(text)) text.remove_prefix(text.find('\n') + 1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        quoted ^= text[i] == '"';
        if (text[i] == '\n' && !quoted) return text.substr(0, i);
    }
    return text;
}

std::size_t count_outside_quotes(std::string_view row, char wanted) {
    bool quoted = false;
    std::size_t count = 0;
    for (const char c : row) {
        quoted ^= c == '"';
        count += c == wanted && !quoted ? 1 : 0;
    }
    return count;
}

}  // namespace

char guess_delimiter(std::string_view text) {
    constexpr std::array kDelimiters{'\t', ';', ','};
    const std::string_view row = first_row(text);
    return *std::ranges::max_element(kDelimiters, {}, [&](char c) { return count_outside_quotes(row, c); });
}

bool next_delimited_row(TextSource& text, char delimiter, TableRow& row) {
    do {
        while (text.peek() == '#') text.rest_of_line();
        if (text.peek() < 0) return false;
        row = {};
        row.line = text.line();
        RowParser(text, delimiter, row).parse();
    } while (says_nothing(row, delimiter));
    return true;
}

}  // namespace laxity
