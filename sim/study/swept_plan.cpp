#include "sim/study/swept_plan.hpp"

#include <algorithm>

#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

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
    SweptPlan plan;
    plan.points = 1;
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

// "the highest load at which miss_ratio <= 0.01 and accuracy >= 0.9".
std::string capacity_asked(const JsonReader& configuration) {
    std::string text = "the highest " + configuration.at("along").at("target").string() + " at which";
    const char* between = " ";
    for (const JsonReader& requirement : configuration.at("requirements").items()) {
        const bool at_most = requirement.has("at_most");
        text += between + requirement.at("measure").string() + (at_most ? " <= " : " >= ") +
                requirement.at(at_most ? "at_most" : "at_least").json().dump();
        between = " and ";
    }
    return text;
}

// laxity.manifest/2: a list of axes with names.
SweptPlan plan_by_names(const JsonReader& configuration) {
    SweptPlan plan;
    if (configuration.at("kind").one_of({"sweep", "capacity"}) == "capacity")
        plan.capacity = capacity_asked(configuration);
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

}  // namespace

SweptPlan read_swept_plan(const std::string& directory) {
    const std::string path = directory + "/manifest.json";
    const Json document = read_json_file(path, "name the folder that `laxity sweep` wrote");
    const JsonReader root(document, path);
    const std::string schema = root.at("schema").one_of({"laxity.manifest/1", "laxity.manifest/2"});
    const JsonReader configuration = root.at("configuration");
    SweptPlan plan = schema == "laxity.manifest/1" ? plan_by_pointers(configuration) : plan_by_names(configuration);
    if (const auto shard = root.find("shard")) plan.shard = shard->string();
    if (const auto expected = root.find("expected")) {
        plan.runs = static_cast<std::uint64_t>(expected->at("runs").integer(0));
        plan.points = static_cast<std::size_t>(expected->at("points").integer(0));
    }
    plan.adds_seeds = configuration.has("until") && !configuration.at("until").json().empty();
    return plan;
}

}  // namespace laxity
