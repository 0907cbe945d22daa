#include "sim/study/comparison.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/draws.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using laxity::test::Draws;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

const std::string kHeader = "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio,jobs\n";

RunTable table_of(const std::string& rows, const std::string& bounds = {}) {
    return load_run_table(write_study("comparison", 1, over_load(), kHeader + rows, bounds));
}

// A row of runs.csv; no accuracy if it is below 0.
std::string run(const std::string& load, const std::string& policy, int seed, double accuracy, double misses = 0.1) {
    const std::string value = accuracy < 0 ? "" : std::to_string(accuracy);
    return load + "," + policy + "," + std::to_string(seed) + "," + value + "," + std::to_string(misses) + ",100\n";
}

std::vector<Entrant> everyone(const RunTable& table) {
    std::vector<Entrant> entrants;
    for (std::size_t i = 0; i < table.competitors().size(); ++i) entrants.push_back(plain_contender(table, i));
    return entrants;
}

std::vector<std::string> best_of(const RunTable& table, const Ranking& ranking) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < ranking.judgements.size(); ++i) {
        if (ranking.judgements[i].among_best) names.push_back(table.competitors()[i].label);
    }
    return names;
}

using Names = std::vector<std::string>;

// a beats b by .01 at every seed give or take .001; c cannot be told from a: it is behind it by .001 give or take .004.
std::string three_policies(const std::string& load) {
    const double wobble[] = {-0.001, 0.001, 0, -0.0005, 0.0005}, wide[] = {-0.004, 0.004, 0.002, -0.002, 0};
    std::string rows;
    for (int seed = 1; seed <= 5; ++seed) {
        const double luck = 0.8 + 0.01 * seed;
        rows += run(load, "edf", seed, luck);
        rows += run(load, "lcf", seed, luck - 0.01 + wobble[seed - 1]);
        rows += run(load, "rr", seed, luck - 0.001 + wide[seed - 1]);
    }
    return rows;
}

}  // namespace

TEST_CASE("the winner is a set: those that cannot be told from the best") {
    const RunTable table = table_of(three_policies("0.5"));
    const std::size_t point = 0;
    const Ranking ranking = judge(table, everyone(table), {&point, 1}, "accuracy", {});
    CHECK(best_of(table, ranking) == Names{"edf", "rr"});
    CHECK(ranking.best_count == 2);
    CHECK(ranking.tested);
    CHECK(*ranking.judgements[1].to_best.difference.mean == Approx(-0.01));
    CHECK(*ranking.judgements[1].p_best < 0.05);
    CHECK(*ranking.judgements[2].p_best > 0.05);
    CHECK_FALSE(ranking.judgements[0].p_best);
}

TEST_CASE("a single winner stands out; fewer misses are better, jobs are neither") {
    std::string rows;
    for (int seed = 1; seed <= 4; ++seed) {
        rows += run("0.5", "edf", seed, 0.9 + 0.001 * seed, 0.2 + 0.001 * seed) +
                run("0.5", "lcf", seed, 0.8 + 0.0011 * seed, 0.1 + 0.0011 * seed);
    }
    const RunTable table = table_of(rows);
    const std::size_t point = 0;
    CHECK(best_of(table, judge(table, everyone(table), {&point, 1}, "accuracy", {})) == Names{"edf"});
    CHECK(best_of(table, judge(table, everyone(table), {&point, 1}, "miss_ratio", {})) == Names{"lcf"});
    CHECK(judge(table, everyone(table), {&point, 1}, "jobs", {}).best_count == 0);
    CHECK(better_way("camera.miss_ratio") == Better::kLower);
    CHECK(better_way("front.left.accuracy") == Better::kHigher);
    CHECK(better_way("response_p99_ms") == Better::kLower);
    CHECK(better_way("mean_depth") == Better::kNeither);
}

