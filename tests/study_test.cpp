#include "sim/study/study.hpp"

#include <filesystem>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/study_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

using Texts = std::vector<std::string>;

StudySpec spec_of(const Texts& policies, const Texts& axes) {
    StudySpec spec;
    spec.workload = write_two_tasks();
    spec.policies = policies;
    for (const std::string& axis : axes) spec.axes.push_back(parse_axis(axis));
    return spec;
}

// The key columns of every cell, in the order of the results.
Texts cells(const Study& study) {
    Texts texts;
    for (std::size_t point = 0; point < study.points(); ++point) {
        for (const std::size_t contender : study.contenders_at(point)) {
            std::string text;
            for (const std::string& value : study.columns(point, contender)) text += value + " ";
            texts.push_back(text + study.policy_name(contender));
        }
    }
    return texts;
}

Texts names(const Texts& policies, const Texts& axes) { return Study(spec_of(policies, axes)).axis_names(); }

}  // namespace

TEST_CASE("points are crossed, the last axis fastest, each with every policy") {
    const Study study(spec_of({"edf", "lcf"}, {"camera.load=0.5,1", "/tasks/1/weight=1,2"}));
    CHECK(study.points() == 4);
    CHECK(study.cells() == 8);
    CHECK(cells(study) ==
          Texts{"0.5 1 edf", "0.5 1 lcf", "0.5 2 edf", "0.5 2 lcf", "1 1 edf", "1 1 lcf", "1 2 edf", "1 2 lcf"});
    CHECK(study.place(2) == "load=1, weight=1");
    CHECK(study.workload_at(3).tasks[1].weight == 2);
}

TEST_CASE("a policy without a swept parameter runs once per point") {
    const Study study(spec_of({"edf", "rtdeepiot"}, {"rtdeepiot/delta=0.05,0.1", "camera.load=0.5,1"}));
    CHECK(study.points() == 2);
    CHECK(cells(study) == Texts{" 0.5 edf", "0.05 0.5 rtdeepiot", "0.1 0.5 rtdeepiot", " 1 edf", "0.05 1 rtdeepiot",
                                "0.1 1 rtdeepiot"});
    CHECK(study.policy_at(0, 1).text == "rtdeepiot:delta=0.05");
    CHECK(study.policy_at(0, 2).text == "rtdeepiot");
    CHECK(study.label(1, 1) == "load=1 rtdeepiot:delta=0.05");
}

TEST_CASE("a parameter of any policy, and policies that fix it") {
    const Study study(spec_of({"edf", "zygarde", "edf:threshold=0.6", "lcf"}, {"*/threshold=0.7,0.8"}));
    CHECK(cells(study) == Texts{"0.7 edf", "0.8 edf", "0.7 zygarde", "0.8 zygarde", " edf:threshold=0.6", " lcf"});
    REQUIRE(study.notes().size() == 1);
    CHECK_THAT(study.notes()[0], ContainsSubstring("edf:threshold=0.6") && ContainsSubstring("keeps its threshold"));
}

TEST_CASE("policies that mean the same run once, and it is said") {
    const Study twice(spec_of({"edf", "edf:skip=false", "rtdeepiot:delta=0.10"}, {}));
    CHECK(cells(twice) == Texts{"edf", "rtdeepiot"});
    CHECK_THAT(twice.notes().at(0), ContainsSubstring("\"edf:skip=false\" is edf"));
    const Study by_axis(spec_of({"rtdeepiot", "rtdeepiot:delta=0.05"}, {"rtdeepiot/delta=0.05,0.2"}));
    CHECK(by_axis.cells() == 2);
    CHECK_THAT(by_axis.notes().at(0), ContainsSubstring("rtdeepiot:delta=0.05"));
}

TEST_CASE("zipped axes advance together") {
    StudySpec spec = spec_of({"edf"}, {"camera.load=0.5,1,1", "/tasks/1/weight=1,2,3", "/planning_quantile=0.5,0.9"});
    spec.zip = {{"load", "weight"}};
    CHECK(cells(Study(spec)) ==
          Texts{"0.5 1 0.5 edf", "0.5 1 0.9 edf", "1 2 0.5 edf", "1 2 0.9 edf", "1 3 0.5 edf", "1 3 0.9 edf"});
    spec.zip = {{"load", "planning_quantile"}};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("axes of one length") && ContainsSubstring("load with 3"));
    spec.zip = {{"load", "wait"}};
    CHECK_THROWS_WITH(Study(spec),
                      ContainsSubstring("\"wait\"") && ContainsSubstring("load, weight, planning_quantile"));
    spec.zip = {{"load", "weight"}, {"weight", "planning_quantile"}};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("\"weight\" twice"));
}

TEST_CASE("a combination that a zip repeats is refused") {
    StudySpec spec = spec_of({"edf"}, {"camera.load=1,1", "/tasks/1/weight=2,2"});
    spec.zip = {{"load", "weight"}};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("1, 2 twice"));
}

