#include "sim/study/run_table.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/study/run_table_builder.hpp"
#include "traces/base/number_text.hpp"

namespace laxity {

using Json = nlohmann::ordered_json;

RunTable load_run_table(const std::string& directory, const std::vector<std::string>& wanted) {
    const SweptPlan plan = read_swept_plan(directory);
    const bool runs = plan.capacity.empty();
    CsvColumns csv(directory + (runs ? "/runs.csv" : "/capacity-seeds.csv"),
                   runs ? "run `laxity sweep` to its first results" : "run `laxity capacity` to its end");
    RunTableBuilder builder(directory, plan, csv, wanted);
    while (csv.next()) builder.add(csv);
    if (csv.truncated())
        builder.note(runs ? "the last row of runs.csv was cut off and is left out: the sweep is half-finished"
                          : "the last row of capacity-seeds.csv was cut off and is left out");
    return builder.build();
}

bool RunTable::has_measure(std::string_view name) const {
    return std::find(measures_.begin(), measures_.end(), name) != measures_.end();
}

std::size_t RunTable::runs(std::size_t point, std::size_t competitor) const {
    return cells_[point * competitors_.size() + competitor].count;
}

std::span<const std::uint64_t> RunTable::seeds(std::size_t point, std::size_t competitor) const {
    const Cell& cell = cells_[point * competitors_.size() + competitor];
    return std::span(seeds_).subspan(cell.first, cell.count);
}

Series RunTable::values(std::size_t point, std::size_t competitor, std::string_view measure) const {
    const Cell& cell = cells_[point * competitors_.size() + competitor];
    const auto column = std::ranges::find(columns_, measure, &Column::name);
    Series series;
    if (column == columns_.end()) return series;
    for (std::size_t i = cell.first; i < cell.first + cell.count; ++i) {
        if (!std::isnan(column->values[i])) series.push_back({seeds_[i], column->values[i]});
    }
    return series;
}

Series RunTable::bound(std::size_t point, Bound bound) const {
    if (!has_bounds_) return {};
    return (bound == Bound::kLeast ? least_ : clairvoyant_)[point];
}

std::string competitor_label(const Competitor& competitor, const std::vector<RunAxis>& axes) {
    std::string label = competitor.policy;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (competitor.values[i].empty()) continue;
        label += (label.find(':') == std::string::npos ? ":" : ",") + axes[i].parameter + "=" +
                 axis_value(competitor.values[i]);
    }
    return label;
}

std::string axis_value(const std::string& text) {
    if (text.size() < 2 || text.front() != '"') return text;
    const Json value = Json::parse(text, nullptr, false);
    return value.is_string() ? value.get<std::string>() : text;
}

bool same_axis_value(const std::string& a, const std::string& b) {
    const std::string x = axis_value(a), y = axis_value(b);
    if (x == y) return true;
    const auto first = strict_number(x), second = strict_number(y);
    return first && second && *first == *second;
}

}  // namespace laxity
