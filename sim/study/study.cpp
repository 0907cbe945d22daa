#include "sim/study/study.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/core/decision_times.hpp"
#include "sim/results/inputs.hpp"
#include "sim/results/measures.hpp"
#include "sim/study/axis_values.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// The value of an axis in a condition.
ConditionValue condition_value(const std::string& json) {
    const Json value = Json::parse(json);
    if (value.is_number()) return value.get<double>();
    return value.is_string() ? value.get<std::string>() : json;
}

std::vector<std::string> reserved_columns() {
    std::vector<std::string> names = {"policy", "seed", "accepted", "schedulable"};
    for (const Measure& measure : measures()) names.emplace_back(measure.name);
    return names;
}

// The files of decisions that workloads name, each read once. Every policy needs rows of its own there, which else its
// first run would miss.
class DecisionFiles {
public:
    // Throws InputError if it has none.
    void check(const std::string& path, const PolicySpec& policy) {
        files_.try_emplace(path, path).first->second.of(policy);
    }

private:
    std::map<std::string, DecisionFile> files_;
};

}  // namespace

Study::Study(StudySpec spec) : spec_(std::move(spec)), file_(WorkloadFile(spec_.workload).with(spec_.overrides)) {
    read_policies();
    resolve_axes_and_groups();
    read_conditions();
    make_contenders();
    make_points();
    load_points();
    check_seeds();
}

void Study::check_seeds() const {
    std::set<std::uint64_t> seen;
    for (const std::uint64_t seed : spec_.seeds) {
        if (!seen.insert(seed).second) throw input_error("seeds", "each seed once", std::to_string(seed) + " twice");
    }
    for (const Precision& precision : spec_.until)
        check_measure(precision.measure, tasks_, "until " + precision.measure);
    if (spec_.until.empty()) return;
    const std::uint64_t seeds = spec_.seeds.size();
    if (spec_.seeds != count_of_seeds(seeds)) {
        throw input_error("until", "a number of seeds to begin with", "a list of seeds", "give --seeds N");
    }
    if (seeds > spec_.max_seeds) {
        throw input_error("max_seeds", "at least the " + std::to_string(seeds) + " seeds to begin with",
                          std::to_string(spec_.max_seeds));
    }
}

void Study::read_policies() {
    if (spec_.policies.empty()) {
        throw input_error(spec_.path.empty() ? "--policy" : spec_.path + ": /policies", "at least one policy", "none",
                          "name one with --policy; `laxity policies` lists them");
    }
    for (std::size_t i = 0; i < spec_.policies.size(); ++i) {
        const std::string& text = spec_.policies[i];
        const PolicySpec policy = parse_policy(normalised(parse_policy(text)));
        const auto twin = std::find_if(policies_.begin(), policies_.end(),
                                       [&](const PolicySpec& p) { return p.text == policy.text; });
        if (twin == policies_.end()) {
            policies_.push_back(policy);
        } else {
            notes_.push_back("policy \"" + text + "\" is " + twin->text + ", which is named already: it runs once");
        }
    }
}

void Study::resolve_axes_and_groups() {
    std::vector<std::string> zipped;
    for (const auto& names : spec_.zip) zipped.insert(zipped.end(), names.begin(), names.end());
    axes_ = resolve_axes(spec_.axes, file_.json(), policies_, zipped, reserved_columns());
    for (const Axis& axis : axes_) {
        for (const Override& change : spec_.overrides) {
            if (std::find(axis.pointers.begin(), axis.pointers.end(), change.pointer) != axis.pointers.end()) {
                throw input_error("--set " + change.pointer, "a value that no axis varies", "axis " + axis.name);
            }
        }
    }
    make_groups();
}

