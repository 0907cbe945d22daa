#include "traces/base/table_file.hpp"

#include <algorithm>
#include <array>

#include "traces/base/error.hpp"
#include "traces/base/number_text.hpp"
#include "traces/base/table_rows.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

// What a number, or a calendar time, starts with.
bool starts_as_number(std::string_view field) {
    const std::size_t sign = field.starts_with('-') || field.starts_with('+') || field.starts_with('.') ? 1 : 0;
    return field.size() > sign && field[sign] >= '0' && field[sign] <= '9';
}

bool is_no_number_word(std::string_view field) {
    constexpr std::array<std::string_view, 12> kWords{"nan", "NaN",  "NAN",  "-nan", "inf",      "Inf",
                                                      "INF", "-inf", "-Inf", "null", "infinity", "Infinity"};
    return std::ranges::find(kWords, field) != kWords.end();
}

bool is_header(const TableRow& row) {
    return std::ranges::none_of(
        row.fields, [](const std::string& field) { return starts_as_number(field) || is_no_number_word(field); });
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

struct TableFile::State {
    State(std::string file, std::optional<bool> header);

    bool read() { return json ? next_json_row(text, row) : next_delimited_row(text, delimiter, row); }
    bool next();
    void check_width() const;
    std::size_t find(std::string_view name) const;
    std::string column_name(std::size_t column) const;
    std::string list() const;

    TextSource text;
    bool json = false;
    char delimiter = ',';
    std::vector<std::string> columns;
    std::size_t width = 0;
    bool waiting = false;      // the first row of values has been read, and not been asked for
    bool all_integers = true;  // of what has been asked for
    TableRow row;
    std::vector<std::size_t> places;  // of the columns in a JSON row whose keys are in another order
};

TableFile::State::State(std::string file, std::optional<bool> header) : text(file) {
    const std::string_view ahead = text.ahead();
    const std::size_t start = ahead.find_first_not_of(" \t\r\n");
    json = start != std::string_view::npos && ahead[start] == '{';
    if (!json) delimiter = guess_delimiter(ahead);
    if (!read()) return;
    width = row.fields.size();
    waiting = json || !header.value_or(is_header(row));
    if (json) columns = row.names;
    if (!waiting) columns = row.fields;
}

bool TableFile::State::next() {
    if (!waiting && !read()) return false;
    waiting = false;
    if (json) {
        places.clear();
        if (row.names != columns) {
            for (const std::string& name : columns)
                places.push_back(static_cast<std::size_t>(std::ranges::find(row.names, name) - row.names.begin()));
        }
    } else {
        check_width();
        for (const std::string& field : row.fields) all_integers = all_integers && strict_integer(field);
    }
    return true;
}

void TableFile::State::check_width() const {
    if (row.fields.size() == width) return;
    const bool more = delimiter == ',' && row.fields.size() > width;
    text.fail(
        row.line, std::to_string(width) + (width == 1 ? " field" : " fields") + ", as in the first row",
        std::to_string(row.fields.size()),
        more ? "if a comma is a decimal one, write a decimal point; if it is part of a text, quote the text" : "");
}

std::string TableFile::State::list() const {
    std::vector<std::string> names;
    for (const std::string& name : columns) names.push_back("\"" + shortened(name) + "\"");
    constexpr std::size_t kShown = 20;
    if (names.size() > kShown) names.resize(kShown), names.emplace_back("...");
    if (names.empty()) return "columns 1 to " + std::to_string(width) + " without names";
    return "the columns " + joined(names, ", ");
}

std::size_t TableFile::State::find(std::string_view name) const {
    const auto found = std::ranges::find(columns, name);
    if (found == columns.end()) return kNone;
    if (std::find(found + 1, columns.end(), name) != columns.end())
        throw input_error(text.path(), "one column \"" + std::string(name) + "\"", "several");
    return static_cast<std::size_t>(found - columns.begin());
}

std::string TableFile::State::column_name(std::size_t column) const {
    const bool named = column < columns.size() && !columns[column].empty();
    return named ? columns[column] : std::to_string(column + 1);
}

TableFile::TableFile(std::string path, std::optional<bool> header)
    : state_(std::make_unique<State>(std::move(path), header)) {}
TableFile::TableFile(TableFile&&) noexcept = default;
TableFile::~TableFile() = default;

const std::string& TableFile::path() const { return state_->text.path(); }
bool TableFile::is_json_lines() const { return state_->json; }
const std::vector<std::string>& TableFile::columns() const { return state_->columns; }
std::size_t TableFile::width() const { return state_->width; }

std::size_t TableFile::column(std::string_view name) const {
    if (const std::size_t named = state_->find(name); named != kNone) return named;
    const auto number = state_->json ? std::nullopt : strict_integer(name);
    if (number && *number >= 1 && static_cast<std::uint64_t>(*number) <= state_->width)
        return static_cast<std::size_t>(*number - 1);
    throw input_error(path(), "a column \"" + std::string(name) + "\"", state_->list());
}

bool TableFile::next() { return state_->next(); }
std::size_t TableFile::line() const { return state_->row.line; }

std::string_view TableFile::field(std::size_t column) const {
    const std::size_t at = state_->places.empty() ? column : state_->places[column];
    if (at < state_->row.fields.size()) return state_->row.fields[at];
    throw input_error(path() + ": line " + std::to_string(line()), "the key \"" + state_->columns[column] + "\"",
                      "none");
}

double TableFile::number(std::size_t column) const {
    const std::string_view text = field(column);
    if (const auto value = strict_number(text)) return *value;
    throw input_error(place(column), "a number", text.empty() ? "nothing" : "\"" + shortened(text) + "\"",
                      number_advice(text));
}

std::int64_t TableFile::integer(std::size_t column) const {
    const std::string_view text = field(column);
    if (const auto value = strict_integer(text)) return *value;
    throw input_error(place(column), "a whole number", text.empty() ? "nothing" : "\"" + shortened(text) + "\"",
                      number_advice(text));
}

std::string TableFile::place(std::size_t column) const {
    return path() + ": line " + std::to_string(line()) + ", column " + state_->column_name(column);
}

bool TableFile::maybe_decimal_commas() const {
    return !state_->json && state_->columns.empty() && state_->width == 2 && state_->delimiter == ',' &&
           state_->all_integers;
}

}  // namespace laxity
