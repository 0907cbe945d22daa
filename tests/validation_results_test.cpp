#include "sim/live/validation_results.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/live/validation_files.hpp"
#include "sim/results/csv.hpp"
#include "tests/catch.hpp"

using namespace laxity;

namespace {

const std::vector<CellName> kCells = {{"load=1", "edf"}, {"load=1", "lcf"}};

MeasuredAttempt attempt(std::size_t cell, int repetition, double live, bool counts = true, int number = 1) {
    MeasuredAttempt measured;
    measured.attempt.turn = {cell, repetition, number};
    measured.attempt.counts = counts;
    measured.attempt.contended = !counts;
    measured.seed = static_cast<std::uint64_t>(repetition);
    RepetitionMetric metric;
    metric.metric = "accuracy";
    metric.unit = "1";
    metric.simulated = 0.8;
    metric.live = live;
    metric.difference = live - 0.8;
    metric.ci95 = 0.05;
    metric.drift = 0.01 * repetition;
    measured.metrics = {metric};
    measured.jobs = 100;
    measured.stalled_jobs = 1;
    return measured;
}

// Repetition 2 of edf was contended and repeated.
const std::vector<MeasuredAttempt> kAttempts = {attempt(0, 1, 0.801), attempt(1, 2, 0.702), attempt(0, 2, 0.5, false),
                                                attempt(1, 1, 0.701), attempt(0, 2, 0.802, true, 2)};

std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string folder() {
    std::filesystem::create_directories("validation_results");
    return "validation_results";
}

}  // namespace

TEST_CASE("only the attempts that count make a row, and the others are counted") {
    const auto results = results_of(kCells, kAttempts, default_margins(), Steadiness());
    REQUIRE(results.size() == 2);
    const CellResult& edf = results[0];
    CHECK(edf.repetitions == 2);
    CHECK(edf.repeated == 1);
    CHECK(edf.contended == 0);
    CHECK(edf.jobs == 200);
    CHECK(edf.stalled_jobs == 2);
    REQUIRE(edf.rows.size() == 1);
    CHECK(*edf.rows[0].live == Approx(0.8015));
    CHECK(*edf.rows[0].equivalence.difference.mean == Approx(0.0015));
    CHECK(*edf.rows[0].drift == Approx(0.015));
    CHECK(*edf.rows[0].ci95 == Approx(12.7062 * 0.0005).epsilon(1e-4));
    CHECK(results[1].rows[0].equivalence.verdict == EquivalenceVerdict::kDifferent);
}

TEST_CASE("with one repetition the interval is that of batch means, and nothing is judged") {
    const std::vector<MeasuredAttempt> one = {attempt(0, 1, 0.801)};
    const auto results = results_of(kCells, one, default_margins(), Steadiness());
    CHECK(*results[0].rows[0].ci95 == 0.05);
    CHECK(results[0].rows[0].equivalence.verdict == EquivalenceVerdict::kCannotTell);
    CHECK(results[1].rows.empty());
    CHECK(results[1].repetitions == 0);
}

TEST_CASE("policies of a point are paired by repetition") {
    const auto agreements = agreements_of(kCells, kAttempts);
    REQUIRE(agreements.size() == 1);
    CHECK(agreements[0].point == "load=1");
    CHECK(*agreements[0].pairs[0].live.mean == Approx(0.1));
    CHECK(agreements[0].pairs[0].same_order == false);  // the simulation has both at 0.8
}

TEST_CASE("budgets are averaged line by line, with an interval") {
    std::vector<MeasuredAttempt> attempts = {attempt(0, 1, 0.801), attempt(0, 2, 0.802)};
    attempts[0].budget = {{"accuracy", "1", "drift", 0.001, true}, {"accuracy", "1", "rest", std::nullopt, true}};
    attempts[1].budget = {{"accuracy", "1", "drift", 0.003, true}, {"accuracy", "1", "rest", std::nullopt, true}};
    const auto lines = budget_of(kCells, attempts);
    REQUIRE(lines.size() == 2);
    CHECK(*lines[0].value == Approx(0.002));
    CHECK(*lines[0].low == Approx(0.002 - 6.3138 * 0.001).epsilon(1e-4));
    CHECK_FALSE(lines[1].value);
}

