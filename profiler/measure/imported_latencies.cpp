#include "profiler/measure/imported_latencies.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "profiler/measure/number_table.hpp"
#include "traces/base/error.hpp"
#include "traces/outcome.hpp"

namespace laxity {

namespace {

struct Unit {
    std::string_view name;
    double ns;
};

constexpr std::array kUnits{Unit{"ns", 1}, Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}};
constexpr double kLongest = 999'999'999'999;  // ns, of one stage (traces/README.md)
constexpr std::size_t kMostRows = 1'000'000;

double factor(const std::string& name) {
    const auto unit = std::ranges::find(kUnits, name, &Unit::name);
    if (unit == kUnits.end()) throw input_error("--unit", "ns, us, ms or s", "\"" + name + "\"");
    return unit->ns;
}

std::string number_text(double value) {
    std::array<char, 40> text;
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::int64_t to_ns(const NumberTable& table, std::size_t row, std::size_t column, double value, const std::string& unit,
                   double least) {
    const double ns = std::round(value * factor(unit));
    if (ns >= least && ns <= kLongest) return static_cast<std::int64_t>(ns);
    throw input_error(table.place(row, column),
                      least > 0 ? "a time from 1 ns to less than 1000 s" : "a time from 0 to less than 1000 s",
                      number_text(value) + " " + unit, "is the unit right?");
}

// --- Units in the header ---

// "stem_ms", "stem (ms)" and "stem [ms]" in two parts.
struct Named {
    std::string stage;
    std::string unit;
};

std::optional<Named> split_name(const std::string& name) {
    for (const Unit& unit : kUnits) {
        for (const auto& [before, after] : {std::pair("_", ""), std::pair("(", ")"), std::pair("[", "]")}) {
            const std::string end = before + std::string(unit.name) + after;
            if (!name.ends_with(end) || name.size() == end.size()) continue;
            std::string stage = name.substr(0, name.size() - end.size());
            stage.erase(stage.find_last_not_of(' ') + 1);
            if (!stage.empty()) return Named{stage, std::string(unit.name)};
        }
    }
    return {};
}

// Of all columns, or none: one of them might only be called so.
std::vector<Named> split_names(const std::vector<std::string>& names) {
    std::vector<Named> parts;
    for (const std::string& name : names)
        if (const auto part = split_name(name)) parts.push_back(*part);
    if (parts.size() < names.size()) parts.clear();
    return parts;
}

std::string unit_of(const LatencySource& source, const std::vector<Named>& header) {
    std::set<std::string> units;
    for (const Named& named : header) units.insert(named.unit);
    if (!source.unit.empty()) units.insert(source.unit);
    if (units.size() == 1) return *units.begin();
    const std::string found = units.empty() ? "none" : "several (" + *units.begin() + ", " + *units.rbegin() + ")";
    throw input_error(source.file, "one unit of the times", found,
                      "give --unit ns, us, ms or s, or end every column's name in it (stage0_ms)");
}

// --- Stages ---

void check_names(const std::string& file, const std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const std::string& name : names) {
        if (!name.empty() && seen.insert(name).second) continue;
        throw input_error(file, "a name of its own for every stage", "\"" + name + "\" twice or empty");
    }
}

std::vector<std::string> stage_names(const NumberTable& table, const std::vector<Named>& header) {
    std::vector<std::string> names;
    for (std::size_t stage = 0; stage < table.width; ++stage) {
        names.push_back(!header.empty()          ? header[stage].stage
                        : !table.columns.empty() ? table.columns[stage]
                                                 : "stage" + std::to_string(stage));
    }
    check_names(table.file, names);
    return names;
}

void check_size(const NumberTable& table, int warmup) {
    if (table.width > kMaxStages) {
        throw input_error(table.file, "one column a stage, at most " + std::to_string(kMaxStages),
                          std::to_string(table.width) + " columns", "choose those of the stages with --columns");
    }
    const std::size_t rows = table.rows(), left_out = static_cast<std::size_t>(warmup);
    if (rows <= left_out) {
        throw input_error(table.file, "rows after the first " + std::to_string(warmup) + " (--warmup)",
                          std::to_string(rows) + " in all");
    }
    if (rows - left_out > kMostRows)
        throw input_error(table.file, "at most 1000000 rows", std::to_string(rows - left_out), "export fewer passes");
}

// The time of one stage, in the file's unit.
double stage_time(const NumberTable& table, std::size_t row, std::size_t stage, bool cumulative) {
    const double end = table.at(row, stage);
    if (!cumulative || stage == 0) return end;
    const double start = table.at(row, stage - 1);
    if (end > start) return end - start;
    throw input_error(table.place(row, stage), "more than the column before it (--cumulative): " + number_text(start),
                      number_text(end), "is each column the time of one stage?");
}

}  // namespace

ImportedLatencies import_latencies(const LatencySource& source) {
    if (!source.unit.empty()) factor(source.unit);
    const NumberTable table = read_number_table(source.file, source.columns);
    check_size(table, source.warmup);
    const std::vector<Named> header = split_names(table.columns);
    ImportedLatencies result{stage_names(table, header), unit_of(source, header), {}};
    for (std::size_t row = static_cast<std::size_t>(source.warmup); row < table.rows(); ++row) {
        for (std::size_t stage = 0; stage < table.width; ++stage) {
            const double time = stage_time(table, row, stage, source.cumulative);
            result.ns.push_back(to_ns(table, row, stage, time, result.unit, 1));
        }
    }
    return result;
}

std::vector<std::int64_t> import_dispatch(const std::string& text, const std::string& unit) {
    NumberTable table{"--dispatch", {}, 1, {0}, {}};
    const auto end = std::from_chars(text.data(), text.data() + text.size(), table.values.front()).ptr;
    if (end != text.data() + text.size()) table = read_number_table(text);
    if (table.width != 1)
        throw input_error(table.file, "one column of dispatch times", std::to_string(table.width) + " columns");
    std::vector<std::int64_t> ns;
    for (std::size_t row = 0; row < table.rows(); ++row) ns.push_back(to_ns(table, row, 0, table.at(row, 0), unit, 0));
    return ns;
}

}  // namespace laxity
