#include "sim/study/timeline_section.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/results/records.hpp"
#include "sim/study/report_page.hpp"
#include "tests/catch.hpp"
#include "tests/recorded_run.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

namespace fs = std::filesystem;

// A folder with the records of two jobs.
std::string recorded(const std::string& folder) {
    write_records(folder, on_accelerator({constant_task("a<b", {4us, 10us}, at({0us, 3us}), 20us)}));
    write_test_file(folder + "/manifest.json", R"({"what": "a simulated run of edf"})");
    return folder;
}

std::vector<std::string> labels(const std::vector<StudyFolder>& folders) {
    std::vector<std::string> names;
    for (const StudyFolder& folder : folders) names.push_back(folder.label);
    return names;
}

std::string fresh(const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

}  // namespace

TEST_CASE("a folder with records is one run, a validated cell two, and any other none") {
    CHECK(labels(recorded_runs({recorded("timeline_run"), "edf"})) == std::vector<std::string>{"edf"});
    const std::string cell = fresh("timeline_cell");
    recorded(cell + "/simulation");
    recorded(cell + "/live");
    CHECK(labels(recorded_runs({cell, "1-edf"})) == std::vector<std::string>{"1-edf simulation", "1-edf live"});
    CHECK(recorded_runs({fresh("timeline_nothing"), "x"}).empty());
    CHECK(recorded_runs({"no/such/folder", "x"}).empty());
}

TEST_CASE("a whole validation is refused, with a cell's name to use instead") {
    const std::string folder = fresh("timeline_validation");
    write_test_file(folder + "/validation.csv", "");
    recorded(folder + "/3-edf/live");
    recorded(folder + "/2-lcf/live");
    CHECK(
        error_of([&] {
            recorded_runs({folder, "v"});
        }) ==
        "timeline_validation: expected a sweep, a recorded run or one cell of a validation, found a whole validation; "
        "name one of the folders in it, as timeline_validation/2-lcf");
    fs::remove_all(folder + "/3-edf");
    fs::remove_all(folder + "/2-lcf");
    CHECK_THAT(error_of([&] {
                   recorded_runs({folder, "v"});
               }),
               ContainsSubstring("the records of its cells are not there"));
}

TEST_CASE("a run's section has its records and its manifest; without a manifest there is none") {
    const std::string folder = recorded("timeline_run");
    const auto json = nlohmann::json::parse(timeline_section({folder, "edf"}));
    CHECK(json.at("jobs").at("count") == 2);
    CHECK(json.at("stages").at("count") == 4);
    CHECK(json.at("manifest") == R"({"what": "a simulated run of edf"})");
    fs::remove(folder + "/manifest.json");
    CHECK(nlohmann::json::parse(timeline_section({folder, "edf"})).at("manifest") == "");
}

TEST_CASE("records that are cut off are refused by line") {
    const std::string folder = recorded("timeline_cut");
    write_test_file(folder + "/jobs.csv", read_file(folder + "/jobs.csv") + "a<b,2,1");
    CHECK_THAT(error_of([&] {
                   timeline_section({folder, "edf"});
               }),
               ContainsSubstring("timeline_cut/jobs.csv:4, column"));
}

TEST_CASE("records that no run makes are refused by job") {
    const std::string folder = recorded("timeline_strange"), jobs = read_file(folder + "/jobs.csv"),
                      stages = read_file(folder + "/stages.csv");
    const auto error_with = [&](const std::string& job, const std::string& stage) {
        write_test_file(folder + "/jobs.csv", jobs + job);
        write_test_file(folder + "/stages.csv", stages + stage);
        return error_of([&] { timeline_section({folder, "edf"}); });
    };
    CHECK(error_with("", "").empty());
    CHECK(error_with("a<b,2,0,9,,,9,0,17,,0,1,0\n", "") ==
          "timeline_strange/jobs.csv: a<b#2: expected a depth of 0 to 16, found 17");
    CHECK(error_with("a<b,2,0,9,,,9,-1,0,,0,1,0\n", "") ==
          "timeline_strange/jobs.csv: a<b#2: expected a variant from 0 on, found -1");
    CHECK(error_with("a<b,2,5,9,,,4,0,0,,0,1,0\n", "") ==
          "timeline_strange/jobs.csv: a<b#2: expected that it left after its release, found the opposite");
    CHECK(error_with("", "a<b,2,-3,accelerator,0,0,1,1,,,\n") ==
          "timeline_strange/stages.csv: a<b#2: expected a stage of 0 to 15, found -3");
    CHECK(error_with("", "a<b,2,0,accelerator,0,5,1,1,,,\n") ==
          "timeline_strange/stages.csv: a<b#2: expected that a stage ends after its start, found the opposite");
}

TEST_CASE("numbers that no record can hold are refused, not cut to what fits") {
    const std::string folder = recorded("timeline_large");
    const std::string jobs = read_file(folder + "/jobs.csv");
    for (const std::string row :
         {"a<b,-1,0,9,,,9,0,0,,0,1", "a<b,2,-1,9,,,9,0,0,,0,1", "a<b,2,0,9,,,9,4294967296,0,,0,1",
          "a<b,2,0,9,,,9,0,4294967297,,0,1", "a<b,2,0,9223372036854775807,,,9,0,0,,0,1"}) {
        INFO(row);
        write_test_file(folder + "/jobs.csv", jobs + row + "\n");
        CHECK_THAT(error_of([&] {
                       timeline_section({folder, "edf"});
                   }),
                   StartsWith("timeline_large/jobs.csv:4, column ") && ContainsSubstring("expected an integer from "));
    }
}

TEST_CASE("the page of a run holds its section, with nothing in it that could be markup, and is the same every time") {
    const std::vector<StudyFolder> folders = {{recorded("timeline_run"), "edf"}};
    const std::string page = report_page(folders, {});
    CHECK_THAT(page, ContainsSubstring("data-kind=\"timeline\"") && ContainsSubstring("a\\u003cb"));
    CHECK(page.find("a<b") == std::string::npos);
    CHECK(page.find("data-kind=\"study\"") == std::string::npos);
    CHECK(page == report_page(folders, {}));
}
