#include "sim/study/study_section.hpp"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "sim/results/statistics.hpp"
#include "tests/catch.hpp"
#include "tests/study_files.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

using Json = nlohmann::json;

// What packed() made.
template <class Number>
std::vector<Number> unpacked(const std::string& text) {
    static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned group = 0;
    int bits = 0;
    for (const char c : text) {
        if (c == '=') break;
        group = group << 6 | static_cast<unsigned>(kDigits.find(c));
        if ((bits += 6) >= 8) bytes += static_cast<char>(group >> (bits -= 8) & 255);
    }
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(Number));
    return numbers;
}

ReportOptions options() {
    ReportOptions result;
    result.selection.metrics = {"accuracy", "miss_ratio"};
    return result;
}

Json section_of(const std::string& directory, const ReportOptions& asked = options()) {
    return Json::parse(study_section({directory, "study"}, asked));
}

// Two loads; rtdeepiot with two values of delta, edf without one run, and one accuracy missing.
std::string study() {
    return write_study("section_study", 2, R"({"kind": "sweep", "policies": ["edf", "rtdeepiot"], "axes": [
        {"name": "load", "values": [0.5, 1]}, {"name": "network", "values": ["s<m>all"]},
        {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.02, 0.1]}]})",
                       "load,network,delta,policy,seed,jobs,accuracy,miss_ratio,depth_histogram\n"
                       "0.5,\"\"\"s<m>all\"\"\",,edf,1,100,0.9,0.1,10;90\n"
                       "0.5,\"\"\"s<m>all\"\"\",,edf,9007199254740993,100,0.7,0.2,20;80\n"
                       "0.5,\"\"\"s<m>all\"\"\",0.02,rtdeepiot,1,100,0.95,0,0;100\n"
                       "0.5,\"\"\"s<m>all\"\"\",0.1,rtdeepiot,1,100,,0,0;100\n"
                       "1,\"\"\"s<m>all\"\"\",,edf,1,100,0.5,0.4,40;60\n",
                       "load,network,seed,jobs,clairvoyant,least\n"
                       "0.5,\"\"\"s<m>all\"\"\",1,100,0.99,\n0.5,\"\"\"s<m>all\"\"\",2,100,0.97,\n");
}

}  // namespace

TEST_CASE("a section names axes, points and policies, words without their quotes") {
    const Json section = section_of(study());
    CHECK(section["label"] == "study");
    CHECK(section["runs"] == 5);
    CHECK(section["axes"][0] == Json({{"name", "load"}, {"policy", ""}, {"parameter", ""}, {"zip", 0}}));
    CHECK(section["axes"][2] == Json({{"name", "delta"}, {"policy", "rtdeepiot"}, {"parameter", "delta"}, {"zip", 0}}));
    CHECK(section["points"] == Json::parse(R"([["0.5", "s<m>all"], ["1", "s<m>all"]])"));
    REQUIRE(section["competitors"].size() == 3);
    CHECK(section["competitors"][0]["label"] == "edf");
    CHECK(section["competitors"][2]["label"] == "rtdeepiot:delta=0.1");
    CHECK(section["competitors"][2]["policy"] == "rtdeepiot");
    CHECK(section["competitors"][2]["values"] == Json({"0.1"}));
    CHECK(section["manifest"].get<std::string>().find("laxity.manifest/2") != std::string::npos);
}

TEST_CASE("every run has its values, in the order of cells and seeds; NaN where there is none") {
    const Json section = section_of(study());
    CHECK(section["seeds"] == Json({{1, "9007199254740993"}, {1}}));  // a seed that JavaScript can't hold is text
    CHECK(section["cells"] == Json({0, 1, 1, 1, -1, -1}));
    Json accuracy, jobs;
    for (const Json& measure : section["measures"]) {
        if (measure["name"] == "accuracy") accuracy = measure;
        if (measure["name"] == "jobs") jobs = measure;
        CHECK(measure["name"] != "depth_histogram");
    }
    const auto values = unpacked<float>(accuracy["values"]);
    REQUIRE(values.size() == 5);
    CHECK(values[0] == 0.9F);
    CHECK(values[2] == 0.95F);
    CHECK(std::isnan(values[3]));
    CHECK(values[4] == 0.5F);
    CHECK(jobs["values"] == 100);  // all the same
    CHECK(accuracy["share"] == true);
    CHECK(accuracy["better"] == "higher");
    CHECK(jobs["share"] == false);
    CHECK(jobs["unit"] == "jobs");
    CHECK(section["depths"][""] == Json({{30, 170}, {0, 100}, {0, 100}, {40, 60}, nullptr, nullptr}));
}