void Study::make_groups() {
    std::vector<bool> placed(axes_.size());
    const auto index_of = [&](const std::string& name) {
        const auto axis = std::find_if(axes_.begin(), axes_.end(), [&](const Axis& a) { return a.name == name; });
        if (axis == axes_.end()) {
            throw input_error("zip", "the name of an axis", "\"" + shortened(name) + "\"",
                              "there is " + joined(axis_names(), ", "));
        }
        const auto index = static_cast<std::size_t>(axis - axes_.begin());
        if (placed[index]) throw input_error("zip", "each axis once", "\"" + name + "\" twice");
        placed[index] = true;
        return index;
    };
    std::vector<Group> zips;
    for (const auto& names : spec_.zip) {
        Group group;
        for (const std::string& name : names) group.axes.push_back(index_of(name));
        zips.push_back(group);
    }
    // A group stands where its first axis does.
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        const auto zip = std::find_if(zips.begin(), zips.end(), [&](const Group& g) {
            return *std::min_element(g.axes.begin(), g.axes.end()) == axis;
        });
        if (zip != zips.end()) {
            add_group(*zip);
        } else if (!placed[axis]) {
            add_group({{axis}, 1, false});
        }
    }
}

void Study::add_group(Group group) {
    group.size = axes_[group.axes[0]].values.size();
    for (const std::size_t axis : group.axes) {
        group.of_workload = group.of_workload || !axes_[axis].of_policy();
        if (axes_[axis].values.size() == group.size) continue;
        throw input_error("zip", "axes of one length",
                          axes_[group.axes[0]].name + " with " + std::to_string(group.size) + " values, " +
                              axes_[axis].name + " with " + std::to_string(axes_[axis].values.size()));
    }
    // What repeats a combination (of the workload's axes, if it has some) would run the same twice.
    std::set<std::vector<std::string>> seen;
    for (std::size_t i = 0; i < group.size; ++i) {
        std::vector<std::string> combination;
        for (const std::size_t axis : group.axes) {
            if (!group.of_workload || !axes_[axis].of_policy()) combination.push_back(axes_[axis].values[i]);
        }
        if (!seen.insert(combination).second) {
            throw input_error("zip " + axes_[group.axes[0]].name, "each combination once",
                              joined(combination, ", ") + " twice");
        }
    }
    groups_.push_back(std::move(group));
}

void Study::read_conditions() {
    std::vector<std::string> names = axis_names();
    names.emplace_back("policy");
    for (const std::string& text : spec_.where) check_texts(conditions_.emplace_back(text, names));
}

// A string that no value is equal to leaves all out, or nothing.
void Study::check_texts(const Condition& condition) const {
    for (const auto& [name, text] : condition.compared_texts()) {
        const std::vector<ConditionValue> values = condition_values(name);
        if (std::find(values.begin(), values.end(), ConditionValue(text)) != values.end()) continue;
        std::vector<std::string> known;
        for (const ConditionValue& value : values) {
            const auto* string = std::get_if<std::string>(&value);
            known.push_back(string != nullptr ? "\"" + *string + "\"" : number_text(std::get<double>(value)));
        }
        throw input_error("where \"" + shortened(condition.text(), 100) + "\"", "a value that " + name + " has",
                          "\"" + shortened(text) + "\"", "there are " + shortened(joined(known, ", "), 300));
    }
}

// What a name in a condition may stand for, each once: the values of an axis, or the names of the policies.
std::vector<ConditionValue> Study::condition_values(const std::string& name) const {
    std::vector<ConditionValue> values;
    const auto add = [&](ConditionValue value) {
        if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    };
    for (const PolicySpec& policy : policies_) {
        if (name == "policy") add(policy.info->name);
    }
    for (const Axis& axis : axes_) {
        for (std::size_t i = 0; axis.name == name && i < axis.values.size(); ++i) add(condition_value(axis.values[i]));
    }
    return values;
}

