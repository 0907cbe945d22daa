#include "sim/cli/run_options.hpp"

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/results/doubts.hpp"
#include "sim/results/measures.hpp"
#include "sim/results/results.hpp"
#include "sim/results/timeline.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

namespace po = boost::program_options;

std::string summary_help() {
    return "summary (JSON on stdout; null where there is no number). Of the jobs after the warm-up, or of the whole "
           "run as said;\n"
           "response_p50_ms is p50 in response_ms, and so on; the energy is in energy; each of the tasks has its "
           "own:\n" +
           measures_help() +
           "  warnings                 where the run is too short for what is asked; also on stderr\n";
}

std::vector<Override> override_options(const po::variables_map& values) {
    std::vector<Override> overrides;
    if (values.count("set") == 0) return overrides;
    for (const std::string& item : values["set"].as<std::vector<std::string>>())
        overrides.push_back(parse_override(item));
    return overrides;
}

std::uint64_t seed_option(const po::variables_map& values) {
    const auto seed = values["seed"].as<std::int64_t>();
    if (seed < 0) throw input_error("--seed", "a number from 0", std::to_string(seed));
    return static_cast<std::uint64_t>(seed);
}

void RunOptions::declare(po::options_description& options) {
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"),
                          "workload (JSON), e.g. workloads/scenarios/quickstart.json")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
        "seed of arrivals, deadlines, inputs and latency rows, and of generated tasks")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")(
        "plan", po::value<std::string>()->value_name("FILE"),
        "for a policy that follows a plan: this one (of `laxity plan`) instead of making it")(
        "jobs-csv", po::value<std::string>()->value_name("FILE"), "write a row per job")(
        "timeline", po::value<std::string>()->value_name("FILE"),
        "write a timeline for Perfetto (keeps all records in memory)")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "write manifest.json, summary.json, jobs.csv and stages.csv; of what else a run records its own files");
    declare_replace_option(options);
}

RunOptions RunOptions::from(const po::variables_map& values) {
    const auto text = [&](const char* name) {
        return values.count(name) != 0 ? values[name].as<std::string>() : std::string();
    };
    RunOptions options;
    options.workload = text("workload");
    options.overrides = override_options(values);
    options.seed = seed_option(values);
    options.plan = text("plan");
    options.jobs_csv = text("jobs-csv");
    options.timeline = text("timeline");
    options.out = text("out");
    options.replace = replace_option(values);
    return options;
}

InputHashes RunOptions::inputs_of(const Workload& loaded) const {
    if (out.empty()) return {};
    std::vector<std::string> files = input_files(loaded);
    if (std::filesystem::is_regular_file(plan)) files.push_back(plan);  // else load_plan() says what is wrong
    return hashes_of(files);
}

std::unique_ptr<const Plan> RunOptions::plan_for_run(const PolicySpec& policy, const Workload& loaded,
                                                     const TaskSet& tasks) const {
    if (!policy.info->needs_plan) {
        if (plan.empty()) return nullptr;
        throw input_error("--plan " + plan, "a policy that follows a plan", "\"" + policy.text + "\"", "use rtmdl");
    }
    if (!plan.empty()) return std::make_unique<const Plan>(load_plan(plan, tasks));
    const auto threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return std::make_unique<const Plan>(search_with_progress(policy, loaded, tasks, threads).best.plan);
}

PlanSearch search_with_progress(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks, int threads) {
    std::optional<Progress> bar;
    const PlanSearch search =
        search_plan(policy, workload, tasks, {threads, [&](std::uint64_t done, std::uint64_t total) {
                                                  if (!bar) bar.emplace("plan, " + policy.text, total, "plans");
                                                  bar->update(done);
                                              }});
    if (bar) bar->finish();
    return search;
}

