#include "sim/study/forecast.hpp"

#include "tests/catch.hpp"
#include "tests/study_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

TEST_CASE("a forecast counts what will be run, and measures for how long") {
    StudySpec spec;
    spec.workload = write_two_tasks();
    spec.policies = {"edf", "rtdeepiot"};
    spec.axes = {parse_axis("camera.load=0.5,1"), parse_axis("rtdeepiot/delta=0.05,0.1")};
    spec.seeds = count_of_seeds(4);
    const StudyForecast whole = forecast(Study(spec), {}, 2, 0);
    CHECK(whole.points == 2);
    CHECK(whole.contenders == 3);
    CHECK(whole.cells == 6);
    CHECK(whole.runs == 24);
    CHECK(whole.most_runs == 24);
    CHECK(whole.jobs == 24 * 2000);
    CHECK(whole.seconds > 0);
    CHECK(whole.seconds_of_plans == 0);
    CHECK(forecast(Study(spec), {2, 3}, 1, 0).runs == 8);
    spec.until = {parse_precision("accuracy=0.01", "until")};
    spec.max_seeds = 10;
    spec.bounds = true;
    const StudyForecast adaptive = forecast(Study(spec), {}, 1, 0);
    CHECK(adaptive.runs == 24);
    CHECK(adaptive.most_runs == 60);
}

TEST_CASE("a horizon in seconds is turned into jobs by what a shorter run released") {
    StudySpec spec;
    spec.workload = write_two_tasks();
    spec.policies = {"edf"};
    spec.overrides = {{"/horizon", R"({"seconds": 100})"}};
    const double jobs = static_cast<double>(forecast(Study(spec), {}, 1, 0).jobs);
    CHECK(jobs > 15'000);  // 0.5 / 5 ms + 0.3 / 3 ms = 200 a second
    CHECK(jobs < 25'000);
}
