// A validation that is watched: how many of its repetitions are measured, which had to be measured again, and in the
// end what it came to.
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "sim/study/growing_csv.hpp"
#include "sim/study/watch_kinds.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// protocol.json, which is there before the first run; null otherwise (results of before there were repetitions).
Json protocol_of(const std::string& directory) {
    std::ifstream in(directory + "/protocol.json");
    return in ? Json::parse(in, nullptr, false) : Json();
}

std::string cell_name(const CsvColumns& csv, std::size_t point, std::size_t policy) {
    return std::string(csv.field(point)) + (csv.field(point).empty() ? "" : "  ") + std::string(csv.field(policy));
}

// The live run that is being recorded now: the one without a summary. Cells are folders of the validation, and those of
// repetitions lie in them.
std::string running_folder(const std::string& directory) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; entry != end; entry.increment(error)) {
        if (entry.depth() == 2) entry.disable_recursion_pending();
        if (entry->path().filename() != "live" || !entry->is_directory(error)) continue;
        if (!is_there(entry->path().string() + "/summary.json")) return entry->path().string();
    }
    return {};
}

// Rows of repetitions.csv: which repetitions of which cells are there, and what was disturbed.
class Repetitions {
public:
    explicit Repetitions(const std::string& directory) : file_(directory + "/repetitions.csv") {}

    bool look() {
        if (!file_.look()) return false;
        if (file_.csv() == nullptr) return true;
        CsvColumns& csv = *file_.csv();
        const std::size_t point = csv.at("point"), policy = csv.at("policy"), repetition = csv.at("repetition"),
                          attempt = csv.at("attempt"), contended = csv.at("contended");
        while (csv.next()) {
            const std::string cell = cell_name(csv, point, policy);
            auto& attempts = cells_[cell][csv.count(repetition)];
            attempts[csv.count(attempt)] = csv.count(contended) != 0;
            if (known_.insert(cell).second) order_.push_back(cell);
        }
        return true;
    }

    std::uint64_t done() const {
        std::uint64_t done = 0;
        for (const auto& [cell, repetitions] : cells_) done += repetitions.size();
        return done;
    }

    std::vector<PartProgress> parts(std::uint64_t of) const {
        std::vector<PartProgress> parts;
        for (const std::string& cell : order_) {
            const std::uint64_t there = cells_.at(cell).size();
            parts.push_back({cell, there, of, there >= of});
        }
        return parts;
    }

    // "3 live runs were disturbed, 2 of these are measured anew"; empty if none was.
    std::string disturbed() const {
        std::size_t disturbed = 0, again = 0;
        for (const auto& [cell, repetitions] : cells_) {
            for (const auto& [repetition, attempts] : repetitions) {
                for (const auto& [attempt, contended] : attempts) disturbed += contended;
                again += attempts.size() - 1;
            }
        }
        if (disturbed == 0) return {};
        return std::to_string(disturbed) + " live runs were disturbed, " + std::to_string(again) + " were repeated";
    }

private:
    using Attempts = std::map<std::uint64_t, bool>;  // number -> contended

    GrowingCsv file_;
    std::map<std::string, std::map<std::uint64_t, Attempts>> cells_;  // by repetition
    std::set<std::string> known_;
    std::vector<std::string> order_;  // in which they were first seen
};

struct Validation final : FolderWatch::Kind {
    explicit Validation(std::string folder)
        : directory(std::move(folder)), file(directory + "/validation.csv"), repetitions(directory) {}

    bool look(WatchState& state) override {
        state.what = value_at(manifest_of(directory), "/what", std::string("a validation"));
        if (!file.look() || !repetitions.look()) return false;
        read_rows();
        state.cells = cells;
        const Json protocol = protocol_of(directory);
        const auto of = value_at(protocol, "/repetitions", std::uint64_t{0});
        const bool all_there = of > 0 ? count_repetitions(state, protocol, of) : count_cells(state);
        add_current(state);
        state.phase = phase_of(!state.writer.may_write() && all_there, state.writer, of > 0 ? state.done : 1);
        if (state.phase == WatchState::Phase::kStopped)
            state.advice = "it was stopped before its end; what was measured is in " +
                           (of > 0 ? directory + "/repetitions.csv" : file.path()) +
                           (protocol.contains("signatures") ? "; the same command goes on with it" : "");
        return true;
    }

    // Whether all that was asked for is there.
    bool count_repetitions(WatchState& state, const Json& protocol, std::uint64_t each) {
        const auto all_cells = value_at(protocol, "/cells", std::uint64_t{0});
        state.unit = "repetitions";
        state.done = repetitions.done();
        state.of = each * all_cells;
        state.part = "cell";
        state.parts = repetitions.parts(each);
        state.parts_in_all = all_cells;
        if (const std::string said = repetitions.disturbed(); !said.empty()) state.notes.push_back(said);
        return state.done >= *state.of && !cells.empty();
    }

    // Of before there were repetitions: a cell is in the table when it has been measured.
    bool count_cells(WatchState& state) {
        state.unit = "cells";
        state.done = cells.size();
        return running_folder(directory).empty();
    }

    void read_rows() {
        if (file.csv() == nullptr) return;
        CsvColumns& csv = *file.csv();
        const std::size_t point = csv.at("point"), policy = csv.at("policy");
        const std::size_t difference = csv.at("difference"), ci95 = csv.at("ci95");
        const auto verdict = csv.find("verdict");
        while (csv.next()) {
            const std::string name = cell_name(csv, point, policy);
            if (cells.empty() || cells.back().name != name) cells.push_back({name, 0, 0, 0, verdict.has_value()});
            ValidationCell& cell = cells.back();
            ++cell.metrics;
            const auto off = csv.number(difference), half_width = csv.number(ci95);
            cell.differ +=
                verdict ? csv.field(*verdict) == "different" : off && half_width && std::fabs(*off) > *half_width;
            cell.equal += verdict && csv.field(*verdict) == "equal";
        }
    }

    // The live run that is on.
    void add_current(WatchState& state) {
        const std::string folder = state.writer.may_write() ? running_folder(directory) : std::string();
        if (folder != current) {
            current = folder;
            run = current.empty() ? nullptr : watched_run(current);
        }
        if (!run) return;
        WatchState inside;
        if (!run->look(inside)) run.reset();
        state.tasks = inside.tasks;
        state.notes.push_back("now: " + fs::path(current).parent_path().lexically_relative(directory).string());
    }

    std::string directory;
    GrowingCsv file;
    Repetitions repetitions;
    std::vector<ValidationCell> cells;
    std::string current;  // folder of the live run that is on
    std::unique_ptr<FolderWatch::Kind> run;
};

}  // namespace

std::unique_ptr<FolderWatch::Kind> watched_validation(const std::string& directory) {
    return std::make_unique<Validation>(directory);
}

}  // namespace laxity
