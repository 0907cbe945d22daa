#include "sim/study/watch.hpp"

#include <chrono>
#include <ctime>
#include <filesystem>

#include "sim/results/output.hpp"
#include "sim/study/watch_kinds.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Seconds since then, by the wall clock: "2026-11-25T10:02:00Z".
std::optional<double> seconds_since(const std::string& utc) {
    std::tm time{};
    if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time) == nullptr) return std::nullopt;
    const auto then = std::chrono::system_clock::from_time_t(::timegm(&time));
    return std::chrono::duration<double>(std::chrono::system_clock::now() - then).count();
}

}  // namespace

bool is_there(const std::string& path) {
    std::error_code error;
    return fs::exists(path, error);
}

Json manifest_of(const std::string& directory) {
    std::ifstream in(directory + "/manifest.json");
    return in ? Json::parse(in, nullptr, false) : Json();
}

WatchState::Phase phase_of(bool complete, const FolderWriter& writer, std::uint64_t done) {
    if (complete) return WatchState::Phase::kFinished;
    if (!writer.may_write()) return WatchState::Phase::kStopped;
    return done == 0 ? WatchState::Phase::kStarting : WatchState::Phase::kRunning;
}

std::string advice_to_go_on(const FolderWriter& writer, const std::string& command) {
    return std::string(writer.state == FolderWriter::State::kGone ? "its process was killed" : "nobody writes there") +
           "; to go on: " + (command.empty() ? "start the same command again" : command);
}

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

FolderWatch::FolderWatch(std::vector<std::string> folders, std::string metric)
    : folders_(std::move(folders)), metric_(std::move(metric)) {}

FolderWatch::~FolderWatch() = default;

// Null as long as nothing says what it will be.
std::unique_ptr<FolderWatch::Kind> FolderWatch::open() const {
    if (folders_.size() > 1) return watched_shards(folders_, "", metric_);
    const std::string& directory = folders_.front();
    const Json manifest = manifest_of(directory);
    if (!manifest.is_object()) {
        auto shards = shards_in(directory);
        if (!shards.empty()) return watched_shards(std::move(shards), directory, metric_);
        if (folder_writer(directory).may_write() || is_there(directory + "/slurm")) return nullptr;
        throw input_error(directory, "results of a sweep, a run or a validation",
                          holds_results(directory) ? describe_results(directory) : "none",
                          "name what --out of `laxity sweep`, `live`, `simulate` or `validate` was, or --wait for it");
    }
    if (value_at(manifest, "/configuration/kind", std::string()) == "sweep") return watched_sweep(directory, metric_);
    const std::string what = value_at(manifest, "/what", std::string());
    if (is_there(directory + "/validation.csv") || what.starts_with("a validation"))
        return watched_validation(directory);
    if (is_there(directory + "/jobs.csv") || what.starts_with("a live run") || what.starts_with("a simulated run"))
        return watched_run(directory);
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
