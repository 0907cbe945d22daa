// A sweep that is watched, in one folder or in shards.
#include <algorithm>
#include <filesystem>
#include <limits>

#include "sim/results/output.hpp"
#include "sim/study/comparison.hpp"
#include "sim/study/report_entrants.hpp"
#include "sim/study/run_follower.hpp"
#include "sim/study/sweep_doubts.hpp"
#include "sim/study/sweep_folder.hpp"
#include "sim/study/swept_plan.hpp"
#include "sim/study/watch_kinds.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string place_of(const RunTable& table, std::size_t point) {
    std::string text;
    for (std::size_t axis = 0; axis < table.workload_axes().size(); ++axis)
        text += (text.empty() ? "" : " ") + table.workload_axes()[axis].name + "=" +
                axis_value(table.points()[point][axis]);
    return text.empty() ? "all" : text;
}

// The policies by their mean over the points where all have one, the best first.
void add_standings(const RunTable& table, const std::string& metric, WatchState& state) {
    if (table.runs() == 0) return;
    if (!table.has_measure(metric)) fail_unknown("--metric", "a measure of " + table.file(), metric, table.measures());
    std::vector<Entrant> entrants;
    for (std::size_t i = 0; i < table.competitors().size(); ++i) entrants.push_back(plain_contender(table, i));
    std::vector<std::size_t> points(table.points().size());
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = i;
    Ranking ranking = judge(table, entrants, points, metric, {});
    if (ranking.points.empty()) ranking = judge(table, entrants, std::vector<std::size_t>{0}, metric, {});
    state.points_judged = ranking.points.size();
    state.tested = ranking.marks();
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        const Judgement& judgement = ranking.judgements[i];
        state.standings.push_back(
            {entrants[i].name, judgement.mean, judgement.to_best.difference, judgement.among_best, entrants[i].ranked});
    }
    const double sign = better_way(metric) == Better::kLower ? 1 : -1;
    std::ranges::stable_sort(state.standings, {}, [&](const Standing& standing) {
        return standing.mean.mean ? sign * *standing.mean.mean : std::numeric_limits<double>::infinity();
    });
}

const std::vector<std::string> kSweepMeasures = {"jobs", "missed", "backlog_trend"};

std::vector<std::string> measures_with(const std::string& metric, const std::vector<Precision>& until) {
    std::vector<std::string> measures = kSweepMeasures;
    measures.push_back(metric);
    for (const Precision& precision : until) measures.push_back(precision.measure);
    return measures;
}

std::vector<Precision> until_of(const Json& manifest) {
    std::vector<Precision> until;
    const Json all = value_at(manifest, "/configuration/until", Json());
    for (const auto& [measure, half_width] : all.items()) {
        if (half_width.is_string())
            until.push_back(parse_precision(measure + "=" + half_width.get<std::string>(), "until"));
    }
    return until;
}

// How many runs a folder will have at least, as its manifest says.
std::optional<std::uint64_t> expected_runs(const Json& manifest) {
    const auto runs = value_at(manifest, "/expected/runs", std::uint64_t{0});
    return runs > 0 ? std::optional(runs) : std::nullopt;
}

// Whether a folder holds a whole sweep: its manifest says so, and all rows that it had at the end are still there.
struct Ending {
    Ending(const Json& manifest, std::uint64_t rows)
        : said(value_at(manifest, "/state/complete", false)),
          expected(value_at(manifest, "/state/rows", std::uint64_t{0})),
          complete(said && rows >= expected) {}

    // "runs.csv has 62 of the 480 runs that it had at the sweep's end"; empty if nothing was lost.
    std::string loss(std::uint64_t rows) const {
        if (!said || complete) return {};
        return "runs.csv has " + std::to_string(rows) + " of the " + std::to_string(expected) +
               " runs that it had at the sweep's end";
    }

    bool said;
    std::uint64_t expected;
    bool complete;
};

