#include "sim/cli/validation_folder.hpp"

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/results/results.hpp"
#include "sim/study/sweep_folder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAdvice = "choose another folder, or add --replace, which moves this one aside";
constexpr std::size_t kShownValue = 60;

// protocol.json, compared in this order: what a reader knows by its option comes first.
constexpr std::array kCompared = {"policies",       "points",   "repetitions", "seconds", "seed",
                                  "window_seconds", "attempts", "lucks",       "steady",  "longest_stall_ms",
                                  "margins",        "explain",  "decisions",   "wait"};

Json read(const std::string& path) { return read_json_file(path, "is this the folder of a validation?"); }

// One that says all that is compared. Those of before there was anything to compare are refused like any other results.
bool holds_validation(const std::string& directory) {
    if (!std::filesystem::exists(directory + "/manifest.json") ||
        !std::filesystem::exists(directory + "/protocol.json"))
        return false;
    const Json json = read(directory + "/protocol.json");
    return json.is_object() && json.contains("signatures") && json["signatures"].is_object();
}

InputHashes inputs_of(const Json& manifest) {
    InputHashes inputs;
    for (const Json& input : manifest.value("inputs", Json::array()))
        inputs[input.value("path", std::string())] = input.value("sha256", std::string());
    return inputs;
}

std::string value_text(const Json& json, const std::string& key) {
    return json.contains(key) ? shortened(json[key].dump(), kShownValue) : "none";
}

std::string difference_text(const Json& there, const Json& here, const std::string& key) {
    const std::string verb = key.ends_with('s') ? " differ: " : " differs: ";
    return "its " + key + verb + value_text(there, key) + " then, " + value_text(here, key) + " now";
}

// Of the protocols; empty if they are the same.
std::string different_protocol(const Json& there, const Json& here) {
    for (const std::string key : kCompared) {
        if (there.value(key, Json()) != here.value(key, Json())) return difference_text(there, here, key);
    }
    const bool device_known = !here.at("device").get<std::string>().empty();
    return device_known && there.value("device", Json()) != here.at("device") ? difference_text(there, here, "device")
                                                                              : std::string();
}

// Why the validation that is there is not this one; empty if it is.
std::string other_validation(const std::string& directory, const ValidationPlan& plan, const Json& protocol) {
    const Json manifest = read(directory + "/manifest.json");
    const std::string configuration = manifest.value("configuration", Json::object()).dump();
    const std::string place = different_configuration(configuration, plan.configuration());
    if (!place.empty()) return "the results of another validation (its workload differs at " + place + ")";
    const std::string other = different_protocol(read(directory + "/protocol.json"), protocol);
    if (!other.empty()) return "the results of another validation (" + other + ")";
    const std::string& workload = plan.base().workload;
    const std::string file = different_data(inputs_of(manifest), workload, plan.inputs(), workload);
    return file.empty() ? "" : "the results of this validation before a file was changed: " + file;
}

// The first policy that behaves differently, with what it was and is; empty if there is none.
std::string changed_behaviour(const Json& there, const ProtocolFacts& facts) {
    for (const auto& [policy, signature] : facts.signatures) {
        const std::string before = there.at("signatures").value(policy, std::string());
        if (before != signature)
            return policy + " (signature " + before + " then, " + signature + " now) behaves differently";
    }
    return {};
}

Json program_of(const Json& manifest) {
    return {{"tool", manifest.value("tool", Json())},
            {"commit", manifest.value("commit", Json())},
            {"clean", manifest.value("clean", Json())}};
}

Json this_program() {
    Json json = {{"tool", tool()}, {"commit", commit()}, {"clean", nullptr}};
    if (clean()) json["clean"] = *clean();
    return json;
}

}  // namespace

ValidationFolder::ValidationFolder(const std::string& directory, bool replace)
    : directory_(directory),
      replace_(replace),
      lock_(directory),
      goes_on_(!replace && lock_.occupied() && holds_validation(directory)) {
    if (!goes_on_) lock_.check(replace);
}

void ValidationFolder::check(const ValidationPlan& plan, const ProtocolFacts& facts) const {
    if (!goes_on_) return;
    const std::string other = other_validation(directory_, plan, Json::parse(protocol_json(facts)));
    if (!other.empty())
        throw input_error("--out " + directory_, "a new folder or one of this very validation", other, kAdvice);
    const std::string policy = changed_behaviour(read(directory_ + "/protocol.json"), facts);
    if (!policy.empty())
        throw input_error("--out " + directory_, "a validation whose policies behave as in this program",
                          "repetitions where " + policy, kAdvice);
}

void ValidationFolder::begin(const ValidationPlan& plan, const ProtocolFacts& facts) {
    if (goes_on_) return;
    lock_.claim(replace_);
    plan.write_manifest(directory_);
    write_file(directory_ + "/protocol.json", protocol_json(facts));
}

void ValidationFolder::note_program() const {
    const std::string path = directory_ + "/manifest.json";
    Json manifest = read(path);
    Json& programs = manifest["programs"];
    const Json now = this_program();
    if (programs.is_null()) programs = Json::array({program_of(manifest)});
    if (programs.back() != now) programs.push_back(now);
    write_file(path, manifest.dump(2) + "\n");
}

}  // namespace laxity
