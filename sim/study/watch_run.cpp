// A run that is watched.
#include <algorithm>

#include "sim/study/job_follower.hpp"
#include "sim/study/watch_kinds.hpp"

namespace laxity {

namespace {

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

}  // namespace

std::unique_ptr<FolderWatch::Kind> watched_run(const std::string& directory) {
    return std::make_unique<RecordedRun>(directory);
}

}  // namespace laxity
