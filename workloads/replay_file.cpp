#include "workloads/replay_file.hpp"

#include <charconv>
#include <filesystem>
#include <string_view>

namespace laxity {

namespace {

ReplayMode read_mode(const JsonReader& reader) {
    const std::string text = reader.string();
    constexpr std::string_view kQuantile = "quantile:";
    if (text == "rows") return {};
    if (text == "mean") return {ReplayMode::Kind::kMean, 0};
    if (text.starts_with(kQuantile)) {
        ReplayMode mode{ReplayMode::Kind::kQuantile, -1};
        const char* const end = text.data() + text.size();
        const auto [last, error] = std::from_chars(text.data() + kQuantile.size(), end, mode.quantile);
        if (error == std::errc() && last == end && mode.quantile >= 0 && mode.quantile <= 1) return mode;
    }
    reader.fail("\"rows\", \"mean\" or \"quantile:Q\" with Q in [0, 1]");
}

std::string read_decisions_path(const JsonReader& reader) {
    const auto folder = std::filesystem::path(reader.file()).parent_path();
    std::string path = (folder / reader.string()).lexically_normal().string();
    if (!std::filesystem::is_regular_file(path))
        reader.fail("an existing decisions.csv, relative to the workload's folder",
                    "`laxity bench --decisions --active 1,2,5,10,20,50 --out DIR` writes DIR/decisions.csv");
    return path;
}

bool read_switch(const JsonReader& object, std::string_view key) {
    const auto reader = object.find(key);
    return !reader || reader->boolean();
}

}  // namespace

ReplayMode read_replay(const JsonReader& reader) {
    if (!reader.json().is_object()) return read_mode(reader);
    reader.only_keys({"mode", "history", "path", "stalls", "decisions"});
    ReplayMode mode;
    if (const auto text = reader.find("mode")) mode = read_mode(*text);
    mode.parts = {read_switch(reader, "history"), read_switch(reader, "path"), read_switch(reader, "stalls")};
    if (const auto file = reader.find("decisions")) mode.decisions = read_decisions_path(*file);
    return mode;
}

void open_replay_section(nlohmann::ordered_json& workload) {
    if (!workload.contains("replay")) {
        workload["replay"] = nlohmann::ordered_json::object();
    } else if (workload["replay"].is_string()) {
        workload["replay"] = {{"mode", workload["replay"]}};
    }
}

}  // namespace laxity
