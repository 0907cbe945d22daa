#include "sim/study/study_section.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/results/measures.hpp"
#include "sim/study/depth_counts.hpp"
#include "sim/study/packed.hpp"
#include "sim/study/report_parts.hpp"
#include "traces/base/sha256.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargestExact = std::uint64_t{1} << 53;  // of JavaScript's numbers

Json json_of(std::uint64_t seed) { return seed < kLargestExact ? Json(seed) : Json(std::to_string(seed)); }

std::string_view better_name(std::string_view measure) {
    switch (better_way(measure)) {
        case Better::kHigher:
            return "higher";
        case Better::kLower:
            return "lower";
        case Better::kNeither:
            break;
    }
    return "";
}

// What the table of measures says of a column, TASK.MEASURE too; null of one that is not in it.
const Measure* measure_of(std::string_view column) {
    const auto found = std::ranges::find(measures(), column.substr(column.rfind('.') + 1), &Measure::name);
    return found == measures().end() ? nullptr : &*found;
}

// Acceptance ratios are columns of sweeps over task sets alone.
bool is_acceptance(std::string_view column) { return column == "accepted" || column == "schedulable"; }

bool is_share(std::string_view column) {
    const Measure* measure = measure_of(column);
    return is_acceptance(column) || (measure && measure->unit == "1" && measure->name != "backlog_trend");
}