// What both kinds of sweep have: rows that are followed, and the policies' places in them.
struct FollowedSweep : FolderWatch::Kind {
    FollowedSweep(const std::vector<std::string>& folders, std::string of_metric)
        : metric(std::move(of_metric)),
          until(until_of(manifest_of(folders.front()))),
          runs(folders, measures_with(metric, until)) {}

    // After runs.read_on().
    void add_rows(WatchState& state) {
        state.done = runs.rows();
        state.metric = metric;
        if (!table || state.done != rows_of_table) {
            table = runs.table();
            rows_of_table = state.done;
        }
        add_standings(*table, metric, state);
    }

    std::string metric;
    std::vector<Precision> until;
    RunFollower runs;
    std::optional<RunTable> table;  // of so many rows
    std::uint64_t rows_of_table = 0;
};

struct WholeSweep final : FollowedSweep {
    WholeSweep(const std::string& folder, const std::string& of_metric)
        : FollowedSweep({folder}, of_metric), directory(folder), points_in_all(read_swept_plan(directory).points) {}

    bool look(WatchState& state) override {
        const Json manifest = manifest_of(directory);
        if (!runs.read_on()) return false;
        add_rows(state);
        const std::string shard = value_at(manifest, "/shard", std::string());
        state.what = shard.empty() ? "a sweep" : "shard " + shard + " of a sweep";
        const Ending ending(manifest, state.done);
        const bool complete = ending.complete;
        started_with = ending.said ? 0 : value_at(manifest, "/state/rows", std::uint64_t{0});
        if (const auto expected = expected_runs(manifest))
            state.of = complete ? state.done : std::max({*expected, state.done, ending.said ? ending.expected : 0});
        state.may_grow = !until.empty() && !complete;
        state.phase = phase_of(complete, state.writer, state.done);
        if (state.phase == WatchState::Phase::kStopped)
            state.advice = advice_to_go_on(state.writer, value_at(manifest, "/command", std::string()));
        if (complete) state.advice = "tables: laxity report " + directory;
        add_points(complete, state);
        if (const std::string loss = ending.loss(state.done); !loss.empty()) state.notes.push_back(loss);
        add_notes(complete, state);
        return true;
    }
    std::uint64_t done_before() const override { return started_with; }

    // Rows come in the order of the points: all but the last that has some are complete.
    void add_points(bool complete, WatchState& state) const {
        state.parts_in_all = points_in_all;
        for (std::size_t point = 0; point < table->points().size(); ++point) {
            PartProgress& part = state.parts.emplace_back(PartProgress{place_of(*table, point), 0, {}, false});
            for (std::size_t i = 0; i < table->competitors().size(); ++i) part.done += table->runs(point, i);
            part.complete = complete || point + 1 < table->points().size();
            if (part.complete) part.of = part.done;
        }
        if (state.parts.empty() || state.parts.back().complete || !state.of || !points_in_all || state.may_grow) return;
        PartProgress& last = state.parts.back();
        const std::uint64_t each = *state.of / *points_in_all;  // unless conditions leave out some policies at a point
        if (each * *points_in_all == *state.of && last.done <= each) last.of = each;
        last.complete = state.done == *state.of;
    }

    void add_notes(bool complete, WatchState& state) const {
        for (std::string& doubt : doubts(*table)) state.notes.push_back(std::move(doubt));
        if (!complete) return;
        for (std::string& line : unreached(*table, until)) state.notes.push_back(std::move(line));
    }

    std::string directory;
    std::optional<std::size_t> points_in_all;
    std::uint64_t started_with = 0;  // rows that there were when its writer began
};

struct ShardedSweep final : FollowedSweep {
    ShardedSweep(std::vector<std::string> of_folders, std::string parent_folder, const std::string& of_metric)
        : FollowedSweep(of_folders, of_metric), folders(std::move(of_folders)), parent(std::move(parent_folder)) {}