namespace {

// Two outputs in one file would mix.
void check_distinct(const RunOptions& options) {
    if (options.jobs_csv.empty() || options.jobs_csv != options.timeline || is_stream(options.timeline)) return;
    throw input_error("--timeline " + options.timeline, "a file of its own", "the one of --jobs-csv");
}

}  // namespace

RunOutput::RunOutput(const RunOptions& options, InputHashes inputs) : options_(options), inputs_(std::move(inputs)) {
    if (!options.out.empty()) folder_.emplace(options.out).check(options.replace);
    check_distinct(options);
    for (const std::string& file : {options.jobs_csv, options.timeline})
        if (!file.empty()) check_file(file, options.replace);
}

void RunOutput::open(const Workload& workload, const TaskSet& tasks, const std::string& what) {
    names_ = names_of(tasks);
    if (folder_) {
        folder_->claim(options_.replace);
        write_manifest(folder_->path(), {command_line(), resolved_workload_json(options_.workload, options_.overrides),
                                         measured_trace_paths(workload), what, inputs_});
        add_file(std::make_unique<JobsCsv>(folder_->path() + "/jobs.csv", tasks));
        add_file(std::make_unique<StagesCsv>(folder_->path() + "/stages.csv", tasks));
        add_file(std::make_unique<PathCsvs>(folder_->path(), tasks));
    }
    if (!options_.jobs_csv.empty()) {
        claim_file(options_.jobs_csv, options_.replace);
        add_file(std::make_unique<JobsCsv>(options_.jobs_csv, tasks));
    }
    if (!options_.timeline.empty()) fan_.add(records_);
}

void RunOutput::keep_plan(const Plan* plan, const PolicySpec& policy, const Workload& workload, const TaskSet& tasks) {
    if (!folder_ || plan == nullptr) return;
    write_file(folder_->path() + "/plan.json", followed_plan_json(*plan, policy, workload, tasks) + "\n");
}

void RunOutput::add_file(std::unique_ptr<RecordSink> file) {
    files_.push_back(std::move(file));
    fan_.add(*files_.back());
}

void RunOutput::finish(const std::string& summary) {
    fan_.finish();
    if (!options_.timeline.empty()) {
        claim_file(options_.timeline, true);  // what was there before, or came meanwhile
        write_timeline(options_.timeline, records_, names_);
    }
    if (!folder_) return;
    write_file(folder_->path() + "/summary.json", summary + "\n");
    warn_if_changed(inputs_);
}

void warn_if_changed(const InputHashes& inputs) {
    const std::string change = changed(inputs);
    if (!change.empty())
        std::cerr << "laxity: warning: " << change
                  << " since it was read; these results are of what it held, see the SHA-256 in manifest.json\n";
}

std::string run_summary(const std::string& mode, const Workload& workload, const std::string& policy,
                        std::uint64_t seed, const Metrics& metrics, const std::string& extra) {
    using Json = nlohmann::ordered_json;
    const std::vector<std::string> warnings = doubts(metrics);
    for (const std::string& warning : warnings) std::cerr << "laxity: warning: " << warning << "\n";
    Json json = {{"mode", mode}, {"workload", one_line(workload.path)}, {"policy", policy}, {"seed", seed}};
    json.update(Json::parse(metrics.json(-1)));
    json["warnings"] = warnings;
    if (!extra.empty()) json.update(Json::parse(extra));
    return json.dump(2);
}

Override horizon_override(double seconds) {
    if (!(seconds > 0 && seconds <= 86400))
        throw input_error("--seconds", "a number above 0 and at most 86400", std::to_string(seconds));
    return {"/horizon", nlohmann::json{{"seconds", seconds}}.dump()};
}

PolicySpec policy_option(const std::string& text, bool live) {
    PolicySpec policy = parse_policy(text);
    if (live && policy.needs_oracle()) {
        throw input_error("--policy " + text, "a policy that can run live",
                          "one that must know how exits will turn out",
                          "choose a predictor other than oracle, or use `laxity simulate`");
    }
    return policy;
}

}  // namespace laxity
