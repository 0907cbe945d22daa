#include "sim/results/records.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/results/timeline.hpp"
#include "tests/catch.hpp"
#include "tests/recorded_run.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

Workload named_workload() {
    return on_accelerator(
        {constant_task("cam, \"left\"", {4us, 10us}, at({0us, 3us}), 20us), constant_task("b", {2us}, at({1us}), 1us)});
}

std::string recorded_folder(const Workload& workload) { return write_records("records_test_out", workload); }

// Two exits with confidences 0.6 and 0.9. Under EDF #0 runs at 0-4-14 us, and #1, released at 3 us, at 14-18-28 us: its
// deadline at 23 us comes before its second exit.
Workload overrun_workload() {
    Workload workload = on_accelerator({constant_task("cam", {4us, 10us}, at({0us, 3us}), 20us)});
    const std::vector<Duration> stages = {4us, 10us};
    const std::vector<double> accuracy = {0.6, 0.9};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(synthetic_trace("cam", stages, accuracy));
    return workload;
}

std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A file as it was before it had its last columns.
void drop_columns(const std::string& path, int columns) {
    std::istringstream lines(text_of(path));
    std::ofstream out(path);
    for (std::string line; std::getline(lines, line);) {
        for (int column = 0; column < columns; ++column) line.resize(line.rfind(','));
        out << line << '\n';
    }
}

}  // namespace

TEST_CASE(
    "a stage is recorded with what was known of its job: planning cost and slack when it was chosen, and the "
    "confidence that it revealed, if it was in time") {
    CHECK(text_of(recorded_folder(overrun_workload()) + "/stages.csv") ==
          "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns,confidence,planned_ns,slack_ns\n"
          "cam,0,0,accelerator,0,0,4000,4000,0.6,4000,6000\n"
          "cam,0,1,accelerator,0,4000,14000,14000,0.9,10000,6000\n"
          "cam,1,0,accelerator,0,14000,18000,18000,0.6,4000,-5000\n"
          "cam,1,1,accelerator,0,18000,28000,23000,,10000,-5000\n");
}

TEST_CASE("what was known reads back; a stages.csv without it is read as well") {
    const std::string folder = recorded_folder(overrun_workload());
    RecordNames names;
    const std::vector<StageRecord> stages = read_records(folder, names).stages;
    REQUIRE(stages.size() == 4);
    CHECK(stages[2].confidence == 0.6F);
    REQUIRE(stages[3].foresight);
    CHECK(stages[3].foresight->planned == 10us);
    CHECK(stages[3].foresight->slack == -5us);
    CHECK_FALSE(stages[3].confidence);

    drop_columns(folder + "/stages.csv", 3);
    for (const StageRecord& stage : read_records(folder, names).stages) {
        CHECK_FALSE(stage.confidence);
        CHECK_FALSE(stage.foresight);
    }
    CHECK_NOTHROW(write_timeline("old_timeline_test.json", read_records(folder, names), names));
}

TEST_CASE("a planning cost without a slack is refused") {
    const std::string folder = recorded_folder(overrun_workload());
    std::ofstream(folder + "/stages.csv", std::ios::app) << "cam,2,0,accelerator,0,30000,34000,34000,0.6,4000,\n";
    RecordNames names;
    CHECK_THROWS_WITH(read_records(folder, names),
                      ContainsSubstring("stages.csv:6, column 11: expected an integer, found \"\""));
}

TEST_CASE("records read back as they were written") {
    const Workload workload = named_workload();
    const RecordList written = run(workload, "edf").records;
    RecordNames names;
    const RecordList read = read_records(recorded_folder(workload), names);
    REQUIRE(read.jobs.size() == written.jobs.size());
    REQUIRE(read.stages.size() == written.stages.size());
    for (std::size_t i = 0; i < read.jobs.size(); ++i) {
        CHECK(names.tasks[static_cast<std::size_t>(read.jobs[i].id.task)] ==
              workload.tasks[static_cast<std::size_t>(written.jobs[i].id.task)].name);
        CHECK(read.jobs[i].exit == written.jobs[i].exit);
        CHECK(read.jobs[i].left == written.jobs[i].left);
        CHECK(read.jobs[i].missed == written.jobs[i].missed);
        CHECK(read.jobs[i].prediction == written.jobs[i].prediction);
    }
}

TEST_CASE("whether a stall touched a job reads back; a jobs.csv without it is read as well") {
    const std::string folder = recorded_folder(named_workload());
    const TaskSet tasks = make_task_set(named_workload());
    RecordNames names;
    RecordList records = read_records(folder, names);
    records.jobs[1].stalled = true;
    {
        JobsCsv csv(folder + "/jobs.csv", tasks);
        for (JobRecord& job : records.jobs) {
            job.id.task = names.tasks[static_cast<std::size_t>(job.id.task)] == "b" ? 1 : 0;
            csv.job(job);
        }
        csv.finish();
    }
    const std::vector<JobRecord> read = read_records(folder, names).jobs;
    REQUIRE(read.size() == 3);
    CHECK_FALSE(read[0].stalled);
    CHECK(read[1].stalled);
    drop_columns(folder + "/jobs.csv", 1);
    for (const JobRecord& job : read_records(folder, names).jobs) CHECK_FALSE(job.stalled);
}

