#include "sim/study/merge.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/results/inputs.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "sim/study/row_file.hpp"
#include "sim/study/sweep_folder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/json_reader.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostNamed = 20;  // of the shards that are missing
constexpr std::size_t kFlushBytes = 1 << 20;

// The shards in their order, checked.
struct Shards {
    std::vector<std::string> directories;
    std::vector<SweepManifest> manifests;
};

std::string difference(const SweepManifest& a, const SweepManifest& b) {
    const std::string place = different_configuration(a.configuration, b.configuration);
    if (!place.empty()) return "another sweep (its " + place + " differs)";
    if (a.shard->of != b.shard->of) return "one of " + std::to_string(b.shard->of) + " shards";
    const std::string input = different_data(a.inputs, a.workload, b.inputs, b.workload);
    if (!input.empty()) return "a sweep with other inputs: " + input;
    if (a.signatures != b.signatures) return "one whose policies behave differently";
    return {};
}

void check_missing(const std::vector<std::string>& found) {
    std::vector<std::string> missing;
    std::size_t count = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].empty() && ++count <= kMostNamed) missing.push_back(std::to_string(i + 1));
    }
    if (count == 0) return;
    if (count > kMostNamed) missing.push_back("... (" + std::to_string(count) + " in all)");
    throw input_error("merge", "all " + std::to_string(found.size()) + " shards",
                      "that these are missing: " + joined(missing, ", "),
                      "run them with `laxity sweep ... --shard K/" + std::to_string(found.size()) + "`");
}

Shards read_shards(const std::vector<std::string>& directories) {
    std::vector<SweepManifest> manifests;
    for (const std::string& directory : directories) {
        manifests.push_back(read_sweep_manifest(directory));
        SweepManifest& manifest = manifests.back();
        if (!manifest.shard && directories.size() == 1) manifest.shard = Shard();  // the only one of one
        if (!manifest.shard) throw input_error(directory, "a shard of a sweep", "a whole one");
        const std::string other = difference(manifests.front(), manifest);
        if (!other.empty()) throw input_error(directory, "a shard of the same sweep as " + directories.front(), other);
        if (!manifest.complete) {
            throw input_error(
                directory, "a finished shard",
                "shard " + manifest.shard->text() + " with " + std::to_string(manifest.rows) + " rows so far",
                "start it again to go on");
        }
    }
    Shards shards;
    shards.directories.resize(manifests.front().shard->of);
    shards.manifests.resize(shards.directories.size());
    for (std::size_t i = 0; i < directories.size(); ++i) {
        std::string& place = shards.directories[manifests[i].shard->index - 1];
        if (!place.empty())
            throw input_error(directories[i], "each shard once",
                              "shard " + manifests[i].shard->text() + " as in " + place);
        place = directories[i];
        shards.manifests[manifests[i].shard->index - 1] = std::move(manifests[i]);
    }
    check_missing(shards.directories);
    return shards;
}

// The columns that stay the same within a unit that was dealt out.
std::vector<std::size_t> key_columns(const SweepManifest& manifest, bool of_points) {
    const Json configuration = Json::parse(manifest.configuration);
    std::vector<std::size_t> points, cells;
    for (const Json& axis : configuration["axes"]) {
        if (axis.contains("set")) points.push_back(cells.size());
        cells.push_back(cells.size());
    }
    cells.push_back(cells.size());  // the policy
    if (of_points) {
        for (std::size_t i = 0; i < points.size(); ++i) points[i] = i;
        return points;
    }
    return manifest.unit == ShardUnit::kPoint ? points : cells;
}

// The rows of one shard, unit by unit.
class UnitReader {
public:
    // `columns` none: every row is a unit. Without any columns at all there is one unit in the file.
    UnitReader(const std::string& path, std::optional<std::vector<std::size_t>> columns)
        : rows_(path), columns_(std::move(columns)) {
        more_ = rows_.next(row_);
    }

    const std::string& header() const { return rows_.header(); }
    const std::string& path() const { return rows_.path(); }
    bool more() const { return more_; }
    std::uint64_t read() const { return read_; }

    // Appends the next unit.
    void take(std::string& out) {
        const std::string unit = key();
        do {
            out += row_;
            out += '\n';
            ++read_;
            more_ = rows_.next(row_);
        } while (more_ && columns_ && key() == unit);
    }

private:
    std::string key() const {
        std::string key;
        if (columns_) {
            for (const std::size_t column : *columns_) key += field_of(row_, column) + '\n';
        }
        return key;
    }

    RowReader rows_;
    std::optional<std::vector<std::size_t>> columns_;
    std::string row_;
    bool more_ = false;
    std::uint64_t read_ = 0;
};

class Merge {
public:
    Merge(const Shards& shards, const std::string& directory, const MergeOptions& options)
        : shards_(shards), directory_(directory), options_(options) {}

