#include "sim/study/report_selection.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Indices = std::vector<std::size_t>;

std::string listed(const std::vector<std::string>& names, const std::string& between = ", ") {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
    return text;
}

[[noreturn]] void fail_unknown(const std::string& option, const std::string& expected, const std::string& name,
                               const std::vector<std::string>& known) {
    const std::string near = closest(name, known);
    throw input_error(
        option, expected, "\"" + shortened(name) + "\"",
        (near.empty() ? "" : "did you mean " + near + "? ") + "There are " + shortened(listed(known), 600));
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) c == separator ? parts.emplace_back() : parts.back() += c;
    return parts;
}

// "accuracy/miss_ratio" is two measures in one cell, unless there is one of that name.
std::vector<std::vector<std::string>> metric_groups(const RunTable& table, const std::vector<std::string>& metrics) {
    std::vector<std::vector<std::string>> groups;
    for (const std::string& metric : metrics) {
        groups.push_back(table.has_measure(metric) ? std::vector{metric} : split(metric, '/'));
        for (const std::string& name : groups.back()) {
            if (!table.has_measure(name)) {
                fail_unknown("--metric", "a measure of " + table.directory() + "/runs.csv", name, table.measures());
            }
        }
    }
    return groups;
}

std::vector<std::string> labels_of(const RunTable& table) {
    std::vector<std::string> labels;
    for (const Competitor& competitor : table.competitors()) labels.push_back(competitor.label);
    return labels;
}

// A name as it is, or a shell's pattern.
bool like(const std::string& name, const std::string& pattern) {
    return name == pattern || ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

Indices competitors_like(const RunTable& table, const std::string& option, const std::string& pattern) {
    Indices found;
    const std::vector<std::string> labels = labels_of(table);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (like(labels[i], pattern)) found.push_back(i);
    }
    if (found.empty())
        fail_unknown(option, "a policy of " + table.directory() + ", or a pattern like one", pattern, labels);
    return found;
}

std::optional<std::size_t> find_axis(const std::vector<RunAxis>& axes, const std::string& name) {
    const auto same = [&](const RunAxis& axis) { return axis.name == name || axis.column == name; };
    const auto axis = std::find_if(axes.begin(), axes.end(), same);
    if (axis == axes.end()) return std::nullopt;
    return static_cast<std::size_t>(axis - axes.begin());
}

std::vector<std::string> axis_names(const RunTable& table, bool of_policies) {
    std::vector<std::string> names;
    for (const RunAxis& axis : table.workload_axes()) names.push_back(axis.name);
    for (const RunAxis& axis : table.policy_axes()) {
        if (of_policies) names.push_back(axis.name);
    }
    return names;
}

bool passes(const AxisFilter& filter, const std::string& value) {
    const auto same = [&](const std::string& wanted) { return same_axis_value(wanted, value); };
    return std::any_of(filter.values.begin(), filter.values.end(), same);
}

void require_values(const AxisFilter& filter, const std::vector<std::string>& there) {
    for (const std::string& value : filter.values) {
        const auto same = [&](const std::string& other) { return same_axis_value(value, other); };
        if (std::none_of(there.begin(), there.end(), same))
            fail_unknown("--where " + filter.axis, "one of the values that it was swept over", value, there);
    }
}

// Of the points, or the competitors: the distinct values of one axis.
template <class Values>
std::vector<std::string> distinct(const Values& value_of, std::size_t count) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string value = axis_value(value_of(i));
        if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
    return values;
}

// Applies --where: to the points, or to the competitors that have the axis (the others stay, to compare with).
void filter(const RunTable& table, const AxisFilter& filter, Indices& points, Indices& competitors) {
    if (const auto axis = find_axis(table.workload_axes(), filter.axis)) {
        const auto value_of = [&](std::size_t point) { return table.points()[point][*axis]; };
        require_values(filter, distinct(value_of, table.points().size()));
        std::erase_if(points, [&](std::size_t point) { return !passes(filter, value_of(point)); });
    } else if (const auto policy_axis = find_axis(table.policy_axes(), filter.axis)) {
        const auto value_of = [&](std::size_t i) { return table.competitors()[i].values[*policy_axis]; };
        require_values(filter, distinct(value_of, table.competitors().size()));
        std::erase_if(competitors, [&](std::size_t i) { return !value_of(i).empty() && !passes(filter, value_of(i)); });
    } else {
        fail_unknown("--where", "an axis of " + table.directory(), filter.axis, axis_names(table, true));
    }
}

// Which of the competitors have rows, in the order of the patterns.
Indices chosen_competitors(const RunTable& table, const std::vector<std::string>& patterns) {
    Indices chosen;
    for (const std::string& pattern : patterns.empty() ? std::vector<std::string>{"*"} : patterns) {
        for (const std::size_t i : competitors_like(table, "--policies", pattern)) {
            if (std::find(chosen.begin(), chosen.end(), i) == chosen.end()) chosen.push_back(i);
        }
    }
    return chosen;
}