// The first bytes of the SHA-256 of a text. A policy without a style of its own gets one from them, here as in figures.
Json hash_of(const std::string& text) {
    const std::string digits = sha256(text);
    Json bytes = Json::array();
    for (std::size_t i = 0; i < 3; ++i) bytes.push_back(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
    return bytes;
}

// The same text for the same parameters, in whatever order.
std::string with_sorted_parameters(const std::string& policy) {
    const std::size_t colon = policy.find(':');
    if (colon == std::string::npos) return policy;
    std::vector<std::string> parameters(1);
    for (const char c : policy.substr(colon + 1)) c == ',' ? parameters.emplace_back() : parameters.back() += c;
    std::sort(parameters.begin(), parameters.end());
    return policy.substr(0, colon + 1) + joined(parameters, ",");
}

std::string text_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The policies of one study, its points and its values, in the order in which the page gets them.
class StudySection {
public:
    StudySection(const StudyFolder& folder, const ReportOptions& options) : options_(options), folder_(folder) {
        SelectionRequest request = options.selection;
        request.everything = true;
        request.policies.clear();
        selection_ = select_for_report(folder, request, false);
        if (!options.selection.policies.empty() && table().runs() > 0) {
            request.policies = options.selection.policies;
            request.baseline.clear();
            shown_ = select_for_report(folder, request, false).entrants;
        }
    }

    std::string json() {
        Json json = {{"label", selection_.label}, {"level", options_.level}, {"runs", table().runs()}};
        json["gaps"] = table().notes();
        json["notes"] = selection_.notes;
        json["axes"] = axes();
        json["points"] = points();
        json["competitors"] = competitors();
        add_cells(json);
        json["measures"] = Json::array();
        for (const std::string& name : table().measures()) {
            const bool counts = measure_of(name) && !measure_of(name)->is_numeric();
            if (!counts && !selection_.entrants.empty()) json["measures"].push_back(measure(name));
        }
        json["bounds"] = bounds();
        json["depths"] = depths();
        json["student_t"] = quantiles();
        json["initial"] = initial();
        json["manifest"] = text_of(folder_.directory + "/manifest.json");
        // Bytes that are no UTF-8 show as the sign for that; what is not ASCII is escaped.
        return json.dump(-1, ' ', true, Json::error_handler_t::replace);
    }

private:
    const RunTable& table() const { return selection_.table; }

    Json axes() const {
        Json list = Json::array();
        for (const auto* axes : {&table().workload_axes(), &table().policy_axes()}) {
            for (const RunAxis& axis : *axes)
                list.push_back(
                    {{"name", axis.name}, {"policy", axis.policy}, {"parameter", axis.parameter}, {"zip", axis.zip}});
        }
        return list;
    }

    Json points() const {
        Json list = Json::array();
        for (const std::size_t point : selection_.points) {
            Json values = Json::array();
            for (const std::string& value : table().points()[point]) values.push_back(axis_value(value));
            list.push_back(std::move(values));
        }
        return list;
    }

    // One competitor of the table at all points: none of a row for the best of several.
    static std::optional<std::size_t> plain(const Entrant& entrant) {
        return entrant.chosen_afterwards || entrant.competitors.empty() ? std::nullopt : entrant.competitors.front();
    }

    Json competitors() const {
        Json list = Json::array();
        for (const Entrant& entrant : selection_.entrants) {
            Json json = {{"label", entrant.name}, {"policy", entrant.name}, {"ranked", entrant.ranked}};
            json["hash"] = hash_of(with_sorted_parameters(entrant.name));
            json["base_hash"] = hash_of(entrant.name.substr(0, entrant.name.find(':')));
            json["values"] = Json::array();
            if (const auto competitor = plain(entrant)) {
                json["policy"] = table().competitors()[*competitor].policy;
                for (const std::string& value : table().competitors()[*competitor].values)
                    json["values"].push_back(axis_value(value));
            } else {
                json["chosen"] = chosen(entrant);
            }
            list.push_back(std::move(json));
        }
        return list;
    }

    Json chosen(const Entrant& entrant) const {
        Json list = Json::array();
        for (const std::size_t point : selection_.points) {
            Json who;
            for (std::size_t i = 0; i < selection_.entrants.size(); ++i) {
                const auto other = plain(selection_.entrants[i]);
                if (other && entrant.competitors[point] == other) who = i;
            }
            list.push_back(std::move(who));
        }
        return list;
    }

    void add_cells(Json& json) {
        std::map<std::vector<std::uint64_t>, std::size_t> lists;
        json["seeds"] = Json::array();
        json["cells"] = Json::array();
        for (const std::size_t point : selection_.points) {
            for (const Entrant& entrant : selection_.entrants) {
                const auto competitor = plain(entrant);
                const auto seeds = competitor ? table().seeds(point, *competitor) : std::span<const std::uint64_t>{};
                most_seeds_ = std::max(most_seeds_, seeds.size());
                if (seeds.empty()) {
                    json["cells"].push_back(-1);
                    continue;
                }
                const auto [list, is_new] = lists.try_emplace({seeds.begin(), seeds.end()}, lists.size());
                if (is_new) {
                    Json numbers = Json::array();
                    for (const std::uint64_t seed : seeds) numbers.push_back(json_of(seed));
                    json["seeds"].push_back(std::move(numbers));
                }
                json["cells"].push_back(list->second);
            }
        }
    }

    // One measure of every run, in the order of cells and seeds.
    std::vector<float> values(const std::string& name) const {
        std::vector<float> all;
        for (const std::size_t point : selection_.points) {
            for (const Entrant& entrant : selection_.entrants) {
                const auto competitor = plain(entrant);
                if (!competitor) continue;
                const Series series = table().values(point, *competitor, name);
                auto value = series.begin();
                for (const std::uint64_t seed : table().seeds(point, *competitor)) {
                    const bool there = value != series.end() && value->seed == seed;
                    all.push_back(there ? static_cast<float>((value++)->value)
                                        : std::numeric_limits<float>::quiet_NaN());
                }
            }
        }
        return all;
    }

    Json measure(const std::string& name) const {
        const Measure* known = measure_of(name);
        Json json = {{"name", name},
                     {"unit", known ? known->unit : std::string_view(is_acceptance(name) ? "1" : "")},
                     {"share", is_share(name)},
                     {"better", better_name(name)},
                     {"help", known ? known->help : ""}};
        const std::vector<float> all = values(name);
        const auto same = [&](float value) { return value == all.front() && std::isfinite(value); };  // as JSON has it
        if (!all.empty() && std::all_of(all.begin(), all.end(), same))
            json["values"] = all.front();
        else
            json["values"] = packed(std::span(all));
        json["best"] = best(name);
        return json;
    }

    Json best(const std::string& name) const {
        Json list = Json::array();
        if (better_way(name) == Better::kNeither) return list;
        for (const std::size_t point : selection_.points) {
            const Ranking ranking =
                judge(table(), selection_.entrants, std::span(&point, 1), name, settings_of(selection_, options_));
            Json among;
            for (std::size_t i = 0; ranking.marks() && i < ranking.judgements.size(); ++i) {
                if (ranking.judgements[i].among_best) among.push_back(i);
            }
            list.push_back(std::move(among));
        }
        return list;
    }

    Json bounds() const {
        if (!table().has_bounds()) return nullptr;
        Json json = Json::object();
        for (const auto& [name, bound] : {std::pair("least", Bound::kLeast), {"clairvoyant", Bound::kClairvoyant}}) {
            json[name] = Json::array();
            for (const std::size_t point : selection_.points) {
                const Estimate mean = bound_mean(table(), std::span(&point, 1), bound, options_.level);
                Json pair;
                if (mean.mean) pair = {*mean.mean, mean.half_width ? Json(*mean.half_width) : Json(nullptr)};
                json[name].push_back(std::move(pair));
            }
        }
        return json;
    }

    Json depths() const {
        Json json = Json::object();
        if (table().runs() == 0) return json;
        for (const DepthCounts& counts : read_depth_counts(table())) {
            Json& cells = json[counts.task] = Json::array();
            for (const std::size_t point : selection_.points) {
                for (const Entrant& entrant : selection_.entrants) {
                    const auto competitor = plain(entrant);
                    const std::size_t row = point * table().competitors().size();
                    const bool there = competitor && !counts.cells[row + *competitor].empty();
                    cells.push_back(there ? Json(counts.cells[row + *competitor]) : Json(nullptr));
                }
            }
        }
        return json;
    }

    std::string quantiles() const {
        std::vector<double> all;
        for (std::size_t degrees = 1; degrees < most_seeds_; ++degrees)
            all.push_back(student_t(degrees, options_.level));
        return packed(std::span<const double>(all));
    }

    Json initial() const {
        Json metrics = Json::array();
        for (const auto& group : selection_.metrics) {
            for (const std::string& name : group) metrics.push_back(name);
        }
        Json shown;
        for (const Entrant& entrant : shown_) shown.push_back(entrant.name);
        return {{"metrics", metrics},
                {"axis", options_.selection.axis},
                {"baseline", options_.selection.baseline},
                {"shown", shown}};
    }

    const ReportOptions& options_;
    const StudyFolder& folder_;
    ReportSelection selection_;
    std::vector<Entrant> shown_;
    std::size_t most_seeds_ = 0;
};

}  // namespace

std::string study_section(const StudyFolder& folder, const ReportOptions& options) {
    return StudySection(folder, options).json();
}

}  // namespace laxity