// Policies in their order, each with every combination of its own axes, the last varying fastest.
void Study::make_contenders() {
    std::map<std::string, std::string> seen;  // normalised policy, with its axes' values -> how it came about
    for (std::size_t policy = 0; policy < policies_.size(); ++policy) {
        std::vector<Contender> some = {{policy, std::vector<std::size_t>(axes_.size(), Contender::kNone)}};
        for (const Group& group : groups_) {
            if (!group.of_workload) some = crossed(some, group);
        }
        for (Contender& contender : some) {
            const PolicySpec spec = spec_of(contender, contender.value);
            // What a group of the workload sets as well is told apart by the point.
            const auto [twin, is_new] = seen.emplace(spec.text + own_of_points(policy), policies_[policy].text);
            if (is_new) {
                contenders_.push_back(std::move(contender));
            } else {
                notes_.push_back("an axis makes " + policies_[policy].text + " the policy " + spec.text +
                                 ", which runs already: it runs once");
            }
        }
        note_fixed_parameters(policies_[policy]);
    }
    if (contenders_.size() > kMostValues) {
        throw input_error("policies", "at most " + std::to_string(kMostValues) + " of them, with their axes' values",
                          std::to_string(contenders_.size()));
    }
}

std::vector<Contender> Study::crossed(const std::vector<Contender>& some, const Group& group) const {
    const auto varied = [&](std::size_t axis) { return axes_[axis].varies(policies_[some[0].policy]); };
    if (std::none_of(group.axes.begin(), group.axes.end(), varied)) return some;
    std::vector<Contender> all;
    std::set<std::vector<std::string>> seen;
    for (const Contender& base : some) {
        seen.clear();
        for (std::size_t i = 0; i < group.size; ++i) {
            std::vector<std::string> combination;
            Contender contender = base;
            for (const std::size_t axis : group.axes) {
                if (!varied(axis)) continue;
                contender.value[axis] = i;
                combination.push_back(axes_[axis].values[i]);
            }
            if (seen.insert(combination).second) all.push_back(std::move(contender));
        }
        if (all.size() > kMostValues) break;
    }
    return all;
}

// An axis leaves a policy alone that was given its parameter: said, since somebody might expect otherwise.
void Study::note_fixed_parameters(const PolicySpec& policy) {
    for (const Axis& axis : axes_) {
        if (!axis.of_policy() || axis.varies(policy) || !policy.arguments.has(axis.parameter)) continue;
        if (axis.policy != "*" && axis.policy != policy.info->name) continue;
        notes_.push_back("policy \"" + policy.text + "\" keeps its " + axis.parameter + ": axis " + axis.name +
                         " varies it where it is not given");
    }
}

std::string Study::own_of_points(std::size_t policy) const {
    std::string text;
    for (const Group& group : groups_) {
        for (const std::size_t axis : group.axes) {
            if (group.of_workload && axes_[axis].varies(policies_[policy])) text += " " + axes_[axis].name;
        }
    }
    return text;
}

void Study::make_points() {
    double combinations = 1;
    for (const Group& group : groups_) combinations *= group.of_workload ? static_cast<double>(group.size) : 1;
    if (combinations > static_cast<double>(kMostValues)) {
        throw input_error("axes", "at most " + std::to_string(kMostValues) + " points",
                          std::to_string(static_cast<std::uint64_t>(combinations)));
    }
    for (std::uint64_t combination = 0; combination < static_cast<std::uint64_t>(combinations); ++combination) {
        std::uint64_t kept = 0;
        for (std::size_t contender = 0; contender < contenders_.size(); ++contender)
            kept += keeps(combination, contender);
        if (kept == 0) continue;
        points_.push_back(combination);
        cells_ += kept;
    }
    if (points_.empty()) throw input_error("where", "conditions that keep a point", "none that does");
}

bool Study::keeps(std::uint64_t combination, std::size_t contender) const {
    if (conditions_.empty()) return true;
    const std::vector<std::size_t> values = values_at(combination, contender);
    const auto value_of = [&](const std::string& name) -> ConditionValue {
        if (name == "policy") return policies_[contenders_[contender].policy].info->name;
        for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
            if (axes_[axis].name != name) continue;
            return values[axis] == Contender::kNone ? ConditionValue()
                                                    : condition_value(axes_[axis].values[values[axis]]);
        }
        return {};
    };
    return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& c) { return c.keeps(value_of); });
}

