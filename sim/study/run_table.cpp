#include "sim/study/run_table.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include "policies/registry.hpp"
#include "sim/study/csv_columns.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// What the manifest says of a sweep.
struct SweptPlan {
    std::vector<RunAxis> axes;
    std::optional<std::size_t> points;  // how many there will be; none if conditions leave some out
    bool leaves_out = false;            // conditions or zipped axes: not every policy runs at every point
};

// The shortest ends of the pointers that tell them apart: "load", or "0/arrival/load" and "1/arrival/load".
void shorten_names(std::vector<RunAxis>& axes) {
    const auto tail = [](const std::string& pointer, int tokens) {
        std::size_t at = pointer.size();
        for (; tokens > 0 && at != std::string::npos && at > 0; --tokens) at = pointer.rfind('/', at - 1);
        return at == std::string::npos ? pointer : pointer.substr(at + 1);
    };
    for (RunAxis& axis : axes) {
        for (int tokens = 1;; ++tokens) {
            axis.name = tail(axis.column, tokens);
            const auto same = [&](const RunAxis& other) { return tail(other.column, tokens) == axis.name; };
            if (std::count_if(axes.begin(), axes.end(), same) == 1 || axis.name.size() >= axis.column.size()) break;
        }
    }
}

// laxity.manifest/1: {"/json/pointer": [values]}.
SweptPlan plan_by_pointers(const JsonReader& configuration) {
    if (!configuration.has("policies"))
        throw input_error(configuration.file(), "the manifest of a sweep", "that of another command",
                          "name a folder that `laxity sweep` wrote");
    SweptPlan plan{{}, 1};
    const auto axes = configuration.find("axes");
    if (!axes) return plan;
    for (const auto& [pointer, values] : axes->json().items()) {
        plan.axes.push_back({{}, pointer, {}, {}, 0});
        plan.points = *plan.points * values.size();
    }
    shorten_names(plan.axes);
    return plan;
}

void read_zips(const JsonReader& configuration, std::vector<RunAxis>& axes) {
    const auto zips = configuration.find("zip");
    if (!zips) return;
    std::size_t number = 0;
    for (const JsonReader& group : zips->items()) {
        ++number;
        for (const JsonReader& name : group.items()) {
            const auto axis = std::ranges::find(axes, name.string(), &RunAxis::name);
            if (axis != axes.end()) axis->zip = number;
        }
    }
}

// laxity.manifest/2: a list of axes with names.
SweptPlan plan_by_names(const JsonReader& configuration) {
    configuration.at("kind").one_of({"sweep"});
    SweptPlan plan;
    std::vector<std::size_t> sizes;
    if (const auto axes = configuration.find("axes")) {
        for (const JsonReader& axis : axes->items()) {
            const std::string name = axis.at("name").string();
            const bool of_policy = axis.has("policy");
            plan.axes.push_back({name, name, of_policy ? axis.at("policy").string() : "",
                                 of_policy ? axis.at("parameter").string() : "", 0});
            sizes.push_back(axis.at("values").size());
        }
    }
    read_zips(configuration, plan.axes);
    const auto where = configuration.find("where");
    const auto zip = configuration.find("zip");
    plan.leaves_out = (where && where->size() > 0) || (zip && zip->size() > 0);
    if (where && where->size() > 0) return plan;
    plan.points = 1;
    for (std::size_t i = 0; i < plan.axes.size(); ++i) {
        const auto zipped = [&](const RunAxis& other) { return other.zip > 0 && other.zip == plan.axes[i].zip; };
        const bool counted = std::any_of(plan.axes.begin(), plan.axes.begin() + static_cast<std::ptrdiff_t>(i), zipped);
        if (!plan.axes[i].of_policy() && !counted) plan.points = *plan.points * sizes[i];
    }
    return plan;
}

SweptPlan read_plan(const std::string& directory) {
    const std::string path = directory + "/manifest.json";
    const Json document = read_json_file(path, "name the folder that `laxity sweep` wrote");
    const JsonReader root(document, path);
    const std::string schema = root.at("schema").one_of({"laxity.manifest/1", "laxity.manifest/2"});
    const JsonReader configuration = root.at("configuration");
    return schema == "laxity.manifest/1" ? plan_by_pointers(configuration) : plan_by_names(configuration);
}

