#include "sim/study/watch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/results/output.hpp"
#include "sim/study/comparison.hpp"
#include "sim/study/job_follower.hpp"
#include "sim/study/run_follower.hpp"
#include "sim/study/sweep_doubts.hpp"
#include "sim/study/sweep_folder.hpp"
#include "sim/study/swept_plan.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

bool is_there(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

// The manifest, or null where there is none (yet). It appears whole.
Json manifest_of(const std::string& directory) {
    std::ifstream in(directory + "/manifest.json");
    return in ? Json::parse(in, nullptr, false) : Json();
}

template <class Value>
Value value_at(const Json& document, const char* pointer, Value otherwise) {
    const Json::json_pointer place(pointer);
    if (!document.is_object() || !document.contains(place)) return otherwise;
    try {
        return document.at(place).get<Value>();
    } catch (const Json::exception&) {
        return otherwise;
    }
}

// Seconds since then, by the wall clock: "2026-11-25T10:02:00Z".
std::optional<double> seconds_since(const std::string& utc) {
    std::tm time{};
    if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time) == nullptr) return std::nullopt;
    const auto then = std::chrono::system_clock::from_time_t(::timegm(&time));
    return std::chrono::duration<double>(std::chrono::system_clock::now() - then).count();
}

// Finished, running or stopped. `writer` was looked at before `complete` was.
WatchState::Phase phase_of(bool complete, const FolderWriter& writer, std::uint64_t done) {
    if (complete) return WatchState::Phase::kFinished;
    if (!writer.may_write()) return WatchState::Phase::kStopped;
    return done == 0 ? WatchState::Phase::kStarting : WatchState::Phase::kRunning;
}

std::string advice_to_go_on(const FolderWriter& writer, const std::string& command) {
    return std::string(writer.state == FolderWriter::State::kGone ? "its process was killed" : "nobody writes there") +
           "; to go on: " + (command.empty() ? "start the same command again" : command);
}

// --- Standings ---

std::string sorted_place(const RunTable& table, std::size_t point) {
    std::string text;
    for (std::size_t axis = 0; axis < table.workload_axes().size(); ++axis)
        text += (text.empty() ? "" : " ") + table.workload_axes()[axis].name + "=" +
                axis_value(table.points()[point][axis]);
    return text.empty() ? "all" : text;
}

// The policies by their mean over the points where all have one, the best first.
void add_standings(const RunTable& table, const std::string& metric, WatchState& state) {
    if (table.runs() == 0) return;
    if (!table.has_measure(metric)) {
        std::string all;
        for (const std::string& measure : table.measures()) all += (all.empty() ? "" : ", ") + measure;
        throw input_error("--metric", "a measure of " + table.file(), "\"" + shortened(metric) + "\"",
                          "There are " + shortened(all, 600));
    }
    std::vector<Entrant> entrants;
    for (std::size_t i = 0; i < table.competitors().size(); ++i) entrants.push_back(plain_contender(table, i));
    std::vector<std::size_t> points(table.points().size());
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = i;
    Ranking ranking = judge(table, entrants, points, metric, {});
    if (ranking.points.empty()) ranking = judge(table, entrants, std::vector<std::size_t>{0}, metric, {});
    state.points_judged = ranking.points.size();
    state.tested = ranking.tested;
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

}  // namespace

void GrowthRate::see(double seconds, std::uint64_t done) {
    constexpr double kWindow = 60;
    if (!seen_.empty() && done < seen_.back().second) seen_.clear();  // begun anew
    seen_.emplace_back(seconds, done);
    while (seen_.size() > 2 && seen_[1].first <= seconds - kWindow) seen_.pop_front();
}

std::optional<double> GrowthRate::per_second() const {
    constexpr double kEnough = 5;  // seconds
    if (!seen_.empty()) {
        const double span = seen_.back().first - seen_.front().first;
        const auto grown = static_cast<double>(seen_.back().second - seen_.front().second);
        if (span >= kEnough && grown > 0) return grown / span;
    }
    if (life_.first > 0 && life_.second > 0) return static_cast<double>(life_.second) / life_.first;
    return std::nullopt;
}

// One kind of folder, followed. `look` is false if it has to begin anew.
struct FolderWatch::Kind {
    virtual ~Kind() = default;
    virtual bool look(WatchState& state) = 0;
    // How many were done when the writer began.
    virtual std::uint64_t done_before() const { return 0; }
};

namespace {

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

}  // namespace

