#include "sim/bounds/feasible_work.hpp"

#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/draws.hpp"
#include "tests/simplex.hpp"
#include "traces/base/interrupt.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

struct Instance {
    std::vector<WorkWindow> windows;  // ascending by release
    std::vector<ConcaveCurve> curves;
};

void sort_by_release(std::vector<WorkWindow>& windows) {
    std::sort(windows.begin(), windows.end(),
              [](const WorkWindow& a, const WorkWindow& b) { return a.release < b.release; });
}

// Prices on a coarse grid, so that many are equal; some curves are empty, some pieces never fit.
ConcaveCurve random_curve(Draws& draw) {
    std::vector<double> prices;
    for (int i = static_cast<int>(draw.integer(0, 4)); i > 0; --i)
        prices.push_back(0.25 * static_cast<double>(draw.integer(1, 8)));
    std::sort(prices.begin(), prices.end(), std::greater<>());
    ConcaveCurve curve;
    for (const double price : prices) curve.push_back({price, draw.integer(1, 9)});
    return curve;
}

Instance random_instance(Draws& draw) {
    Instance instance;
    const std::int64_t length = draw.integer(5, 40);
    for (auto jobs = draw.integer(1, 8); jobs > 0; --jobs) {
        const std::int64_t release = draw.integer(0, length);
        instance.windows.push_back(
            {release, release + draw.integer(0, 15), static_cast<std::uint32_t>(instance.curves.size())});
        instance.curves.push_back(random_curve(draw));
    }
    sort_by_release(instance.windows);
    return instance;
}

// The same as a flow of work from pieces to the intervals between all releases and deadlines.
double linear_programme(const Instance& instance) {
    std::set<std::int64_t> times;
    for (const WorkWindow& window : instance.windows) times.insert({window.release, window.deadline});
    const std::vector<std::int64_t> ends(times.begin(), times.end());
    struct Variable {
        std::size_t piece, interval;
    };
    std::vector<Variable> variables;
    std::vector<double> value, works;
    for (const WorkWindow& window : instance.windows) {
        for (const WorkPiece& piece : instance.curves[window.curve]) {
            for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
                if (ends[k] < window.release || ends[k + 1] > window.deadline) continue;
                variables.push_back({works.size(), k});
                value.push_back(piece.price);
            }
            works.push_back(static_cast<double>(piece.work));
        }
    }
    Simplex programme(value);
    const auto add_row = [&](const auto& belongs, double limit) {
        std::vector<double> row;
        for (const Variable& variable : variables) row.push_back(belongs(variable) ? 1 : 0);
        programme.add_row(std::move(row), limit);
    };
    for (std::size_t p = 0; p < works.size(); ++p) add_row([&](const Variable& v) { return v.piece == p; }, works[p]);
    for (std::size_t k = 0; k + 1 < ends.size(); ++k)
        add_row([&](const Variable& v) { return v.interval == k; }, static_cast<double>(ends[k + 1] - ends[k]));
    return programme.maximum();
}

}  // namespace

TEST_CASE("the linear programmes of the tests are solved as by hand", "[bounds]") {
    Simplex programme({3, 5});  // Hillier & Lieberman's first example
    programme.add_row({1, 0}, 4);
    programme.add_row({0, 2}, 12);
    programme.add_row({3, 2}, 18);
    CHECK(programme.maximum() == Approx(36));
}

TEST_CASE("work is worth what it is by hand", "[bounds]") {
    const std::vector<ConcaveCurve> curves = {{{3, 4}}, {{2, 4}, {1, 4}}, {}};
    CHECK(most_value({{0, 10, 0}}, curves) == Approx(12));
    CHECK(most_value({{0, 3, 0}}, curves) == Approx(9));
    CHECK(most_value({{0, 6, 0}, {0, 6, 1}}, curves) == Approx(12 + 4));         // 4 of the dear, 2 of the next
    CHECK(most_value({{0, 10, 1}, {4, 8, 0}}, curves) == Approx(12 + 8 + 2));    // around it: 6 units, 4 of them at 2
    CHECK(most_value({{0, 5, 0}, {2, 5, 1}, {2, 5, 0}}, curves) == Approx(15));  // only the dear ones
    CHECK(most_value({{0, 10, 2}}, curves) == 0);
    CHECK(most_value({}, curves) == 0);
    CHECK(most_value({{5, 5, 0}}, curves) == 0);
}

TEST_CASE("what work is worth within windows is the optimum of the linear programme", "[bounds]") {
    Draws draw(7);
    for (int i = 0; i < 400; ++i) {
        const Instance instance = random_instance(draw);
        INFO("instance " << i);
        CHECK(most_value(instance.windows, instance.curves) == Approx(linear_programme(instance)).margin(1e-7));
    }
}

TEST_CASE("without windows only the sum of the work counts", "[bounds]") {
    Draws draw(8);
    for (int i = 0; i < 100; ++i) {
        Instance instance = random_instance(draw);
        const std::int64_t capacity = draw.integer(0, 60);
        for (WorkWindow& window : instance.windows) window.release = 0, window.deadline = capacity;
        const std::vector<std::size_t> once(instance.curves.size(), 1);
        CHECK(most_value(capacity, instance.curves, once) ==
              Approx(most_value(instance.windows, instance.curves)).margin(1e-9));
    }
    const std::vector<ConcaveCurve> curves = {{{2, 5}, {1, 5}}};
    CHECK(most_value(18, curves, std::vector<std::size_t>{3}) == Approx(2 * 15 + 3));
}

TEST_CASE("a longer window and another job never make work worth less", "[bounds]") {
    Draws draw(9);
    for (int i = 0; i < 200; ++i) {
        Instance instance = random_instance(draw);
        const double value = most_value(instance.windows, instance.curves);
        Instance longer = instance;
        longer.windows[static_cast<std::size_t>(draw.integer(0, static_cast<std::int64_t>(longer.windows.size()) - 1))]
            .deadline += 3;
        CHECK(most_value(longer.windows, longer.curves) >= value - 1e-9);
        instance.windows.push_back({1, 12, 0});
        sort_by_release(instance.windows);
        CHECK(most_value(instance.windows, instance.curves) >= value - 1e-9);
    }
}

TEST_CASE("it can be interrupted", "[bounds]") {
    const std::vector<ConcaveCurve> curves = {{{3, 4}}};
    set_interrupted(true);
    CHECK_THROWS_AS(most_value({{0, 10, 0}}, curves), Interrupted);
    set_interrupted(false);
}