TEST_CASE("with one seed nothing is established: everyone is in the set, and no test says otherwise") {
    const RunTable table = table_of(run("0.5", "edf", 1, 0.9) + run("0.5", "lcf", 1, 0.2));
    const std::size_t point = 0;
    const Ranking ranking = judge(table, everyone(table), {&point, 1}, "accuracy", {});
    CHECK(best_of(table, ranking) == Names{"edf", "lcf"});
    CHECK_FALSE(ranking.tested);
    CHECK_FALSE(ranking.judgements[0].mean.half_width);
}

TEST_CASE("a policy with one seed among others with more is not one of the best, nor does another stand alone") {
    const std::size_t point = 0;
    const RunTable three = table_of(three_policies("0.5") + run("0.5", "sjf", 1, 0.2));
    const Ranking among = judge(three, everyone(three), {&point, 1}, "accuracy", {});
    CHECK(best_of(three, among) == Names{"edf", "rr"});
    CHECK(among.untested == 1);
    CHECK(among.marks());
    std::string rows = run("0.5", "sjf", 1, 0.2);
    for (int seed = 1; seed <= 4; ++seed)
        rows += run("0.5", "edf", seed, 0.9 + 0.001 * seed) + run("0.5", "lcf", seed, 0.8 + 0.0011 * seed);
    const RunTable table = table_of(rows);
    const Ranking alone = judge(table, everyone(table), {&point, 1}, "accuracy", {});
    CHECK(best_of(table, alone) == Names{"edf"});
    CHECK(alone.tested);
    CHECK_FALSE(alone.marks());
}

TEST_CASE("a policy that needs an oracle is compared but not ranked") {
    std::string rows;
    for (int seed = 1; seed <= 4; ++seed) {
        rows += run("0.5", "rtdeepiot:predictor=oracle", seed, 0.95 + 0.001 * seed) +
                run("0.5", "lcf", seed, 0.8 + 0.002 * seed) + run("0.5", "edf", seed, 0.7 + 0.0021 * seed);
    }
    const RunTable table = table_of(rows);
    const std::size_t point = 0;
    const Ranking ranking = judge(table, everyone(table), {&point, 1}, "accuracy", {kUsualLevel, 0.5, 1, {}});
    CHECK(best_of(table, ranking) == Names{"lcf"});
    CHECK(*ranking.judgements[0].to_baseline.difference.mean > 0.1);
    CHECK(ranking.judgements[0].p_holm);
}

TEST_CASE("a mean over the grid is over the points where all have a value, for all of them") {
    std::string rows = three_policies("0.5") + three_policies("1.0");
    for (int seed = 1; seed <= 5; ++seed) rows += run("2.0", "edf", seed, 0.1) + run("2.0", "lcf", seed, -1);
    const RunTable table = table_of(rows);
    const std::vector<std::size_t> points = {0, 1, 2};
    const Ranking ranking = judge(table, everyone(table), points, "accuracy", {});
    CHECK(ranking.points == std::vector<std::size_t>{0, 1});
    CHECK(ranking.left_out == std::vector<std::size_t>{2});
    CHECK(*ranking.judgements[0].mean.mean == Approx(0.83));  // without the 0.1
    CHECK(*ranking.judgements[0].mean.half_width ==
          Approx(*judge(table, everyone(table), {points.data(), 1}, "accuracy", {}).judgements[0].mean.half_width));
}

TEST_CASE("a policy without any value takes no point from the others") {
    std::string rows = three_policies("0.5") + three_policies("1.0");
    for (int seed = 1; seed <= 5; ++seed) rows += run("0.5", "sjf", seed, -1);
    const RunTable table = table_of(rows);
    const std::vector<std::size_t> points = {0, 1};
    const Ranking ranking = judge(table, everyone(table), points, "accuracy", {});
    CHECK(ranking.points.size() == 2);
    CHECK_FALSE(ranking.judgements[3].mean.mean);
    CHECK_FALSE(ranking.judgements[3].among_best);
}

