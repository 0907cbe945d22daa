#include "sim/study/study_summary.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

StudySummary summary_of(const std::string& rows, const std::string& bounds = {}) {
    return summarise(
        load_run_table(write_study("study_summary", 1, over_load("0.5"),
                                   "/tasks/0/arrival/load,policy,seed,miss_ratio,accuracy\n" + rows, bounds)));
}

// Four seeds of a policy around a mean, with luck that all share and a little of its own.
std::string seeds(const std::string& policy, double misses, double accuracy, double own = 0) {
    std::string rows;
    for (int seed = 1; seed <= 4; ++seed) {
        const double value = accuracy + 0.01 * (seed - 2.5) + (seed % 2 == 0 ? own : -own);
        rows += "0.5," + policy + "," + std::to_string(seed) + "," + std::to_string(misses) + "," +
                std::to_string(value) + "\n";
    }
    return rows;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the winner is the most accurate that can run live; the winners are all that cannot be told from it") {
    const StudySummary summary = summary_of(seeds("edf", 0.2, 0.7) + seeds("rtdeepiot:predictor=oracle", 0.0, 0.99) +
                                            seeds("lcf", 0.1, 0.8, 0.002) + seeds("rr", 0.1, 0.801, 0.004) +
                                            seeds("of-another-version", 0.1, 0.9));
    CHECK(summary.winner == "rr");
    CHECK(summary.winners == Names{"lcf", "rr"});
    CHECK(summary.runs == 20);
    REQUIRE(summary.policies.size() == 5);
    CHECK(*summary.policies[0].behind_winner.difference.mean == Approx(0.101));
    CHECK(*summary.policies[1].behind_winner.difference.mean == Approx(-0.189));
    CHECK_FALSE(summary.policies[1].live);
    CHECK_FALSE(summary.policies[4].live);
    CHECK_FALSE(summary.policies[3].p_holm);
    CHECK(*summary.policies[0].p_holm < 0.05);
    CHECK(*summary.policies[2].p_holm > 0.05);
}

TEST_CASE("as accurate: the one with fewer misses wins, then the first") {
    CHECK(summary_of(seeds("edf", 0.2, 0.7) + seeds("lcf", 0.1, 0.7)).winner == "lcf");
    const StudySummary equal = summary_of(seeds("edf", 0.2, 0.7) + seeds("lcf", 0.2, 0.7));
    CHECK(equal.winner == "edf");
    CHECK(equal.winners == Names{"edf", "lcf"});
}

TEST_CASE("no winner where none can run live, and none of nothing") {
    CHECK(summary_of(seeds("rtdeepiot:predictor=oracle", 0, 0.9)).winner.empty());
    CHECK(summary_of(seeds("rtdeepiot:predictor=oracle", 0, 0.9)).winners.empty());
    CHECK(summary_of("").policies.empty());
    CHECK(summary_of("0.5,edf,1,,\n").winner.empty());
}

TEST_CASE("the summary as JSON: null where there is no number") {
    const StudySummary summary = summary_of("0.5,edf,1,0.1,0.9\n0.5,lcf,1,0.1,0.8\n",
                                            "/tasks/0/arrival/load,seed,jobs,clairvoyant,least\n0.5,1,100,1,\n");
    const auto json = nlohmann::json::parse(summary_json(summary));
    CHECK(json["schema"] == "laxity.sweep-summary/2");
    CHECK(json["winner"] == "edf");
    CHECK(json["winners"] == Names{"edf", "lcf"});  // one seed establishes nothing
    CHECK(json["policies"][1]["accuracy"]["mean"] == 0.8);
    CHECK(json["policies"][1]["accuracy"]["ci95"].is_null());
    CHECK(json["policies"][1]["behind_winner"]["mean"].get<double>() == Approx(0.1));
    CHECK(json["policies"][1]["behind_winner"]["p_holm"].is_null());
    CHECK_FALSE(json["policies"][1].contains("behind_least_bound"));
    CHECK(json["policies"][1]["behind_clairvoyant"]["mean"].get<double>() == Approx(0.2));
}