// A sweep in one folder.
struct WholeSweep final : FolderWatch::Kind {
    WholeSweep(std::string folder, std::string of_metric)
        : directory(std::move(folder)),
          metric(std::move(of_metric)),
          until(until_of(manifest_of(directory))),
          points_in_all(read_swept_plan(directory).points),
          runs({directory}, measures_with(metric, until)) {}

    bool look(WatchState& state) override {
        const Json manifest = manifest_of(directory);
        if (!runs.read_on()) return false;
        started_with = value_at(manifest, "/state/rows", std::uint64_t{0});
        const bool complete = value_at(manifest, "/state/complete", false);
        if (complete) started_with = 0;
        state.what = "a sweep";
        if (const auto shard = value_at(manifest, "/shard", std::string()); !shard.empty())
            state.what = "shard " + shard + " of a sweep";
        state.done = runs.rows();
        state.of = complete ? std::optional(state.done) : expected_runs(manifest);
        state.may_grow = !until.empty() && !complete;
        if (state.of && state.done > *state.of) state.of = state.done;
        state.phase = phase_of(complete, state.writer, state.done);
        if (state.phase == WatchState::Phase::kStopped)
            state.advice = advice_to_go_on(state.writer, value_at(manifest, "/command", std::string()));
        if (state.phase == WatchState::Phase::kFinished) state.advice = "tables: laxity report " + directory;
        if (!table || state.done != rows_of_table) {
            table = runs.table();
            rows_of_table = state.done;
        }
        add_points(complete, state);
        add_standings(*table, metric, state);
        state.metric = metric;
        for (std::string& doubt : doubts(*table)) state.notes.push_back(std::move(doubt));
        if (complete) {
            for (std::string& line : unreached(*table, until)) state.notes.push_back(std::move(line));
        }
        return true;
    }
    std::uint64_t done_before() const override { return started_with; }

    // Rows come in the order of the points: all but the last that has some are complete.
    void add_points(bool complete, WatchState& state) const {
        state.parts_in_all = points_in_all;
        for (std::size_t point = 0; point < table->points().size(); ++point) {
            PartProgress& part = state.parts.emplace_back(PartProgress{sorted_place(*table, point), 0, {}, false});
            for (std::size_t i = 0; i < table->competitors().size(); ++i) part.done += table->runs(point, i);
            part.complete = complete || point + 1 < table->points().size();
            if (part.complete) part.of = part.done;
            const bool even = state.of && state.parts_in_all && !state.may_grow && *state.of % *state.parts_in_all == 0;
            if (!part.complete && even && part.done <= *state.of / *state.parts_in_all)
                part.of = *state.of / *state.parts_in_all;
        }
        if (state.parts_in_all && state.parts.size() == *state.parts_in_all && state.of && state.done == *state.of &&
            !state.may_grow && !state.parts.empty())
            state.parts.back().complete = true;
    }

    std::string directory, metric;
    std::vector<Precision> until;
    std::optional<std::size_t> points_in_all;
    RunFollower runs;
    std::optional<RunTable> table;
    std::uint64_t rows_of_table = 0, started_with = 0;
};

// The shards of a sweep, each in a folder of its own, some of them perhaps not begun.
struct ShardedSweep final : FolderWatch::Kind {
    ShardedSweep(std::vector<std::string> of_folders, std::string parent_folder, std::string of_metric)
        : folders(std::move(of_folders)),
          parent(std::move(parent_folder)),
          metric(std::move(of_metric)),
          until(until_of(manifest_of(folders.front()))),
          runs(folders, measures_with(metric, until)) {}

    bool look(WatchState& state) override {
        if (!parent.empty() && shards_in(parent) != folders) return false;  // one more has begun
        std::vector<FolderWriter> writers;
        for (const std::string& folder : folders) writers.push_back(folder_writer(folder));
        if (!runs.read_on()) return false;
        state.part = "shard";
        state.done = runs.rows();
        bool all_complete = true;
        std::uint64_t expected = 0, shards = 1;
        for (std::size_t i = 0; i < folders.size(); ++i) {
            const Json manifest = manifest_of(folders[i]);
            if (!manifest.is_object() || !manifest.contains("shard"))
                throw input_error(folders[i], "a shard of a sweep", describe_results(folders[i]), "name shards alone");
            const Shard shard = parse_shard(manifest["shard"].get<std::string>());
            shards = shard.of;
            PartProgress& part =
                state.parts.emplace_back(PartProgress{shard.text(), runs.rows_by_folder()[i], {}, false});
            part.complete = value_at(manifest, "/state/complete", false);
            part.of = part.complete ? part.done : expected_runs(manifest).value_or(0);
            expected += std::max(*part.of, part.done);
            all_complete = all_complete && part.complete;
            if (!part.complete && !writers[i].may_write())
                state.notes.push_back("nobody writes shard " + shard.text() + " (" + folders[i] + ")");
            if (writers[i].may_write()) state.writer = writers[i];
        }
        state.parts_in_all = shards;
        state.what = "a sweep in " + std::to_string(shards) + " shards";
        all_complete = all_complete && folders.size() == shards;
        state.of =
            expected * std::max<std::uint64_t>(shards, folders.size()) / folders.size();  // the others are as large
        state.may_grow = !until.empty() && !all_complete;
        state.phase = all_complete ? WatchState::Phase::kFinished : WatchState::Phase::kRunning;
        if (all_complete) state.advice = "make one sweep of them: laxity merge DIR... --out DIR";
        if (!table || state.done != rows_of_table) {
            table = runs.table();
            rows_of_table = state.done;
        }
        add_standings(*table, metric, state);
        state.metric = metric;
        return true;
    }

