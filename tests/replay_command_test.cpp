// `laxity replay` from outside, on a record that is made of a simulation's.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"

using namespace command_line;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const std::string& path) {
    std::ifstream in(path);
    const auto split = [](const std::string& line) {
        std::vector<std::string> fields(1);
        for (const char c : line) c == ',' ? (void)fields.emplace_back() : (void)(fields.back() += c);
        return fields;
    };
    std::string line;
    std::getline(in, line);
    const auto header = split(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        const auto fields = split(line);
        for (std::size_t i = 0; i < header.size(); ++i) {
            if (i == 0) rows.emplace_back();
            rows.back()[header[i]] = fields.at(i);
        }
    }
    return rows;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

void edit(const std::string& path, const std::string& from, const std::string& to) {
    std::string text = read_all(path);
    const auto place = text.find(from);
    REQUIRE(place != std::string::npos);
    write(path, text.replace(place, from.size(), to));
}

void write_paths(const std::string& folder, const std::vector<Row>& jobs, const std::vector<Row>& stages) {
    std::map<std::string, Row> by_number;
    for (const Row& job : jobs) by_number[job.at("job")] = job;
    std::ofstream out(folder + "/path.csv");
    out << "task,job,stage,lane,start_ns,active,prediction,confidence,decision_ns,submit_ns,latency_ns,notice_ns,"
           "stalled_ns\n";
    for (const Row& stage : stages) {
        const Row& job = by_number.at(stage.at("job"));
        const bool answer = std::stoi(stage.at("stage")) + 1 == std::stoi(job.at("depth"));
        const std::string prediction = answer ? job.at("prediction") : "0";
        const std::string confidence = stage.at("confidence").empty() ? "0.5" : stage.at("confidence");
        out << stage.at("task") << ',' << stage.at("job") << ',' << stage.at("stage") << ",0," << stage.at("start_ns")
            << ",1," << prediction << ',' << confidence << ",0,0,"
            << std::stoll(stage.at("end_ns")) - std::stoll(stage.at("start_ns")) << ",0,0\n";
    }
}

// Under edf every job leaves at its deadline or at the end of a stage.
void write_steps(const std::string& folder, const std::vector<Row>& jobs, const std::vector<Row>& stages) {
    std::map<long long, int> completed, released, dispatched, left, expired;
    std::set<long long> times;
    for (const Row& stage : stages) {
        ++dispatched[std::stoll(stage.at("start_ns"))];
        ++completed[std::stoll(stage.at("end_ns"))];
    }
    for (const Row& job : jobs) {
        ++released[std::stoll(job.at("release_ns"))];
        ++left[std::stoll(job.at("left_ns"))];
        if (job.at("left_ns") == job.at("deadline_ns")) ++expired[std::stoll(job.at("left_ns"))];
    }
    for (const auto* counts : {&completed, &released, &left})
        for (const auto& [time, count] : *counts) times.insert(time);
    std::ofstream out(folder + "/steps.csv");
    out << "time_ns,completed,expired,released,dispatched,active,took_ns,lateness_ns\n";
    int active = 0;
    for (const long long time : times) {
        active += released[time] - left[time];
        out << time << ',' << completed[time] << ',' << expired[time] << ',' << released[time] << ','
            << dispatched[time] << ',' << active << ",0,0\n";
    }
}

// The folder of a live run of edf at load 1.4.
std::string recorded() {
    const std::string folder = "cli_recorded";
    fs::remove_all(folder);
    const Result made =
        laxity("simulate " + workload() + "--policy edf --set /tasks/0/arrival/load=1.4 --out " + folder);
    REQUIRE(made.code == 0);
    edit(folder + "/summary.json", "\"mode\": \"simulation\"", "\"mode\": \"live\"");
    const auto jobs = rows_of(folder + "/jobs.csv"), stages = rows_of(folder + "/stages.csv");
    write_paths(folder, jobs, stages);
    write_steps(folder, jobs, stages);
    return folder;
}

// Exit code 2 and one line that says all of this.
void check_refused(const std::string& arguments, const std::vector<std::string>& said) {
    const Result result = laxity("replay " + arguments);
    INFO(arguments << ": " << result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    for (const std::string& text : said) CHECK_THAT(result.err, ContainsSubstring(text));
}

}  // namespace

TEST_CASE("replay counts the decisions of a record that comes out again, whatever became of the workload's file") {
    const std::string folder = recorded();
    const std::size_t stages = rows_of(folder + "/stages.csv").size();
    fs::remove("cli_workload.json");
    const Result result = laxity("replay " + folder);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK_THAT(result.out, ContainsSubstring(" decisions, all identical: " + std::to_string(stages) +
                                             " stages started and 500 jobs left as recorded, in "));
}

TEST_CASE("replay shows the first decision that differs, with both views, and exits with 1") {
    const std::string folder = recorded();
    const Row stage = rows_of(folder + "/stages.csv").at(40);
    const std::string row = "camera," + stage.at("job") + "," + stage.at("stage") + ",";
    const std::string other = "camera,499," + stage.at("stage") + ",";
    edit(folder + "/path.csv", "\n" + row, "\n" + other);
    const Result result = laxity("replay " + folder);
    INFO(result.out << result.err);
    CHECK(result.code == 1);
    CHECK_THAT(result.out, ContainsSubstring(" differs, in step ") && ContainsSubstring("\n  live    starts stage ") &&
                               ContainsSubstring(" of camera#499 on lane 0\n  replay  starts stage ") &&
                               ContainsSubstring(" of camera#" + stage.at("job") + " on lane 0\n") &&
                               ContainsSubstring("active jobs, as the policy saw them in the replay\n    camera#"));
}

TEST_CASE("replay puts other policies beside the live run, and writes what came of them") {
    const std::string folder = recorded();
    fs::remove_all("cli_instead");
    const Result result = laxity("replay " + folder + " --policy edf --policy rtdeepiot:delta=0.2 --out cli_instead");
    INFO(result.out << result.err);
    REQUIRE(result.code == 0);
    CHECK_THAT(result.out, ContainsSubstring("edf (live)") && ContainsSubstring("\naccuracy ") &&
                               ContainsSubstring("\nresponse_p95_ms ") &&
                               ContainsSubstring("stage times of rtdeepiot:delta=0.2: "));
    const Json live = Json::parse(read_all(folder + "/summary.json"));
    const Json again = Json::parse(read_all("cli_instead/1-edf/summary.json"));
    for (const char* same : {"jobs", "accuracy", "miss_ratio", "mean_depth", "response_ms", "decisions"})
        CHECK(live.at(same) == again.at(same));
    CHECK(again.at("stage_times").at("nearest") == 0);
    CHECK(again.at("recorded") == folder);
    const Json other = Json::parse(read_all("cli_instead/2-rtdeepiot-delta-0.2/summary.json"));
    CHECK(other.at("mode") == "replay");
    CHECK(other.at("policy") == "rtdeepiot:delta=0.2");
    CHECK(other.at("mean_depth") != live.at("mean_depth"));
    CHECK(rows_of("cli_instead/2-rtdeepiot-delta-0.2/jobs.csv").size() == 500);
    CHECK(rows_of("cli_instead/1-edf/jobs.csv") == rows_of(folder + "/jobs.csv"));
    check_refused(folder + " --policy lcf --out " + folder, {"--out cli_recorded", "--replace"});
}

TEST_CASE("what can't be replayed is refused in one line") {
    const std::string folder = recorded();
    check_refused("", {"the option", "required"});
    check_refused("no/such", {"no/such", "laxity live --out DIR"});
    check_refused(folder + " --policy edv", {"edv", "edf"});
    check_refused(folder + " --policy rtdeepiot:predictor=oracle", {"oracle"});
    check_refused(folder + " --out cli_other", {"--out", "--policy"});

    edit(folder + "/steps.csv", "time_ns", "times_ns");
    check_refused(folder, {"steps.csv:1", "time_ns"});
    edit(folder + "/steps.csv", "times_ns", "time_ns");
    write(folder + "/steps.csv", read_all(folder + "/steps.csv") + "5,0,0,0,0,0,0,0\n");
    check_refused(folder, {"steps.csv:", "a step later than the one before", "5 ns"});
    fs::rename(folder + "/path.csv", folder + "/path");
    check_refused(folder, {"path.csv: expected ", " rows, as stages.csv has, found 0"});
    fs::remove(folder + "/steps.csv");
    check_refused(folder, {"no steps.csv", "laxity live --out DIR"});
    edit(folder + "/summary.json", "\"mode\": \"live\"", "\"mode\": \"simulation\"");
    check_refused(folder, {"summary.json: /mode: expected \"live\"", "simulation"});
    write(folder + "/validation.csv", "");
    check_refused(folder, {"a validation", "folders called live"});
}

TEST_CASE("a record whose inputs have changed is refused, and names them") {
    const std::string folder = recorded();
    Json manifest = Json::parse(read_all(folder + "/manifest.json"));
    write("cli_input.txt", "another");
    manifest["inputs"].push_back({{"path", "cli_input.txt"}, {"sha256", "00"}});
    write(folder + "/manifest.json", manifest.dump());
    check_refused(folder, {"manifest.json", "cli_input.txt has changed"});
    fs::remove("cli_input.txt");
    check_refused(folder, {"cli_input.txt is gone"});
}