std::vector<std::size_t> Study::values_at(std::uint64_t combination) const {
    std::vector<std::size_t> values(axes_.size(), Contender::kNone);
    for (std::size_t g = groups_.size(); g-- > 0;) {
        if (!groups_[g].of_workload) continue;
        for (const std::size_t axis : groups_[g].axes) values[axis] = combination % groups_[g].size;
        combination /= groups_[g].size;
    }
    return values;
}

std::vector<std::size_t> Study::values_at(std::uint64_t combination, std::size_t contender) const {
    const Contender& one = contenders_[contender];
    std::vector<std::size_t> values = values_at(combination);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        if (!axes_[axis].of_policy()) continue;
        if (one.value[axis] != Contender::kNone) values[axis] = one.value[axis];
        if (!axes_[axis].varies(policies_[one.policy])) values[axis] = Contender::kNone;
    }
    return values;
}

std::vector<std::size_t> Study::contenders_at(std::size_t point) const {
    std::vector<std::size_t> kept;
    for (std::size_t contender = 0; contender < contenders_.size(); ++contender) {
        if (keeps(points_[point], contender)) kept.push_back(contender);
    }
    return kept;
}

PolicySpec Study::spec_of(const Contender& contender, const std::vector<std::size_t>& values) const {
    PolicySpec spec = policies_[contender.policy];
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        if (axes_[axis].of_policy() && values[axis] != Contender::kNone) {
            spec = with_parameter(spec, axes_[axis].parameter, column_text(axes_[axis].values[values[axis]]));
        }
    }
    return spec;
}

PolicySpec Study::policy_at(std::size_t point, std::size_t contender) const {
    return spec_of(contenders_[contender], values_at(points_[point], contender));
}

PolicySpec Study::contender_policy(std::size_t contender) const {
    return spec_of(contenders_[contender], contenders_[contender].value);
}

// --- Workloads ---

Workload Study::load(std::uint64_t combination, std::uint64_t seed, const std::vector<Override>& more) const {
    std::vector<Override> all;
    const std::vector<std::size_t> values = values_at(combination);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        for (const std::string& pointer : axes_[axis].pointers)
            all.push_back({pointer, axes_[axis].values[values[axis]]});
    }
    all.insert(all.end(), more.begin(), more.end());
    return file_.with(all).load(seed, &cache_);
}

Workload Study::workload_at(std::size_t point, std::uint64_t seed, const std::vector<Override>& more) const {
    return load(points_[point], seed, more);
}

Axis Study::axis_of(const AxisSpec& spec) const { return resolve_axes({spec}, file_.json(), {}, {}, {}).front(); }

void Study::load_points() {
    DecisionFiles decisions;
    const auto look_at = [&](std::uint64_t combination) {
        const Workload workload = load(combination);
        const std::string& file = workload.replay.decisions;
        for (std::size_t contender = 0; contender < contenders_.size() && !file.empty(); ++contender) {
            if (keeps(combination, contender))
                decisions.check(file, spec_of(contenders_[contender], values_at(combination, contender)));
        }
        note_tasks(workload);
        note_inputs(workload);
    };
    if (points_.size() <= kLoadedPoints) {
        for (const std::uint64_t combination : points_) look_at(combination);
    } else {
        std::uint64_t stride = 1;  // of the group's index in a combination
        for (std::size_t g = groups_.size(); g-- > 0;) {
            if (!groups_[g].of_workload) continue;
            for (std::size_t i = 0; i < groups_[g].size; ++i) look_at(i * stride);
            stride *= groups_[g].size;
        }
    }
    choose_tasks();
}

