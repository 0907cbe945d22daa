#include "sim/live/earlier_attempts.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/live/validation_files.hpp"
#include "tests/catch.hpp"
#include "traces/base/error.hpp"

using namespace laxity;

namespace {

const std::vector<CellName> kCells = {{"load=1,jobs=2", "edf"}, {"load=1,jobs=2", "lcf"}};

// Every number another one, with digits to lose.
MeasuredAttempt attempt(std::size_t cell, int repetition, int number = 1, bool contended = false) {
    MeasuredAttempt measured;
    measured.attempt.turn = {cell, repetition, number};
    measured.attempt.contended = contended;
    measured.attempt.window = cell * 2 + static_cast<std::size_t>(repetition) - 1;
    measured.attempt.disturbance = {contended, std::chrono::nanoseconds(1'234'567), 0.1 / 3};
    measured.seed = static_cast<std::uint64_t>(repetition);
    measured.jobs = 100 + cell;
    measured.stalled_jobs = 3;
    double value = 1.0 / (3 + static_cast<double>(cell) + 10 * repetition);
    for (const Margin& margin : default_margins()) {
        const auto next = [&value] { return value = value * 1.0001 / 0.9999; };
        RepetitionMetric metric;
        metric.metric = margin.metric;
        metric.unit = "1";
        for (auto* number_of : {&metric.simulated, &metric.live, &metric.difference, &metric.ci95, &metric.drift})
            *number_of = next();
        if (margin.metric != "utilisation")
            metric.unstalled_simulated = metric.unstalled_live = metric.unstalled_difference = next();
        if (margin.metric == "response_p99") metric = {"response_p99", "ms", {}, {}, {}, {}, {}, {}, {}, {}};
        measured.metrics.push_back(metric);
        measured.budget.push_back({margin.metric, "1", "rest", next(), true});
        measured.budget.push_back({margin.metric, "1", "replayed", std::nullopt, false});
    }
    return measured;
}

const std::vector<MeasuredAttempt> kAttempts = {attempt(0, 1, 1, true), attempt(0, 2), attempt(1, 1), attempt(1, 2)};

std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void append(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::app) << text; }

std::string written(const std::string& name) {
    const std::string folder = "earlier_" + name;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    RepetitionsCsv repetitions(folder);
    BudgetsCsv budgets(folder);
    for (const MeasuredAttempt& measured : kAttempts) {
        budgets.add(kCells[measured.attempt.turn.cell], measured);
        repetitions.add(kCells[measured.attempt.turn.cell], measured, Steadiness());
    }
    std::ofstream windows(folder + "/windows.csv");
    windows << "window,network,stage\n";
    for (int window = 0; window < 6; ++window) windows << window << ",a,first\n" << window << ",a,second\n";
    return folder;
}

// The three files that sums are written to.
std::string sums(const std::string& folder, std::vector<MeasuredAttempt> measured) {
    std::vector<Attempt> attempts;
    for (const MeasuredAttempt& one : measured) attempts.push_back(one.attempt);
    choose_attempts(attempts, Steadiness());
    for (std::size_t i = 0; i < measured.size(); ++i) measured[i].attempt = attempts[i];
    write_validation_csv(folder, results_of(kCells, measured, default_margins(), Steadiness()));
    write_agreement_csv(folder, agreements_of(kCells, measured));
    write_budget_csv(folder, budget_of(kCells, measured));
    return read(folder + "/validation.csv") + read(folder + "/agreement.csv") + read(folder + "/budget.csv");
}

}  // namespace

TEST_CASE("what was read back sums up to the same bytes") {
    const std::string folder = written("same");
    const std::string before = sums(folder, kAttempts);
    CHECK(before.find("replayed") != std::string::npos);
    const auto earlier = earlier_attempts(folder, kCells);
    REQUIRE(earlier.size() == 4);
    CHECK(sums(folder, earlier) == before);
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        CHECK(earlier[i].attempt.window == kAttempts[i].attempt.window);
        CHECK(earlier[i].attempt.contended == kAttempts[i].attempt.contended);
        CHECK(earlier[i].attempt.disturbance.noisy == kAttempts[i].attempt.disturbance.noisy);
        CHECK(earlier[i].attempt.disturbance.longest_stall == kAttempts[i].attempt.disturbance.longest_stall);
        CHECK(earlier[i].attempt.disturbance.speed_change == kAttempts[i].attempt.disturbance.speed_change);
        CHECK(earlier[i].seed == kAttempts[i].seed);
        CHECK_FALSE(earlier[i].metrics[5].live);
    }
}

TEST_CASE("what was torn off is cut, wherever it was torn, and whole attempts stay") {
    const std::string whole = written("torn"), repetitions = whole + "/repetitions.csv";
    const std::string all = read(repetitions), budgets = read(whole + "/budgets.csv");
    const std::size_t header = all.find('\n') + 1;
    std::size_t kept = 0;
    for (std::size_t size = 0; size <= all.size(); size += 37) {
        const std::string folder = written("torn");
        std::filesystem::resize_file(repetitions, size);
        const auto earlier = earlier_attempts(folder, kCells);
        CHECK(earlier.size() >= kept);
        kept = earlier.size();
        const std::string left = read(repetitions);
        CHECK(left.size() <= size);
        CHECK(all.starts_with(left));
        CHECK((size < header ? left.empty() : left.ends_with('\n')));
        CHECK(budgets.starts_with(read(folder + "/budgets.csv")));
        for (const MeasuredAttempt& measured : earlier) CHECK(measured.budget.size() == 14);
        const std::string windows = read(folder + "/windows.csv");
        const auto lines = static_cast<std::size_t>(std::count(windows.begin(), windows.end(), '\n'));
        CHECK(lines == (earlier.empty() ? 1 : 2 * (earlier.back().attempt.window + 2) + 1));
        RepetitionsCsv again(folder, OutputFile::Start::kAtEnd);
        for (std::size_t i = kept; i < kAttempts.size(); ++i)
            again.add(kCells[kAttempts[i].attempt.turn.cell], kAttempts[i], Steadiness());
        again.close();
        CHECK(read(repetitions) == all);
    }
    CHECK(kept >= 3);
}

TEST_CASE("a folder without rows has no attempts, and rows that are none are refused by file and line") {
    CHECK(earlier_attempts("nowhere", kCells).empty());
    const std::string folder = written("bad"), repetitions = folder + "/repetitions.csv";
    CHECK_THROWS_WITH(earlier_attempts(folder, std::vector<CellName>{{"", "edf"}}),
                      ContainsSubstring(repetitions) && ContainsSubstring("cells of this validation"));
    const std::string before = read(repetitions);
    append(repetitions, "\"load=1,jobs=2\",edf,3,1,many\n");
    CHECK_THROWS_WITH(earlier_attempts(folder, kCells), ContainsSubstring(repetitions + ":") &&
                                                            ContainsSubstring("an integer") &&
                                                            ContainsSubstring("many"));
    CHECK(read(repetitions) != before);
}
