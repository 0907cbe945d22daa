#include "policies/parts/stopping_tables.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "policies/parts/normal_quantile.hpp"
#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

// What is true of the samples themselves: no smoothing, no blending.
const StoppingOptions kPlain{20, 1.0, false};

// One kind of input: what the exits say of it, and how many there are.
struct Path {
    std::vector<float> confidence;
    std::vector<int> correct;
    int copies = 1;
};

VariantPlan variant_of(const std::vector<Path>& paths) {
    const std::size_t stages = paths.front().correct.size();
    auto data = std::make_shared<CalibrationData>();
    data->exits = static_cast<int>(stages);
    for (const Path& path : paths) {
        for (int copy = 0; copy < path.copies; ++copy) {
            data->confidence.insert(data->confidence.end(), path.confidence.begin(), path.confidence.end());
            for (const int right : path.correct) data->correct.push_back(static_cast<std::uint8_t>(right));
        }
    }
    VariantPlan variant = make_variant(std::vector<Duration>(stages, ms(1)));
    variant.calibration = std::move(data);
    return variant;
}

// The tables' prices are 3.7 % apart: an index is found at the first that is not above it. None is above the first.
void check_index(const StoppingTables& tables, int state, double index) {
    const double exact = std::min(index, tables.prices().front());
    CHECK(tables.index(state) <= exact * (1 + 1e-9));
    CHECK(tables.index(state) > exact * 0.963);
}

// Two stages of 1 ns. Exit 1 is sure and right in 6 of 10 cases, else unsure and wrong; exit 2 is then right in half.
const std::vector<Path> kTwoStages = {{{.9F, .9F}, {1, 1}, 60}, {{.3F, .8F}, {0, 1}, 20}, {{.3F, .4F}, {0, 0}, 20}};

}  // namespace

TEST_CASE("the index of one stage is its accuracy per time", "[stopping_tables]") {
    const StoppingTables tables(variant_of({{{.9F}, {1}, 3}, {{.9F}, {0}, 1}}), std::vector<double>{5}, 1, kPlain);
    check_index(tables, tables.state(0, 0, 1), 0.75 / 5);
    CHECK(tables.index(tables.state(0, 0, 0)) == 0);     // nothing in reach
    CHECK(tables.index(tables.state(1, 0.9F, 1)) == 0);  // nothing left
    CHECK(tables.work(tables.state(0, 0, 1)).back() == 5);
    CHECK(tables.prices().front() == Approx(1.1 * 0.75 / 5));
    CHECK(tables.prices().back() == 0);
}

TEST_CASE("indices of two stages by hand", "[stopping_tables]") {
    const StoppingTables tables(variant_of(kTwoStages), std::vector<double>{1, 1}, 1, kPlain);
    check_index(tables, tables.state(1, .3F, 2), 0.5);  // half of the unsure turn out right
    CHECK(tables.index(tables.state(1, .9F, 2)) == 0);  // nothing to gain
    check_index(tables, tables.state(0, 0, 2), 0.6);    // .6 / 1 beats (.6 + .2) / 1.4

    // At a price of .4 the unsure go on: .8 right in a mean of 1.4, mean square .6 * 1 + .4 * 4.
    const int price = tables.price_at_most(0.4);
    CHECK(tables.fresh_value(2, price) == Approx(0.8));
    CHECK(tables.fresh_work(price) == Approx(1.4));
    CHECK(tables.fresh_square(price) == Approx(2.2));
    // At .55 only the first stage is bought.
    CHECK(tables.fresh_value(2, tables.price_at_most(0.55)) == Approx(0.6));
    CHECK(tables.fresh_work(tables.price_at_most(0.55)) == Approx(1.0));
}

TEST_CASE("a first stage that is worth little alone is bought for what it leads to", "[stopping_tables]") {
    // Exit 1 never knows; exit 2 always does: the index of a fresh job is 1 / 2, though stage 1 alone earns 0.1.
    const std::vector<Path> paths = {{{.5F, .9F}, {1, 1}, 1}, {{.5F, .9F}, {0, 1}, 9}};
    const StoppingTables tables(variant_of(paths), std::vector<double>{1, 1}, 1, kPlain);
    check_index(tables, tables.state(0, 0, 2), 0.5);
    check_index(tables, tables.state(0, 0, 1), 0.1);
    check_index(tables, tables.state(1, .5F, 2), 0.9);
}

