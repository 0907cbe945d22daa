#include "sim/bounds/stopping_curves.hpp"

#include <algorithm>
#include <numeric>

#include "tests/catch.hpp"
#include "tests/draws.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Samples whose exits have one of a few confidences; whether exit k is right depends on that of exit k alone, and it on
// that of the exit before.
struct Population {
    ReplayTable table;
    std::vector<std::uint32_t> samples;
};

Population random_population(Draws& draw, int exits, int kinds, int count) {
    std::vector<double> right(static_cast<std::size_t>(exits * kinds));
    for (double& share : right) share = draw.real();
    Population population;
    population.table.stages = exits;
    for (int i = 0; i < count; ++i) {
        auto kind = static_cast<int>(draw.integer(0, kinds - 1));
        for (int exit = 0; exit < exits; ++exit) {
            if (draw.real() < 0.5) kind = static_cast<int>(draw.integer(0, kinds - 1));
            const bool is_right = draw.real() < right[static_cast<std::size_t>(exit * kinds + kind)];
            population.table.outcomes.push_back({is_right ? 1 : 0, 0.1F * static_cast<float>(kind)});
        }
        population.table.labels.push_back(1);
        population.samples.push_back(static_cast<std::uint32_t>(i));
    }
    return population;
}

// Accuracy and time of a rule: go on from exit k with confidence .1 c if bit k * kinds + c is set.
StoppingProblem::Point play(const Population& population, const std::vector<double>& stage_ns, int kinds,
                            unsigned rule) {
    StoppingProblem::Point sum;
    for (const std::uint32_t sample : population.samples) {
        const Outcome* outcomes = population.table.outcomes_of_sample(sample);
        int depth = 1;
        sum.time_ns += stage_ns[0];
        for (; depth < population.table.stages; ++depth) {
            const auto kind = static_cast<int>(outcomes[depth - 1].confidence * 10 + 0.5F);
            if ((rule >> static_cast<unsigned>((depth - 1) * kinds + kind) & 1U) == 0) break;
            sum.time_ns += stage_ns[static_cast<std::size_t>(depth)];
        }
        sum.accuracy += outcomes[depth - 1].prediction == 1 ? 1 : 0;
    }
    const auto count = static_cast<double>(population.samples.size());
    return {sum.accuracy / count, sum.time_ns / count};
}

double value_of(const StoppingCurve& curve, double work) {
    double value = curve.free;
    for (const WorkPiece& piece : curve.curve) {
        const double taken = std::min(work, static_cast<double>(piece.work));
        value += taken * piece.price;
        work -= taken;
    }
    return value;
}

}  // namespace

TEST_CASE("with two exits, stopping is as good as the best rule at every price", "[bounds]") {
    Draws draw(3);
    constexpr int kKinds = 4;
    const std::vector<double> stage_ns = {1000, 700};
    for (int i = 0; i < 20; ++i) {
        const Population population = random_population(draw, 2, kKinds, 60);
        const StoppingProblem problem(population.table, population.samples, stage_ns, 1);
        for (const double price : {0.0, 1e-5, 1e-4, 3e-4, 1e-3, 1e-2}) {
            double best = 0;
            for (unsigned rule = 0; rule < 1U << kKinds; ++rule) {
                const auto point = play(population, stage_ns, kKinds, rule);
                best = std::max(best, point.accuracy - price * point.time_ns);
            }
            const auto point = problem.at_price(price, 2);
            CHECK(point.accuracy - price * point.time_ns == Approx(best).margin(1e-12));
        }
    }
}

TEST_CASE("no rule of stopping is above the curve, and the curve is close", "[bounds]") {
    Draws draw(4);
    constexpr int kKinds = 3;
    const std::vector<double> stage_ns = {1000, 2500, 4000};
    for (int i = 0; i < 5; ++i) {
        const Population population = random_population(draw, 3, kKinds, 3000);
        const StoppingCurves curves({StoppingProblem(population.table, population.samples, stage_ns, 1)});
        const StoppingCurve curve = curves.curve(std::vector<int>{3});
        double closest = 1;
        for (unsigned rule = 0; rule < 1U << (2 * kKinds); ++rule) {
            const auto point = play(population, stage_ns, kKinds, rule);
            const double gap = value_of(curve, point.time_ns) - point.accuracy;
            CHECK(gap > -0.003);  // what the sample adds to an exit's past: the chain has none
            closest = std::min(closest, gap);
        }
        CHECK(closest < 0.01);
    }
}

TEST_CASE("a curve is concave, and grows with the depth that is in reach and with the choice", "[bounds]") {
    Draws draw(5);
    const Population population = random_population(draw, 3, 4, 400), other = random_population(draw, 3, 4, 400);
    const StoppingProblem first(population.table, population.samples, {1000, 2500, 4000}, 1);
    const StoppingProblem second(other.table, other.samples, {500, 500, 500}, 1);
    const StoppingCurves curves({first, second});
    for (const double work : {100.0, 1000.0, 2000.0, 5000.0, 10000.0}) {
        CHECK(value_of(curves.curve(std::vector<int>{2, 0}), work) <=
              value_of(curves.curve(std::vector<int>{3, 0}), work) + 1e-9);
        CHECK(value_of(curves.curve(std::vector<int>{3, 0}), work) <=
              value_of(curves.curve(std::vector<int>{3, 3}), work) + 1e-9);
    }
    const ConcaveCurve curve = curves.curve(std::vector<int>{3, 3}).curve;
    REQUIRE(curve.size() >= 2);
    for (std::size_t i = 1; i < curve.size(); ++i) CHECK(curve[i].price < curve[i - 1].price);
    CHECK(value_of(curves.curve(std::vector<int>{0, 0}), 1e6) == 0);
}

TEST_CASE("an answer before the mandatory part is worth nothing, and stages elsewhere take no time", "[bounds]") {
    Draws draw(6);
    const Population population = random_population(draw, 3, 2, 200);
    const auto accuracy = [&](int exit) {
        return std::accumulate(population.samples.begin(), population.samples.end(), 0.0,
                               [&](double sum, std::uint32_t sample) {
                                   return sum + population.table.outcomes_of_sample(sample)[exit].prediction;
                               }) /
               200;
    };
    const StoppingProblem mandatory(population.table, population.samples, {10, 10, 10}, 3);
    CHECK(mandatory.at_price(0, 3).accuracy == Approx(accuracy(2)));
    CHECK(mandatory.at_price(0, 2).accuracy == 0);
    CHECK(mandatory.at_price(accuracy(2) / 30 * 1.01, 3).time_ns == 0);
    const StoppingCurves elsewhere({StoppingProblem(population.table, population.samples, {0, 10, 10}, 1)});
    CHECK(elsewhere.curve(std::vector<int>{1}).free == Approx(accuracy(0)));
    CHECK(elsewhere.curve(std::vector<int>{1}).curve.empty());
}