    // Returns how many rows there are.
    std::uint64_t file(const std::string& name, std::optional<std::vector<std::size_t>> columns, bool counts) {
        std::vector<std::unique_ptr<UnitReader>> readers;
        for (const std::string& shard : shards_.directories) {
            readers.push_back(std::make_unique<UnitReader>(shard + "/" + name, columns));
            if (readers.back()->header() == readers.front()->header()) continue;
            throw input_error(readers.back()->path() + ":1", "the columns of " + readers.front()->path(),
                              shortened(readers.back()->header()));
        }
        RowFile out(directory_ + "/" + name, readers.front()->header());
        std::string text;
        for (std::size_t shard = 0; readers[shard]->more(); shard = (shard + 1) % readers.size()) {
            readers[shard]->take(text);
            if (text.size() < kFlushBytes) continue;
            flush(out, text);
        }
        flush(out, text);
        for (std::size_t i = 0; i < readers.size(); ++i) check_end(*readers[i], i, counts);
        out.close();
        return out.rows();
    }

private:
    void flush(RowFile& out, std::string& text) const {
        out.append(text);
        text.clear();
        if (interrupted()) throw Interrupted();
        if (options_.progress) options_.progress(out.rows(), total());
    }

    std::uint64_t total() const {
        std::uint64_t rows = 0;
        for (const SweepManifest& manifest : shards_.manifests) rows += manifest.rows;
        return rows;
    }

    void check_end(const UnitReader& reader, std::size_t shard, bool counts) const {
        const std::uint64_t expected = shards_.manifests[shard].rows;
        if (!reader.more() && (!counts || reader.read() == expected)) return;
        throw input_error(reader.path(), std::to_string(expected) + " rows that alternate with the other shards'",
                          "others", "the file was changed: run this shard again");
    }

    const Shards& shards_;
    std::string directory_;
    const MergeOptions& options_;
};

// `rows` none: they are still being copied.
void write_whole_manifest(const Shards& shards, const std::string& directory, std::optional<std::uint64_t> rows) {
    Json programs = Json::array();
    for (const std::string& shard : shards.directories) {
        const Json json = read_json_file(shard + "/manifest.json");
        for (Json program : json["programs"]) {
            program["shard"] = json.value("shard", "1/1");
            programs.push_back(std::move(program));
        }
    }
    const SweepManifest& first = shards.manifests.front();
    const Json extra = {{"signatures", first.signatures},
                        {"unit", "point"},
                        {"merged_from", shards.directories},
                        {"programs", programs},
                        {"state", {{"complete", rows.has_value()}, {"rows", rows.value_or(0)}}}};
    write_manifest(directory, {command_line(), first.configuration, {}, "a sweep", first.inputs, extra.dump()});
}

// Whether the folder holds what an earlier merge of this very sweep made that did not come to its end, which is the
// summary of the rows.
bool is_broken_off(const std::string& directory, const Shards& shards) {
    const std::string path = directory + "/manifest.json";
    if (!std::filesystem::exists(path) || !read_json_file(path).contains("merged_from")) return false;
    const SweepManifest there = read_sweep_manifest(directory);
    const bool ended = there.complete && std::filesystem::exists(directory + "/summary.json");
    return !ended && different_configuration(there.configuration, shards.manifests.front().configuration).empty();
}

// All of them or none. Throws InputError that names one without.
bool has_bounds(const Shards& shards) {
    const auto has = [](const std::string& shard) { return std::filesystem::exists(shard + "/bounds.csv"); };
    if (std::none_of(shards.directories.begin(), shards.directories.end(), has)) return false;
    const auto without = std::find_if_not(shards.directories.begin(), shards.directories.end(), has);
    if (without == shards.directories.end()) return true;
    throw input_error(*without, "bounds.csv, as other shards have it", "none", "start this shard again with --bounds");
}

// Every shard has a file open at a time: as many as the system lets this process have. Throws InputError if these are
// too few.
void allow_open_files(std::size_t count) {
    constexpr std::size_t kOthers = 16;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count + kOthers) return;
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max >= count + kOthers && ::setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    throw input_error("merge",
                      "at most " + std::to_string(limit.rlim_max - std::min<rlim_t>(limit.rlim_max, kOthers)) +
                          " shards, which is what the limit of open files allows",
                      std::to_string(count), "raise it (`ulimit -n`)");
}

}  // namespace

void merge_shards(const std::vector<std::string>& directories, const std::string& directory,
                  const MergeOptions& options) {
    const Shards shards = read_shards(directories);
    allow_open_files(directories.size());
    has_bounds(shards);
    ResultFolder folder(directory);
    if (!is_broken_off(directory, shards)) folder.claim(options.replace);
    for (const char* name : {"runs.csv", "responses.csv", "bounds.csv"})
        std::filesystem::remove(directory + "/" + name);
    write_whole_manifest(shards, directory, std::nullopt);
    Merge merge(shards, directory, options);
    using Columns = std::optional<std::vector<std::size_t>>;
    const SweepManifest& first = shards.manifests.front();
    const bool by_run = first.unit == ShardUnit::kRun;
    const Columns columns = by_run ? std::nullopt : Columns(key_columns(first, false));
    const std::uint64_t rows = merge.file("runs.csv", columns, true);
    merge.file("responses.csv", columns, true);
    if (has_bounds(shards)) {
        merge.file("bounds.csv", first.unit == ShardUnit::kPoint ? Columns(key_columns(first, true)) : std::nullopt,
                   false);
    }
    write_whole_manifest(shards, directory, rows);
}

}  // namespace laxity
