#include "sim/results/records.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace laxity {

namespace {

constexpr std::string_view kJobsHeader =
    "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed,stalled";
constexpr std::string_view kOldJobsHeader =
    "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed";
constexpr std::string_view kStagesHeader =
    "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns,confidence,planned_ns,slack_ns";
constexpr std::string_view kOldStagesHeader = "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns";
constexpr std::string_view kPathHeader =
    "task,job,stage,lane,start_ns,active,prediction,confidence,decision_ns,submit_ns,latency_ns,notice_ns,stalled_ns";
constexpr std::string_view kStepsHeader = "time_ns,completed,expired,released,dispatched,active,took_ns,lateness_ns";
constexpr std::string_view kStallsHeader = "lane,at_ns,length_ns";

const std::string& task_name(const TaskSet& tasks, const JobId& id) {
    return tasks.tasks[static_cast<std::size_t>(id.task)].name;
}

}  // namespace

JobsCsv::JobsCsv(const std::string& path, const TaskSet& tasks) : out_(open_csv(path, kJobsHeader)), tasks_(&tasks) {}

void JobsCsv::job(const JobRecord& record) {
    thread_local CsvLine line;
    line.text(task_name(*tasks_, record.id)).integer(static_cast<std::int64_t>(record.id.number));
    line.time(record.release)
        .time(record.deadline)
        .optional_time(record.start)
        .optional_time(record.exit)
        .time(record.left);
    line.integer(record.variant).integer(record.depth);
    if (record.prediction < 0) {
        line.empty();
    } else {
        line.integer(record.prediction);
    }
    line.integer(record.correct).integer(record.missed).integer(record.stalled).write(out_);
}

StagesCsv::StagesCsv(const std::string& path, const TaskSet& tasks)
    : out_(open_csv(path, kStagesHeader)), tasks_(&tasks) {}

void StagesCsv::stage(const StageRecord& record) {
    thread_local CsvLine line;
    line.text(task_name(*tasks_, record.id)).integer(static_cast<std::int64_t>(record.id.number)).integer(record.stage);
    line.text(tasks_->resources[static_cast<std::size_t>(record.resource)].name).integer(record.lane);
    line.time(record.start).time(record.end).time(record.counted_until);
    record.confidence ? line.number(*record.confidence) : line.empty();
    record.foresight ? line.integer(record.foresight->planned.count()) : line.empty();
    record.foresight ? line.integer(record.foresight->slack.count()) : line.empty();
    line.write(out_);
}

void JobsCsv::finish() { out_.close(); }
void StagesCsv::finish() { out_.close(); }

void LateCsv::write(CsvLine& line) {
    if (!out_) out_.emplace(open_csv(path_, header_));
    line.write(*out_);
}

void LateCsv::finish() {
    if (out_) out_->close();
}

PathCsvs::PathCsvs(const std::string& directory, const TaskSet& tasks)
    : paths_(directory + "/path.csv", kPathHeader),
      steps_(directory + "/steps.csv", kStepsHeader),
      stalls_(directory + "/stalls.csv", kStallsHeader),
      tasks_(&tasks) {}

void PathCsvs::path(const PathRecord& record) {
    thread_local CsvLine line;
    line.text(task_name(*tasks_, record.id)).integer(static_cast<std::int64_t>(record.id.number)).integer(record.stage);
    line.integer(record.lane).time(record.start).integer(static_cast<std::int64_t>(record.active));
    const bool has_exit = record.prediction >= 0;
    has_exit ? line.integer(record.prediction).number(record.confidence) : line.empty().empty();
    for (const Duration part :
         {record.path.decision, record.path.submit, record.path.latency, record.path.notice, record.path.stalled})
        line.integer(part.count());
    paths_.write(line);
}

void PathCsvs::step(const StepRecord& record) {
    thread_local CsvLine line;
    line.time(record.time).integer(record.completed).integer(record.expired).integer(record.released);
    line.integer(record.dispatched).integer(static_cast<std::int64_t>(record.active));
    line.integer(record.took.count()).integer(record.lateness.count());
    steps_.write(line);
}

void PathCsvs::stall(const StallRecord& record) {
    thread_local CsvLine line;
    record.lane < 0 ? line.empty() : line.integer(record.lane);
    line.time(record.at).integer(record.length.count());
    stalls_.write(line);
}

void PathCsvs::finish() {
    paths_.finish();
    steps_.finish();
    stalls_.finish();
}

RecordNames names_of(const TaskSet& tasks) {
    RecordNames names;
    for (const TaskPlan& task : tasks.tasks) names.tasks.push_back(task.name);
    for (const Resource& resource : tasks.resources) names.resources.push_back(resource.name);
    return names;
}