TEST_CASE("a shard is called one, once") {
    const std::string directory = study();
    std::string manifest = read_file(directory + "/manifest.json");
    write_test_file(directory + "/manifest.json", manifest.insert(1, R"("shard": "2/7", )"));
    CHECK(section_of(directory)["gaps"] ==
          Json({"only shard 2/7 of the sweep, a part of its runs; `laxity merge` makes one of all"}));
}

TEST_CASE("bounds are means by point, null where undefined; quantiles of t are those of the intervals") {
    const Json section = section_of(study());
    const Json bound = section["bounds"]["clairvoyant"][0];
    const Estimate expected = estimate(Series{{1, 0.99}, {2, 0.97}});
    CHECK(bound[0].get<double>() == Approx(*expected.mean));
    CHECK(bound[1].get<double>() == Approx(*expected.half_width));
    CHECK(section["bounds"]["least"] == Json({nullptr, nullptr}));
    const auto quantiles = unpacked<double>(section["student_t"]);
    REQUIRE(quantiles.size() == 1);  // two seeds at most
    CHECK(quantiles[0] == Approx(12.7062).epsilon(1e-4));
}

TEST_CASE("the best are marked as the report marks them, and not without a test") {
    const std::string rows =
        "0.5,edf,1,0.9,0.1\n0.5,edf,2,0.91,0.1\n0.5,edf,3,0.92,0.1\n"
        "0.5,lcf,1,0.8,0.1\n0.5,lcf,2,0.811,0.1\n0.5,lcf,3,0.82,0.1\n1,edf,1,0.7,0\n1,lcf,1,0.6,0\n";
    const Json section = section_of(
        write_study("section_best", 1, over_load(), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n" + rows));
    CHECK(section["measures"][0]["best"] == Json({{0}, nullptr}));
}

TEST_CASE("what was asked for comes first: metric, axis, baseline, policies; where and best change what is there") {
    ReportOptions asked = options();
    asked.selection.axis = "delta";  // of a policy: no column of a table, but an axis of the page
    asked.selection.baseline = "edf";
    asked.selection.policies = {"rt*"};
    asked.selection.where = {{"load", {"0.5"}}};
    asked.selection.best = {{"best form", "rt*"}};
    const Json section = section_of(study(), asked);
    CHECK(section["initial"]["metrics"] == Json({"accuracy", "miss_ratio"}));
    CHECK(section["initial"]["axis"] == "delta");
    CHECK(section["initial"]["baseline"] == "edf");
    CHECK(section["initial"]["shown"] == Json({"rtdeepiot:delta=0.02", "rtdeepiot:delta=0.1", "best form"}));
    CHECK(section["points"].size() == 1);
    REQUIRE(section["competitors"].size() == 4);
    CHECK(section["competitors"][3]["chosen"] == Json({1}));
    CHECK(section["cells"] == Json({0, 1, 1, -1}));
    asked.selection.axis = "speed";
    CHECK_THROWS_AS(section_of(study(), asked), InputError);
}

TEST_CASE("a study without a run has none, and says so; a strange byte is no error") {
    const Json section = section_of(
        write_study("section_empty", 1, over_load(), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n"));
    CHECK(section["runs"] == 0);
    CHECK(section["points"].empty());
    CHECK(section["gaps"] == Json({"0 of 2 points have runs: the sweep is half-finished"}));
    const Json strange = section_of(write_study(
        "section_strange", 1, over_load(), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n0.5,a\xff,1,1,0\n"));
    CHECK(strange["competitors"][0]["label"] == "a\ufffd");
}

TEST_CASE("capacities are a study like any other, of one measure and without depths") {
    const std::string directory = write_study("section_capacity", 2, R"({"kind": "capacity", "axes": [],
        "along": {"target": "load"}, "requirements": [{"measure": "miss_ratio", "at_most": 0.01}]})",
                                              "");
    write_test_file(directory + "/capacity-seeds.csv",
                    "policy,seed,capacity,below,above,again\nedf,1,0.5,0,0,0\nedf,2,0.6,0,0,0\n");
    ReportOptions asked = options();
    asked.selection.metrics.clear();
    const Json section = section_of(directory, asked);
    CHECK(section["runs"] == 2);
    CHECK(section["measures"][0]["name"] == "capacity");
    CHECK(section["measures"][0]["better"] == "higher");
    CHECK(section["depths"].empty());
}

TEST_CASE("a value too large for the page is none of JSON") {
    const Json section = section_of(write_study("section_large", 1, over_load(),
                                                "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio,length_ms\n"
                                                "0.5,edf,1,1,0,1e300\n"));
    CHECK(section["measures"][2]["values"].is_string());
}
