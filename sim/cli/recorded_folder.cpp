#include "sim/cli/recorded_folder.hpp"

#include <filesystem>

#include "sim/cli/run_options.hpp"
#include "sim/results/inputs.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

constexpr std::string_view kAdvice = "name a folder that `laxity live --out DIR` wrote";

bool is_there(const std::string& path) { return std::filesystem::exists(path); }

void check_folder(const std::string& directory) {
    if (is_there(directory + "/validation.csv"))
        throw input_error(directory, "the folder of one live run", "a validation",
                          "name one of the folders called live within it");
    if (is_there(directory + "/summary.json") && is_there(directory + "/jobs.csv")) return;
    throw input_error(directory, "the folder of a recorded live run",
                      is_there(directory) ? "one without summary.json and jobs.csv" : "nothing there", kAdvice);
}

// The inputs beside the workload's own file must be the very same.
void check_inputs(const JsonReader& manifest, const std::string& workload) {
    InputHashes inputs;
    if (const auto list = manifest.find("inputs")) {
        for (const JsonReader& input : list->items()) inputs[input.at("path").string()] = input.at("sha256").string();
    }
    inputs.erase(workload);
    const std::string change = changed(inputs);
    if (!change.empty())
        throw input_error(manifest.file(), "the inputs of that run as they were", change,
                          "put the file back (the manifest has its SHA-256), and run this where the run was made");
}

void check_steps(const std::string& directory, const RecordList& records) {
    const std::string path = directory + "/steps.csv";
    Time last = Time::min();
    std::size_t line = 1;
    for (const StepRecord& step : records.steps) {
        ++line;
        if (step.time <= last)
            throw input_error(path + ":" + std::to_string(line), "a step later than the one before",
                              std::to_string(to_ns(step.time)) + " ns");
        last = step.time;
    }
}

// Every record of a task and, path by path, of a stage that the workload has.
void check_names(const std::string& directory, const RecordNames& names, const TaskSet& tasks,
                 const RecordList& records) {
    if (names.tasks.size() > tasks.tasks.size() || names.resources.size() > tasks.resources.size())
        throw input_error(directory, "records of the tasks and resources of its manifest",
                          names.tasks.size() > tasks.tasks.size() ? "\"" + names.tasks.back() + "\""
                                                                  : "\"" + names.resources.back() + "\"",
                          "the files are not of one run");
    for (const PathRecord& record : records.paths) {
        if (record.stage < kMaxStages && record.path.total() > Duration::zero()) continue;
        throw input_error(directory + "/path.csv", "stages below 16 that take at least 1 ns",
                          "stage " + std::to_string(record.stage) + " of job " + std::to_string(record.id.number) +
                              " with " + std::to_string(record.path.total().count()) + " ns");
    }
}

RecordList records_of(const std::string& directory, const TaskSet& tasks) {
    if (!is_there(directory + "/steps.csv"))
        throw input_error(directory, "a live run with steps.csv", "no steps.csv",
                          "an earlier version recorded it: record it again with `laxity live --out DIR`");
    RecordNames names = names_of(tasks);
    RecordList records = read_records(directory, names);
    read_path_records(directory, names, records);
    if (records.paths.size() != records.stages.size())
        throw input_error(directory + "/path.csv", std::to_string(records.stages.size()) + " rows, as stages.csv has",
                          std::to_string(records.paths.size()), "the files are not of one run");
    check_names(directory, names, tasks, records);
    check_steps(directory, records);
    if (records.steps.empty())
        throw input_error(directory + "/steps.csv", "at least one step", "none", "record the run again");
    return records;
}

std::unique_ptr<const Plan> plan_of(const RecordedFolder& run) {
    if (!run.policy.info->needs_plan) return nullptr;
    const std::string path = run.directory + "/plan.json";
    if (!is_there(path))
        throw input_error(run.directory, "plan.json, the plan that " + run.policy.text + " followed", "no such file",
                          "record the run again with `laxity live --out DIR`");
    return std::make_unique<const Plan>(load_plan(path, run.tasks));
}

}  // namespace

RecordedFolder read_recorded_folder(const std::string& directory) {
    check_folder(directory);
    const auto summary_json = read_json_file(directory + "/summary.json", kAdvice);
    const auto manifest_json = read_json_file(directory + "/manifest.json", kAdvice);
    const JsonReader summary(summary_json, directory + "/summary.json");
    const JsonReader manifest(manifest_json, directory + "/manifest.json");
    if (summary.at("mode").string() != "live") summary.at("mode").fail("\"live\"", kAdvice);
    RecordedFolder run;
    run.directory = directory;
    const std::string path = summary.at("workload").string();
    run.policy = policy_option(summary.at("policy").string(), true);
    run.seed = static_cast<std::uint64_t>(summary.at("seed").integer(0));
    const auto interrupted = summary.find("interrupted");
    run.cut_short = summary.has("failure") || (interrupted && interrupted->boolean());
    check_inputs(manifest, path);
    run.configuration = manifest.at("configuration").json().dump(2) + "\n";
    run.workload = WorkloadFile::of_json(path, run.configuration).load(run.seed);
    run.tasks = make_task_set(run.workload);
    run.records = records_of(directory, run.tasks);
    run.plan = plan_of(run);
    return run;
}

}  // namespace laxity
