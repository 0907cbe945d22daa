#include "sim/study/run_table_builder.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>

#include "policies/registry.hpp"
#include "traces/base/error.hpp"
#include "traces/base/number_text.hpp"

namespace laxity {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void write_key(const CsvColumns& csv, const std::vector<std::size_t>& columns, std::string& key) {
    key.clear();
    for (const std::size_t column : columns) {
        key += csv.field(column);
        key += '\x1f';
    }
}

std::vector<std::string> fields(const CsvColumns& csv, const std::vector<std::size_t>& columns) {
    std::vector<std::string> texts;
    for (const std::size_t column : columns) texts.emplace_back(csv.field(column));
    return texts;
}

// The first value of a column says whether it holds numbers; after that it must go on to.
void add_value(PossibleMeasure& candidate, const CsvColumns& csv) {
    using Kind = PossibleMeasure::Kind;
    if (candidate.kind == Kind::kText) return;
    if (candidate.kind == Kind::kUnknown && !csv.field(candidate.column).empty()) {
        candidate.kind = strict_number(csv.field(candidate.column)) ? Kind::kNumber : Kind::kText;
        if (candidate.kind == Kind::kText) candidate.values = {};
    }
    if (candidate.kind == Kind::kText || !candidate.wanted) return;
    candidate.values.push_back(csv.number(candidate.column).value_or(kNone));
}

}  // namespace

std::uint32_t TupleIndex::of(const CsvColumns& csv, bool& is_new) {
    write_key(csv, columns_, key_);
    is_new = false;
    if (!numbers_.empty() && key_ == last_key_) return last_;
    const auto [place, inserted] = numbers_.try_emplace(key_, static_cast<std::uint32_t>(numbers_.size()));
    is_new = inserted;
    last_key_ = key_;
    return last_ = place->second;
}

std::optional<std::uint32_t> TupleIndex::find(const CsvColumns& csv, const std::vector<std::size_t>& columns) {
    write_key(csv, columns, key_);
    const auto place = numbers_.find(key_);
    return place == numbers_.end() ? std::nullopt : std::optional(place->second);
}

RunTableBuilder::RunTableBuilder(const std::string& directory, const SweptPlan& plan, const CsvColumns& csv,
                                 const std::vector<std::string>& wanted)
    : plan_(plan),
      names_(csv.names()),
      points_(columns_of(csv, false)),
      competitors_(columns_of(csv, true)),
      seed_(csv.at("seed")) {
    table_.directory_ = directory;
    table_.file_ = csv.path();
    table_.holds_capacities_ = !plan_.capacity.empty();
    for (const RunAxis& axis : plan_.axes) {
        (axis.of_policy() ? table_.policy_axes_ : table_.workload_axes_).push_back(axis);
    }
    find_candidates(wanted);
}

void RunTableBuilder::add(const CsvColumns& csv) {
    bool is_new = false;
    const std::uint32_t point = points_.of(csv, is_new);
    if (is_new) table_.points_.push_back(fields(csv, points_.columns()));
    const std::uint32_t competitor = competitors_.of(csv, is_new);
    if (is_new) add_competitor(csv);
    rows_.push_back({point, competitor, csv.count(seed_)});
    for (PossibleMeasure& candidate : candidates_) add_value(candidate, csv);
}

RunTable RunTableBuilder::build() {
    finish_rows();
    note_gaps();
    load_bounds();
    return std::move(table_);
}

RunTable RunTableBuilder::build_so_far() {
    finish_rows();
    return std::move(table_);
}

void RunTableBuilder::finish_rows() {
    check_names();
    sort_rows();
    if (table_.holds_capacities_) drop_capacities_out_of_range();
    name_measures();
}

// The columns that make a point, or a competitor.
std::vector<std::size_t> RunTableBuilder::columns_of(const CsvColumns& csv, bool policy) const {
    std::vector<std::size_t> columns;
    if (policy) columns.push_back(csv.at("policy"));
    for (const RunAxis& axis : plan_.axes) {
        if (axis.of_policy() == policy) columns.push_back(csv.at(axis.column));
    }
    return columns;
}

