#include "workloads/replay_file.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using Catch::Matchers::Contains;

namespace {

Workload workload_with(const std::vector<Override>& overrides) {
    constexpr const char* kText = R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "t", "variants": [{"synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.5, 0.6]}}],
         "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"fixed": 9, "unit": "ms"}}],
        "horizon": {"jobs": 10}})";
    return load_workload(write_test_file("replay_file_test.json", kText), overrides);
}

ReplayMode mode_of(const std::string& replay) { return workload_with({{"/replay", replay}}).replay; }

}  // namespace

TEST_CASE("replay: an object says what is replayed beside the mode, everything by default") {
    CHECK(mode_of("rows").parts == ReplayParts{true, true, true});
    CHECK(mode_of("{}").parts == ReplayParts{true, true, true});
    CHECK(mode_of("{}").kind == ReplayMode::Kind::kRows);
    const ReplayMode mode = mode_of(R"({"mode": "quantile:0.9", "history": false, "path": false, "stalls": true})");
    CHECK(mode.kind == ReplayMode::Kind::kQuantile);
    CHECK(mode.quantile == 0.9);
    CHECK(mode.parts == ReplayParts{false, false, true});
}

TEST_CASE("replay: a part can be set in a workload without the section, or with a mode alone") {
    CHECK(workload_with({{"/replay/history", "false"}}).replay.parts == ReplayParts{false, true, true});
    const ReplayMode mode = workload_with({{"/replay", "mean"}, {"/replay/path", "false"}}).replay;
    CHECK(mode.kind == ReplayMode::Kind::kMean);
    CHECK(mode.parts == ReplayParts{true, false, true});
    CHECK_THAT(error_of([] { workload_with({{"/nowhere/history", "false"}}); }), Contains("a key that is there"));
}

TEST_CASE("replay: the file of decisions is relative to the workload, must be there, and is an input") {
    write_test_file("replay_file_decisions.csv", "policy\n");
    const Workload workload = workload_with({{"/replay/decisions", "replay_file_decisions.csv"}});
    CHECK(workload.replay.decisions == "replay_file_decisions.csv");
    const std::vector<std::string> files = input_files(workload);
    CHECK(std::find(files.begin(), files.end(), "replay_file_decisions.csv") != files.end());
    CHECK_THAT(error_of([] {
                   workload_with({{"/replay/decisions", "nowhere.csv"}});
               }),
               Contains("/replay/decisions") && Contains("nowhere.csv") && Contains("laxity bench --decisions"));
}

TEST_CASE("replay: errors name the place") {
    CHECK_THAT(error_of([] { mode_of(R"({"histories": false})"); }), Contains("/replay") && Contains("history"));
    CHECK_THAT(error_of([] { mode_of(R"({"path": 0})"); }), Contains("/replay/path"));
    CHECK_THAT(error_of([] { mode_of(R"({"mode": "median"})"); }), Contains("/replay/mode") && Contains("quantile:Q"));
    CHECK_THAT(error_of([] { mode_of("7"); }), Contains("/replay"));
}
