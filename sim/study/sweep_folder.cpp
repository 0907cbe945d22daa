#include "sim/study/sweep_folder.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/bench/bench.hpp"
#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAdvice = "choose another folder, or add --replace, which moves this one aside";

// This program, as what makes the rows from one on.
Json program(std::uint64_t from_row) {
    Json json = {{"tool", tool()}, {"commit", commit()}, {"clean", nullptr}, {"from_row", from_row}};
    if (clean()) json["clean"] = *clean();
    return json;
}

bool is_same_program(const Json& a, const Json& b) {
    return a["tool"] == b["tool"] && a["commit"] == b["commit"] && a["clean"] == b["clean"];
}

Json read_manifest(const std::string& path) { return read_json_file(path, "is this the folder of a sweep?"); }

// The first policy that behaves differently, with what it was and is; empty if there is none.
std::string changed_behaviour(const Signatures& then, const Signatures& now) {
    for (const auto& [policy, signature] : now) {
        const auto before = then.find(policy);
        if (before != then.end() && before->second != signature) {
            return policy + " (signature " + before->second + " then, " + signature + " now)";
        }
    }
    return {};
}

std::set<std::string> paths_of(const InputHashes& inputs) {
    std::set<std::string> paths;
    for (const auto& [path, hash] : inputs) paths.insert(path);
    return paths;
}

std::multiset<std::string> contents_of(const InputHashes& inputs) {
    std::multiset<std::string> hashes;
    for (const auto& [path, hash] : inputs) hashes.insert(hash);
    return hashes;
}

std::string shard_text(const std::optional<Shard>& shard) { return shard ? "shard " + shard->text() : "a whole sweep"; }

// "its seeds differ"; of the workload, where.
std::string what_differs(const std::string& pointer) {
    const std::size_t end = pointer.find('/', 1);
    const std::string part = pointer.substr(1, end == std::string::npos ? end : end - 1);
    if (part == "workload" && end != std::string::npos) return "its workload differs at " + pointer.substr(end);
    return part.ends_with('s') ? "its " + part + " differ" : "its " + part + " differs";
}

// Why the sweep that is there is not this one; empty if it is.
std::string other_study(const SweepManifest& there, const Study& study, const Shard& shard) {
    const std::string place = different_configuration(there.configuration, study.configuration());
    if (!place.empty()) return "the results of another sweep (" + what_differs(place) + ")";
    const std::optional<Shard> here = shard.whole() ? std::nullopt : std::optional(shard);
    if (there.shard != here)
        return "the results of " + shard_text(there.shard) + " of it, where " + shard_text(here) + " is asked for";
    const std::string file = different_data(there.inputs, there.workload, study.inputs(), study.spec().workload);
    if (!file.empty()) return "the results of this sweep before a file was changed: " + file;
    return {};
}

}  // namespace

std::string different_configuration(const std::string& a, const std::string& b) {
    Json first = Json::parse(a), second = Json::parse(b);
    first.erase("workload_path");
    second.erase("workload_path");
    const Json changes = Json::diff(first, second);
    return changes.empty() ? std::string() : changes[0]["path"].get<std::string>();
}

std::string different_data(InputHashes a, const std::string& workload_of_a, InputHashes b,
                           const std::string& workload_of_b) {
    a.erase(workload_of_a);
    b.erase(workload_of_b);
    const bool is_elsewhere = paths_of(a) != paths_of(b);
    return is_elsewhere && contents_of(a) == contents_of(b) ? std::string() : changed(a, b);
}

Signatures signatures_of(const Study& study) {
    Signatures signatures;
    const std::size_t count = study.contenders().size();
    const std::size_t step = (count + kMostSignatures - 1) / kMostSignatures;
    for (std::size_t contender = 0; contender < count; contender += step) {
        const PolicySpec policy = study.contender_policy(contender);
        signatures[policy.text] = signature_text(behaviour_of(policy));
    }
    if (study.spec().bounds) signatures["bounds"] = signature_text(behaviour_of_bounds());
    return signatures;
}

