#include "sim/study/run_table.hpp"

#include "sim/study/csv_columns.hpp"
#include "tests/catch.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

std::vector<double> numbers(const Series& series) {
    std::vector<double> values;
    for (const SeedValue& value : series) values.push_back(value.value);
    return values;
}

const std::string kTwoPolicies = R"({"kind": "sweep", "workload": {}, "workload_path": "w.json", "axes": [
    {"name": "load", "set": ["/tasks/0/arrival/load"], "values": [0.5, 1.0]},
    {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.02, 0.1]}],
    "policies": ["edf", "rtdeepiot"], "seeds": [1, 2]})";

}  // namespace

TEST_CASE("a sweep of the first schema: pointers as axes, JSON texts as values") {
    const std::string directory =
        write_study("table_old", 1, over_load(),
                    "/tasks/0/arrival/load,policy,seed,jobs,accuracy,depth_histogram\n"
                    "0.5,edf,1,100,0.9,1;99\n0.5,edf,2,100,0.8,2;98\n"
                    "1.0,edf,1,100,0.7,3;97\n1.0,edf,2,100,,4;96\n",
                    "/tasks/0/arrival/load,seed,jobs,clairvoyant,fluid,fluid_d,fluid_edf,least\n"
                    "0.5,1,100,1,0.95,,,0.95\n0.5,2,100,1,0.94,,,0.94\n1.0,1,100,,,,,\n1.0,2,100,0.9,,,,\n");
    const RunTable table = load_run_table(directory);
    REQUIRE(table.workload_axes().size() == 1);
    CHECK(table.workload_axes()[0].name == "load");
    CHECK(table.workload_axes()[0].column == "/tasks/0/arrival/load");
    CHECK(table.points() == std::vector<std::vector<std::string>>{{"0.5"}, {"1.0"}});
    CHECK(table.measures() == std::vector<std::string>{"jobs", "accuracy"});  // the histogram is no number
    CHECK(table.runs() == 4);
    CHECK(numbers(table.values(0, 0, "accuracy")) == std::vector{0.9, 0.8});
    CHECK(numbers(table.values(1, 0, "accuracy")) == std::vector{0.7});  // an empty field is no value, not 0
    CHECK(table.runs(1, 0) == 2);
    CHECK(table.notes().empty());
    CHECK(numbers(table.bound(0, Bound::kLeast)) == std::vector{0.95, 0.94});
    CHECK(table.bound(1, Bound::kLeast).empty());
    REQUIRE(table.bound(1, Bound::kClairvoyant).size() == 1);
    CHECK(table.bound(1, Bound::kClairvoyant)[0].seed == 2);
}

TEST_CASE("a sweep of the second schema: axes of policies make competitors") {
    const std::string directory = write_study("table_new", 2, kTwoPolicies,
                                              "seed,accuracy,policy,delta,load,camera.accuracy\n"
                                              "1,0.9,edf,,0.5,0.1\n2,0.8,edf,,0.5,0.2\n"
                                              "2,0.7,rtdeepiot,0.02,0.5,\n1,0.6,rtdeepiot,0.02,0.5,0.4\n"
                                              "1,0.5,rtdeepiot,0.1,0.5,0.5\n2,0.4,rtdeepiot,0.1,0.5,0.6\n"
                                              "1,0.3,edf,,1.0,0.7\n");
    const RunTable table = load_run_table(directory, {"camera.accuracy", "none"});
    REQUIRE(table.competitors().size() == 3);
    CHECK(table.competitors()[0].label == "edf");
    CHECK(table.competitors()[1].label == "rtdeepiot:delta=0.02");
    CHECK(table.competitors()[2].label == "rtdeepiot:delta=0.1");
    CHECK(table.competitors()[2].live);
    CHECK(table.has_measure("accuracy"));
    CHECK_FALSE(table.has_measure("none"));
    CHECK(numbers(table.values(0, 1, "camera.accuracy")) == std::vector{0.4});  // rows come in any order
    CHECK(table.values(0, 1, "camera.accuracy")[0].seed == 1);
    REQUIRE(table.notes().size() == 1);
    CHECK(table.notes()[0] == "2 runs missing: some policies have fewer seeds than others at the same point");
}