void add_best_rows(ReportSelection& selection, const std::vector<BestRow>& rows) {
    const RunTable& table = selection.table;
    const std::string measure = table.has_measure("accuracy") ? "accuracy" : selection.metrics.front().front();
    for (const BestRow& row : rows) {
        const auto same = [&](const Entrant& entrant) { return entrant.name == row.name; };
        if (std::any_of(selection.entrants.begin(), selection.entrants.end(), same))
            throw input_error("--best", "a name of its own", "\"" + row.name + "\", which is a row already",
                              "choose another");
        const Indices among = competitors_like(table, "--best", row.pattern);
        selection.entrants.push_back(best_contender(table, row.name, among, measure));
        selection.notes.push_back(
            "chosen after the fact at each point, which flatters it, and not ranked: " + row.name + ", the best of " +
            std::to_string(among.size()) + " policies in " + measure);
    }
}

std::vector<std::string> contender_names(const std::vector<Entrant>& entrants) {
    std::vector<std::string> names;
    for (const Entrant& entrant : entrants) names.push_back(entrant.name);
    return names;
}

void add_contenders(ReportSelection& selection, const SelectionRequest& request, const Indices& kept) {
    std::string oracles;
    for (const std::size_t i : chosen_competitors(selection.table, request.policies)) {
        if (std::find(kept.begin(), kept.end(), i) == kept.end()) continue;
        selection.entrants.push_back(plain_contender(selection.table, i));
        if (!selection.entrants.back().ranked)
            oracles += (oracles.empty() ? "" : ", ") + selection.entrants.back().name;
    }
    if (!oracles.empty()) selection.notes.push_back("not ranked, since it knows what cannot be known: " + oracles);
    add_best_rows(selection, request.best);
    if (request.baseline.empty()) return;
    const std::vector<std::string> names = contender_names(selection.entrants);
    const auto baseline = std::find(names.begin(), names.end(), request.baseline);
    if (baseline == names.end()) fail_unknown("--baseline", "one of the rows", request.baseline, names);
    selection.baseline = static_cast<std::size_t>(baseline - names.begin());
}

// The axis of the columns and those that are zipped with it; none for an axis `of_policies`, if that may be asked for.
Indices column_axes(const RunTable& table, const std::string& name, bool of_policies) {
    const std::vector<RunAxis>& axes = table.workload_axes();
    if (axes.empty() && name.empty()) return {};
    const auto chosen = name.empty() ? 0 : find_axis(axes, name);
    if (!chosen) {
        if (find_axis(table.policy_axes(), name) && of_policies) return {};
        if (find_axis(table.policy_axes(), name))
            throw input_error("--axis " + name, "an axis of the workload", "one of a policy",
                              "its values have rows of their own");
        fail_unknown("--axis", "an axis of " + table.directory(), name, axis_names(table, of_policies));
    }
    Indices columns = {*chosen};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (i != *chosen && axes[i].zip > 0 && axes[i].zip == axes[*chosen].zip) columns.push_back(i);
    }
    return columns;
}

void group_points(ReportSelection& selection, const Indices& columns) {
    const RunTable& table = selection.table;
    const std::vector<RunAxis>& axes = table.workload_axes();
    for (const std::size_t axis : columns) selection.corner += (selection.corner.empty() ? "" : ", ") + axes[axis].name;
    for (const std::size_t point : selection.points) {
        std::string title, column;
        for (const std::size_t axis : columns) {
            column += (column.empty() ? "" : ", ") + axis_value(table.points()[point][axis]);
        }
        for (std::size_t axis = 0; axis < axes.size(); ++axis) {
            if (std::find(columns.begin(), columns.end(), axis) != columns.end()) continue;
            title += ", " + axes[axis].name + " " + axis_value(table.points()[point][axis]);
        }
        auto group = std::ranges::find(selection.groups, title, &PointGroup::title);
        if (group == selection.groups.end()) {
            selection.groups.push_back({title, {}, {}});
            group = selection.groups.end() - 1;
        }
        group->columns.push_back(column.empty() ? "all" : column);
        group->points.push_back(point);
    }
}

std::vector<std::string> wanted_measures(const std::vector<std::string>& metrics) {
    std::vector<std::string> wanted = {"accuracy"};  // also what a best row is chosen by
    for (const std::string& metric : metrics) {
        wanted.push_back(metric);
        for (const std::string& part : split(metric, '/')) wanted.push_back(part);
    }
    return wanted;
}

}  // namespace

ReportSelection select_for_report(const StudyFolder& folder, const SelectionRequest& request) {
    ReportSelection selection;
    selection.label = folder.label;
    selection.table = load_run_table(
        folder.directory, request.everything ? std::vector<std::string>{} : wanted_measures(request.metrics));
    const RunTable& table = selection.table;
    selection.metrics = metric_groups(table, request.metrics);
    selection.notes = table.notes();
    if (table.runs() == 0 && request.everything) return selection;
    if (table.runs() == 0)
        throw input_error(folder.directory + "/runs.csv", "runs", "only the header",
                          "start the sweep again: it goes on");
    Indices competitors;
    for (std::size_t i = 0; i < table.points().size(); ++i) selection.points.push_back(i);
    for (std::size_t i = 0; i < table.competitors().size(); ++i) competitors.push_back(i);
    for (const AxisFilter& one : request.where) filter(table, one, selection.points, competitors);
    if (selection.points.empty()) throw input_error("--where", "points that meet every condition", "none");
    add_contenders(selection, request, competitors);
    if (selection.entrants.empty()) throw input_error("--policies", "policies that --where leaves", "none");
    group_points(selection, column_axes(table, request.axis, request.everything));
    return selection;
}

}  // namespace laxity
