#include "sim/study/winner.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/study/run_table.hpp"
#include "sim/study/study_summary.hpp"
#include "sim/study/sweep.hpp"
#include "tests/catch.hpp"
#include "tests/study_fixture.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"
#include "traces/trace.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

namespace fs = std::filesystem;

Trace measured_trace() {
    const std::vector<Duration> times = {Duration(1'000'000), Duration(2'000'000)};
    const std::vector<double> accuracy = {0.6, 0.9};
    Trace trace = synthetic_trace("measured", times, accuracy);
    trace.device.kind = "cpu";
    return trace;
}

const std::vector<Override> kMeasured = {{"/tasks/1/variants", R"([{"trace": "winner_trace.json"}])"}};

// A finished sweep over the camera's load, in `directory`.
void sweep(const std::string& directory, const std::vector<std::string>& policies) {
    fs::remove_all(directory);
    save_trace(measured_trace(), "winner_trace.json");
    StudySpec spec;
    spec.workload = write_two_tasks();
    spec.overrides = kMeasured;
    spec.policies = policies;
    spec.axes = {parse_axis("camera.load=0.6,1.8")};
    spec.seeds = count_of_seeds(2);
    const Study study(spec);
    SweepFolder folder(directory, study, {}, false);
    REQUIRE(run_sweep(study, folder, {2, {}}));
    write_file(directory + "/summary.json",
               summary_json(summarise(load_run_table(directory, {"accuracy", "miss_ratio"}))));
}

std::string difference(const std::string& directory, const std::string& policy, std::vector<Override> more = {}) {
    std::vector<Override> all = kMeasured;
    all.insert(all.end(), more.begin(), more.end());
    const WorkloadFile file = WorkloadFile("two_tasks.json").with(all);
    return not_won_on(directory, parse_policy(policy), file, file.load());
}

}  // namespace

TEST_CASE("the winner is the most accurate policy that can run live") {
    sweep("winner_sweep", {"edf", "lcf", "rtdeepiot:predictor=oracle"});
    CHECK(sweep_winner("winner_sweep") == "lcf");
    sweep("winner_none", {"rtdeepiot:predictor=oracle"});
    CHECK_THROWS_WITH(sweep_winner("winner_none"), ContainsSubstring("needs an oracle"));
    CHECK_THROWS_WITH(sweep_winner("winner_nowhere"), ContainsSubstring("finish a sweep"));
}

TEST_CASE("a winner is that of the same workload, traces and code") {
    sweep("winner_checked", {"edf", "lcf"});
    CHECK(difference("winner_checked", "lcf").empty());
    CHECK(difference("winner_checked", "lcf", {{"/horizon", R"({"seconds": 3})"}, {"/tasks/0/arrival/load", "1.2"}})
              .empty());
    CHECK_THAT(difference("winner_checked", "lcf", {{"/tasks/1/arrival/load", "0.9"}}),
               ContainsSubstring("/tasks/1/arrival/load differs"));

    Trace faster = measured_trace();
    faster.latency_ns[0] /= 2;
    save_trace(faster, "winner_trace_2.json");
    CHECK_THAT(difference("winner_checked", "lcf", {{"/tasks/1/variants/0/trace", "winner_trace_2.json"}}),
               ContainsSubstring("the trace winner_trace_2.json"));
    fs::copy_file("winner_trace.json", "winner_trace_copy.json", fs::copy_options::overwrite_existing);
    CHECK(difference("winner_checked", "lcf", {{"/tasks/1/variants/0/trace", "winner_trace_copy.json"}}).empty());

    std::ifstream in("winner_checked/manifest.json");
    auto manifest = nlohmann::ordered_json::parse(in);
    manifest["signatures"]["lcf"] = "0123456789abcdef";
    std::ofstream("winner_checked/manifest.json") << manifest.dump();
    CHECK_THAT(difference("winner_checked", "lcf"), ContainsSubstring("lcf behaves differently"));
    CHECK(difference("winner_checked", "edf").empty());
}
