#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/cli/command.hpp"
#include "sim/cli/recorded_folder.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/live/replay_run.hpp"
#include "sim/results/measures.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

std::string counted(std::uint64_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

void print_identical(const ReplayReport& report) {
    std::cout << counted(report.decisions, "decision") << ", all identical: " << counted(report.stages, "stage")
              << " started and " << counted(report.jobs, "job") << " left as recorded, in "
              << counted(report.steps, "step") << "\n";
    if (report.unrecorded > 0)
        std::cout << counted(report.unrecorded, "stage") << " had not ended when the device failed\n";
}

void print_difference(const ReplayDifference& difference) {
    std::array<char, 40> time;
    std::snprintf(time.data(), time.size(), "%.6f", static_cast<double>(to_ns(difference.time)) / 1e6);
    std::cout << "decision " << difference.decision << " differs, "
              << (difference.step == 0 ? "after the last step" : "in step " + std::to_string(difference.step)) << " at "
              << time.data() << " ms\n  live    " << difference.live << "\n  replay  " << difference.replay
              << "\n  active jobs, as the policy saw them in the replay"
              << (difference.active.empty() ? ": none\n" : "\n");
    for (const std::string& job : difference.active) std::cout << "    " << job << "\n";
}

// A policy that ran instead, and what came of it.
struct Entrant {
    PolicySpec policy;
    std::unique_ptr<const Plan> plan;
    std::optional<WhatIf> outcome;
};

std::string number_of(const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.6g", *value);
    return text.data();
}

void print_row(const std::string& name, const std::vector<std::string>& cells) {
    std::printf("%-24s", name.c_str());
    for (const std::string& cell : cells)
        std::printf(" %*s", static_cast<int>(std::max<std::size_t>(14, cell.size())), cell.c_str());
    std::printf("\n");
}

// The measures of the live run beside those of the others, each column as wide as its policy's name.
void print_table(const RecordedFolder& run, const Metrics& live, const std::vector<Entrant>& entrants) {
    std::vector<std::string> titles = {run.policy.text + " (live)"};
    for (const Entrant& entrant : entrants) titles.push_back(entrant.policy.text);
    print_row("measure", titles);
    for (const Measure& measure : measures()) {
        if (!measure.is_numeric() || !measure.applies_to(all_jobs(live))) continue;
        std::vector<std::string> cells = {number_of(measure_value(live, measure.name))};
        for (const Entrant& entrant : entrants)
            cells.push_back(number_of(measure_value(entrant.outcome->metrics, measure.name)));
        for (std::size_t i = 0; i < cells.size(); ++i)
            cells[i].insert(0, std::max(titles[i].size(), cells[i].size()) - cells[i].size(), ' ');
        const std::string unit = measure.unit == "1" ? "" : " (" + std::string(measure.unit) + ")";
        const bool said = measure.name.ends_with("_ms");
        print_row(std::string(measure.name) + (said ? "" : unit), cells);
    }
    for (const Entrant& entrant : entrants) {
        const RecordedSources& times = entrant.outcome->times;
        std::printf("stage times of %s: %llu of that very stage, %llu of the nearest in time, %llu of the trace\n",
                    entrant.policy.text.c_str(), static_cast<unsigned long long>(times.recorded),
                    static_cast<unsigned long long>(times.nearest), static_cast<unsigned long long>(times.base));
    }
    std::fflush(stdout);
}

std::string folder_name(std::size_t number, const PolicySpec& policy) {
    std::string name = std::to_string(number) + "-" + policy.text;
    for (char& c : name) {
        if (c == ':' || c == ',' || c == '=' || c == '/') c = '-';
    }
    return name;
}

// Writes what a simulation with --out writes.
class EntrantFolder {
public:
    EntrantFolder(const std::string& directory, const RecordedFolder& run, const Entrant& entrant)
        : directory_(directory),
          jobs_((make_result_folder(directory), directory + "/jobs.csv"), run.tasks),
          stages_(directory + "/stages.csv", run.tasks),
          path_(directory, run.tasks) {
        write_manifest(directory,
                       {command_line(), run.configuration, measured_trace_paths(run.workload),
                        "a run of " + entrant.policy.text + " on the record of a live run of " + run.policy.text,
                        hashes_of(files_of(run))});
        for (RecordSink* sink : std::initializer_list<RecordSink*>{&jobs_, &stages_, &path_}) fan_.add(*sink);
    }

    RecordSink* sink() { return &fan_; }
    void finish(const RecordedFolder& run, const Entrant& entrant) {
        fan_.finish();
        const RecordedSources& times = entrant.outcome->times;
        const nlohmann::ordered_json extra = {
            {"recorded", one_line(run.directory)},
            {"recorded_policy", run.policy.text},
            {"stage_times", {{"recorded", times.recorded}, {"nearest", times.nearest}, {"trace", times.base}}}};
        write_file(directory_ + "/summary.json", run_summary("replay", run.workload, entrant.policy.text, run.seed,
                                                             entrant.outcome->metrics, extra.dump()) +
                                                     "\n");
    }

private:
    // The record, and what the live run was made from but for the workload's file.
    static std::vector<std::string> files_of(const RecordedFolder& run) {
        std::vector<std::string> files = input_files(run.workload);
        std::erase(files, run.workload.path);
        for (const char* name : {"jobs.csv", "stages.csv", "path.csv", "steps.csv"})
            files.push_back(run.directory + "/" + name);
        return files;
    }

    std::string directory_;
    JobsCsv jobs_;
    StagesCsv stages_;
    PathCsvs path_;
    RecordFan fan_;
};

std::vector<Entrant> entrants_of(const po::variables_map& values, const RecordedFolder& run) {
    std::vector<Entrant> entrants;
    if (values.count("policy") == 0) return entrants;
    for (const std::string& text : values["policy"].as<std::vector<std::string>>())
        entrants.push_back({policy_option(text, true), nullptr, {}});
    RunOptions options;
    for (Entrant& entrant : entrants) {
        const bool same = run.plan && entrant.policy.text == run.policy.text;
        entrant.plan = same ? std::make_unique<const Plan>(*run.plan)
                            : options.plan_for_run(entrant.policy, run.workload, run.tasks);
    }
    return entrants;
}

void run_entrants(const RecordedFolder& run, const RecordedRun& recorded, std::vector<Entrant>& entrants,
                  const std::optional<ResultFolder>& folder) {
    const Time until = run.cut_short ? run.last_step() : kNever;
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        Entrant& entrant = entrants[i];
        std::optional<EntrantFolder> out;
        if (folder)
            out.emplace(
                entrants.size() == 1 ? folder->path() : folder->path() + "/" + folder_name(i + 1, entrant.policy), run,
                entrant);
        entrant.outcome = run_instead(recorded, entrant.policy, entrant.plan.get(), out ? out->sink() : nullptr, until);
        if (out) out->finish(run, entrant);
    }
}

}  // namespace