void RunTableBuilder::find_candidates(const std::vector<std::string>& wanted) {
    for (std::size_t column = 0; column < names_.size(); ++column) {
        const auto taken = [&](const std::vector<std::size_t>& columns) {
            return std::find(columns.begin(), columns.end(), column) != columns.end();
        };
        if (column == seed_ || taken(points_.columns()) || taken(competitors_.columns())) continue;
        const bool keep = wanted.empty() || std::find(wanted.begin(), wanted.end(), names_[column]) != wanted.end();
        candidates_.push_back({column, PossibleMeasure::Kind::kUnknown, keep, {}});
    }
}

void RunTableBuilder::add_competitor(const CsvColumns& csv) {
    const std::vector<std::string> policy_and_values = fields(csv, competitors_.columns());
    Competitor competitor;
    competitor.policy = policy_and_values.front();
    if (competitor.policy.empty()) csv.fail(competitors_.columns().front(), "a policy");
    competitor.values.assign(policy_and_values.begin() + 1, policy_and_values.end());
    competitor.label = competitor_label(competitor, table_.policy_axes_);
    try {
        competitor.oracle = parse_policy(competitor.label).needs_oracle();
        competitor.live = !competitor.oracle;
    } catch (const InputError&) {
        // A policy of another version: its numbers count, but this program can't run it.
    }
    table_.competitors_.push_back(std::move(competitor));
}

// Two competitors of one label could not be told apart: "edf" with an axis and "edf:skip=true" without.
void RunTableBuilder::check_names() const {
    std::map<std::string, std::size_t> seen;
    for (const Competitor& competitor : table_.competitors_) {
        if (++seen[competitor.label] > 1)
            throw input_error(table_.file_, "policies of different names",
                              "\"" + one_line(competitor.label) + "\" twice");
    }
}

