#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include "sim/cli/command.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/core/simulation.hpp"
#include "sim/live/validation.hpp"
#include "sim/results/csv.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

constexpr std::string_view kHeader = "point,policy,metric,unit,simulated,live,difference,ci95";

// `/tasks/0/arrival/load=0.4,0.8` as one override per value; one point without overrides if there is no axis.
std::vector<std::optional<Override>> points_of(const po::variables_map& values) {
    if (values.count("axis") == 0) return {std::nullopt};
    const std::string text = values["axis"].as<std::string>();
    if (!text.starts_with('/') || text.find('=') == std::string::npos)
        throw input_error("--axis", "/POINTER=VALUE,VALUE,..., as in /tasks/0/arrival/load=0.4,0.8",
                          "\"" + text + "\"");
    const Override axis = parse_override(text);
    std::vector<std::optional<Override>> points;
    std::istringstream list(axis.value);
    for (std::string value; std::getline(list, value, ',');) points.push_back(Override{axis.pointer, value});
    if (points.empty()) throw input_error("--axis", "/POINTER=VALUE,VALUE,...", "no value");
    return points;
}

// One pair of runs.
struct Cell {
    std::string point;
    PolicySpec policy;
    RunOptions options;  // --out is the cell's own folder, or empty
    InputHashes inputs;
};

RunOptions in_folder(RunOptions options, const char* name) {
    if (!options.out.empty()) options.out += std::string("/") + name;
    return options;
}

RecordList simulated(const Cell& cell, const Workload& workload, const TaskSet& tasks, const Plan* plan) {
    RunOutput output(in_folder(cell.options, "simulation"), cell.inputs);
    output.open(workload, tasks, "a simulated run of " + cell.policy.text);
    RecordList records;
    RecordFan fan;
    fan.add(records);
    if (output.sink() != nullptr) fan.add(*output.sink());
    const Replay replay(workload);
    Simulation simulation(replay, tasks, cell.policy, cell.options.seed, plan);
    output.finish(run_summary("simulation", workload, cell.policy.text, cell.options.seed, simulation.run(&fan)));
    return records;
}

struct LiveResult {
    RecordList records;
    std::string contention;  // of the machine meanwhile
};

// nullopt if it was interrupted.
std::optional<LiveResult> live(const Cell& cell, const Workload& workload, const TaskSet& tasks, const Plan* plan,
                               LiveService& service, Progress& progress) {
    RunOutput output(in_folder(cell.options, "live"), cell.inputs);
    output.open(workload, tasks, "a live run of " + cell.policy.text);
    RecordList records;
    RecordFan fan;
    fan.add(records);
    if (output.sink() != nullptr) fan.add(*output.sink());
    LiveRun run(workload, tasks, cell.policy, cell.options.seed, service.device(), service.tasks(), plan);
    const Metrics& metrics = run.run(&fan, [&](std::uint64_t left) { progress.update(left); });
    output.finish(run_summary("live", workload, cell.policy.text, cell.options.seed, metrics, run.report().json()));
    progress.finish();
    print_report(run.report());
    if (!run.report().failure.empty()) throw DeviceError(run.report().failure);
    if (run.report().interrupted) return std::nullopt;
    const std::string verdict = run.report().noisy ? "; too noisy to judge by" : "";
    return LiveResult{std::move(records), run.report().contention + verdict};
}

// A number for the table; "-" where there is none.
std::string cell_of(const char* format, const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), format, *value);
    return text.data();
}

class Table {
public:
    explicit Table(const std::string& directory) {
        if (!directory.empty()) csv_.emplace(open_csv(directory + "/validation.csv", kHeader));
    }

    void add(const Cell& cell, const std::vector<Comparison>& rows, const std::string& contention) {
        std::printf("%s%s%s\n  %-14s %12s %12s %12s %12s\n", cell.point.c_str(), cell.point.empty() ? "" : "  ",
                    cell.policy.text.c_str(), "metric", "simulation", "live", "difference", "95 % +-");
        for (const Comparison& row : rows) {
            const std::string name = row.metric + (row.unit == "ms" ? " (ms)" : "");
            std::printf("  %-14s %12s %12s %12s %12s%s\n", name.c_str(), cell_of("%.4f", row.simulated).c_str(),
                        cell_of("%.4f", row.live).c_str(), cell_of("%+.4f", row.difference).c_str(),
                        cell_of("%.4f", row.ci95).c_str(), row.holds() ? "" : "  differs");
            if (!csv_) continue;
            CsvLine line;
            line.text(cell.point).text(cell.policy.text).text(row.metric).text(row.unit);
            for (const auto& value : {row.simulated, row.live, row.difference, row.ci95}) {
                value ? line.number(*value) : line.empty();
            }
            line.write(*csv_);
        }
        if (csv_) csv_->sync();  // a cell takes long to measure
        std::printf("  meanwhile: %s\n", contention.c_str());
        std::fflush(stdout);
    }

    void close() {
        if (csv_) csv_->close();
    }

private:
    std::optional<OutputFile> csv_;
};

// A workload of the axis.
struct Point {
    std::string name;
    RunOptions options;
    Workload workload;
    InputHashes inputs;  // with --out
};

