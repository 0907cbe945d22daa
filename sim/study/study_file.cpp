// Study files: laxity.sweep/2 and laxity.sweep/1.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/study/axis_values.hpp"
#include "sim/study/study.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostSeeds = 1'000'000;

std::vector<std::string> read_values(const JsonReader& reader) {
    if (reader.json().is_string()) return parse_axis_values(reader.string(), reader.file() + ": " + reader.pointer());
    if (!reader.json().is_array()) reader.fail("a list of values, or a text as \"0.5..2:0.25\"");
    std::vector<std::string> values;
    for (const JsonReader& value : reader.items(1)) values.push_back(canonical_value(value.json().dump()));
    return values;
}

std::vector<AxisSpec> read_axes(const JsonReader& reader) {
    std::vector<AxisSpec> axes;
    if (reader.json().is_object()) {
        for (const auto& [target, values] : reader.json().items())
            axes.push_back({"", target, read_values(reader.at(target))});
        return axes;
    }
    if (!reader.json().is_array())
        reader.fail("an object {\"TARGET\": [values], ...} or a list of {\"name\", \"target\", \"values\"}");
    for (const JsonReader& item : reader.items()) {
        item.only_keys({"name", "target", "values"});
        const auto name = item.find("name");
        axes.push_back({name ? name->string() : "", item.at("target").string(), read_values(item.at("values"))});
    }
    return axes;
}

std::vector<std::string> read_strings(const JsonReader& reader, std::size_t at_least) {
    std::vector<std::string> texts;
    for (const JsonReader& item : reader.items(at_least)) texts.push_back(item.string());
    return texts;
}

std::vector<std::uint64_t> read_seeds(const JsonReader& reader) {
    std::vector<std::uint64_t> seeds;
    if (reader.json().is_array()) {
        if (reader.size() > static_cast<std::size_t>(kMostSeeds))
            reader.fail("at most " + std::to_string(kMostSeeds) + " seeds");
        for (const JsonReader& seed : reader.items(1)) seeds.push_back(static_cast<std::uint64_t>(seed.integer(0)));
        return seeds;
    }
    return count_of_seeds(static_cast<std::uint64_t>(reader.integer(1, kMostSeeds)));
}

std::vector<Precision> read_until(const JsonReader& reader) {
    if (!reader.json().is_object()) reader.fail("an object {\"MEASURE\": \"HALF-WIDTH\", ...}");
    std::vector<Precision> until;
    for (const auto& [measure, value] : reader.json().items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        until.push_back(parse_precision(measure + "=" + text, reader.file() + ": " + reader.pointer()));
    }
    return until;
}

void read_per_task(const JsonReader& reader, StudySpec& spec) {
    if (reader.json().is_boolean()) {
        spec.per_task = reader.boolean();
        return;
    }
    spec.tasks = read_strings(reader, 1);
    spec.per_task = true;
}

std::vector<Override> read_set(const JsonReader& reader) {
    if (!reader.json().is_object()) reader.fail("an object {\"/json/pointer\": value, ...}");
    std::vector<Override> overrides;
    for (const auto& [pointer, value] : reader.json().items()) {
        if (!pointer.starts_with('/'))
            reader.at(pointer).problem("the key must be a JSON pointer into the workload, as /horizon/jobs");
        overrides.push_back({pointer, value.dump()});
    }
    return overrides;
}

std::string relative_to(const std::string& path, const std::string& folder) {
    const fs::path from = fs::absolute(folder.empty() ? "." : folder).lexically_normal();
    return fs::absolute(path).lexically_normal().lexically_relative(from).string();
}

// The override's value as load_workload() understands it.
Json json_of(const Override& change) {
    const Json value = Json::parse(change.value, nullptr, false);
    return value.is_discarded() ? Json(change.value) : value;
}

Json json_of(const AxisSpec& axis) {
    Json json = Json::object();
    if (!axis.name.empty()) json["name"] = axis.name;
    json["target"] = axis.target;
    json["values"] = Json::array();
    for (const std::string& value : axis.values) json["values"].push_back(Json::parse(value));
    return json;
}

bool is_count(const std::vector<std::uint64_t>& seeds) { return seeds == count_of_seeds(seeds.size()); }

}  // namespace

std::vector<std::uint64_t> count_of_seeds(std::uint64_t count) {
    std::vector<std::uint64_t> seeds;
    for (std::uint64_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
    return seeds;
}

StudySpec load_study(const std::string& path) {
    const Json document = read_json_file(path, "see `laxity sweep --help` for an example");
    const JsonReader root(document, path);
    if (!root.has("schema")) root.fail("a sweep, with \"schema\": \"laxity.sweep/2\"");
    if (document["schema"] == "laxity.workload/1") {
        throw input_error(path, "a study", "a workload", "name it with --workload");
    }
    root.at("schema").one_of({"laxity.sweep/1", "laxity.sweep/2"});
    root.only_keys({"schema", "workload", "set", "axes", "zip", "where", "policies", "seeds", "until", "max_seeds",
                    "bounds", "per_task"});
    StudySpec spec;
    spec.path = path;
    spec.workload = (fs::path(path).parent_path() / root.at("workload").string()).lexically_normal().string();
    if (const auto set = root.find("set")) spec.overrides = read_set(*set);
    if (const auto axes = root.find("axes")) spec.axes = read_axes(*axes);
    if (const auto zip = root.find("zip")) {
        for (const JsonReader& group : zip->items()) spec.zip.push_back(read_strings(group, 2));
    }
    if (const auto where = root.find("where")) spec.where = read_strings(*where, 0);
    if (const auto policies = root.find("policies")) spec.policies = read_strings(*policies, 1);
    if (const auto seeds = root.find("seeds")) spec.seeds = read_seeds(*seeds);
    if (const auto until = root.find("until")) spec.until = read_until(*until);
    if (const auto most = root.find("max_seeds"))
        spec.max_seeds = static_cast<std::uint64_t>(most->integer(2, kMostSeeds));
    if (const auto bounds = root.find("bounds")) spec.bounds = bounds->boolean();
    if (const auto per_task = root.find("per_task")) read_per_task(*per_task, spec);
    return spec;
}

std::string study_text(const StudySpec& spec, const std::string& folder) {
    Json json = {{"schema", "laxity.sweep/2"}, {"workload", relative_to(spec.workload, folder)}};
    for (const Override& change : spec.overrides) json["set"][change.pointer] = json_of(change);
    for (const AxisSpec& axis : spec.axes) json["axes"].push_back(json_of(axis));
    if (!spec.zip.empty()) json["zip"] = spec.zip;
    if (!spec.where.empty()) json["where"] = spec.where;
    json["policies"] = spec.policies;
    if (is_count(spec.seeds)) {
        json["seeds"] = spec.seeds.size();
    } else {
        json["seeds"] = spec.seeds;
    }
    for (const Precision& precision : spec.until) json["until"][precision.measure] = precision.text;
    if (!spec.until.empty()) json["max_seeds"] = spec.max_seeds;
    if (spec.bounds) json["bounds"] = true;
    if (spec.per_task) json["per_task"] = spec.tasks.empty() ? Json(true) : Json(spec.tasks);
    return json.dump(2) + "\n";
}

}  // namespace laxity