    // The folders in DIR/shards that hold a shard, by number.
    static std::vector<std::string> shards_in(const std::string& directory) {
        std::vector<std::pair<std::uint64_t, std::string>> found;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(directory + "/shards", error)) {
            const Json manifest = manifest_of(entry.path().string());
            if (!manifest.is_object() || !manifest.contains("shard") || !manifest["shard"].is_string()) continue;
            found.emplace_back(parse_shard(manifest["shard"].get<std::string>()).index, entry.path().string());
        }
        std::sort(found.begin(), found.end());
        std::vector<std::string> folders;
        for (auto& [number, folder] : found) folders.push_back(std::move(folder));
        return folders;
    }

    std::vector<std::string> folders;
    std::string parent, metric;
    std::vector<Precision> until;
    RunFollower runs;
    std::optional<RunTable> table;
    std::uint64_t rows_of_table = 0;
};

namespace {

TaskStanding standing_of(const JobTally& tally) {
    const auto ms = [](const std::optional<Duration>& time) {
        return time ? std::optional(static_cast<double>(time->count()) * 1e-6) : std::nullopt;
    };
    return {tally.task,
            tally.jobs,
            tally.accuracy.estimate(),
            tally.misses.estimate(),
            ms(tally.responses.quantile(0.5)),
            ms(tally.responses.quantile(0.99))};
}

}  // namespace

// One recorded run, live or simulated.
struct RecordedRun final : FolderWatch::Kind {
    explicit RecordedRun(std::string folder) : directory(std::move(folder)), jobs(directory) {}

    bool look(WatchState& state) override {
        const Json manifest = manifest_of(directory);
        if (!jobs.read_on()) return false;
        state.what = value_at(manifest, "/what", std::string("a run"));
        state.unit = "jobs";
        state.done = jobs.all().jobs;
        const bool complete = is_there(directory + "/summary.json");
        if (const auto seconds = value_at(manifest, "/configuration/horizon/seconds", 0.0); seconds > 0) {
            state.share = std::min(1.0, static_cast<double>(jobs.last_ns()) * 1e-9 / seconds);
            if (state.what.starts_with("a live run")) state.seconds_left = seconds * (1 - *state.share);
        } else if (const auto of = value_at(manifest, "/configuration/horizon/jobs", std::uint64_t{0}); of > 0) {
            state.of = complete ? state.done : of;
        }
        if (complete) state.share.reset();
        state.phase = phase_of(complete, state.writer, state.done);
        if (state.phase == WatchState::Phase::kStopped)
            state.advice =
                advice_to_go_on(state.writer, "a run begins anew: add --replace to " +
                                                  value_at(manifest, "/command", std::string("its command")));
        if (state.phase == WatchState::Phase::kFinished)
            state.advice = "a timeline: laxity export " + directory + " -o FILE";
        if (state.done > 0) state.tasks.push_back(standing_of(jobs.all()));
        for (const JobTally& task : jobs.tasks()) {
            if (jobs.tasks().size() > 1) state.tasks.push_back(standing_of(task));
        }
        return true;
    }

    std::string directory;
    JobFollower jobs;
};

// The cells of a validation: those in validation.csv, and the live run that is on.
struct Validation final : FolderWatch::Kind {
    explicit Validation(std::string folder) : directory(std::move(folder)), file(directory + "/validation.csv") {}

    bool look(WatchState& state) override {
        const Json manifest = manifest_of(directory);
        if (!file.look()) return false;
        read_rows();
        state.what = value_at(manifest, "/what", std::string("a validation"));
        state.unit = "cells";
        state.done = cells.size();
        state.cells = cells;
        const bool all_there = add_current(state);
        state.phase = phase_of(!state.writer.may_write() && all_there, state.writer, 1);
        if (state.phase == WatchState::Phase::kStopped)
            state.advice = "it was stopped in a cell; the finished ones are in " + file.path();
        return true;
    }