TEST_CASE("a workload's axis may be zipped with a policy's") {
    StudySpec spec = spec_of({"edf", "rtdeepiot"}, {"camera.load=0.5,1", "rtdeepiot/delta=0.05,0.2"});
    spec.zip = {{"load", "delta"}};
    CHECK(cells(Study(spec)) == Texts{"0.5  edf", "0.5 0.05 rtdeepiot", "1  edf", "1 0.2 rtdeepiot"});
}

TEST_CASE("conditions leave points and policies out") {
    StudySpec spec = spec_of({"edf", "rtdeepiot"}, {"camera.load=0.5,1,2", "rtdeepiot/delta=0.05,0.2"});
    spec.where = {"load < 2", "load = 1 or delta < 0.1", "policy != \"edf\" or load > 0.7"};
    CHECK(cells(Study(spec)) == Texts{"0.5 0.05 rtdeepiot", "1  edf", "1 0.05 rtdeepiot", "1 0.2 rtdeepiot"});
    CHECK(Study(spec).points() == 2);
    spec.where = {"load > 5"};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("conditions that keep a point"));
    spec.where = {"load > 0.5 and not (policy = \"edff\")"};
    CHECK_THROWS_WITH(Study(spec),
                      ContainsSubstring("where \"load > 0.5 and not (policy = \"edff\")\": expected a value that "
                                        "policy has, found \"edff\"; there are \"edf\", \"rtdeepiot\""));
    spec.where = {"\"0.5\" != load"};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("a value that load has, found \"0.5\"; there are 0.5, 1, 2"));
}

TEST_CASE("columns have short names that are unique, or the one that was given") {
    CHECK(names({"edf"}, {"camera.load=1"}) == Texts{"load"});
    CHECK(names({"edf"}, {"/tasks/0/arrival/load=1", "/tasks/1/arrival/load=1"}) == Texts{"camera.load", "radar.load"});
    CHECK(names({"edf"}, {"/tasks/*/deadline/uniform/1=3"}) == Texts{"uniform.1"});
    CHECK(names({"edf"}, {"d:/tasks/*/deadline/uniform/1=3"}) == Texts{"d"});
    CHECK(names({"rtdeepiot", "density"}, {"rtdeepiot/predictor=exp,max", "density/predictor=exp,max"}) ==
          Texts{"rtdeepiot.predictor", "density.predictor"});
    CHECK(names({"edf"}, {"/horizon/jobs=200,300"}) == Texts{"horizon.jobs"});
    CHECK(names({"edf"}, {"planning_quantile=0.5,0.9", "replay=rows,mean"}) == Texts{"planning_quantile", "replay"});
    CHECK_THROWS_WITH(names({"edf"}, {"d:/tasks/0/weight=1", "d:/tasks/1/weight=1"}),
                      ContainsSubstring("no other column has"));
    CHECK_THROWS_WITH(names({"edf"}, {"policy:/tasks/0/weight=1"}), ContainsSubstring("no other column has"));
}

TEST_CASE("an axis names one thing") {
    CHECK_THROWS_WITH(
        names({"edf"}, {"load=1,2"}),
        ContainsSubstring("a name of one thing") && ContainsSubstring("/tasks/0/arrival/load, /tasks/1/arrival/load"));
    CHECK_THROWS_WITH(names({"edf"}, {"lod=1"}),
                      ContainsSubstring("axis lod") && ContainsSubstring("did you mean load?"));
    CHECK_THROWS_WITH(names({"edf"}, {"/tasks/7/weight=1"}), ContainsSubstring("axis /tasks/7/weight"));
    CHECK_THROWS_WITH(names({"edf"}, {"rtdeepiot/delta=1"}), ContainsSubstring("axis rtdeepiot/delta"));
    CHECK_THROWS_WITH(names({"rtdeepiot"}, {"rtdeepiot/dela=1"}), ContainsSubstring("dela"));
    CHECK_THROWS_WITH(names({"rtdeepiot"}, {"rtdeepiot/delta=7"}),
                      ContainsSubstring("delta") && ContainsSubstring("\"7\""));
    CHECK_THROWS_WITH(names({"edf"}, {"camera.load=1,2,1.0"}), ContainsSubstring("1 twice"));
    CHECK_THROWS_WITH(names({"edf"}, {"camera.load=1", "/tasks/0/arrival/load=2"}),
                      ContainsSubstring("no other axis varies"));
    CHECK_THROWS_WITH(names({"edf"}, {"camera.load=fast"}),
                      ContainsSubstring("/tasks/0/arrival/load") && ContainsSubstring("\"fast\""));
    CHECK_THROWS_WITH(names({"edf"}, {"=1"}), ContainsSubstring("[NAME:]TARGET=VALUES"));
    StudySpec spec = spec_of({"edf"}, {"camera.load=1,2"});
    spec.overrides = {{"/tasks/0/arrival/load", "3"}};
    CHECK_THROWS_WITH(Study(spec), ContainsSubstring("a value that no axis varies"));
}

