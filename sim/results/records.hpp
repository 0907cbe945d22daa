// Records on disk: jobs.csv and stages.csv of a result folder, path.csv, steps.csv and stalls.csv beside them, and
// their reading back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/csv.hpp"
#include "sim/results/job_record.hpp"
#include "traces/base/output_file.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// Columns: task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed,stalled
// (start_ns, exit_ns and prediction are empty where there is none; correct, missed and stalled are 0 or 1).
class JobsCsv final : public RecordSink {
public:
    // Throws InputError if the file can't be opened; later, RunError if it can't be written.
    JobsCsv(const std::string& path, const TaskSet& tasks);
    void job(const JobRecord& record) override;
    void stage(const StageRecord&) override {}
    void finish() override;

private:
    OutputFile out_;
    const TaskSet* tasks_;
};

// Columns: task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns,confidence,planned_ns,slack_ns. Time after
// counted_until_ns is overrun: the job had left. The last three are what was known: `confidence` from end_ns on (empty
// where none was revealed), `planned_ns` and `slack_ns` when the stage was chosen, at start_ns (StageForesight).
class StagesCsv final : public RecordSink {
public:
    StagesCsv(const std::string& path, const TaskSet& tasks);
    void job(const JobRecord&) override {}
    void stage(const StageRecord& record) override;
    void finish() override;

private:
    OutputFile out_;
    const TaskSet* tasks_;
};

// A file of records that few runs have: made with its first row.
class LateCsv {
public:
    LateCsv(std::string path, std::string_view header) : path_(std::move(path)), header_(header) {}
    // Throws InputError if the file can't be opened, RunError if it can't be written.
    void write(CsvLine& line);
    void finish();

private:
    std::string path_;
    std::string_view header_;
    std::optional<OutputFile> out_;
};

// path.csv, steps.csv and stalls.csv of a folder: what happened around the stages. Each file appears with its first
// row: all of them of a live run; path.csv of a simulation with StageTimes.
//
// path.csv: task,job,stage,lane,start_ns,active,prediction,confidence,decision_ns,submit_ns,latency_ns,notice_ns,
// stalled_ns, a row per row of stages.csv (prediction and confidence are empty where the stage has no exit).
// steps.csv: time_ns,completed,expired,released,dispatched,active,took_ns,lateness_ns, a row per step of the driver.
// stalls.csv: lane,at_ns,length_ns (lane is empty for the thread of the scheduler).
class PathCsvs final : public RecordSink {
public:
    PathCsvs(const std::string& directory, const TaskSet& tasks);
    void job(const JobRecord&) override {}
    void stage(const StageRecord&) override {}
    void path(const PathRecord& record) override;
    void step(const StepRecord& record) override;
    void stall(const StallRecord& record) override;
    void finish() override;

private:
    LateCsv paths_, steps_, stalls_;
    const TaskSet* tasks_;
};

// Keeps everything in memory: for timelines, exports and tests.
class RecordList final : public RecordSink {
public:
    void job(const JobRecord& record) override { jobs.push_back(record); }
    void stage(const StageRecord& record) override { stages.push_back(record); }
    void path(const PathRecord& record) override { paths.push_back(record); }
    void step(const StepRecord& record) override { steps.push_back(record); }
    void stall(const StallRecord& record) override { stalls.push_back(record); }

    std::vector<JobRecord> jobs;
    std::vector<StageRecord> stages;
    std::vector<PathRecord> paths;
    std::vector<StepRecord> steps;
    std::vector<StallRecord> stalls;
};

// Hands every record on to several sinks. They outlive it.
class RecordFan final : public RecordSink {
public:
    void add(RecordSink& sink) { sinks_.push_back(&sink); }
    bool empty() const { return sinks_.empty(); }
    void job(const JobRecord& record) override {
        for (RecordSink* sink : sinks_) sink->job(record);
    }
    void stage(const StageRecord& record) override {
        for (RecordSink* sink : sinks_) sink->stage(record);
    }
    void path(const PathRecord& record) override {
        for (RecordSink* sink : sinks_) sink->path(record);
    }
    void step(const StepRecord& record) override {
        for (RecordSink* sink : sinks_) sink->step(record);
    }
    void stall(const StallRecord& record) override {
        for (RecordSink* sink : sinks_) sink->stall(record);
    }
    void finish() override {
        for (RecordSink* sink : sinks_) sink->finish();
    }

private:
    std::vector<RecordSink*> sinks_;
};

// Names of the tasks and resources that records index.
struct RecordNames {
    std::vector<std::string> tasks;
    std::vector<std::string> resources;
};
RecordNames names_of(const TaskSet& tasks);

// Reads DIR/jobs.csv and DIR/stages.csv; tasks and resources that `names` doesn't have yet are added in order of
// appearance. Files without the columns that were added later are read as well: jobs without `stalled`, stages without
// their last three columns, which then have no confidence and no foresight. Throws InputError naming file and line.
RecordList read_records(const std::string& directory, RecordNames& names);

// Adds DIR/path.csv, DIR/steps.csv and DIR/stalls.csv to `records`, those that are there. Throws InputError naming file
// and line.
void read_path_records(const std::string& directory, RecordNames& names, RecordList& records);

}  // namespace laxity