TEST_CASE("exits before the mandatory part are worth nothing", "[stopping_tables]") {
    const StoppingTables tables(variant_of(kTwoStages), std::vector<double>{1, 1}, 2, kPlain);
    CHECK(tables.index(tables.state(0, 0, 1)) == 0);
    check_index(tables, tables.state(0, 0, 2), 0.8 / 2);
    check_index(tables, tables.state(1, .9F, 2), 1.0);
    check_index(tables, tables.state(1, .3F, 2), 0.5);
}

TEST_CASE("stages without an exit are bought for the exit they lead to", "[stopping_tables]") {
    // Neither the first nor the last stage of three can answer: pre- and post-processing.
    const std::vector<Path> paths = {{{0, 0, .9F}, {0, 0, 1}, 3}, {{0, 0, .9F}, {0, 0, 0}, 1}};
    const StoppingTables tables(variant_of(paths), std::vector<double>{1, 8, 1}, 3, kPlain);
    check_index(tables, tables.state(0, 0, 3), 0.075);
    check_index(tables, tables.state(2, 0, 3), 0.75);
    CHECK(tables.index(tables.state(0, 0, 2)) == 0);
}

TEST_CASE("without samples the mean accuracies decide", "[stopping_tables]") {
    const VariantPlan variant = make_variant({ms(1), ms(1)}, {0.6, 0.7});
    const StoppingTables tables(variant, std::vector<double>{1, 1}, 1);
    check_index(tables, tables.state(0, 0, 2), 0.6);
    check_index(tables, tables.state(1, .4F, 2), 0.1);
}

// --- Against brute force: every stopping rule over (exit, bin), on the very samples ---

namespace {

constexpr int kExits = 3, kBins = 2;

// A Markov chain of bins written out as paths with whole numbers of copies. Exit k in bin b is right in share[k][b].
std::vector<Path> random_chain(Draws& draw) {
    std::vector<Path> paths;
    int to[kExits][kBins];  // of 4 jobs in this bin (of exit k - 1; for k = 0 only bin 0), how many go to bin 0
    int right[kExits][kBins];
    for (int k = 0; k < kExits; ++k) {
        for (int b = 0; b < kBins; ++b) to[k][b] = static_cast<int>(draw.integer(1, 3));
        for (int b = 0; b < kBins; ++b) right[k][b] = static_cast<int>(draw.integer(b + k, 2 + k));
    }
    for (int code = 0; code < 64; ++code) {  // three bins, three answers
        Path path;
        int previous = 0, bin = 0;
        for (int k = 0; k < kExits; ++k, previous = bin) {
            bin = code >> k & 1;
            const int answer = code >> (kExits + k) & 1, chance = right[k][bin];
            path.copies *= bin == 0 ? to[k][previous] : 4 - to[k][previous];
            path.copies *= answer != 0 ? chance : 4 - chance;
            path.confidence.push_back(bin == 0 ? 0.3F : 0.8F);
            path.correct.push_back(answer);
        }
        if (path.copies > 0) paths.push_back(path);
    }
    return paths;
}

struct Worth {
    double answer = 0, time = 0;
};

// Rule: bit 2k + b of `rule` = go on from exit k + 1 in bin b; starts at exit `depth` in bin `bin` (depth 0: fresh),
// and goes on from there at least once.
Worth follow(const std::vector<Path>& paths, const std::vector<double>& charge, int rule, int depth, int bin,
             int reach) {
    Worth sum;
    double count = 0;
    const auto bin_of = [](const Path& path, int at) {
        return path.confidence[static_cast<std::size_t>(at - 1)] > 0.5F;
    };
    for (const Path& path : paths) {
        if (depth > 0 && bin_of(path, depth) != (bin == 1)) continue;
        int at = depth;
        do sum.time += path.copies * charge[static_cast<std::size_t>(at++)];
        while (at < reach && (rule >> (2 * (at - 1) + (bin_of(path, at) ? 1 : 0)) & 1) != 0);
        sum.answer += path.copies * path.correct[static_cast<std::size_t>(at - 1)];
        count += path.copies;
    }
    return {sum.answer / count, sum.time / count};
}

// The value of stopping in that state.
double stop_value(const std::vector<Path>& paths, int depth, int bin) {
    double right = 0, count = 0;
    for (const Path& path : paths) {
        if (depth == 0 || (path.confidence[static_cast<std::size_t>(depth - 1)] > 0.5F) != (bin == 1)) continue;
        right += path.copies * path.correct[static_cast<std::size_t>(depth - 1)];
        count += path.copies;
    }
    return count > 0 ? right / count : 0;
}

// The best gain per time over all rules that go on: the index by its definition.
double brute_force_index(const std::vector<Path>& paths, const std::vector<double>& charge, int depth, int bin,
                         int reach) {
    double best = 0;
    for (int rule = 0; rule < 16; ++rule) {
        const Worth worth = follow(paths, charge, rule, depth, bin, reach);
        best = std::max(best, (worth.answer - stop_value(paths, depth, bin)) / worth.time);
    }
    return best;
}

double brute_force_value(const std::vector<Path>& paths, const std::vector<double>& charge, double price, int reach) {
    double best = 0;  // never starting
    for (int rule = 0; rule < 16; ++rule) {
        const Worth worth = follow(paths, charge, rule, 0, 0, reach);
        best = std::max(best, worth.answer - price * worth.time);
    }
    return best;
}

}  // namespace