// The union over the points: their number may be an axis.
void Study::note_tasks(const Workload& workload) {
    for (const Task& task : workload.tasks) {
        if (std::find(task_names_.begin(), task_names_.end(), task.name) == task_names_.end())
            task_names_.push_back(task.name);
    }
}

void Study::choose_tasks() {
    if (!spec_.per_task) return;
    for (const std::string& name : spec_.tasks) {
        if (std::find(task_names_.begin(), task_names_.end(), name) == task_names_.end()) {
            throw input_error("per_task", "the name of a task", "\"" + shortened(name) + "\"",
                              "there is " + joined(task_names_, ", "));
        }
    }
    tasks_ = spec_.tasks.empty() ? task_names_ : spec_.tasks;
}

void Study::note_inputs(const Workload& workload) {
    for (const std::string& path : input_files(workload)) {
        if (inputs_.count(path) == 0) inputs_.merge(hashes_of({path}));
    }
}

// --- Names ---

std::vector<std::string> Study::columns(std::size_t point, std::size_t contender) const {
    std::vector<std::string> texts;
    const std::vector<std::size_t> values = values_at(points_[point], contender);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        texts.push_back(values[axis] == Contender::kNone ? "" : column_text(axes_[axis].values[values[axis]]));
    }
    return texts;
}

std::vector<std::string> Study::point_columns(std::size_t point) const {
    std::vector<std::string> texts;
    const std::vector<std::size_t> values = values_at(points_[point]);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        if (!axes_[axis].of_policy()) texts.push_back(column_text(axes_[axis].values[values[axis]]));
    }
    return texts;
}

std::string Study::place(std::size_t point) const {
    const std::vector<std::string> names = point_axis_names(), values = point_columns(point);
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < names.size(); ++i) parts.push_back(names[i] + "=" + shortened(values[i]));
    return parts.empty() ? spec_.workload : joined(parts, ", ");
}

std::string Study::label(std::size_t point, std::size_t contender) const {
    const std::string where = point_axis_names().empty() ? "" : place(point) + " ";
    return where + policy_at(point, contender).text;
}

bool Study::is_whole(const Axis& axis) const {
    const Json document = Json::parse(file_.json());
    return std::all_of(axis.pointers.begin(), axis.pointers.end(), [&](const std::string& pointer) {
        const Json::json_pointer place(pointer);
        return document.contains(place) && document.at(place).is_number_integer();
    });
}

std::vector<std::string> Study::axis_names() const {
    std::vector<std::string> names;
    for (const Axis& axis : axes_) names.push_back(axis.name);
    return names;
}

std::vector<std::string> Study::point_axis_names() const {
    std::vector<std::string> names;
    for (const Axis& axis : axes_) {
        if (!axis.of_policy()) names.push_back(axis.name);
    }
    return names;
}

namespace {

Json json_of(const Axis& axis) {
    Json json = {{"name", axis.name}};
    if (axis.of_policy()) {
        json["policy"] = axis.policy;
        json["parameter"] = axis.parameter;
    } else {
        json["set"] = axis.pointers;
    }
    for (const std::string& value : axis.values) json["values"].push_back(Json::parse(value));
    return json;
}

}  // namespace

std::string Study::configuration() const {
    Json json = {{"kind", "sweep"}, {"workload_path", spec_.workload}, {"workload", Json::parse(file_.json())}};
    json["axes"] = Json::array();
    for (const Axis& axis : axes_) json["axes"].push_back(json_of(axis));
    if (!spec_.zip.empty()) json["zip"] = spec_.zip;
    if (!spec_.where.empty()) json["where"] = spec_.where;
    for (const PolicySpec& policy : policies_) json["policies"].push_back(policy.text);
    json["seeds"] = spec_.seeds;
    for (const Precision& precision : spec_.until) json["until"][precision.measure] = precision.text;
    if (!spec_.until.empty()) json["max_seeds"] = spec_.max_seeds;
    if (!tasks_.empty()) json["per_task"] = tasks_;
    return json.dump();
}

}  // namespace laxity