void RunTableBuilder::sort_rows() {
    std::vector<std::uint32_t> order(rows_.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto before = [&](std::uint32_t a, std::uint32_t b) { return rows_[a] < rows_[b]; };
    const bool sorted = std::is_sorted(rows_.begin(), rows_.end());  // as sweeps write them
    if (!sorted) std::stable_sort(order.begin(), order.end(), before);
    table_.cells_.resize(table_.points_.size() * table_.competitors_.size());
    table_.seeds_.reserve(rows_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Row& row = rows_[order[i]];
        if (i > 0 && !before(order[i - 1], order[i])) fail_twice(order[i - 1], order[i]);
        RunTable::Cell& cell = table_.cells_[row.point * table_.competitors_.size() + row.competitor];
        if (cell.count++ == 0) cell.first = i;
        table_.seeds_.push_back(row.seed);
    }
    for (PossibleMeasure& candidate : candidates_) {
        if (sorted || candidate.values.empty()) continue;
        std::vector<double> values;
        for (const std::uint32_t row : order) values.push_back(candidate.values[row]);
        candidate.values = std::move(values);
    }
}

void RunTableBuilder::fail_twice(std::size_t first, std::size_t second) const {
    throw input_error(table_.file_ + ":" + std::to_string(std::max(first, second) + 2), "a run of its own",
                      "point, policy and seed of row " + std::to_string(std::min(first, second) + 2) + " again",
                      "keep one of them");
}

// Before the columns get their names.
void RunTableBuilder::drop_capacities_out_of_range() {
    std::size_t dropped = 0;
    for (PossibleMeasure& candidate : candidates_) {
        if (names_[candidate.column] != "capacity" || !candidate.wanted) continue;
        for (const RunTable::Cell& cell : table_.cells_) {
            const auto first = candidate.values.begin() + static_cast<std::ptrdiff_t>(cell.first);
            const auto last = first + static_cast<std::ptrdiff_t>(cell.count);
            if (std::none_of(first, last, [](double value) { return std::isnan(value); })) continue;
            std::fill(first, last, kNone);
            ++dropped;
        }
    }
    table_.notes_.push_back("capacity: " + plan_.capacity);
    if (dropped > 0)
        table_.notes_.push_back(
            "no number where a seed's capacity lies outside the range that was searched: search "
            "further with `laxity capacity --along`");
}

void RunTableBuilder::name_measures() {
    for (PossibleMeasure& candidate : candidates_) {
        if (candidate.kind == PossibleMeasure::Kind::kText) continue;
        table_.measures_.push_back(names_[candidate.column]);
        if (candidate.wanted) table_.columns_.push_back({names_[candidate.column], std::move(candidate.values)});
    }
}

void RunTableBuilder::note_gaps() {
    std::vector<std::string>& notes = table_.notes_;
    if (!plan_.shard.empty()) {
        notes.push_back("only shard " + plan_.shard +
                        " of the sweep, a part of its runs; `laxity merge` makes one of "
                        "all");
        return;
    }
    if (plan_.runs && !table_.holds_capacities_ && rows_.size() < *plan_.runs) {
        notes.push_back(std::to_string(rows_.size()) + " of " + counted(*plan_.runs, "run") + points_begun() +
                        ": the sweep is half-finished");
        return;
    }
    if (plan_.points && table_.points_.size() < *plan_.points) {
        notes.push_back(std::to_string(table_.points_.size()) + " of " + counted(*plan_.points, "point") +
                        " have runs: the sweep is half-finished");
    }
    const std::size_t missing = missing_runs();
    if (missing > 0)
        notes.push_back(counted(missing, "run") +
                        " missing: some policies have fewer seeds than others at the same point");
}

// ", at 3 of 4 points"; empty if all have runs.
std::string RunTableBuilder::points_begun() const {
    if (!plan_.points || table_.points_.size() >= *plan_.points) return {};
    return ", at " + std::to_string(table_.points_.size()) + " of " + counted(*plan_.points, "point");
}

std::size_t RunTableBuilder::missing_runs() const {
    std::size_t missing = 0;
    for (std::size_t point = 0; point < table_.points_.size(); ++point) {
        std::size_t most = 0, there = 0, present = 0;
        for (std::size_t i = 0; i < table_.competitors_.size(); ++i) {
            most = std::max(most, table_.runs(point, i));
            there += table_.runs(point, i);
            present += !plan_.leaves_out || table_.runs(point, i) > 0;
        }
        missing += most * present - there;
    }
    return missing;
}

void RunTableBuilder::load_bounds() {
    const std::string path = table_.directory_ + "/bounds.csv";
    if (!std::filesystem::exists(path)) return;
    CsvColumns csv(path);
    std::vector<std::size_t> axes;
    for (const RunAxis& axis : table_.workload_axes_) axes.push_back(csv.at(axis.column));
    const std::size_t seed = csv.at("seed"), least = csv.at("least"), clairvoyant = csv.at("clairvoyant");
    table_.has_bounds_ = true;
    table_.least_.resize(table_.points_.size());
    table_.clairvoyant_.resize(table_.points_.size());
    while (csv.next()) {
        const auto point = points_.find(csv, axes);
        if (!point) continue;  // of a point that has no runs yet
        const std::uint64_t number = csv.count(seed);
        if (const auto value = csv.number(least)) table_.least_[*point].push_back({number, *value});
        if (const auto value = csv.number(clairvoyant)) table_.clairvoyant_[*point].push_back({number, *value});
    }
    if (csv.truncated()) table_.notes_.push_back("the last row of bounds.csv was cut off and is left out");
    check_bounds(path);
}

void RunTableBuilder::check_bounds(const std::string& path) {
    for (auto* bounds : {&table_.least_, &table_.clairvoyant_}) {
        for (Series& series : *bounds) {
            std::ranges::stable_sort(series, {}, &SeedValue::seed);
            const auto twice = std::ranges::adjacent_find(series, {}, &SeedValue::seed);
            if (twice == series.end()) continue;
            throw input_error(path, "a row for each point and seed", "two of seed " + std::to_string(twice->seed),
                              "keep one of them");
        }
    }
}

}  // namespace laxity