SweepFolder::SweepFolder(const std::string& directory, const Study& study, const Shard& shard, bool replace)
    : directory_(directory), shard_(shard), lock_(directory) {
    const std::string manifest = file("manifest.json");
    const Signatures signatures = signatures_of(study);
    if (lock_.occupied()) {
        if (!replace && std::filesystem::exists(manifest) && goes_on(study, signatures)) return;
        lock_.claim(replace);
    }
    Json extra = {{"signatures", signatures}};
    if (!shard.whole()) extra["shard"] = shard.text();
    extra["unit"] = name_of(shard_unit(study, shard.of));
    extra["expected"] = {{"runs", runs_of_shard(study, shard)}, {"points", study.points()}};
    extra["programs"] = Json::array({program(0)});
    extra["state"] = {{"complete", false}, {"rows", 0}};
    write_manifest(directory_, {command_line(), study.configuration(), {}, "a sweep", study.inputs(), extra.dump()});
}

// Whether the folder's sweep is this one. Throws InputError if it is, but a policy has changed.
bool SweepFolder::goes_on(const Study& study, const Signatures& signatures) const {
    const Json json = read_manifest(file("manifest.json"));
    if (!json.contains("programs")) return false;
    const SweepManifest there = read_sweep_manifest(directory_);
    const std::string other = other_study(there, study, shard_);
    const std::string policy = changed_behaviour(there.signatures, signatures);
    if (other.empty() && policy.empty()) return true;
    if (!other.empty()) {
        throw input_error("--out " + directory_, "a new folder or one of this very sweep", other, kAdvice);
    }
    throw input_error(
        "--out " + directory_, "a sweep whose policies behave as in this program",
        "rows by " + json["programs"][0]["tool"].get<std::string>() + " where " + policy + " behaves differently",
        std::string("go on with that program, ") + kAdvice);
}

void SweepFolder::begin(std::uint64_t rows) {
    const std::string path = file("manifest.json");
    Json json = read_manifest(path);
    const Json now = program(rows);
    if (!is_same_program(json["programs"].back(), now)) {
        if (json["programs"].back()["from_row"] == rows) json["programs"].erase(json["programs"].size() - 1);
        json["programs"].push_back(now);
    }
    json["state"] = {{"complete", false}, {"rows", rows}};
    write_file(path, json.dump(2) + "\n");
}

void SweepFolder::complete(const Study& study, std::uint64_t rows) {
    const std::string difference = changed(study.inputs());
    if (!difference.empty()) {
        throw RunError(
            directory_ + ": " + difference +
            " while the sweep ran; the rows are of what was there when it began (manifest.json has the hashes)");
    }
    const std::string path = file("manifest.json");
    Json json = read_manifest(path);
    json["state"] = {{"complete", true}, {"rows", rows}};
    write_file(path, json.dump(2) + "\n");
}

SweepManifest read_sweep_manifest(const std::string& directory) {
    const std::string path = directory + "/manifest.json";
    const Json json = read_manifest(path);
    const JsonReader root(json, path);
    const JsonReader configuration = root.at("configuration");
    if (!configuration.has("kind") || configuration.at("kind").string() != "sweep" || !root.has("programs")) {
        configuration.problem("no sweep of this version");
    }
    SweepManifest manifest;
    manifest.configuration = configuration.json().dump();
    manifest.workload = configuration.at("workload_path").string();
    if (const auto until = configuration.find("until")) {
        for (const auto& [measure, half_width] : until->json().items()) {
            manifest.until.push_back(parse_precision(measure + "=" + until->at(measure).string(), path));
        }
    }
    const JsonReader signatures = root.at("signatures");
    for (const auto& [policy, signature] : signatures.json().items())
        manifest.signatures[policy] = signatures.at(policy).string();
    if (const auto shard = root.find("shard")) manifest.shard = parse_shard(shard->string());
    manifest.unit = shard_unit_named(root.at("unit").string(), path + ": /unit");
    manifest.complete = root.at("state").at("complete").boolean();
    manifest.rows = static_cast<std::uint64_t>(root.at("state").at("rows").integer(0));
    for (const JsonReader& input : root.at("inputs").items()) {
        manifest.inputs[input.at("path").string()] = input.at("sha256").string();
    }
    return manifest;
}

}  // namespace laxity
