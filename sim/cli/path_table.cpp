#include "sim/cli/path_table.hpp"

#include <cstdio>
#include <iostream>
#include <string>

#include "profiler/device/path_cost.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/text_table.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/trace.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using namespace std::chrono_literals;

constexpr int kExecutions = 300;
constexpr int kMostExecutions = 1'000'000;

constexpr const char* kColumns =
    "wait,stage_us,idle_ms,executions,submit_p50_us,submit_p99_us,submit_max_us,notice_p50_us,notice_p99_us,"
    "notice_max_us";

std::vector<Wait> waits_option(const po::variables_map& values) {
    const std::string text = values.count("wait") == 0 ? "both" : values["wait"].as<std::string>();
    if (text == "both") return {Wait::kSpin, Wait::kPark};
    if (text == "spin") return {Wait::kSpin};
    if (text == "park") return {Wait::kPark};
    throw input_error("--wait", "spin, park or both", "\"" + text + "\"");
}

PathCostOptions path_options(const po::variables_map& values) {
    for (const char* other : {"speed", "decisions", "policy", "active", "situations", "jobs", "repeats", "out"}) {
        if (values.count(other) != 0 && !values[other].defaulted())
            throw input_error("--path", std::string("no --") + other + " beside it", "both", "give one of them");
    }
    PathCostOptions options;
    options.waits = waits_option(values);
    options.stages = {0us, 20us, 100us, 500us, 2000us};
    options.idles = {0ms, 1ms, 10ms};
    options.executions = values.count("executions") == 0 ? kExecutions : values["executions"].as<int>();
    if (options.executions < 1 || options.executions > kMostExecutions)
        throw input_error("--executions", "a number from 1 to " + std::to_string(kMostExecutions),
                          std::to_string(options.executions));
    return options;
}

std::string us(const std::vector<std::int64_t>& values, double q) {
    return fixed(static_cast<double>(quantile(values, q)) * 1e-3, 2);
}

// Wait, stage, idling, executions, then the quantiles; nothing where nothing ran.
TextTable::Row row_of(const PathCost& cost) {
    TextTable::Row row = {text_of(cost.cell.wait), fixed(to_us(cost.cell.stage), 0), fixed(to_ms(cost.cell.idle), 0),
                          std::to_string(cost.submit_ns.size())};
    for (const auto* values : {&cost.submit_ns, &cost.notice_ns}) {
        for (const double q : {0.5, 0.99, 1.0}) row.push_back(values->empty() ? "" : us(*values, q));
    }
    return row;
}

void print(const std::vector<PathCost>& costs, bool csv) {
    TextTable table("lrrrrrrrrr", {"wait", "stage", "idle", "runs", "submit", "", "", "notice", "", ""},
                    {"", "us", "ms", "", "p50 us", "p99 us", "max us", "p50 us", "p99 us", "max us"});
    if (csv) std::cout << kColumns << "\n";
    for (const PathCost& cost : costs) {
        const TextTable::Row row = row_of(cost);
        table.add(row);
        for (std::size_t i = 0; csv && i < row.size(); ++i) std::cout << (i == 0 ? "" : ",") << row[i];
        if (csv) std::cout << "\n";
    }
    if (!csv) table.print(std::cout);
}

}  // namespace

void declare_path_options(po::options_description& options) {
    options.add_options()("path",
                          "measure what lies around a stage, from its hand-over to its start (submit) and from its end "
                          "until the driver knows (notice), instead")(
        "wait", po::value<std::string>()->value_name("spin|park|both"),
        "with --path: how the threads wait for each other; both (default): in turn, in one run")(
        "executions", po::value<int>()->value_name("N"),
        "with --path: of each kind of situation (default 300, which takes 40 s)");
}

void check_no_path_options(const po::variables_map& values) {
    for (const char* name : {"wait", "executions"}) {
        if (values.count(name) != 0) throw input_error(std::string("--") + name, "--path beside it", "none");
    }
}

void measure_paths(const po::variables_map& values) {
    const PathCostOptions options = path_options(values);
    std::cerr << "laxity: about " << fixed(to_seconds(expected_length(options)), 0) << " s\n";
    std::vector<std::string> refusals;
    Progress progress("path", static_cast<std::uint64_t>(options.rounds), "rounds");
    const std::vector<PathCost> costs =
        measure_path(options, refusals, [&](int rounds) { progress.update(static_cast<std::uint64_t>(rounds)); });
    progress.finish();
    print_notes(refusals);
    print(costs, values["csv"].as<bool>());
    if (interrupted()) throw Interrupted();
}

}  // namespace laxity