TEST_CASE("labels are specs: an oracle, an unknown policy, and a parameter beside others") {
    const std::string configuration = R"({"kind": "sweep", "axes": [
        {"name": "rtdeepiot.delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.1]}]})";
    const RunTable table = load_run_table(write_study("table_labels", 2, configuration,
                                                      "rtdeepiot.delta,policy,seed,accuracy\n"
                                                      "0.1,rtdeepiot:predictor=oracle,1,0.9\n,newest:speed=9,1,0.8\n"));
    CHECK(table.competitors()[0].label == "rtdeepiot:predictor=oracle,delta=0.1");
    CHECK(table.competitors()[0].oracle);
    CHECK_FALSE(table.competitors()[0].live);
    CHECK_FALSE(table.competitors()[1].oracle);
    CHECK_FALSE(table.competitors()[1].live);
}

TEST_CASE("pointers that end alike keep as much of their end as tells them apart") {
    const std::string configuration =
        R"({"axes": {"/tasks/0/arrival/load": [1], "/tasks/1/arrival/load": [1], "/horizon/jobs": [5]}, "policies": []})";
    const RunTable table =
        load_run_table(write_study("table_pointers", 1, configuration,
                                   "/tasks/0/arrival/load,/tasks/1/arrival/load,/horizon/jobs,policy,seed,accuracy\n"));
    CHECK(table.workload_axes()[0].name == "0/arrival/load");
    CHECK(table.workload_axes()[1].name == "1/arrival/load");
    CHECK(table.workload_axes()[2].name == "jobs");
    CHECK(table.runs() == 0);  // a header alone is a sweep that has not begun
}

TEST_CASE("a row that was cut off is left out, even one that looks whole") {
    const std::string whole = "/tasks/0/arrival/load,policy,seed,accuracy\n0.5,edf,1,0.9\n";
    for (const std::string tail : {"0.5,edf,2,0.8", "0.5,e", "0.5,\"edf,2"}) {
        const RunTable table = load_run_table(write_study("table_cut", 1, over_load(), whole + tail));
        CHECK(table.runs() == 1);
        REQUIRE(table.notes().size() == 2);
        CHECK(table.notes()[0] == "the last row of runs.csv was cut off and is left out: the sweep is half-finished");
        CHECK(table.notes()[1] == "1 of 2 points have runs: the sweep is half-finished");
    }
}

TEST_CASE("what is missing is counted by the manifest where it knows") {
    const auto notes = [](const std::string& rows) {
        const std::string directory =
            write_study("table_expected", 2, kTwoPolicies, "load,delta,policy,seed,accuracy\n" + rows);
        const std::string text = read_file(directory + "/manifest.json");
        write_test_file(directory + "/manifest.json",
                        R"({"expected": {"runs": 4, "points": 2}, )" + text.substr(text.find('{') + 1));
        return load_run_table(directory).notes();
    };
    const std::string one = "0.5,,edf,1,0.9\n", three = one + "0.5,,edf,2,0.9\n1.0,,edf,1,0.9\n";
    CHECK(notes(one) == std::vector<std::string>{"1 of 4 runs, at 1 of 2 points: the sweep is half-finished"});
    CHECK(notes(three) == std::vector<std::string>{"3 of 4 runs: the sweep is half-finished"});
    CHECK(notes(three + "1.0,,edf,2,0.9\n").empty());
}

TEST_CASE("zipped axes and conditions: how many points are still to come") {
    const auto notes = [](const std::string& more) {
        const std::string configuration = R"({"kind": "sweep", "axes": [{"name": "a", "values": [1, 2, 3]},
            {"name": "b", "values": [1, 2, 3]}, {"name": "c", "values": [7, 8]}])" +
                                          more + "}";
        return load_run_table(
                   write_study("table_zip", 2, configuration, "a,b,c,policy,seed,accuracy\n1,1,7,edf,1,0.9\n"))
            .notes();
    };
    CHECK(notes("") == std::vector<std::string>{"1 of 18 points have runs: the sweep is half-finished"});
    CHECK(notes(R"(, "zip": [["a", "b"]])") ==
          std::vector<std::string>{"1 of 6 points have runs: the sweep is half-finished"});
    CHECK(notes(R"(, "where": ["a < 2"])").empty());  // nobody can say without working out the conditions
}

TEST_CASE("values of axes compare as numbers where they are numbers") {
    CHECK(same_axis_value("1", "1.0"));
    CHECK(same_axis_value("\"cpu\"", "cpu"));
    CHECK_FALSE(same_axis_value("1", "one"));
    CHECK(axis_value(R"("say \"hi\"")") == "say \"hi\"");
    CHECK(axis_value("[1, 2]") == "[1, 2]");
}

