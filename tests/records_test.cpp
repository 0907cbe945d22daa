#include "sim/results/records.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/results/timeline.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

Workload named_workload() {
    return on_accelerator(
        {constant_task("cam, \"left\"", {4us, 10us}, at({0us, 3us}), 20us), constant_task("b", {2us}, at({1us}), 1us)});
}

std::string recorded_folder(const Workload& workload) {
    const std::string folder = "records_test_out";
    std::filesystem::create_directories(folder);
    const TaskSet tasks = make_task_set(workload);
    JobsCsv jobs(folder + "/jobs.csv", tasks);
    StagesCsv stages(folder + "/stages.csv", tasks);
    RecordFan fan;
    fan.add(jobs);
    fan.add(stages);
    const Replay replay(workload);
    Simulation(replay, tasks, parse_policy("edf"), 1).run(&fan);
    return folder;
}

}  // namespace

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

TEST_CASE("a window keeps only what overlaps it") {
    const Workload workload = named_workload();
    const RecordList records = run(workload, "edf").records;
    write_timeline("window_test.json", records, names_of(make_task_set(workload)), {Time(1ms), Time(2ms)});
    std::ifstream in("window_test.json");
    const auto json = nlohmann::json::parse(in);
    for (const auto& event : json.at("traceEvents")) CHECK(event.at("ph") == "M");
}
