// A run or a validation that is watched.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/study/job_follower.hpp"
#include "sim/study/watch_kinds.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

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

}  // namespace

std::unique_ptr<FolderWatch::Kind> watched_run(const std::string& directory) {
    return std::make_unique<RecordedRun>(directory);
}

std::unique_ptr<FolderWatch::Kind> watched_validation(const std::string& directory) {
    return std::make_unique<Validation>(directory);
}

}  // namespace laxity