TEST_CASE("a bad result folder gets one line that says where") {
    const auto error = [](int schema, const std::string& configuration, const std::string& runs,
                          const std::string& bounds = {}) {
        return error_of([&] { load_run_table(write_study("table_bad", schema, configuration, runs, bounds)); });
    };
    const std::string header = "/tasks/0/arrival/load,policy,seed,accuracy\n", row = "0.5,edf,1,0.9\n";
    const std::string none = error_of([] { load_run_table("none"); });
    CHECK_THAT(none, StartsWith("none/manifest.json: expected ") && ContainsSubstring("`laxity sweep`"));
    CHECK_THAT(error(3, over_load(), header), StartsWith("table_bad/manifest.json: /schema: expected"));
    CHECK_THAT(error(1, R"({"tasks": []})", header),
               ContainsSubstring("expected the manifest of a sweep, found that of another command"));
    CHECK_THAT(error(2, R"({"kind": "capacity"})", header),
               ContainsSubstring("/configuration: expected the key \"along\""));
    CHECK_THAT(error(2, R"({"kind": "plan"})", header), ContainsSubstring("/configuration/kind: expected \"sweep\""));
    CHECK(error(1, over_load(), "policy,seed,accuracy\n") ==
          "table_bad/runs.csv:1: expected a column \"/tasks/0/arrival/load\", found policy, seed, accuracy");
    CHECK_THAT(error(1, over_load(), "/tasks/0/arrival/load,seed\n"),
               ContainsSubstring("expected a column \"policy\""));
    CHECK_THAT(error(1, over_load(), "a,a\n"), ContainsSubstring("\"a\" twice"));
    CHECK_THAT(error(1, over_load(), ""), ContainsSubstring("table_bad/runs.csv:1: expected a line with the names"));
    CHECK(error(1, over_load(), header + row + "0.5,edf,2,high\n") ==
          "table_bad/runs.csv:3, column \"accuracy\": expected a number or nothing, found \"high\"");
    CHECK_THAT(error(1, over_load(), header + row + "0.5,edf,2,nan\n"),
               ContainsSubstring("runs.csv:3, column \"accuracy\""));
    CHECK(error(1, over_load(), header + "0.5,edf,first,0.9\n") ==
          "table_bad/runs.csv:2, column \"seed\": expected a whole number from 0, found \"first\"");
    CHECK_THAT(error(1, over_load(), header + "0.5,,1,0.9\n"),
               ContainsSubstring("column \"policy\": expected a policy"));
    CHECK(error(1, over_load(), header + "0.5,edf,1\n") ==
          "table_bad/runs.csv:2: expected 4 fields, as the header has, found 3");
    CHECK(error(1, over_load(), header + row + "1.0,edf,1,0.9\n" + row) ==
          "table_bad/runs.csv:4: expected a run of its own, found point, policy and seed of row 2 again; keep one of "
          "them");
    CHECK_THAT(error(1, over_load(), header + row, "seed,jobs,clairvoyant,least\n"),
               ContainsSubstring("table_bad/bounds.csv:1: expected a column \"/tasks/0/arrival/load\""));
    const std::string bounds = "/tasks/0/arrival/load,seed,clairvoyant,least\n";
    CHECK_THAT(error(1, over_load(), header + row, bounds + "0.5,1,1,1\n0.5,1,1,1\n"),
               ContainsSubstring("two of seed 1"));
}

TEST_CASE("CSV: quotes, doubled quotes, commas and newlines in fields, both ends of lines") {
    write_test_file("columns.csv", "\"a,\"\"b\"\"\",c,d\r\n\"x\ny\",,\"\"\r\n1,2,3\r\n");
    CsvColumns csv("columns.csv");
    CHECK(csv.names() == std::vector<std::string>{"a,\"b\"", "c", "d"});
    REQUIRE(csv.next());
    CHECK(csv.field(0) == "x\ny");
    CHECK(csv.field(1).empty());
    CHECK(csv.field(2).empty());
    REQUIRE(csv.next());
    CHECK(csv.number(2) == 3.0);
    CHECK_FALSE(csv.next());
    CHECK_FALSE(csv.truncated());
}

TEST_CASE("80,000 runs of 20 measures are read, and only those that are wanted are kept") {
    std::string runs = "/tasks/0/arrival/load,policy,seed";
    for (int measure = 0; measure < 20; ++measure) runs += ",m" + std::to_string(measure);
    runs += '\n';
    for (int point = 0; point < 20; ++point) {
        for (int policy = 0; policy < 200; ++policy) {
            for (int seed = 20; seed > 0; --seed) {  // not in order: they have to be sorted
                runs += std::to_string(point) + ",p" + std::to_string(policy) + "," + std::to_string(seed);
                for (int measure = 0; measure < 20; ++measure)
                    runs += "," + std::to_string(point + policy + seed + measure);
                runs += '\n';
            }
        }
    }
    const RunTable table = load_run_table(write_study("table_large", 1, over_load("0"), runs), {"m3"});
    CHECK(table.runs() == 80'000);
    CHECK(table.measures().size() == 20);
    const Series series = table.values(7, 11, "m3");
    REQUIRE(series.size() == 20);
    CHECK(series.front().seed == 1);
    CHECK(series.back().value == 7 + 11 + 20 + 3);
    CHECK(table.values(7, 11, "m4").empty());
}