int replay_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("run", po::value<std::string>()->required()->value_name("DIR"),
                          "folder of a live run: of `laxity live --out`, or one called live of `laxity validate`")(
        "policy,p", po::value<std::vector<std::string>>()->composing()->value_name("NAME[:KEY=VALUE,...]"),
        "what would this policy have done in that run? may be repeated")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "with --policy: write manifest.json, summary.json, jobs.csv, stages.csv and path.csv; of several policies into "
        "a folder each");
    declare_replace_option(options);
    const std::string examples =
        "Runs a recorded live run again, without its device and in no time: the same releases, ends of stages and "
        "outcomes, in\n"
        "steps at the recorded moments, through the same scheduler and policy. Prints how many decisions there were if "
        "all came\n"
        "out as they did live: the stages that started, when and on which lane, and how every job left. Otherwise the "
        "first\n"
        "that differs, with both views, and exits with 1. Workload, policy, seed and plan are those of the folder; a "
        "trace that\n"
        "has changed since is refused.\n"
        "\nWith --policy, another policy meets that very run: its releases, noticed as late as they were; the "
        "recorded answer and\n"
        "time of each stage of each job that ran; for the others the trace's answer, and the time of the execution "
        "nearest in\n"
        "time of the same stage. Decisions take what those of the run took. The device's speed, drift and stalls "
        "are thus the\n"
        "same for both; what the other policy would have changed in the caches is not in it.\n"
        "\nexamples:\n"
        "  laxity live -w workloads/scenarios/quickstart.json -p edf --seconds 10 --out results/live\n"
        "  laxity replay results/live\n"
        "  laxity replay results/live --policy rtdeepiot --policy toll --out results/instead\n";
    const auto values = parse_options(arguments, "laxity replay DIR [options]", options, examples, "run");
    if (!values) return kExitOk;
    const bool writes = values->count("out") != 0;
    if (writes && values->count("policy") == 0)
        throw input_error("--out", "--policy with it", "none", "without it there is nothing to write");

    std::optional<ResultFolder> folder;
    if (writes) folder.emplace((*values)["out"].as<std::string>()).check(replace_option(*values));
    const RecordedFolder run = read_recorded_folder((*values)["run"].as<std::string>());
    std::vector<Entrant> entrants = entrants_of(*values, run);
    const Replay replay(run.workload);
    const RecordedRun recorded{replay, run.tasks, run.seed, run.records};
    std::optional<Metrics> live;
    const ReplayReport report = replay_decisions(recorded, run.policy, run.plan.get(), &live);
    if (report.difference) {
        print_difference(*report.difference);
        return kExitFailure;
    }
    print_identical(report);
    if (entrants.empty()) return kExitOk;
    std::cout.flush();
    if (folder) folder->claim(replace_option(*values));
    run_entrants(run, recorded, entrants, folder);
    print_table(run, *live, entrants);
    return kExitOk;
}

}  // namespace laxity