TEST_CASE("paths, steps and stalls read back as they were written, and a file appears with its first row") {
    const std::string folder = recorded_folder(named_workload());
    const TaskSet tasks = make_task_set(named_workload());
    RecordNames names = names_of(tasks);
    RecordList read;
    {
        PathCsvs none(folder, tasks);
        none.finish();
    }
    for (const char* file : {"path.csv", "steps.csv", "stalls.csv"})
        CHECK_FALSE(std::filesystem::exists(folder + "/" + file));
    CHECK_NOTHROW(read_path_records(folder, names, read));
    CHECK(read.paths.empty());

    PathCsvs csvs(folder, tasks);
    csvs.path({{1, 7}, 2, 0, Time(5us), 3, 4, 0.1F, {1ns, 2ns, 3ns, 4ns, 5ns}});
    csvs.path({{0, 8}, 0, 1, Time(6us), 1, -1, 0, {}});
    csvs.step({Time(5us), 1, 2, 3, 4, 5, 6ns, 7ns});
    csvs.stall({-1, Time(-3us), 60us});
    csvs.stall({2, Time(9us), 70us});
    csvs.finish();
    CHECK(text_of(folder + "/path.csv") ==
          "task,job,stage,lane,start_ns,active,prediction,confidence,decision_ns,submit_ns,latency_ns,notice_ns,"
          "stalled_ns\n"
          "b,7,2,0,5000,3,4,0.1,1,2,3,4,5\n"
          "\"cam, \"\"left\"\"\",8,0,1,6000,1,,,0,0,0,0,0\n");
    CHECK(text_of(folder + "/steps.csv") ==
          "time_ns,completed,expired,released,dispatched,active,took_ns,lateness_ns\n5000,1,2,3,4,5,6,7\n");
    CHECK(text_of(folder + "/stalls.csv") == "lane,at_ns,length_ns\n,-3000,60000\n2,9000,70000\n");
    read_path_records(folder, names, read);
    REQUIRE(read.paths.size() == 2);
    CHECK(read.paths[0].id == JobId{1, 7});
    CHECK(read.paths[0].confidence == 0.1F);
    CHECK(read.paths[0].path.total() == 10ns);
    CHECK(read.paths[0].path.stalled == 5ns);
    CHECK(read.paths[1].prediction == -1);
    REQUIRE(read.steps.size() == 1);
    CHECK(read.steps[0].dispatched == 4);
    CHECK(read.steps[0].lateness == 7ns);
    REQUIRE(read.stalls.size() == 2);
    CHECK(read.stalls[0].lane == -1);
    CHECK(read.stalls[0].at == Time(-3us));
    CHECK(read.stalls[1].lane == 2);
    std::ofstream(folder + "/steps.csv", std::ios::app) << "6000,-1,0,0,0,0,0,0\n";
    CHECK_THROWS_WITH(read_path_records(folder, names, read), ContainsSubstring("steps.csv:3, column 2"));
}

TEST_CASE("a broken record is refused with file, line and column") {
    const std::string folder = recorded_folder(named_workload());
    std::ofstream(folder + "/stages.csv", std::ios::app) << "b,x,0,accelerator,0,1,2,2\n";
    RecordNames names;
    CHECK_THROWS_WITH(read_records(folder, names),
                      ContainsSubstring("stages.csv:") && ContainsSubstring("expected an integer, found \"x\""));
    CHECK_THROWS_WITH(read_records("no/such/folder", names), ContainsSubstring("laxity simulate --out"));
}

TEST_CASE("the timeline is valid JSON with a slice per stage and job, deadlines and misses marked") {
    const Workload workload = named_workload();
    const RecordList records = run(workload, "edf").records;
    write_timeline("timeline_test.json", records, names_of(make_task_set(workload)));
    std::ifstream in("timeline_test.json");
    const auto json = nlohmann::json::parse(in);
    std::map<std::string, int> categories;
    for (const auto& event : json.at("traceEvents")) ++categories[event.value("cat", "none")];
    CHECK(categories["stage"] == 4);
    CHECK(categories["job"] == 2);
    CHECK(categories["missed"] == 1);
    CHECK(categories["deadline"] == 3);
}

TEST_CASE("the timeline's stages carry what was known") {
    const Workload workload = overrun_workload();
    write_timeline("known_test.json", run(workload, "edf").records, names_of(make_task_set(workload)));
    std::ifstream in("known_test.json");
    const auto json = nlohmann::json::parse(in);
    std::vector<nlohmann::json> stages;
    for (const auto& event : json.at("traceEvents")) {
        if (event.value("cat", "none") == "stage") stages.push_back(event.at("args"));
    }
    REQUIRE(stages.size() == 4);
    CHECK(stages[2] == nlohmann::json{{"stage", 0}, {"planned_ms", 0.004}, {"slack_ms", -0.005}, {"confidence", 0.6F}});
    CHECK(stages[3] == nlohmann::json{{"stage", 1}, {"planned_ms", 0.01}, {"slack_ms", -0.005}});
}

TEST_CASE("a window keeps only what overlaps it") {
    const Workload workload = named_workload();
    const RecordList records = run(workload, "edf").records;
    write_timeline("window_test.json", records, names_of(make_task_set(workload)), {Time(1ms), Time(2ms)});
    std::ifstream in("window_test.json");
    const auto json = nlohmann::json::parse(in);
    for (const auto& event : json.at("traceEvents")) CHECK(event.at("ph") == "M");
}
