#include "workloads/arrival_counts.hpp"

#include <cmath>
#include <numeric>

#include "workloads/file_parts.hpp"
#include "workloads/log_clock.hpp"
#include "workloads/log_columns.hpp"

namespace laxity {

namespace {

constexpr double kMostInInterval = 1e7;
constexpr std::size_t kMostIntervals = 100'000'000;

std::uint32_t count_in(const TableFile& table, std::size_t column) {
    const double count = table.number(column);
    if (count < 0 || count > kMostInInterval || count != std::floor(count))
        throw input_error(table.place(column), "a whole number of requests from 0 to 1e7",
                          "\"" + shortened(table.field(column)) + "\"");
    return static_cast<std::uint32_t>(count);
}

std::vector<std::uint32_t> read_column(const JsonReader& reader, TableFile& table) {
    if (table.width() > 1) reader.at("column");  // the first may well be the time
    MainColumn column(reader, table);
    std::vector<std::uint32_t> counts;
    while (table.next()) {
        column.see(table);
        counts.push_back(count_in(table, column.index()));
        if (counts.size() > kMostIntervals) throw input_error(table.path(), "at most 1e8 intervals", "more");
    }
    column.check(table);
    return counts;
}

// Which rows count: all, the one of a number from 1 on, or those whose columns hold what the object says.
class RowFilter {
public:
    RowFilter(const JsonReader& reader, const TableFile& table) : reader_(reader) {
        if (reader.json().is_string() && reader.string() == "all") return;
        if (reader.json().is_number()) {
            number_ = reader.integer(1);
            return;
        }
        if (!reader.json().is_object() || reader.json().empty())
            reader.fail("a number from 1 on, \"all\", or an object of columns and what they hold");
        for (const auto& [name, value] : reader.json().items())
            fields_.emplace_back(table.column(name), reader.at(name).string());
    }

    bool matches(const TableFile& table, std::int64_t row) const {
        if (number_ != 0) return row == number_;
        for (const auto& [column, text] : fields_)
            if (table.field(column) != text) return false;
        return true;
    }

    void fail() const { reader_.fail("a row that is there"); }

private:
    JsonReader reader_;
    std::int64_t number_ = 0;
    std::vector<std::pair<std::size_t, std::string>> fields_;
};

// From the first to the last column, both included.
std::pair<std::size_t, std::size_t> column_range(const JsonReader& reader, const TableFile& table) {
    if (reader.size() != 2) reader.fail("[FIRST, LAST]");
    const auto column = [&](std::size_t i) {
        const JsonReader item = reader.item(i);
        return item.json().is_number() ? table.column(std::to_string(item.integer(1))) : table.column(item.string());
    };
    const std::size_t first = column(0), last = column(1);
    if (last < first) reader.fail("a last column that doesn't come before the first");
    return {first, last};
}

void add_row(const TableFile& table, std::size_t first, std::vector<std::uint32_t>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] += count_in(table, first + i);
        if (counts[i] > kMostInInterval)
            throw input_error(table.place(first + i), "at most 1e7 requests in an interval, all rows together", "more");
    }
}

// Rows that match are added up: the functions of an application, or all of a trace.
std::vector<std::uint32_t> read_rows(const JsonReader& reader, TableFile& table) {
    if (table.is_json_lines()) reader.at("columns").problem("JSON lines have no row of columns");
    if (table.width() == 0) return {};
    const auto [first, last] = column_range(reader.at("columns"), table);
    const RowFilter filter(reader.at("row"), table);
    std::vector<std::uint32_t> counts(last - first + 1);
    std::int64_t row = 0, matching = 0;
    while (table.next()) {
        if (!filter.matches(table, ++row)) continue;
        add_row(table, first, counts);
        ++matching;
    }
    if (matching == 0) filter.fail();
    return counts;
}

// A row of many columns has names such as 1, 2, ..., 1440, which don't look like a header.
TableFile open_rows(const JsonReader& reader) {
    const auto header = reader.find("header");
    return TableFile(read_file_path(reader, "counts"), header ? header->boolean() : true);
}

double interval_ns(const JsonReader& reader, const ArrivalTask& task, const std::vector<std::uint32_t>& counts) {
    double ns = read_ns(reader.at("interval"), unit_ns(reader, task.scale.full_ns), 1);
    if (!reader.has("load") && !reader.has("rate") && !reader.has("mean_gap")) return ns;
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    ns = mean_gap_ns(reader, "mean_gap", task.scale) * sum / static_cast<double>(counts.size());
    if (ns < 1) reader.at("interval").fail("intervals of at least 1 ns once they are stretched");
    return ns;
}

}  // namespace

CountArrivals read_counts(const JsonReader& reader, const ArrivalTask& task) {
    reader.only_keys(
        {"process", "file", "interval", "unit", "column", "header", "row", "columns", "load", "rate", "mean_gap"});
    const bool rows = reader.has("row") || reader.has("columns");
    if (rows && reader.has("column")) reader.at("column").problem("only one of \"column\" and \"columns\" can hold");
    TableFile table = rows ? open_rows(reader) : open_table(reader, "counts");
    CountArrivals arrivals{{}, rows ? read_rows(reader, table) : read_column(reader, table), table.path()};
    if (std::accumulate(arrivals.counts.begin(), arrivals.counts.end(), 0.0) == 0)
        throw input_error(table.path(), "at least one request", "none");
    const double ns = interval_ns(reader, task, arrivals.counts);
    if (ns * static_cast<double>(arrivals.counts.size()) > static_cast<double>(kLongestLogNs))
        reader.at("interval").fail("intervals of at most 1e8 s together");
    arrivals.interval = nanoseconds_from(ns);
    return arrivals;
}

}  // namespace laxity