// Those of --policy, then that of --winner.
std::vector<PolicySpec> policies_of(const po::variables_map& values, const Point& point) {
    std::vector<PolicySpec> policies;
    if (values.count("policy") != 0) {
        for (const std::string& text : values["policy"].as<std::vector<std::string>>())
            policies.push_back(policy_option(text, true));
    }
    const WorkloadFile file = WorkloadFile(point.options.workload).with(point.options.overrides);
    if (const auto winner = winner_option(values, file, point.workload)) policies.push_back(*winner);
    if (policies.empty())
        throw input_error("--policy", "at least one policy, or --winner DIR", "none", "see `laxity validate --help`");
    return policies;
}

// Loads the workload of every point, so that a bad one is refused before the first run.
std::vector<Point> prepare(const RunOptions& base, const std::vector<std::optional<Override>>& values, double seconds) {
    std::vector<Point> points;
    for (const auto& value : values) {
        RunOptions options = base;
        options.overrides.push_back(horizon_override(seconds));
        if (value) options.overrides.push_back(*value);
        Workload workload = options.load();
        InputHashes inputs = options.inputs_of(workload);
        points.push_back({value ? value->pointer + "=" + value->value : "", std::move(options), std::move(workload),
                          std::move(inputs)});
    }
    return points;
}

// The workload as it is without the axis, and what was read for any of its points; the cells have their own.
void write_validation_manifest(const std::string& directory, const RunOptions& base, const std::vector<Point>& points,
                               const std::vector<PolicySpec>& policies) {
    InputHashes inputs;
    std::set<std::string> traces;
    for (const Point& point : points) {
        inputs.insert(point.inputs.begin(), point.inputs.end());
        for (const std::string& path : measured_trace_paths(point.workload)) traces.insert(path);
    }
    std::string what = "a validation of";
    for (const PolicySpec& policy : policies) what += (&policy == &policies.front() ? " " : ", ") + policy.text;
    write_manifest(directory, {command_line(),
                               resolved_workload_json(base.workload, base.overrides),
                               {traces.begin(), traces.end()},
                               what,
                               inputs});
}

std::string folder_name(std::size_t index, const PolicySpec& policy) {
    std::string name = std::to_string(index) + "-" + policy.text;
    for (char& c : name) {
        if (c == ':' || c == ',' || c == '=' || c == '/') c = '-';
    }
    return name;
}

}  // namespace

int validate_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"),
                          "workload (JSON) with measured traces")(
        "policy,p", po::value<std::vector<std::string>>()->composing()->value_name("NAME[:KEY=VALUE,...]"),
        "scheduling policy; may be repeated")(
        "axis", po::value<std::string>()->value_name("/POINTER=V,V,..."),
        "values of the workload to go through, e.g. /tasks/0/arrival/load=0.4,0.8")(
        "seconds", po::value<double>()->default_value(10)->value_name("S"),
        "length of each run, without a warm-up, instead of the workload's horizon")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
        "seed of arrivals, deadlines and inputs")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "write manifest.json, validation.csv, and the records of every run");
    declare_replace_option(options);
    declare_winner_options(options);
    declare_live_options(options);
    const std::string examples =
        "Every cell is simulated and run live with the same arrivals, inputs and policy. Printed per metric: both "
        "values, live -\n"
        "simulation, the half-width of its 95 % interval (batch means), and \"differs\" where the interval excludes "
        "zero.\n"
        "Nothing is fitted to make them agree.\n"
        "\nexample:\n"
        "  laxity validate --workload workloads/scenarios/quickstart.json --policy edf --policy rtdeepiot \\\n"
        "      --axis /tasks/0/arrival/load=0.4,0.8,1.2,1.6 --seconds 10 --out results/validation\n";
    const auto values =
        parse_options(arguments, "laxity validate --workload FILE --policy NAME [options]", options, examples);
    if (!values) return kExitOk;

    const RunOptions base = RunOptions::from(*values);
    const auto points = points_of(*values);
    const LiveServiceOptions service_options = live_options(*values);
    std::vector<Point> prepared = prepare(base, points, (*values)["seconds"].as<double>());
    const std::vector<PolicySpec> policies = policies_of(*values, prepared.front());
    std::optional<ResultFolder> folder;
    if (!base.out.empty()) folder.emplace(base.out).check(base.replace);
    // What can't run is refused before anything is written.
    auto service = std::make_unique<LiveService>(prepared.front().workload, service_options);
    tell_device(service_options.device, service->device().info());
    if (folder) {
        folder->claim(base.replace);
        write_validation_manifest(folder->path(), base, prepared, policies);
    }
    Table table(base.out);
    std::size_t index = 0;
    for (const Point& point : prepared) {
        const TaskSet tasks = make_task_set(point.workload);
        if (index > 0) service = std::make_unique<LiveService>(point.workload, service_options);
        print_notes(service->notes());
        for (const PolicySpec& policy : policies) {
            Cell cell{point.name, policy, point.options, point.inputs};
            if (!base.out.empty()) cell.options.out = base.out + "/" + folder_name(index, policy);
            const auto plan = base.plan_for_run(policy, point.workload, tasks);
            const RecordList simulation = simulated(cell, point.workload, tasks, plan.get());
            Progress progress("live " + std::to_string(++index) + "/" +
                                  std::to_string(prepared.size() * policies.size()) + ", " + policy.text,
                              simulation.jobs.size(), "jobs");
            const auto result = live(cell, point.workload, tasks, plan.get(), *service, progress);
            if (!result) throw Interrupted();
            table.add(cell, compare_runs(simulation, result->records, tasks.resources), result->contention);
        }
    }
    table.close();
    return kExitOk;
}

}  // namespace laxity