TEST_CASE("a million points are planned, more are refused with their number") {
    const Study study(spec_of({"edf"}, {"camera.load=0.001..1:0.001", "radar.load=0.001..1:0.001"}));
    CHECK(study.points() == 1'000'000);
    CHECK_THROWS_WITH(Study(spec_of({"edf"}, {"camera.load=0.001..1:0.001", "radar.load=0.001..2:0.001"})),
                      ContainsSubstring("at most 1000000 points") && ContainsSubstring("2000000"));
}

TEST_CASE("a study that is saved is the same study") {
    StudySpec spec = spec_of({"edf", "rtdeepiot:predictor=max"},
                             {"camera.load=0.5,1", "d:rtdeepiot/delta=0.05,0.2", "replay=mean,rows"});
    spec.overrides = {{"/horizon/jobs", "500"}, {"/tasks/1/name", "lidar"}};
    spec.zip = {{"load", "replay"}};
    spec.where = {"d < 0.1 or load = 1"};
    spec.seeds = {3, 7};
    spec.per_task = true;
    spec.bounds = true;
    std::filesystem::create_directories("saved/studies");
    std::ofstream("saved/studies/study.json") << study_text(spec, "saved/studies");
    const Study before(spec), after(load_study("saved/studies/study.json"));
    CHECK(std::filesystem::equivalent(after.spec().workload, spec.workload));
    CHECK(cells(after) == cells(before));
    CHECK(after.spec().seeds == spec.seeds);
    CHECK(after.tasks() == Texts{"camera", "lidar"});
    CHECK(after.spec().bounds);
    CHECK(study_text(after.spec(), "saved/studies") == study_text(spec, "saved/studies"));
}

TEST_CASE("files of the first schema are read, and both forms of axes") {
    write_two_tasks();
    const auto read = [](const std::string& text) {
        std::ofstream("study_read.json") << text;
        return cells(Study(load_study("study_read.json")));
    };
    CHECK(
        read(
            R"({"schema": "laxity.sweep/1", "workload": "two_tasks.json", "axes": {"/tasks/0/arrival/load": [0.5, 1.0]}, "policies": ["edf"], "seeds": 3})") ==
        Texts{"0.5 edf", "1 edf"});
    CHECK(
        read(
            R"({"schema": "laxity.sweep/2", "workload": "two_tasks.json", "axes": {"camera.load": "0.5..1.5:0.5"}, "policies": ["edf"]})") ==
        Texts{"0.5 edf", "1 edf", "1.5 edf"});
    CHECK(
        read(
            R"({"schema": "laxity.sweep/2", "workload": "two_tasks.json", "axes": [{"name": "x", "target": "camera.load", "values": [1]}], "policies": ["edf"]})") ==
        Texts{"1 edf"});
}

TEST_CASE("a bad file is refused with file and pointer") {
    write_two_tasks();
    const auto reason = [](const std::string& members) {
        std::ofstream("study_bad.json") << R"({"schema": "laxity.sweep/2", "workload": "two_tasks.json", )" << members
                                        << "}";
        try {
            const Study study(load_study("study_bad.json"));
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(reason(R"("policies": [])"), ContainsSubstring("study_bad.json: /policies"));
    CHECK_THAT(reason(R"("axis": {})"), ContainsSubstring("did you mean") && ContainsSubstring("axes"));
    CHECK_THAT(reason(R"("policies": ["edf"], "axes": 3)"), ContainsSubstring("/axes"));
    CHECK_THAT(reason(R"("policies": ["edf"], "axes": {"camera.load": 3})"), ContainsSubstring("/axes/camera.load"));
    CHECK_THAT(reason(R"("policies": ["edf"], "axes": {"camera.load": "1..0"})"),
               ContainsSubstring("/axes/camera.load"));
    CHECK_THAT(reason(R"("policies": ["edf"], "seeds": 0)"), ContainsSubstring("/seeds"));
    CHECK_THAT(reason(R"("policies": ["edf"], "seeds": [1, 1])"), ContainsSubstring("1 twice"));
    CHECK_THAT(reason(R"("policies": ["edf"], "until": {"accuracy": 0})"), ContainsSubstring("/until"));
    CHECK_THAT(reason(R"("policies": ["edf"], "until": {"accurcy": 0.1}, "seeds": 5)"), ContainsSubstring("accuracy"));
    CHECK_THAT(reason(R"("policies": ["edf"], "until": {"accuracy": 0.1}, "seeds": [4, 5])"),
               ContainsSubstring("a list of seeds"));
    CHECK_THAT(reason(R"("policies": ["edf"], "set": {"horizon": 3})"), ContainsSubstring("JSON pointer"));
    CHECK_THAT(reason(R"("policies": ["edf"], "per_task": ["lidar"])"), ContainsSubstring("camera, radar"));
    CHECK_THAT(reason(R"("policies": ["edv"])"), ContainsSubstring("edf"));
}