std::string label_of(const Competitor& competitor, const std::vector<RunAxis>& axes) {
    std::string label = competitor.policy;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (competitor.values[i].empty()) continue;
        label += (label.find(':') == std::string::npos ? ":" : ",") + axes[i].parameter + "=" +
                 axis_value(competitor.values[i]);
    }
    return label;
}

// Numbers the distinct tuples of some columns in order of appearance. Rows of one tuple tend to follow each other.
class TupleIndex {
public:
    explicit TupleIndex(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}

    // The number of this row's tuple; `is_new` if it is the first of its kind.
    std::uint32_t of(const CsvColumns& csv, bool& is_new) {
        key_.clear();
        for (const std::size_t column : columns_) {
            key_ += csv.field(column);
            key_ += '\x1f';
        }
        is_new = false;
        if (!numbers_.empty() && key_ == last_key_) return last_;
        const auto [place, inserted] = numbers_.try_emplace(key_, static_cast<std::uint32_t>(numbers_.size()));
        is_new = inserted;
        last_key_ = key_;
        return last_ = place->second;
    }
    std::optional<std::uint32_t> find(const CsvColumns& csv, const std::vector<std::size_t>& columns) {
        key_.clear();
        for (const std::size_t column : columns) {
            key_ += csv.field(column);
            key_ += '\x1f';
        }
        const auto place = numbers_.find(key_);
        return place == numbers_.end() ? std::nullopt : std::optional(place->second);
    }
    const std::vector<std::size_t>& columns() const { return columns_; }

private:
    std::vector<std::size_t> columns_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::string key_, last_key_;
    std::uint32_t last_ = 0;
};

// A column that may turn out to be a measure.
struct Candidate {
    enum class Kind { kUnknown, kNumber, kText };
    std::size_t column = 0;
    Kind kind = Kind::kUnknown;  // until its first value
    bool wanted = false;
    std::vector<double> values;  // only if wanted
};

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

class RunTableLoader {
public:
    RunTableLoader(const std::string& directory, const std::vector<std::string>& wanted)
        : plan_(read_plan(directory)),
          csv_(directory + "/runs.csv", "run `laxity sweep` to its first results"),
          points_(columns_of(false)),
          competitors_(columns_of(true)) {
        table_.directory_ = directory;
        for (const RunAxis& axis : plan_.axes) {
            (axis.of_policy() ? table_.policy_axes_ : table_.workload_axes_).push_back(axis);
        }
        seed_ = csv_.at("seed");
        find_candidates(wanted);
    }

    RunTable load() {
        while (csv_.next()) add_row();
        check_names();
        sort_rows();
        name_measures();
        note_gaps();
        load_bounds();
        return std::move(table_);
    }

private:
    struct Row {
        std::uint32_t point, competitor;
        std::uint64_t seed;
        bool operator<(const Row& other) const {
            return std::tie(point, competitor, seed) < std::tie(other.point, other.competitor, other.seed);
        }
    };

    // The columns that make a point, or a competitor.
    std::vector<std::size_t> columns_of(bool policy) const {
        std::vector<std::size_t> columns;
        if (policy) columns.push_back(csv_.at("policy"));
        for (const RunAxis& axis : plan_.axes) {
            if (axis.of_policy() == policy) columns.push_back(csv_.at(axis.column));
        }
        return columns;
    }

    void find_candidates(const std::vector<std::string>& wanted) {
        for (std::size_t column = 0; column < csv_.names().size(); ++column) {
            const auto taken = [&](const std::vector<std::size_t>& columns) {
                return std::find(columns.begin(), columns.end(), column) != columns.end();
            };
            if (column == seed_ || taken(points_.columns()) || taken(competitors_.columns())) continue;
            const bool keep =
                wanted.empty() || std::find(wanted.begin(), wanted.end(), csv_.names()[column]) != wanted.end();
            candidates_.push_back({column, Candidate::Kind::kUnknown, keep, {}});
        }
    }

    void add_row() {
        bool is_new = false;
        const std::uint32_t point = points_.of(csv_, is_new);
        if (is_new) table_.points_.push_back(fields(points_.columns()));
        const std::uint32_t competitor = competitors_.of(csv_, is_new);
        if (is_new) add_competitor(fields(competitors_.columns()));
        rows_.push_back({point, competitor, csv_.count(seed_)});
        for (Candidate& candidate : candidates_) add_value(candidate);
    }

