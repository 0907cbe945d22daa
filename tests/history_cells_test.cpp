#include "traces/history_cells.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/fake_history.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

std::vector<Execution> executions_of(FakeLane& lane, std::int64_t seconds, std::uint64_t seed) {
    const std::vector<std::vector<StageInfo>> stages = {fake_network().stages};
    return draw_schedule(lane, stages, std::vector<int>{6}, {.length = Duration(seconds * 1'000'000'000), .seed = seed})
        .executions.front();
}

std::vector<Execution> under_the_law(std::uint64_t seed) {
    FakeLane lane({fake_network()}, FakeLaw(seed));
    return executions_of(lane, 8, seed);
}

// 10 % up and down within three seconds.
double slow(Time now) { return 1 + 0.1 * std::sin(static_cast<double>(to_ns(now)) * 2e-9); }

// The share of the variance within stages that the law itself explains.
double explained_by_law(const std::vector<Execution>& executions) {
    double within = 0, rest = 0;
    for (int stage = 0; stage < 6; ++stage) {
        double count = 0, sum = 0, squares = 0;
        for (const Execution& e : executions) {
            if (e.stage != stage) continue;
            const auto latency = static_cast<double>(e.latency.count());
            ++count, sum += latency, squares += latency * latency;
            rest += std::pow(latency - FakeLaw::expected_ns(fake_network(), stage, e.before), 2);
        }
        within += squares - sum * sum / count;
    }
    return 1 - rest / within;
}

// Executions whose history means nothing: the law's network after histories that it doesn't see.
std::vector<Execution> without_history(std::uint64_t seed, double (*drift)(Time)) {
    std::vector<Execution> executions = under_the_law(seed);
    FakeLaw law(seed + 100);
    Time now{};
    for (Execution& e : executions) {
        law.drift = drift ? drift(now) : 1;
        e.latency = law.latency(fake_network(), e.stage, {});
        now += e.latency;
    }
    return executions;
}

std::size_t cell_count(const CellFit& fit) {
    std::size_t count = 0;
    for (const auto& cells : fit.cells) count += cells.size();
    return count;
}

// Whether a boundary in bytes lies as near to the law's as the gaps between the sums of bytes that occur allow.
bool cuts_cache(const std::vector<HistoryCell>& cells) {
    return std::ranges::any_of(cells, [](const HistoryCell& cell) {
        return std::abs(static_cast<double>(cell.bytes_from) / static_cast<double>(kFakeCache) - 1) < 0.1;
    });
}

}  // namespace

TEST_CASE("cells find what the law of stage times depends on", "[history]") {
    const std::vector<Execution> executions = under_the_law(1);
    const CellFit fit = fit_cells(executions, 6);
    REQUIRE(fit.cells.size() == 6);
    for (const auto& cells : fit.cells) {
        CHECK(cells.size() >= 2);
        CHECK(cells.size() <= kMostCells);
        CHECK(cuts_cache(cells));
    }
    CHECK(std::ranges::any_of(fit.cells[0], [](const HistoryCell& cell) { return cell.idle_from_ns == 1'000'000; }));
    const double possible = explained_by_law(executions);
    CHECK(possible > 0.8);
    REQUIRE(fit.explained);
    CHECK(*fit.explained > 0.9 * possible);
    CHECK(*fit.explained <= 1);
    for (const auto& share : fit.explained_of_stage) CHECK(share.value() > 0.75);
}

TEST_CASE("cells find for how long a stage was away, where that is what counts", "[history]") {
    FakeLane lane({fake_network()}, fading(3));
    const CellFit fit = fit_cells(executions_of(lane, 10, 3), 6);
    for (const auto& cells : fit.cells) {
        CHECK(std::ranges::any_of(cells, [](const HistoryCell& cell) {
            return std::abs(static_cast<double>(cell.away_from_ns) / static_cast<double>(kFakeAway.count()) - 1) < 0.15;
        }));
    }
    CHECK(fit.explained.value() > 0.85);
}

TEST_CASE("every execution lies in one cell, and cells are counted and large enough", "[history]") {
    std::vector<Execution> executions = under_the_law(2);
    for (std::size_t i = 0; i < executions.size(); i += 97) executions[i].stalled = true;
    const CellFit fit = fit_cells(executions, 6);
    std::vector<std::vector<std::int64_t>> counts;
    for (const auto& cells : fit.cells) counts.emplace_back(cells.size());
    for (const Execution& e : executions) {
        const auto& cells = fit.cells[static_cast<std::size_t>(e.stage)];
        REQUIRE(std::ranges::count_if(cells, [&](const HistoryCell& cell) { return cell.holds(e.before); }) == 1);
        ++counts[static_cast<std::size_t>(e.stage)][cell_of(cells, e.before)];
    }
    for (std::size_t stage = 0; stage < 6; ++stage) {
        for (std::size_t cell = 0; cell < fit.cells[stage].size(); ++cell) {
            CHECK(fit.cells[stage][cell].count == counts[stage][cell]);
            CHECK(fit.cells[stage][cell].count >= static_cast<std::int64_t>(kLeastOfCell));
        }
    }
}

TEST_CASE("cells see nothing in noise and nothing in drift", "[history]") {
    std::size_t noise = 0, drift = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const CellFit of_noise = fit_cells(without_history(seed, nullptr), 6);
        const CellFit of_drift = fit_cells(without_history(seed, slow), 6);
        noise += cell_count(of_noise) - 6;
        drift += cell_count(of_drift) - 6;
        CHECK(of_noise.explained.value() < 0.01);
        CHECK(of_drift.explained.value() < 0.01);
    }
    CHECK(noise <= 3);  // of 60 stages; a cut needs two standard errors
    CHECK(drift <= 3);
}

TEST_CASE("drift hides no history", "[history]") {
    FakeLane lane({fake_network()}, FakeLaw(4));
    lane.drift = slow;
    const CellFit fit = fit_cells(executions_of(lane, 8, 4), 6);
    for (const auto& cells : fit.cells) CHECK(cuts_cache(cells));
    CHECK(fit.explained.value() > 0.8);
}

TEST_CASE("a few outliers hide no history", "[history]") {
    std::vector<Execution> executions = under_the_law(5);
    for (std::size_t i = 0; i < executions.size(); i += 211) executions[i].latency *= 40;
    for (const auto& cells : fit_cells(executions, 6).cells) CHECK(cuts_cache(cells));
}

TEST_CASE("few or equal executions make one cell, and no share where there is no variance", "[history]") {
    const CellFit none = fit_cells({}, 2);
    REQUIRE(none.cells.size() == 2);
    CHECK(none.cells[1].size() == 1);
    CHECK(none.cells[1][0].count == 0);
    CHECK_FALSE(none.explained);
    std::vector<Execution> equal(500);
    for (std::size_t i = 0; i < equal.size(); ++i) {
        equal[i].latency = Duration(1000);
        equal[i].before.bytes = static_cast<std::int64_t>(i);
    }
    const CellFit fit = fit_cells(equal, 1);
    CHECK(fit.cells[0].size() == 1);
    CHECK(fit.cells[0][0].count == 500);
    CHECK_FALSE(fit.explained);
}
