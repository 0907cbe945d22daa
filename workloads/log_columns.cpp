#include "workloads/log_columns.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "traces/base/number_text.hpp"
#include "workloads/file_parts.hpp"

namespace laxity {

namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

// What pandas, R and spreadsheets call the number of a row.
bool is_name_of_index(const std::string& name) {
    constexpr std::array<std::string_view, 10> kNames{"",    "unnamed: 0", "index", "idx", "id",
                                                      "row", "no",         "no.",   "#",   "nr"};
    return is_one_of(kNames, lower(name));
}

bool is_name_of_time(const std::string& name) {
    constexpr std::array<std::string_view, 6> kNames{"t", "ts", "arrival", "arrivals", "start", "date"};
    return lower(name).find("time") != std::string::npos || is_one_of(kNames, lower(name));
}

std::size_t column_at(const JsonReader& reader, const TableFile& table) {
    const std::int64_t place = reader.integer(1, std::max<std::int64_t>(1, static_cast<std::int64_t>(table.width())));
    const auto& names = table.columns();
    const auto named = std::ranges::find(names, std::to_string(place)) - names.begin();
    if (named < static_cast<std::ptrdiff_t>(names.size()) && named + 1 != place)
        reader.problem("column " + std::to_string(place) + " is \"" +
                       shortened(names[static_cast<std::size_t>(place - 1)]) + "\", and another is called \"" +
                       std::to_string(place) + "\"; write its name in quotes");
    return static_cast<std::size_t>(place - 1);
}

}  // namespace

TableFile open_table(const JsonReader& object, std::string_view what) {
    const auto header = object.find("header");
    return TableFile(read_file_path(object, what), header ? std::optional(header->boolean()) : std::nullopt);
}

std::size_t named_column(const JsonReader& object, std::string_view key, const TableFile& table) {
    const JsonReader reader = object.at(key);
    if (reader.json().is_number() && !table.is_json_lines()) return column_at(reader, table);
    if (!reader.json().is_string()) reader.fail(table.is_json_lines() ? "a key" : "a name or number of a column");
    return table.column(reader.string());
}

void check_first_column(const TableFile& table, std::string_view key) {
    if (table.columns().empty() || table.width() < 2) return;
    const std::string& name = table.columns().front();
    const bool doubtful = table.is_json_lines() ? !is_name_of_time(name) : is_name_of_index(name);
    if (!doubtful) return;
    throw input_error(
        table.path(), "a \"" + std::string(key) + "\" that says which one to read",
        "none, and the first is called \"" + shortened(name) + "\"",
        "take \"" + std::string(key) + "\": \"" + shortened(table.columns()[1]) + "\", or whichever it is");
}

MainColumn::MainColumn(const JsonReader& object, const TableFile& table) : named_(object.has("column")) {
    if (table.width() == 0) return;
    if (named_) index_ = named_column(object, "column", table);
    if (!named_) check_first_column(table, "column");
}

void MainColumn::see(const TableFile& table) {
    if (named_ || !counts_up_) return;
    const auto value = strict_number(table.field(index_));
    counts_up_ = value && (rows_ == 0 ? *value == 0 || *value == 1 : *value == last_ + 1);
    last_ = value.value_or(0);
    ++rows_;
}

void MainColumn::check(const TableFile& table) const {
    if (named_ || !table.columns().empty() || table.width() < 2) return;
    if (table.maybe_decimal_commas())
        throw input_error(table.path(), "a \"column\" that says which one to read",
                          "two columns of whole numbers, which may be numbers with a decimal comma",
                          "write decimal points, or take \"column\": 1");
    if (counts_up_ && rows_ > 1)
        throw input_error(table.path(), "a \"column\" that says which one to read", "a first column that counts rows",
                          "take \"column\": 2, or 1 if it is the right one");
}

}  // namespace laxity
