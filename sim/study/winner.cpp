#include "sim/study/winner.hpp"

#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/bench/bench.hpp"
#include "sim/results/inputs.hpp"
#include "sim/results/results.hpp"
#include "sim/study/sweep_folder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// What a sweep and a live run of one workload may differ in.
Json without_what_may_differ(Json workload, const Json& axes) {
    workload.erase("horizon");
    workload.erase("decision_cost_ns");
    for (const Json& axis : axes) {
        if (!axis.contains("set")) continue;
        for (const Json& pointer : axis["set"]) {
            const Json::json_pointer place(pointer.get<std::string>());
            if (workload.contains(place)) workload[place] = nullptr;
        }
    }
    if (!workload.contains("tasks") || !workload["tasks"].is_array()) return workload;
    for (Json& task : workload["tasks"]) {
        if (!task.is_object() || !task.contains("variants") || !task["variants"].is_array()) continue;
        for (Json& variant : task["variants"]) {
            if (variant.is_object()) variant.erase("trace");
        }
    }
    return workload;
}

std::string other_trace(const SweepManifest& sweep, const Workload& workload) {
    std::set<std::string> known;
    for (const auto& [path, hash] : sweep.inputs) known.insert(hash);
    for (const auto& [path, hash] : hashes_of(measured_trace_paths(workload))) {
        if (known.count(hash) == 0) return "the trace " + path + ", which is none of the sweep's";
    }
    return {};
}

}  // namespace

std::string sweep_winner(const std::string& directory) {
    const std::string path = directory + "/summary.json";
    const Json document = read_json_file(path, "finish a sweep with `laxity sweep FILE --out " + directory + "` first");
    const JsonReader root(document, path);
    const std::string winner = root.at("winner").string();
    if (winner.empty())
        throw input_error(path, "a winner", "none: every policy of the sweep needs an oracle",
                          "name a policy with --policy");
    return winner;
}

std::string not_won_on(const std::string& directory, const PolicySpec& policy, const WorkloadFile& file,
                       const Workload& workload) {
    const Json manifest = read_json_file(directory + "/manifest.json");
    if (!manifest.contains("programs")) {
        std::cerr << "laxity: note: the sweep in " << directory
                  << " is too old to check that it is of this workload and trace\n";
        return {};
    }
    const SweepManifest sweep = read_sweep_manifest(directory);
    const auto signature = sweep.signatures.find(normalised(policy));
    if (signature != sweep.signatures.end() && signature->second != signature_text(behaviour_of(policy))) {
        return "a program in which " + signature->first + " behaves differently";
    }
    const std::string trace = other_trace(sweep, workload);
    if (!trace.empty()) return trace;
    const Json configuration = Json::parse(sweep.configuration);
    const Json then = without_what_may_differ(configuration["workload"], configuration["axes"]);
    const Json now = without_what_may_differ(Json::parse(file.json()), configuration["axes"]);
    const Json changes = Json::diff(then, now);
    return changes.empty() ? std::string() : "another workload: " + changes[0]["path"].get<std::string>() + " differs";
}

}  // namespace laxity