    std::vector<std::string> fields(const std::vector<std::size_t>& columns) const {
        std::vector<std::string> texts;
        for (const std::size_t column : columns) texts.emplace_back(csv_.field(column));
        return texts;
    }

    void add_competitor(std::vector<std::string> policy_and_values) {
        Competitor competitor;
        competitor.policy = policy_and_values.front();
        if (competitor.policy.empty()) csv_.fail(competitors_.columns().front(), "a policy");
        competitor.values.assign(policy_and_values.begin() + 1, policy_and_values.end());
        competitor.label = label_of(competitor, table_.policy_axes_);
        try {
            competitor.oracle = parse_policy(competitor.label).needs_oracle();
            competitor.live = !competitor.oracle;
        } catch (const InputError&) {
            // A policy of another version: its numbers count, but this program can't run it.
        }
        table_.competitors_.push_back(std::move(competitor));
    }

    // The first value of a column says whether it holds numbers; after that it must go on to.
    void add_value(Candidate& candidate) {
        using Kind = Candidate::Kind;
        if (candidate.kind == Kind::kText) return;
        if (candidate.kind == Kind::kUnknown && !csv_.field(candidate.column).empty()) {
            candidate.kind = number_in(csv_.field(candidate.column)) ? Kind::kNumber : Kind::kText;
            if (candidate.kind == Kind::kText) candidate.values = {};
        }
        if (candidate.kind == Kind::kText || !candidate.wanted) return;
        candidate.values.push_back(csv_.number(candidate.column).value_or(kNone));
    }

    // Two competitors of one label could not be told apart: "edf" with an axis and "edf:skip=true" without.
    void check_names() const {
        std::map<std::string, std::size_t> seen;
        for (const Competitor& competitor : table_.competitors_) {
            if (++seen[competitor.label] > 1)
                throw input_error(table_.directory_ + "/runs.csv", "policies of different names",
                                  "\"" + one_line(competitor.label) + "\" twice");
        }
    }

    void sort_rows() {
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
        for (Candidate& candidate : candidates_) {
            if (sorted || candidate.values.empty()) continue;
            std::vector<double> values;
            for (const std::uint32_t row : order) values.push_back(candidate.values[row]);
            candidate.values = std::move(values);
        }
    }

    [[noreturn]] void fail_twice(std::size_t first, std::size_t second) const {
        throw input_error(table_.directory_ + "/runs.csv:" + std::to_string(std::max(first, second) + 2),
                          "a run of its own",
                          "point, policy and seed of row " + std::to_string(std::min(first, second) + 2) + " again",
                          "keep one of them");
    }

    void name_measures() {
        for (Candidate& candidate : candidates_) {
            if (candidate.kind == Candidate::Kind::kText) continue;
            table_.measures_.push_back(csv_.names()[candidate.column]);
            if (candidate.wanted)
                table_.columns_.push_back({csv_.names()[candidate.column], std::move(candidate.values)});
        }
    }

    void note_gaps() {
        std::vector<std::string>& notes = table_.notes_;
        if (csv_.truncated())
            notes.push_back("the last row of runs.csv was cut off and is left out: the sweep is half-finished");
        if (plan_.points && table_.points_.size() < *plan_.points) {
            notes.push_back(std::to_string(table_.points_.size()) + " of " + counted(*plan_.points, "point") +
                            " have runs: the sweep is half-finished");
        }
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
        if (missing > 0)
            notes.push_back(counted(missing, "run") +
                            " missing: some policies have fewer seeds than others at the same point");
    }

    void load_bounds() {
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

    RunTable table_;
    SweptPlan plan_;
    CsvColumns csv_;
    TupleIndex points_, competitors_;
    std::size_t seed_ = 0;
    std::vector<Candidate> candidates_;
    std::vector<Row> rows_;
};

RunTable load_run_table(const std::string& directory, const std::vector<std::string>& wanted) {
    return RunTableLoader(directory, wanted).load();
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

std::string axis_value(const std::string& text) {
    if (text.size() < 2 || text.front() != '"') return text;
    const Json value = Json::parse(text, nullptr, false);
    return value.is_string() ? value.get<std::string>() : text;
}

bool same_axis_value(const std::string& a, const std::string& b) {
    const std::string x = axis_value(a), y = axis_value(b);
    if (x == y) return true;
    const auto first = number_in(x), second = number_in(y);
    return first && second && *first == *second;
}

}  // namespace laxity