    void read_rows() {
        if (file.csv() == nullptr) return;
        CsvColumns& csv = *file.csv();
        const std::size_t point = csv.at("point"), policy = csv.at("policy");
        const std::size_t difference = csv.at("difference"), ci95 = csv.at("ci95");
        while (csv.next()) {
            const std::string name =
                std::string(csv.field(point)) + (csv.field(point).empty() ? "" : "  ") + std::string(csv.field(policy));
            if (cells.empty() || cells.back().name != name) cells.push_back({name, 0, 0});
            const auto off = csv.number(difference), half_width = csv.number(ci95);
            ++cells.back().metrics;
            cells.back().differ += off && half_width && std::fabs(*off) > *half_width;
        }
    }

    // The live run of the cell after those. Whether every cell that was begun is there.
    bool add_current(WatchState& state) {
        std::error_code error;
        const std::string start = std::to_string(cells.size()) + "-";
        for (const auto& entry : fs::directory_iterator(directory, error)) {
            if (!entry.path().filename().string().starts_with(start)) continue;
            const std::string folder = entry.path().string() + "/live";
            if (!run || run->directory != folder) run = std::make_unique<RecordedRun>(folder);
            WatchState inside;
            if (!run->look(inside)) run.reset();
            state.tasks = inside.tasks;
            state.notes.push_back("now: " + entry.path().filename().string());
            return false;
        }
        return true;
    }

    std::string directory;
    GrowingCsv file;
    std::vector<ValidationCell> cells;
    std::unique_ptr<RecordedRun> run;
};

FolderWatch::FolderWatch(std::vector<std::string> folders, std::string metric)
    : folders_(std::move(folders)), metric_(std::move(metric)) {}

FolderWatch::~FolderWatch() = default;

// Null as long as nothing says what it will be.
std::unique_ptr<FolderWatch::Kind> FolderWatch::open() const {
    if (folders_.size() > 1) return std::make_unique<ShardedSweep>(folders_, "", metric_);
    const std::string& directory = folders_.front();
    const Json manifest = manifest_of(directory);
    if (!manifest.is_object()) {
        auto shards = ShardedSweep::shards_in(directory);
        if (!shards.empty()) return std::make_unique<ShardedSweep>(std::move(shards), directory, metric_);
        if (folder_writer(directory).may_write() || is_there(directory + "/slurm")) return nullptr;
        throw input_error(directory, "results of a sweep, a run or a validation",
                          holds_results(directory) ? describe_results(directory) : "none",
                          "name what --out of `laxity sweep`, `live`, `simulate` or `validate` was, or --wait for it");
    }
    if (value_at(manifest, "/configuration/kind", std::string()) == "sweep")
        return std::make_unique<WholeSweep>(directory, metric_);
    const std::string what = value_at(manifest, "/what", std::string());
    if (is_there(directory + "/validation.csv") || what.starts_with("a validation"))
        return std::make_unique<Validation>(directory);
    if (is_there(directory + "/jobs.csv") || what.starts_with("a live run") || what.starts_with("a simulated run"))
        return std::make_unique<RecordedRun>(directory);
    throw input_error(directory, "results of a sweep, a run or a validation", describe_results(directory),
                      "they appear when their command ends: there is nothing to watch");
}

std::optional<WatchState> FolderWatch::look(double seconds) {
    for (const std::string& folder : folders_) {
        if (!is_there(folder)) return std::nullopt;
    }
    WatchState state;
    // Twice: a folder that was replaced is begun anew, once.
    for (int tries = 0; tries < 2; ++tries) {
        state = WatchState{};
        state.directory = folders_.size() == 1 ? folders_.front() : folders_.front() + " and others";
        state.writer = folder_writer(folders_.front());  // before the results: who ends writes them first
        if (!kind_) kind_ = open();
        if (!kind_) {
            state.what = "nothing yet";
            return state;
        }
        if (kind_->look(state)) break;
        kind_.reset();
    }
    const std::uint64_t before = kind_ ? kind_->done_before() : 0;
    if (const auto life = seconds_since(state.writer.since); life && *life > 1 && state.done > before)
        rate_.remember(*life, state.done - before);
    rate_.see(seconds, state.done);
    state.per_second = rate_.per_second();
    if (state.per_second && state.of && *state.of >= state.done)
        state.seconds_left = static_cast<double>(*state.of - state.done) / *state.per_second;
    return state;
}

}  // namespace laxity
