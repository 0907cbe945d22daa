#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/study_options.hpp"
#include "sim/cli/sweep_summary.hpp"
#include "sim/results/output.hpp"
#include "sim/study/forecast.hpp"
#include "sim/study/merge.hpp"
#include "sim/study/sweep.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

const char* const kSweepHelp =
    "AXES, crossed unless zipped:\n"
    "  load=0.5..2:0.25               the one value of the workload with this name, from 0.5 to 2 in steps of 0.25\n"
    "  /tasks/*/deadline/uniform/1=2,4   a JSON pointer into the workload; * sets it in every task\n"
    "  rtdeepiot/delta=log 0.01..1:9  a policy's parameter, nine values; policies without it run once per point\n"
    "  */threshold=0.7,0.8            of every policy that has it\n"
    "  /tasks/0/variants/0/trace=../../traces/a.json,../../traces/b.json   networks or devices; relative to the "
    "workload\n"
    "  planning_quantile=0.5,0.99     replay=rows,mean   clients=2,5,10   /tasks/0/copies=1..8\n"
    "A column is called as the last part of its target says; NAME:TARGET=VALUES gives it another name.\n"
    "CONDITIONS are comparisons of the axes' names and `policy`: --where 'load * clients < 8 and policy != \"edf\"'.\n"
    "\n"
    "The result folder holds runs.csv (a row per run: axes, policy, seed, measures), responses.csv\n"
    "(response times), manifest.json (what was run, by what, on what) and summary.json (means,\n"
    "intervals, the winners), which stdout gets too unless it is a terminal; progress goes to stderr.\n"
    "`laxity report DIR` makes tables, `laxity watch DIR` shows how far it is. The same command goes\n"
    "on with a sweep that was stopped, and ends with the same bytes; a folder with other results is\n"
    "never touched.\n"
    "\nexamples:\n"
    "  laxity sweep workloads/scenarios/quickstart-sweep.json --out results/quickstart\n"
    "  laxity sweep --workload workloads/scenarios/quickstart.json --policy edf --policy rtdeepiot:predictor=exp \\\n"
    "      --axis load=0.5..2:0.25 --axis rtdeepiot/delta=0.02,0.05,0.1 --seeds 10 --jobs 20000 --out results/delta\n"
    "  laxity sweep workloads/scenarios/quickstart-sweep.json --until accuracy=0.001 --until miss_ratio=10% --dry-run\n"
    "  laxity sweep workloads/scenarios/quickstart-sweep.json --policy toll --save mine.json\n"
    "  laxity sweep mine.json --shard 2/8 --out results/mine-2      # then: laxity merge results/mine-* --out "
    "results/mine\n";

std::string text(const po::variables_map& values, const char* name) {
    return values.count(name) == 0 ? std::string() : values[name].as<std::string>();
}

// Runs with a bar on stderr. False if interrupted.
template <class Work>
bool with_progress(const char* title, const char* unit, const Study& study, SweepFolder& folder, int threads,
                   const Work& work) {
    Progress progress(title, 0, unit);
    const auto update = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); };
    const auto tell = [&](std::uint64_t rows) {
        std::cerr << "laxity: note: " << one_line(folder.directory()) << " has " << rows
                  << (rows == 1 ? " run" : " runs") << " already; what is missing is run\n";
    };
    const bool complete = work(study, folder, SweepOptions{threads, update, tell});
    progress.finish();
    return complete;
}

std::string duration_text(double seconds) {
    std::array<char, 64> text{};
    if (seconds < 120) {
        std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    } else if (seconds < 7200) {
        std::snprintf(text.data(), text.size(), "%.1f min", seconds / 60);
    } else {
        std::snprintf(text.data(), text.size(), "%.1f h", seconds / 3600);
    }
    return text.data();
}

// What would be run, on stdout.
void print_forecast(const Study& study, const Shard& shard, int threads) {
    const StudyForecast cost = forecast(study, shard, threads);
    const bool adaptive = !study.spec().until.empty();
    std::cout << "points        " << cost.points << "\n";
    for (const Axis& axis : study.axes()) {
        const std::vector<std::string>& values = axis.values;
        std::cout << "  " << axis.name << "  " << values.size() << " values of " << axis.target << ": "
                  << shortened(joined(values, ", "), 80) << "\n";
    }
    std::cout << "policies      " << cost.contenders << " with their axes' values";
    std::cout << (cost.cells == cost.points * cost.contenders ? "" : ", not all at every point") << "\n";
    std::cout << "runs          " << (adaptive ? "from " : "") << cost.runs;
    if (adaptive) std::cout << " to " << cost.most_runs << ", as the intervals ask for";
    std::cout << (shard.whole() ? "" : ", about, in shard " + shard.text()) << "\n";
    std::cout << "jobs          " << (adaptive ? "from " : "") << cost.jobs << "\n";
    std::cout << "columns       " << runs_header(study) << "\n";
    std::cout << "time          " << (adaptive ? "from " : "") << duration_text(cost.seconds) << " on " << threads
              << (threads == 1 ? " thread" : " threads") << ", measured on runs of every policy";
    if (cost.seconds_of_plans > 0) std::cout << "; " << duration_text(cost.seconds_of_plans) << " of it for plans";
    std::cout << "\n";
}