TEST_CASE("files keep the columns that were there, and leave empty what there is not") {
    const auto results = results_of(kCells, kAttempts, default_margins(), Steadiness());
    write_validation_csv(folder(), results);
    const std::string csv = read(folder() + "/validation.csv");
    CHECK(csv.starts_with("point,policy,metric,unit,simulated,live,difference,ci95,low,high,margin,verdict,"));
    CHECK(csv.find("load=1,edf,accuracy,1,0.8,0.8015") != std::string::npos);
    CHECK(csv.find(",different,") != std::string::npos);
    CHECK(csv.ends_with(",200,2,,,\n"));
    write_agreement_csv(folder(), agreements_of(kCells, kAttempts));
    CHECK(read(folder() + "/agreement.csv").find("load=1,edf,lcf,") != std::string::npos);
    {
        RepetitionsCsv repetitions(folder());
        for (const MeasuredAttempt& measured : kAttempts)
            repetitions.add(kCells[measured.attempt.turn.cell], measured, Steadiness());
        repetitions.close();
    }
    std::istringstream lines(read(folder() + "/repetitions.csv"));
    int count = 0;
    for (std::string line; std::getline(lines, line);) ++count;
    CHECK(count == 6);  // the header, and one set of jobs for each attempt: none has numbers without stalls
}

TEST_CASE("a contended cell says by what, the commonest cause first") {
    std::vector<MeasuredAttempt> attempts = {attempt(0, 1, 0.8), attempt(0, 2, 0.8), attempt(0, 3, 0.8)};
    for (MeasuredAttempt& measured : attempts) {
        measured.attempt.contended = true;
        measured.attempt.disturbance.longest_stall = std::chrono::milliseconds(5);
    }
    attempts[0].attempt.disturbance.noisy = true;
    const auto results = results_of(kCells, attempts, default_margins(), Steadiness());
    CHECK(results[0].contended == 3);
    CHECK(results[0].contended_by == "stalls");
    CHECK(results[1].contended_by.empty());
}

TEST_CASE("the simulator's own error is told over all cells") {
    std::vector<MeasuredAttempt> attempts = {attempt(0, 1, 0.801), attempt(1, 1, 0.702)};
    attempts[0].budget = {{"accuracy", "1", "rest", 0.5, true}, {"accuracy", "1", "replayed", -0.001, false}};
    attempts[1].budget = {{"accuracy", "1", "rest", 0.5, true}, {"accuracy", "1", "replayed", 0.003, false}};
    const auto results = results_of(kCells, attempts, default_margins(), Steadiness());
    const ReplayedTotal total = replayed_total(results, budget_of(kCells, attempts), "accuracy");
    CHECK(*total.mean_off == Approx(0.002));
    CHECK(*total.worst_off == Approx(0.003));
    CHECK_FALSE(replayed_total(results, budget_of(kCells, attempts), "response_p50").mean_off);
    write_budget_csv(folder(), budget_of(kCells, attempts));
    CHECK(read(folder() + "/budget.csv")
              .starts_with("point,policy,metric,part,value,low,high\nload=1,edf,accuracy,rest,0.5,,\n"
                           "load=1,edf,accuracy,replayed,-0.001,,\n"));
}

TEST_CASE("over all cells the differences are told as their mean and their worst") {
    const auto totals = totals_of(results_of(kCells, kAttempts, default_margins(), Steadiness()), "accuracy");
    CHECK_FALSE(totals.relative);
    CHECK(*totals.mean_off == Approx((0.0015 + 0.0985) / 2));
    CHECK(*totals.worst_off == Approx(0.0985));
    CHECK(totals.different == 1);
    CHECK(totals.cannot_tell == 1);
}
