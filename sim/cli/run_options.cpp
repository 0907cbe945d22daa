#include "sim/cli/run_options.hpp"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "sim/cli/progress.hpp"
#include "sim/results/results.hpp"
#include "sim/results/timeline.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace po = boost::program_options;

const char* const kSummaryHelp =
    "summary (JSON on stdout), over the jobs after the warm-up:\n"
    "  jobs, missed, miss_ratio     released; mandatory part not done by the deadline; missed / jobs\n"
    "  accuracy                     right answers / jobs (a missed job counts as wrong)\n"
    "  weighted_accuracy            the same, jobs weighted by their task's weight\n"
    "  mean_depth, depth_histogram  stages finished in time; jobs that left at depth 0, 1, ...\n"
    "  utilisation                  busy time of the accelerator / (slots x length of the run)\n"
    "  overrun_ms                   busy time spent on stages whose job had already left\n"
    "  response_ms                  release to end of the returned exit, over the jobs not missed\n"
    "  confident_ratio              answers as sure as the task's confident_from, or of full depth / jobs; if a task "
    "has "
    "one\n"
    "  energy                       harvested, used, spilled, left (mJ), power failures, time off; with an energy "
    "section\n"
    "  decisions, length_ms         calls of the policy; length of the run\n";

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
        "seed of arrivals, deadlines, inputs and latency rows")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")(
        "plan", po::value<std::string>()->value_name("FILE"),
        "for a policy that follows a plan: this one (of `laxity plan`) instead of making it")(
        "jobs-csv", po::value<std::string>()->value_name("FILE"), "write a row per job")(
        "timeline", po::value<std::string>()->value_name("FILE"),
        "write a timeline for Perfetto (keeps all records in memory)")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "write manifest.json, summary.json, jobs.csv and stages.csv");
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
    return options;
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

RunOutput::RunOutput(const RunOptions& options, const Workload& workload, const TaskSet& tasks)
    : options_(options), names_(names_of(tasks)) {
    const auto add_file = [&](std::unique_ptr<RecordSink> file) {
        files_.push_back(std::move(file));
        fan_.add(*files_.back());
    };
    if (!options.jobs_csv.empty()) add_file(std::make_unique<JobsCsv>(options.jobs_csv, tasks));
    if (!options.timeline.empty()) {
        if (!std::ofstream(options.timeline, std::ios::app)) {
            throw input_error("--timeline " + options.timeline, "a file that can be written", "one that can't");
        }
        fan_.add(records_);
    }
    if (options.out.empty()) return;
    make_result_folder(options.out);
    write_manifest(options.out, {command_line(), resolved_workload_json(options.workload, options.overrides),
                                 measured_trace_paths(workload)});
    add_file(std::make_unique<JobsCsv>(options.out + "/jobs.csv", tasks));
    add_file(std::make_unique<StagesCsv>(options.out + "/stages.csv", tasks));
}

void RunOutput::finish(const std::string& summary) {
    fan_.finish();
    if (!options_.timeline.empty()) write_timeline(options_.timeline, records_, names_);
    if (!options_.out.empty()) write_file(options_.out + "/summary.json", summary + "\n");
}

std::string run_summary(const std::string& mode, const Workload& workload, const std::string& policy,
                        std::uint64_t seed, const Metrics& metrics, const std::string& extra) {
    using Json = nlohmann::ordered_json;
    if (metrics.total().jobs == 0) std::cerr << "laxity: warning: no job was scored; see /horizon of the workload\n";
    Json json = {{"mode", mode}, {"workload", workload.path}, {"policy", policy}, {"seed", seed}};
    json.update(Json::parse(metrics.json(-1)));
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