TEST_CASE("regret is paired by seed, and there is none where the bound is not defined") {
    const std::string bounds =
        "/tasks/0/arrival/load,seed,jobs,clairvoyant,least\n"
        "0.5,1,100,1.0,0.95\n0.5,2,100,1.0,0.93\n1.0,1,100,0.9,\n1.0,2,100,0.9,\n";
    const RunTable table = table_of(
        run("0.5", "edf", 1, 0.9) + run("0.5", "edf", 2, 0.8) + run("1.0", "edf", 1, 0.5) + run("1.0", "edf", 2, 0.6),
        bounds);
    const std::vector<std::size_t> points = {0, 1};
    const Judgement first = judge(table, everyone(table), {points.data(), 1}, "accuracy", {}).judgements[0];
    CHECK(*first.behind_least.mean == Approx(0.09));
    CHECK(*first.behind_clairvoyant.mean == Approx(0.15));
    const Judgement grid = judge(table, everyone(table), points, "accuracy", {}).judgements[0];
    CHECK_FALSE(grid.behind_least.mean);
    CHECK(*grid.behind_clairvoyant.mean == Approx(0.25));
    CHECK_FALSE(judge(table, everyone(table), points, "miss_ratio", {}).judgements[0].behind_clairvoyant.mean);
    CHECK(*bound_mean(table, {points.data(), 1}, Bound::kLeast, 0.95).mean == Approx(0.94));
    CHECK_FALSE(bound_mean(table, points, Bound::kLeast, 0.95).mean);
}

TEST_CASE("the best of several is chosen at each point, and is not ranked") {
    std::string rows;
    for (int seed = 1; seed <= 3; ++seed) {
        const double wobble = 0.001 * seed;
        rows += run("0.5", "edf", seed, 0.9 + wobble) + run("0.5", "edf:skip=true", seed, 0.8 + wobble) +
                run("1.0", "edf", seed, 0.5 + wobble) + run("1.0", "edf:skip=true", seed, 0.6 + wobble);
    }
    const RunTable table = table_of(rows);
    std::vector<Entrant> entrants = everyone(table);
    const std::vector<std::size_t> both = {0, 1}, points = {0, 1};
    entrants.push_back(best_contender(table, "any edf", both, "accuracy"));
    CHECK(*entrants[2].competitors[0] == 0);
    CHECK(*entrants[2].competitors[1] == 1);
    const Ranking ranking = judge(table, entrants, points, "accuracy", {kUsualLevel, 0.5, 2, {}});
    CHECK(*ranking.judgements[2].mean.mean == Approx((0.902 + 0.602) / 2));
    CHECK_FALSE(ranking.judgements[2].among_best);
    CHECK(*ranking.judgements[0].to_baseline.difference.mean == Approx(-0.05));
}

TEST_CASE("the set of the best holds the truly best policy in 95 % of 1,000 studies") {
    // The cases that could hurt: all as good, two as good and the rest far behind, and a best that leads by little.
    const std::vector<std::vector<double>> truths = {
        {0.8, 0.8, 0.8, 0.8, 0.8, 0.8}, {0.8, 0.8, 0.6, 0.6, 0.6, 0.6}, {0.803, 0.8, 0.8, 0.79, 0.79, 0.79}};
    for (std::size_t kind = 0; kind < truths.size(); ++kind) {
        Draws draw(40 + kind);
        const auto normal = [&] {
            return std::sqrt(-2 * std::log(1 - draw.real())) * std::cos(6.283185307179586 * draw.real());
        };
        int held = 0, narrowed = 0;
        for (int study = 0; study < 1000; ++study) {
            std::string rows;
            for (int seed = 1; seed <= 10; ++seed) {
                const double luck = 0.02 * normal();
                for (std::size_t policy = 0; policy < truths[kind].size(); ++policy) {
                    rows +=
                        run("0.5", "p" + std::to_string(policy), seed, truths[kind][policy] + luck + 0.005 * normal());
                }
            }
            const RunTable table = table_of(rows);
            const std::size_t point = 0;
            const Ranking ranking = judge(table, everyone(table), {&point, 1}, "accuracy", {});
            held += ranking.judgements[0].among_best;
            narrowed += ranking.best_count < truths[kind].size();
        }
        INFO("case " << kind << ": held in " << held << ", narrowed in " << narrowed);
        CHECK(held >= 950);
        if (kind > 0) CHECK(narrowed > 900);  // it is no set of everybody
    }
}
