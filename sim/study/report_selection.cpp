#include "sim/study/report_selection.hpp"

#include <algorithm>

#include "sim/study/report_entrants.hpp"
#include "sim/study/short_names.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) c == separator ? parts.emplace_back() : parts.back() += c;
    return parts;
}

[[noreturn]] void fail_metric(const RunTable& table, const std::string& name) {
    const std::size_t dot = name.rfind('.');
    if (dot != std::string::npos && table.has_measure(name.substr(dot + 1)))
        throw input_error("--metric", "a measure of " + table.file(), "\"" + shortened(name) + "\", of one task",
                          "measures of each task are there if the sweep was made with --per-task");
    fail_unknown("--metric", "a measure of " + table.file(), name, table.measures());
}

// "accuracy/miss_ratio" is two measures in one cell, unless there is one of that name.
std::vector<std::vector<std::string>> metric_groups(const RunTable& table, const std::vector<std::string>& metrics) {
    std::vector<std::vector<std::string>> groups;
    for (const std::string& metric : metrics) {
        groups.push_back(table.has_measure(metric) ? std::vector{metric} : split(metric, '/'));
        for (const std::string& name : groups.back()) {
            if (!table.has_measure(name)) fail_metric(table, name);
        }
    }
    return groups;
}

std::optional<std::size_t> find_axis(const std::vector<RunAxis>& axes, const std::string& name) {
    const auto same = [&](const RunAxis& axis) { return axis.name == name || axis.column == name; };
    const auto axis = std::find_if(axes.begin(), axes.end(), same);
    if (axis == axes.end()) return std::nullopt;
    return static_cast<std::size_t>(axis - axes.begin());
}

std::vector<std::string> axis_names(const RunTable& table) {
    std::vector<std::string> names;
    for (const RunAxis& axis : table.workload_axes()) names.push_back(axis.name);
    for (const RunAxis& axis : table.policy_axes()) names.push_back(axis.name);
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
        fail_unknown("--where", "an axis of " + table.directory(), filter.axis, axis_names(table));
    }
}

// The axis of the columns: one of the workload and those that are zipped with it, or one of policies.
struct ColumnAxes {
    Indices workload;
    std::optional<std::size_t> policy;
};

ColumnAxes column_axes(const RunTable& table, const std::string& name) {
    const std::vector<RunAxis>& axes = table.workload_axes();
    if (axes.empty() && name.empty()) return {};
    const auto chosen = name.empty() ? 0 : find_axis(axes, name);
    if (!chosen) {
        if (const auto of_policy = find_axis(table.policy_axes(), name)) return {{}, of_policy};
        fail_unknown("--axis", "an axis of " + table.directory(), name, axis_names(table));
    }
    ColumnAxes columns = {{*chosen}, {}};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (i != *chosen && axes[i].zip > 0 && axes[i].zip == axes[*chosen].zip) columns.workload.push_back(i);
    }
    return columns;
}

// What the values of an axis of the workload are called in tables. Notes those that were shortened.
class ValueNames {
public:
    ValueNames(const RunAxis& axis, const std::vector<std::string>& values, std::vector<std::string>& notes)
        : values_(values), names_(short_names(values)) {
        if (names_ == values_) return;
        std::string note = axis.name;
        for (std::size_t i = 0; i < values_.size(); ++i)
            note += (i == 0 ? ": " : ", ") + names_[i] + " is " + values_[i];
        notes.push_back(note);
    }
    const std::string& of(const std::string& value) const {
        const auto place = std::ranges::find(values_, value);
        return place == values_.end() ? value : names_[static_cast<std::size_t>(place - values_.begin())];
    }

private:
    std::vector<std::string> values_, names_;
};

std::vector<ValueNames> value_names(ReportSelection& selection) {
    const RunTable& table = selection.table;
    std::vector<ValueNames> names;
    for (std::size_t axis = 0; axis < table.workload_axes().size(); ++axis) {
        const auto value_of = [&](std::size_t i) { return table.points()[selection.points[i]][axis]; };
        const auto values = distinct(value_of, selection.points.size());
        names.emplace_back(table.workload_axes()[axis], values, selection.notes);
    }
    return names;
}

void group_points(ReportSelection& selection, const Indices& columns) {
    const RunTable& table = selection.table;
    const std::vector<RunAxis>& axes = table.workload_axes();
    const std::vector<ValueNames> names = value_names(selection);
    for (const std::size_t axis : columns) selection.corner += (selection.corner.empty() ? "" : ", ") + axes[axis].name;
    for (const std::size_t point : selection.points) {
        const auto value = [&](std::size_t axis) { return names[axis].of(axis_value(table.points()[point][axis])); };
        std::string title, column;
        for (const std::size_t axis : columns) column += (column.empty() ? "" : ", ") + value(axis);
        for (std::size_t axis = 0; axis < axes.size(); ++axis) {
            if (std::find(columns.begin(), columns.end(), axis) == columns.end())
                title += ", " + axes[axis].name + " " + value(axis);
        }
        auto group = std::ranges::find(selection.groups, title, &PointGroup::title);
        if (group == selection.groups.end()) group = selection.groups.insert(selection.groups.end(), {title, {}, {}});
        group->columns.push_back(column.empty() ? "all" : column);
        group->points.push_back(point);
    }
}

std::vector<std::string> wanted_measures(const std::vector<std::string>& metrics) {
    std::vector<std::string> wanted = {"accuracy"};  // also what a best row is chosen by
    if (metrics.empty()) wanted = {"accuracy", "miss_ratio", "capacity"};
    for (const std::string& metric : metrics) {
        wanted.push_back(metric);
        for (const std::string& part : split(metric, '/')) wanted.push_back(part);
    }
    return wanted;
}

}  // namespace

ReportSelection select_for_report(const StudyFolder& folder, const SelectionRequest& request, bool with_lineups) {
    ReportSelection selection;
    selection.label = folder.label;
    selection.table = load_run_table(
        folder.directory, request.everything ? std::vector<std::string>{} : wanted_measures(request.metrics));
    const RunTable& table = selection.table;
    if (table.runs() == 0 && request.everything) {
        selection.metrics = metric_groups(table, request.metrics);
        selection.notes = table.notes();
        return selection;
    }
    if (table.runs() == 0)
        throw input_error(table.file(), "runs", "only the header", "start the sweep again: it goes on");
    const std::string usual = table.holds_capacities() ? "capacity" : "accuracy/miss_ratio";
    selection.metrics = metric_groups(table, request.metrics.empty() ? std::vector{usual} : request.metrics);
    Indices competitors;
    for (std::size_t i = 0; i < table.points().size(); ++i) selection.points.push_back(i);
    for (std::size_t i = 0; i < table.competitors().size(); ++i) competitors.push_back(i);
    for (const AxisFilter& one : request.where) filter(table, one, selection.points, competitors);
    if (selection.points.empty()) throw input_error("--where", "points that meet every condition", "none");
    selection.notes = table.notes();
    const ColumnAxes columns = column_axes(table, request.axis);
    add_entrants(selection, request, competitors, with_lineups ? columns.policy : std::nullopt);
    group_points(selection, columns.workload);
    if (columns.policy) selection.corner = table.policy_axes()[*columns.policy].name;
    return selection;
}

}  // namespace laxity