namespace {

std::int32_t index_of(std::vector<std::string>& names, const std::string& name) {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place != names.end()) return static_cast<std::int32_t>(place - names.begin());
    names.push_back(name);
    return static_cast<std::int32_t>(names.size() - 1);
}

JobId read_id(CsvReader& csv, RecordNames& names) {
    const std::int32_t task = index_of(names.tasks, csv.text());
    return {task, static_cast<std::uint64_t>(csv.integer(0))};
}

JobRecord read_job(CsvReader& csv, RecordNames& names) {
    JobRecord job;
    job.id = read_id(csv, names);
    job.release = csv.time();
    job.deadline = csv.time();
    job.start = csv.optional_time();
    job.exit = csv.optional_time();
    job.left = csv.time();
    job.variant = csv.small_integer();
    job.depth = csv.small_integer();
    job.prediction = csv.optional_integer();
    job.correct = csv.integer() != 0;
    job.missed = csv.integer() != 0;
    if (csv.header() == kJobsHeader) job.stalled = csv.integer() != 0;
    return job;
}

void read_knowledge(CsvReader& csv, StageRecord& stage) {
    if (const auto confidence = csv.optional_number()) stage.confidence = static_cast<float>(*confidence);
    if (const auto planned = csv.optional_duration()) stage.foresight = {*planned, csv.duration()};
}

StageRecord read_stage(CsvReader& csv, RecordNames& names) {
    StageRecord stage;
    stage.id = read_id(csv, names);
    stage.stage = csv.small_integer();
    stage.resource = index_of(names.resources, csv.text());
    stage.lane = csv.small_integer(0);
    stage.start = csv.time();
    stage.end = csv.time();
    stage.counted_until = csv.time();
    if (csv.header() == kStagesHeader) read_knowledge(csv, stage);
    return stage;
}

PathRecord read_path(CsvReader& csv, RecordNames& names) {
    PathRecord record;
    record.id = read_id(csv, names);
    record.stage = csv.small_integer(0);
    record.lane = csv.small_integer(0);
    record.start = csv.time();
    record.active = static_cast<std::size_t>(csv.integer(0));
    record.prediction = csv.optional_integer();
    record.confidence = static_cast<float>(csv.optional_number().value_or(0));
    record.path.decision = csv.duration();
    record.path.submit = csv.duration();
    record.path.latency = csv.duration();
    record.path.notice = csv.duration();
    record.path.stalled = csv.duration();
    return record;
}

std::uint32_t read_count(CsvReader& csv) { return static_cast<std::uint32_t>(csv.integer(0, UINT32_MAX)); }

StepRecord read_step(CsvReader& csv) {
    StepRecord record;
    record.time = csv.time();
    record.completed = read_count(csv);
    record.expired = read_count(csv);
    record.released = read_count(csv);
    record.dispatched = read_count(csv);
    record.active = static_cast<std::size_t>(csv.integer(0));
    record.took = csv.duration();
    record.lateness = csv.duration();
    return record;
}

StallRecord read_stall(CsvReader& csv) {
    StallRecord record;
    record.lane = csv.optional_integer();
    record.at = Time(csv.duration());  // before 0 in the lead-in
    record.length = csv.duration();
    return record;
}

// Every row of a file, if it is there.
template <typename Row>
void read_rows(const std::string& path, std::string_view header, Row row) {
    if (!std::filesystem::exists(path)) return;
    CsvReader csv(path, header);
    while (csv.next()) row(csv);
}

}  // namespace

void read_path_records(const std::string& directory, RecordNames& names, RecordList& records) {
    read_rows(directory + "/path.csv", kPathHeader, [&](CsvReader& csv) { records.path(read_path(csv, names)); });
    read_rows(directory + "/steps.csv", kStepsHeader, [&](CsvReader& csv) { records.step(read_step(csv)); });
    read_rows(directory + "/stalls.csv", kStallsHeader, [&](CsvReader& csv) { records.stall(read_stall(csv)); });
}

RecordList read_records(const std::string& directory, RecordNames& names) {
    RecordList records;
    const std::string advice = "make it with `laxity simulate --out DIR` or `laxity live --out DIR`";
    CsvReader jobs(directory + "/jobs.csv", kJobsHeader, advice, kOldJobsHeader);
    while (jobs.next()) records.job(read_job(jobs, names));
    CsvReader stages(directory + "/stages.csv", kStagesHeader, advice, kOldStagesHeader);
    while (stages.next()) records.stage(read_stage(stages, names));
    return records;
}

}  // namespace laxity