void save(const Study& study, const std::string& path, bool replace) {
    claim_file(path, replace);
    write_file(path, study_text(study.spec(), std::filesystem::path(path).parent_path().string()));
    std::cerr << "wrote " << path << "\n";
}

}  // namespace

int sweep_command(const Arguments& arguments) {
    po::options_description options("options");
    declare_study(options);
    declare_threads(options);
    declare_replace_option(options);
    options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                          "result folder; start again with the same one to go on")(
        "shard", po::value<std::string>()->value_name("K/N"),
        "only part K of N, for one of N processes; see `laxity merge --help`")(
        "save", po::value<std::string>()->value_name("FILE"),
        "write the study as a file; without --out, do nothing else")(
        "dry-run", po::bool_switch(), "say what would be run and how long it would take, from measured runs");
    const auto values = parse_options(with_whole_options(arguments), "laxity sweep [FILE] --out DIR [options]", options,
                                      kSweepHelp, "file");
    if (!values) return kExitOk;

    const bool dry = (*values)["dry-run"].as<bool>(), replace = replace_option(*values);
    const std::string out = text(*values, "out"), study_file = text(*values, "save");
    const Shard shard = values->count("shard") == 0 ? Shard() : parse_shard(text(*values, "shard"));
    const int threads = threads_option(*values);
    if (out.empty() && study_file.empty() && !dry) {
        throw input_error("--out", "a result folder, --save FILE or --dry-run", "none of them");
    }
    const Study study(study_option(*values));
    print_notes(study);
    if (!study_file.empty()) save(study, study_file, replace);
    if (dry) print_forecast(study, shard, threads);
    if (dry || out.empty()) return kExitOk;

    SweepFolder folder(out, study, shard, replace);
    const bool complete =
        with_progress("sweep", "runs", study, folder, threads, run_sweep) &&
        (!study.spec().bounds || with_progress("bounds", "bounds", study, folder, threads, run_bounds));
    if (!complete) {
        std::cerr << "laxity: interrupted; the finished runs are in " << out
                  << ", start the same command again to go on\n";
        return kExitInterrupted;
    }
    if (!shard.whole()) {
        std::cerr << "shard " << shard.text() << " is complete; when all are: laxity merge DIR... --out DIR\n";
        return kExitOk;
    }
    finish_sweep(out);
    return kExitOk;
}

int merge_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("shards", po::value<std::vector<std::string>>()->required()->value_name("DIR..."),
                          "the folders of all shards")("out,o", po::value<std::string>()->required()->value_name("DIR"),
                                                       "result folder of the whole");
    declare_replace_option(options);
    const std::string examples =
        "Makes of all shards of a sweep the folder that the sweep would have written without --shard: the same bytes "
        "in\n"
        "runs.csv, responses.csv, bounds.csv and summary.json. Says which shards are missing, unfinished or of "
        "another\n"
        "sweep. Shards may be made in any order, on any machines, with any number of threads:\n"
        "\nexample (on one machine; results/README.md has Slurm, GNU parallel and ssh):\n"
        "  for k in 1 2 3; do laxity sweep study.json --shard $k/3 --out results/part-$k; done\n"
        "  laxity merge results/part-* --out results/whole\n";
    const auto values =
        parse_options(arguments, "laxity merge DIR... --out DIR", options, examples, "shards", kAnyNumber);
    if (!values) return kExitOk;
    const std::string out = (*values)["out"].as<std::string>();
    std::optional<Progress> progress;
    const auto update = [&](std::uint64_t rows, std::uint64_t total) {
        if (!progress) progress.emplace("merge", total, "rows");
        progress->update(rows, total);
    };
    merge_shards((*values)["shards"].as<std::vector<std::string>>(), out, {replace_option(*values), update});
    progress.reset();
    finish_sweep(out);
    return kExitOk;
}

}  // namespace laxity