    bool look(WatchState& state) override {
        if (!parent.empty() && shards_in(parent) != folders) return false;  // one more has begun
        std::vector<FolderWriter> writers;  // before the manifests are read, as phase_of() asks
        for (const std::string& folder : folders) writers.push_back(folder_writer(folder));
        if (!runs.read_on()) return false;
        for (std::size_t i = 0; i < folders.size(); ++i) add_shard(i, writers[i], state);
        add_rows(state);
        state.part = "shard";
        const bool complete = folders.size() == *state.parts_in_all &&
                              std::ranges::all_of(state.parts, [](const PartProgress& part) { return part.complete; });
        state.what = "a sweep in " + std::to_string(*state.parts_in_all) + " shards";
        state.may_grow = !until.empty() && !complete;
        state.phase = complete ? WatchState::Phase::kFinished : WatchState::Phase::kRunning;
        if (complete) state.advice = "make one sweep of them: laxity merge DIR... --out DIR";
        std::uint64_t expected = 0;  // those that have not begun are taken to be as large as the others
        for (const PartProgress& part : state.parts) expected += std::max(part.of.value_or(0), part.done);
        state.of = expected * std::max(*state.parts_in_all, folders.size()) / folders.size();
        return true;
    }

    void add_shard(std::size_t i, const FolderWriter& writer, WatchState& state) const {
        const Json manifest = manifest_of(folders[i]);
        const std::string text = value_at(manifest, "/shard", std::string());
        if (text.empty())
            throw input_error(folders[i], "a shard of a sweep", describe_results(folders[i]), "name shards alone");
        check_fellow(i, text, manifest, state);
        state.parts_in_all = parse_shard(text).of;
        PartProgress& part = state.parts.emplace_back(PartProgress{text, runs.rows_by_folder()[i], {}, false});
        const Ending ending(manifest, part.done);
        part.complete = ending.complete;
        part.of = part.complete ? std::optional(part.done) : expected_runs(manifest);
        if (const std::string loss = ending.loss(part.done); !loss.empty())
            state.notes.push_back("shard " + text + ": " + loss);
        if (writer.may_write()) state.writer = writer;
        if (!part.complete && !writer.may_write())
            state.notes.push_back("nobody writes shard " + text + " (" + folders[i] + ")");
    }

    // Rows of another sweep would be added to these, those of one shard counted twice.
    void check_fellow(std::size_t i, const std::string& shard, const Json& manifest, const WatchState& before) const {
        const auto fail = [&](const std::string& expected, const std::string& found) {
            throw input_error(folders[i], expected, found, "name the shards of one sweep, each once");
        };
        if (std::ranges::find(before.parts, shard, &PartProgress::name) != before.parts.end())
            fail("a shard that is not there yet", "shard " + shard + " again");
        const std::size_t of = parse_shard(shard).of;
        if (before.parts_in_all && *before.parts_in_all != of)
            fail("one of " + std::to_string(*before.parts_in_all) + " shards", "shard " + shard);
        const auto asked = [](const Json& shards) { return value_at(shards, "/configuration", Json::object()).dump(); };
        const std::string place = different_configuration(asked(manifest_of(folders.front())), asked(manifest));
        if (!place.empty()) fail("a shard of the sweep of " + folders.front(), "one whose " + place + " is another");
    }

    std::vector<std::string> folders;
    std::string parent;
};

}  // namespace

std::vector<std::string> shards_in(const std::string& directory) {
    std::vector<std::pair<std::uint64_t, std::string>> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory + "/shards", error)) {
        const std::string shard = value_at(manifest_of(entry.path().string()), "/shard", std::string());
        if (!shard.empty()) found.emplace_back(parse_shard(shard).index, entry.path().string());
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> folders;
    for (auto& [number, folder] : found) folders.push_back(std::move(folder));
    return folders;
}

std::unique_ptr<FolderWatch::Kind> watched_sweep(const std::string& directory, const std::string& metric) {
    return std::make_unique<WholeSweep>(directory, metric);
}

std::unique_ptr<FolderWatch::Kind> watched_shards(std::vector<std::string> folders, const std::string& parent,
                                                  const std::string& metric) {
    return std::make_unique<ShardedSweep>(std::move(folders), parent, metric);
}

}  // namespace laxity
