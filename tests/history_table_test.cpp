#include "sim/core/history_table.hpp"

#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/draws.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

HistoryCell box(std::int64_t idle_from, std::int64_t idle_below, std::int64_t bytes_from, std::int64_t bytes_below,
                std::optional<bool> continued = {}) {
    return {idle_from, idle_below, bytes_from, bytes_below, continued, 0};
}

Trace one_stage() {
    const std::vector<Duration> times = {Duration(1000)};
    const std::vector<double> accuracy = {0.5};
    Trace trace = synthetic_trace("one", times, accuracy);
    trace.history.cells = {{box(0, 100, 0, 50, false), box(0, 100, 0, 50, true), box(0, 100, 50, kEnd),
                            box(100, kEnd, 0, 20), box(100, kEnd, 20, kEnd)}};
    return trace;
}

Execution execution(const StageHistory& before, std::int64_t latency_ns, bool stalled = false) {
    return {0, before, Duration(latency_ns), Duration(7), Duration(5), stalled};
}

}  // namespace

TEST_CASE("the grid finds the box that holds a history") {
    Trace trace = one_stage();
    Draws draw(1);
    for (int i = 0; i < 500; ++i)
        trace.history.executions.push_back(
            execution({Duration(draw.integer(0, 200)), draw.integer(0, 100), draw.integer(0, 1) == 1}, 1000 + i));
    const HistoryTable table(trace, true, true);
    REQUIRE(table.measured(0));
    for (int i = 0; i < 2000; ++i) {
        const StageHistory before{Duration(draw.integer(0, 201)), draw.integer(0, 101), draw.integer(0, 1) == 1};
        const HistoryTable::Cell cell = table.cell(0, before);
        REQUIRE(cell.count > 0);
        for (std::uint32_t place = cell.first; place < cell.first + cell.count; ++place) {
            const Execution& drawn = table.execution(place);
            for (const HistoryCell& candidate : trace.history.cells[0])
                REQUIRE(candidate.holds(before) == candidate.holds(drawn.before));
            REQUIRE(table.took(place) == drawn.latency + Duration(12));
            if (place > cell.first) REQUIRE(table.execution(place - 1).latency < drawn.latency);  // order of running
        }
    }
}

TEST_CASE("the grid knows boxes of time away") {
    Trace trace = one_stage();
    trace.history.cells = {
        {box(0, 100, 0, kEnd), box(0, 100, 0, kEnd), box(100, kEnd, 0, 30), box(100, kEnd, 30, kEnd)}};
    trace.history.cells[0][0].away_below_ns = trace.history.cells[0][1].away_from_ns = 400;
    const auto history = [](std::int64_t idle, std::int64_t bytes, std::int64_t away) {
        return StageHistory{Duration(idle), bytes, false, Duration(away)};
    };
    trace.history.executions = {execution(history(5, 9, 399), 1), execution(history(5, 9, 400), 2),
                                execution(history(100, 9, 400), 3), execution(history(100, 30, 100), 4)};
    const HistoryTable table(trace, false, true);
    const auto took = [&](const StageHistory& before) { return table.took(table.cell(0, before).first).count(); };
    CHECK(took(history(99, 40, 99)) == 1);
    CHECK(took(history(99, 10, 5000)) == 2);
    CHECK(took(history(100, 29, 100)) == 3);
    CHECK(took(history(500, 29, 5000)) == 3);
    CHECK(took(history(500, 31, 5000)) == 4);
}

TEST_CASE("without the path an execution took its latency; what stalled is left out where there is something else") {
    Trace trace = one_stage();
    trace.history.cells = {{box(0, 100, 0, kEnd), box(100, kEnd, 0, kEnd)}};
    trace.history.executions = {execution({Duration(5), 0, false}, 1000),
                                execution({Duration(5), 0, false}, 9000, true),
                                execution({Duration(500), 0, false}, 8000, true)};
    const HistoryTable kept(trace, false, true), left_out(trace, false, false);
    CHECK(kept.cell(0, {Duration(5), 0, false}).count == 2);
    CHECK(kept.took(0) == Duration(1000));
    CHECK(left_out.cell(0, {Duration(5), 0, false}).count == 1);
    CHECK(left_out.cell(0, {Duration(500), 0, false}).count == 1);
}

TEST_CASE("times beyond 32 bits of nanoseconds are kept, and a stage that never ran is not measured") {
    Trace trace = one_stage();
    trace.history.cells = {{box(0, kEnd, 0, kEnd)}};
    trace.history.executions = {execution({}, 5'000'000'000)};
    CHECK(HistoryTable(trace, true, true).took(0) == Duration(5'000'000'012));
    trace.history.executions[0].stage = 1;
    CHECK_FALSE(HistoryTable(trace, true, true).measured(0));
    trace.history.executions = {execution({}, 5), execution({Duration(0), 0, true}, 5)};
    trace.history.cells = {{box(0, kEnd, 0, kEnd, true), box(0, 10, 0, kEnd, false)}};
    CHECK_THROWS_AS(HistoryTable(trace, true, true), std::invalid_argument);
}