TEST_CASE("tables of random chains equal the best of all stopping rules", "[stopping_tables]") {
    Draws draw(7);
    for (int chain = 0; chain < 20; ++chain) {
        const std::vector<Path> paths = random_chain(draw);
        const std::vector<double> charge = {draw.real(1, 3), draw.real(1, 3), draw.real(1, 3)};
        const StoppingTables tables(variant_of(paths), charge, 1, kPlain);
        for (int reach = 1; reach <= kExits; ++reach) {
            for (int price = 0; price < StoppingTables::kPrices; price += 16) {
                const double exact =
                    brute_force_value(paths, charge, tables.prices()[static_cast<std::size_t>(price)], reach);
                if (reach < kExits) continue;
                const double cost = tables.prices()[static_cast<std::size_t>(price)] * tables.fresh_work(price);
                CHECK(tables.fresh_value(reach, price) - cost == Approx(exact).margin(1e-6));
            }
            for (int depth = 0; depth < reach; ++depth) {
                for (int bin = 0; bin < (depth == 0 ? 1 : kBins); ++bin) {
                    const double exact = brute_force_index(paths, charge, depth, bin, reach);
                    const int state = tables.state(depth, bin == 0 ? 0.3F : 0.8F, reach);
                    if (exact < 1.01 * tables.prices()[StoppingTables::kPrices - 2]) {
                        CHECK(tables.index(state) <= 1.01 * tables.prices()[StoppingTables::kPrices - 2]);
                    } else {
                        check_index(tables, state, exact);
                    }
                }
            }
        }
    }
}

TEST_CASE("blending and smoothing keep what is a property of large bins", "[stopping_tables]") {
    // Values are replaced by means of the same bin, so that the blend changes nothing here.
    StoppingOptions blended = kPlain;
    blended.measured = 0.25;
    Draws draw(8);
    const std::vector<Path> paths = random_chain(draw);
    const std::vector<double> charge = {1, 1, 1};
    const StoppingTables plain(variant_of(paths), charge, 1, kPlain), mixed(variant_of(paths), charge, 1, blended);
    CHECK(plain.index(plain.state(0, 0, 3)) == Approx(mixed.index(mixed.state(0, 0, 3))));
}

TEST_CASE("the lower the price, the more work is bought", "[stopping_tables]") {
    Draws draw(9);
    const StoppingTables tables(variant_of(random_chain(draw)), std::vector<double>{1, 2, 1}, 1);
    for (int state = 0; state < tables.states(); ++state) {
        CHECK(std::is_sorted(tables.work(state).begin(), tables.work(state).end()));
    }
}

TEST_CASE("tables are made once for a trace, its costs and mandatory part", "[stopping_tables]") {
    const VariantPlan variant = variant_of(kTwoStages), copy = variant;
    const std::vector<double> charge = {1, 1}, other = {1, 2};
    const auto tables = shared_stopping_tables(variant, charge, 1);
    CHECK(shared_stopping_tables(copy, charge, 1) == tables);
    CHECK(shared_stopping_tables(variant, other, 1) != tables);
    CHECK(shared_stopping_tables(variant, charge, 2) != tables);
}

TEST_CASE("normal quantiles agree with the error function", "[stopping_tables]") {
    CHECK(normal_quantile(0.5) == 0);
    for (double p = 0.0013; p < 0.9988; p += 0.0007) {
        CHECK(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) == Approx(p).epsilon(1e-5));
    }
}
