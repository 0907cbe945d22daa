#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/results/output.hpp"
#include "sim/study/sweep.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

int threads_option(const boost::program_options::variables_map& values) {
    const int threads = values["threads"].as<int>();
    if (threads < 0 || threads > 4096)
        throw input_error("--threads", "a number from 0 (all cores) to 4096", std::to_string(threads));
    return threads == 0 ? std::max(1, static_cast<int>(std::thread::hardware_concurrency())) : threads;
}

std::string behind_bounds(const PolicyScore& score) {
    std::string text;
    const auto add = [&](const char* bound, const std::optional<Estimate>& behind) {
        std::array<char, 64> field{};
        if (behind && behind->mean) std::snprintf(field.data(), field.size(), "  %.4f below %s", *behind->mean, bound);
        text += field.data();
    };
    add("the least bound", score.behind_least);
    add("clairvoyant", score.behind_clairvoyant);
    return text;
}

// "nan" in the table where there is none.
double number(const std::optional<double>& value) { return value.value_or(std::nan("")); }

// A table for people, on stderr; the same numbers are in summary.json.
void print_scores(const SweepSummary& summary) {
    std::size_t width = 6;
    for (const PolicyScore& score : summary.scores) width = std::max(width, score.policy.size());
    std::fprintf(stderr, "%-*s  %18s  %10s  %22s\n", static_cast<int>(width), "policy", "accuracy (95 %)", "misses",
                 "behind winner (paired)");
    for (const PolicyScore& score : summary.scores) {
        std::fprintf(stderr, "%-*s  %8.4f +- %.4f  %8.4f %%  %11.4f +- %.4f%s%s\n", static_cast<int>(width),
                     score.policy.c_str(), number(score.accuracy.mean), number(score.accuracy.half_width),
                     100 * number(score.miss_ratio.mean), number(score.behind_winner.mean),
                     number(score.behind_winner.half_width), behind_bounds(score).c_str(),
                     score.policy == summary.winner ? "  <- winner"
                     : score.live                   ? ""
                                                    : "  (oracle)");
    }
}

}  // namespace

int sweep_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    options.add_options()("file", po::value<std::string>()->required()->value_name("FILE"), "the sweep (JSON)")(
        "out,o", po::value<std::string>()->required()->value_name("DIR"),
        "result folder; start again with the same one to go on")(
        "threads,t", po::value<int>()->default_value(0)->value_name("N"), "worker threads; 0 = all cores")(
        "bounds", po::bool_switch(), "also write what no policy can beat (bounds.csv), see `laxity bound --help`")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated");
    declare_replace_option(options);
    const std::string examples =
        "The result folder holds runs.csv (a row per run: axes, policy, seed, measures), manifest.json and "
        "summary.json (means,\n"
        "95 % intervals over the seeds, paired differences, the winner). stdout gets summary.json; progress goes to "
        "stderr.\n"
        "A sweep file:\n"
        "  {\"schema\": \"laxity.sweep/1\", \"workload\": \"quickstart.json\",\n"
        "   \"axes\": {\"/tasks/0/arrival/load\": [0.5, 1.0, 1.5]}, \"policies\": [\"edf\", "
        "\"rtdeepiot:predictor=exp\"], \"seeds\": 10}\n"
        "With \"bounds\": true, or --bounds, bounds.csv holds what no policy can beat (a row per point and seed), and "
        "the "
        "summary\nhow far below it each policy is.\n"
        "\nexample:\n"
        "  laxity sweep workloads/scenarios/quickstart-sweep.json --out results/quickstart\n";
    const auto values = parse_options(arguments, "laxity sweep FILE --out DIR [options]", options, examples, "file");
    if (!values) return kExitOk;

    TraceCache cache;
    SweepPlan plan = load_sweep((*values)["file"].as<std::string>(), override_options(*values), cache);
    plan.bounds = plan.bounds || (*values)["bounds"].as<bool>();
    const std::string directory = (*values)["out"].as<std::string>();
    const int threads = threads_option(*values);
    ResultFolder folder(directory);
    if (replace_option(*values)) folder.claim(true);
    check_sweep_folder(plan, directory);
    const auto with_progress = [&](const char* title, std::size_t total, const char* unit, const auto& work) {
        Progress progress(title, total, unit);
        const auto update = [&](std::uint64_t done, std::uint64_t) { progress.update(done); };
        const bool complete = work(plan, cache, SweepOptions{directory, threads, update});
        progress.finish();
        return complete;
    };
    const bool complete = with_progress("sweep", plan.runs(), "runs", run_sweep) &&
                          (!plan.bounds || with_progress("bounds", plan.bound_lines(), "bounds", run_bounds));
    if (!complete) {
        std::cerr << "laxity: interrupted; the finished runs are in " << directory
                  << ", start the same command again to go on\n";
        return kExitInterrupted;
    }
    print_scores(summarise_sweep(plan, directory));
    std::ifstream summary(directory + "/summary.json");
    std::cout << summary.rdbuf();
    return kExitOk;
}

}  // namespace laxity
