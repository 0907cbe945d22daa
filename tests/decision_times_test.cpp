#include "sim/core/decision_times.hpp"

#include <stdexcept>

#include "sim/bench/decision_cost.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using namespace laxity::test;
using Catch::Matchers::Contains;

TEST_CASE("decisions are linear between measured counts and constant beyond them") {
    const DecisionTimes times({{10, 1000ns, 2000ns}, {2, 200ns, {}}, {50, 1000ns, 6000ns}});
    CHECK(times.after_stage_end(0) == 200ns);
    CHECK(times.after_stage_end(2) == 200ns);
    CHECK(times.after_stage_end(6) == 600ns);
    CHECK(times.after_stage_end(10) == 1000ns);
    CHECK(times.after_stage_end(10'000) == 1000ns);
    CHECK(times.after_release(1) == 2000ns);  // from 10 on is what is known
    CHECK(times.after_release(30) == 4000ns);
    CHECK(times.after_release(51) == 6000ns);
}

TEST_CASE("an event that was never met costs what the other does; without any there is no curve") {
    const DecisionTimes times({{1, {}, 70ns}, {5, {}, 80ns}});
    CHECK(times.after_stage_end(5) == 80ns);
    CHECK_THROWS_AS(DecisionTimes(std::vector<DecisionTimes::Point>{}), std::invalid_argument);
    CHECK_THROWS_AS(DecisionTimes(std::vector<DecisionTimes::Point>{{3, {}, {}}}), std::invalid_argument);
}

namespace {

constexpr const char* kHeader = "policy,event,active_jobs,decisions,decision_p50_ns,decision_p99_ns";

}  // namespace

TEST_CASE("decisions.csv: means where there are any, medians in an older file, the policy by its meaning") {
    const std::string path = write_test_file("decisions.csv", std::string(kHeader) + ",decision_mean_ns\n" +
                                                                  "edf,release,1,1000,100,200,110\n"
                                                                  "edf,stage_end,1,1000,50,90,60\n"
                                                                  "edf:skip=true,stage_end,1,0,,,\n"
                                                                  "edf:skip=true,release,1,1000,70,90,75\n");
    const DecisionFile file(path);
    CHECK(file.of(parse_policy("edf:skip=false")).after_release(1) == 110ns);
    CHECK(file.of(parse_policy("edf")).after_stage_end(1) == 60ns);
    CHECK(file.of(parse_policy("edf:skip=true")).after_stage_end(1) == 75ns);
    const std::string older =
        write_test_file("older_decisions.csv", std::string(kHeader) + "\nedf,release,1,1000,100,200\n");
    CHECK(DecisionFile(older).of(parse_policy("edf")).after_release(1) == 100ns);
}

TEST_CASE("decisions.csv: what can't be used is refused in one line") {
    const auto refused = [](const std::string& text, const std::string& policy) {
        const std::string path = write_test_file("bad_decisions.csv", text);
        return error_of([&] { DecisionFile(path).of(parse_policy(policy)); });
    };
    const std::string header = std::string(kHeader) + ",decision_mean_ns\n";
    CHECK_THAT(refused(header + "edf,release,1,10,1,2,1\n", "lcf"),
               Contains("rows of the policy lcf") && Contains("found edf") && Contains("bench --decisions"));
    CHECK_THAT(refused(header, "edf"), Contains("none at all"));
    CHECK_THAT(refused(header + "edf,arrival,1,10,1,2,1\n", "edf"), Contains("release and stage_end"));
    CHECK_THAT(refused(header + "edf,release,0,10,1,2,1\n", "edf"), Contains("bad_decisions.csv:2"));
    CHECK_THAT(refused(header + "edf,release,1,10,1,2,-1\n", "edf"), Contains("from 0 to 1e9 ns"));
    CHECK_THAT(refused("a,b\n", "edf"), Contains("bad_decisions.csv:1"));
}

TEST_CASE("the mean of a decision is measured, and makes a curve") {
    const DecisionCost cost = decision_cost(parse_policy("edf"), 4, 50);
    CHECK(cost.release.mean_ns > 0);
    CHECK(cost.release.mean_ns <= 10 * cost.release.median_ns);
    const DecisionTimes times = measure_decision_times(parse_policy("edf"), {1, 4}, 50);
    CHECK(times.after_stage_end(2) > 0ns);
}
