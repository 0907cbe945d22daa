#include "profiler/measure/number_table.hpp"

#include <numeric>

#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/base/table_file.hpp"

namespace laxity {

namespace {

// 8 GiB of numbers.
constexpr std::size_t kMostNumbers = std::size_t{1} << 30;

std::string name_of(const NumberTable& table, std::size_t column) {
    const bool named = column < table.columns.size() && !table.columns[column].empty();
    return named ? table.columns[column] : std::to_string(column + 1);
}

void check_not_empty(const NumberTable& table) {
    if (!table.values.empty()) return;
    throw input_error(table.file, "at least one row of numbers", "none");
}

// --- Text ---

std::vector<std::size_t> chosen_columns(const TableFile& text, std::span<const std::string> chosen) {
    std::vector<std::size_t> columns(text.width());
    std::iota(columns.begin(), columns.end(), std::size_t{0});
    if (chosen.empty()) return columns;
    columns.clear();
    for (const std::string& name : chosen) columns.push_back(text.column(name));
    return columns;
}

// pandas and R write a column of row numbers without a name: nobody means it.
void check_no_index(const TableFile& text, std::span<const std::string> chosen) {
    if (!chosen.empty() || text.columns().size() < 2 || !text.columns().front().empty()) return;
    throw input_error(text.path(), "a name for every column", "none for the first, which may number the rows",
                      "choose the columns of the stages with --columns");
}

void check_no_decimal_commas(const TableFile& text) {
    if (!text.maybe_decimal_commas()) return;
    throw input_error(text.path(), "a header, or numbers that can't be one number with a decimal comma",
                      "two columns of whole numbers without names", "add a line with the columns' names");
}

NumberTable read_text(const std::string& path, std::span<const std::string> chosen) {
    TableFile text(path);
    check_no_index(text, chosen);
    const std::vector<std::size_t> columns = chosen_columns(text, chosen);
    NumberTable table{path, {}, columns.size(), {}, {}};
    for (const std::size_t column : columns)
        if (!text.columns().empty()) table.columns.push_back(text.columns()[column]);
    while (text.next()) {
        if (table.values.size() + table.width > kMostNumbers) throw input_error(path, "at most 2^30 numbers", "more");
        for (const std::size_t column : columns) table.values.push_back(text.number(column));
        table.lines.push_back(text.line());
    }
    check_not_empty(table);
    check_no_decimal_commas(text);
    return table;
}

// --- Arrays ---

NumberTable choose(const NumberTable& table, std::span<const std::string> chosen) {
    NumberTable picked{table.file, {}, chosen.size(), {}, {}};
    std::vector<std::size_t> columns;
    for (const std::string& name : chosen) {
        std::size_t column = 0;
        while (column < table.width && name != std::to_string(column + 1)) ++column;
        if (column == table.width)
            throw input_error(table.file, "a column \"" + name + "\"", "columns 1 to " + std::to_string(table.width));
        columns.push_back(column);
    }
    for (std::size_t row = 0; row < table.rows(); ++row)
        for (const std::size_t column : columns) picked.values.push_back(table.at(row, column));
    return picked;
}

NumberTable read_numbers(const std::string& path, std::span<const std::string> chosen) {
    const Array array = read_array(path);
    array.check_finite();
    if (array.shape().empty() || array.shape().size() > 2)
        throw input_error(array.name(), "an array of rows and columns, or of one column",
                          "one of " + array.shape_text());
    NumberTable table{array.name(), {}, array.shape().size() == 1 ? 1 : array.shape()[1], array.doubles(), {}};
    check_not_empty(table);
    return chosen.empty() ? table : choose(table, chosen);
}

}  // namespace

std::string NumberTable::place(std::size_t row, std::size_t column) const {
    const std::string where =
        lines.empty() ? ", row " + std::to_string(row + 1) : ": line " + std::to_string(lines[row]);
    return file + where + ", column " + name_of(*this, column);
}

NumberTable read_number_table(const std::string& path, std::span<const std::string> chosen) {
    return is_array_path(path) ? read_numbers(path, chosen) : read_text(path, chosen);
}

}  // namespace laxity
