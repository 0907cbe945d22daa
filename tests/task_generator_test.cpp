// Generated task sets: bounds, sums, distributions, and the same bytes everywhere.
#include "workloads/task_generator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/draws.hpp"
#include "tests/golden.hpp"

using namespace laxity;

namespace {

constexpr auto kDiscard = UtilisationMethod::kUUniFastDiscard;
constexpr auto kRescale = UtilisationMethod::kDirichletRescale;

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// What a method draws: n elements of sum `total` in [low, high].
struct Region {
    int n;
    double total, low, high;
};

std::vector<double> drawn(UtilisationMethod method, const Region& region, std::uint64_t seed) {
    const auto u = draw_utilisations(method, region.n, region.total, region.low, region.high, seed);
    REQUIRE(u);
    return *u;
}

// Uniform over the region by brute force: n - 1 elements uniform in the bounds, the last one is what is left, if it is
// in the bounds, too. Shares nothing with the methods under test, not even their random numbers.
std::vector<double> rejected(const Region& region, laxity::test::Draws& draws) {
    for (;;) {
        std::vector<double> u;
        for (int i = 1; i < region.n; ++i) u.push_back(draws.real(region.low, region.high));
        u.push_back(region.total - sum(u));
        if (u.back() >= region.low && u.back() <= region.high) return u;
    }
}

// Cell of a vector on a grid over its first three elements: joint distributions, not only marginal ones.
std::size_t cell(const std::vector<double>& u, const Region& region, std::size_t side) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, u.size() - 1); ++i) {
        const double share = (u[i] - region.low) / (region.high - region.low);
        index = index * side +
                std::min(side - 1, static_cast<std::size_t>(std::max(0.0, share) * static_cast<double>(side)));
    }
    return index;
}

// Pearson's statistic of two samples of equal size, and the number of cells that either fell into.
struct ChiSquare {
    double statistic = 0;
    int cells = 0;

    // Standard deviations above what equal distributions give (the normal approximation is good for many cells).
    double sigmas() const { return (statistic - (cells - 1)) / std::sqrt(2.0 * (cells - 1)); }
};

ChiSquare compare(const std::vector<int>& a, const std::vector<int>& b) {
    ChiSquare result;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] + b[i] < 10) continue;
        const double difference = a[i] - b[i];
        result.statistic += difference * difference / (a[i] + b[i]);
        ++result.cells;
    }
    return result;
}

template <class Draw>
std::vector<int> histogram(const Region& region, int count, Draw draw) {
    constexpr std::size_t kSide = 8;
    std::vector<int> cells(kSide * kSide * kSide);
    for (int i = 0; i < count; ++i) ++cells[cell(draw(static_cast<std::uint64_t>(i)), region, kSide)];
    return cells;
}

constexpr int kDraws = 40'000;

ChiSquare against_rejection(UtilisationMethod method, const Region& region) {
    laxity::test::Draws draws(17);
    return compare(histogram(region, kDraws, [&](std::uint64_t seed) { return drawn(method, region, seed); }),
                   histogram(region, kDraws, [&](std::uint64_t) { return rejected(region, draws); }));
}

// The published Dirichlet-rescale, as far as its description goes: blown up until it fits, whatever bounds are left.
std::vector<double> blown_up_regardless(const Region& region, laxity::test::Draws& draws) {
    std::vector<double> w;
    for (int i = 0; i < region.n; ++i) w.push_back(-std::log(draws.real(1e-15, 1)));
    const double total = sum(w), bound = region.high / region.total;
    for (double& value : w) value /= total;
    for (;;) {
        double scale = 1;
        for (const double value : w) scale -= value > bound ? bound : 0;
        if (scale == 1) break;
        for (double& value : w) value = (value > bound ? value - bound : value) / scale;
    }
    for (double& value : w) value *= region.total;
    return w;
}

GeneratorOptions example() {
    GeneratorOptions options;
    options.tasks = 5;
    options.utilisation = 0.8;
    options.granularity = std::chrono::milliseconds(1);
    options.shortest = 10;
    options.longest = 1000;
    options.stages = 3;
    options.mandatory_stages = 1;
    options.mandatory_share = Range{0.4, 0.4};
    return options;
}

std::vector<GeneratedTask> set_of(const GeneratorOptions& options, std::uint64_t seed) {
    const auto set = generate_tasks(options, seed);
    REQUIRE(set);
    return *set;
}

}  // namespace

TEST_CASE("utilisations have their sum and keep their bounds", "[generator]") {
    const std::vector<Region> regions = {
        {1, 0.7, 0, 1},      {2, 1.0, 0, 1},     {10, 0.8, 0, 1},  {10, 0.8, 0.02, 0.25}, {10, 5, 0, 1},
        {10, 2.3, 0.1, 0.3}, {4, 0.4, 0.1, 0.1}, {30, 1, 0, 0.12}, {6, 0.6, 0.1, 0.5},    {6, 3, 0.2, 0.5}};
    for (const Region& region : regions) {
        INFO(region.n << " tasks, total " << region.total << ", in [" << region.low << ", " << region.high << "]");
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            const std::vector<double> u = drawn(kRescale, region, seed);
            REQUIRE(u.size() == static_cast<std::size_t>(region.n));
            REQUIRE(std::abs(sum(u) - region.total) <= 1e-12 * region.total);
            REQUIRE(*std::min_element(u.begin(), u.end()) >= region.low - 1e-12 * region.total);
            REQUIRE(*std::max_element(u.begin(), u.end()) <= region.high + 1e-12 * region.total);
        }
    }
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const std::vector<double> u = drawn(kDiscard, {10, 0.8, 0.001, 0.3}, seed);
        REQUIRE(std::abs(sum(u) - 0.8) <= 1e-12);
        REQUIRE(*std::min_element(u.begin(), u.end()) >= 0.001);
        REQUIRE(*std::max_element(u.begin(), u.end()) <= 0.3);
    }
}

TEST_CASE("a region that no draw hits is given up", "[generator]") {
    CHECK_FALSE(draw_utilisations(kDiscard, 10, 9.99, 0, 1, 1, 1000));
    CHECK(draw_utilisations(kRescale, 10, 9.99, 0, 1, 1, 1000));
    CHECK_FALSE(draw_utilisations(kRescale, 300, 150, 0, 1, 1, 20));
}

// Marginal distribution over the simplex, without bounds: P(u > x) = (1 - x / total)^(n-1).
TEST_CASE("every element has the marginal distribution of the simplex", "[generator]") {
    const Region region{5, 0.8, 0, 0.8};
    for (const auto method : {kDiscard, kRescale}) {
        std::array<std::array<int, 10>, 5> counts{};
        for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
            const std::vector<double> u = drawn(method, region, seed);
            for (std::size_t i = 0; i < 5; ++i) {
                const double above = std::pow(1 - u[i] / region.total, 4);  // uniform in [0, 1]
                ++counts[i][std::min<std::size_t>(9, static_cast<std::size_t>(above * 10))];
            }
        }
        for (const auto& element : counts) {
            double statistic = 0;
            for (const int count : element) statistic += std::pow(count - kDraws / 10, 2) / (kDraws / 10.0);
            CHECK(statistic < 27.9);  // 9 degrees of freedom, 0.1 %
        }
    }
}

TEST_CASE("both methods are uniform over their region", "[generator]") {
    for (const Region& region : {Region{3, 1, 0, 0.6}, Region{4, 1, 0.05, 0.45}, Region{5, 1, 0, 0.4}}) {
        INFO(region.n << " tasks in [" << region.low << ", " << region.high << "]");
        CHECK(against_rejection(kDiscard, region).sigmas() < 4);
        CHECK(against_rejection(kRescale, region).sigmas() < 4);
    }
    // Regions that discarding hardly hits; the last two are mirrored.
    for (const Region& region :
         {Region{3, 1, 0, 0.4}, Region{5, 1, 0, 0.3}, Region{6, 4, 0, 1}, Region{4, 1, 0.1, 0.35}}) {
        INFO(region.n << " tasks in [" << region.low << ", " << region.high << "]");
        CHECK(against_rejection(kRescale, region).sigmas() < 4);
    }
}

TEST_CASE("the test of uniformity sees what is not uniform: blowing up whatever bounds are left", "[generator]") {
    const Region region{5, 1, 0, 0.3};
    laxity::test::Draws draws(18);
    const auto wrong = histogram(region, kDraws, [&](std::uint64_t) { return blown_up_regardless(region, draws); });
    const auto right = histogram(region, kDraws, [&](std::uint64_t) { return rejected(region, draws); });
    CHECK(compare(wrong, right).sigmas() > 5);
}

TEST_CASE("periods are log-uniform: every factor as likely", "[generator]") {
    GeneratorOptions options = example();
    options.granularity = Duration(1000);
    options.shortest = 10'000;
    options.longest = 10'000'000;
    std::array<int, 3> decades{};
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        for (const GeneratedTask& task : set_of(options, seed)) {
            REQUIRE(task.period >= std::chrono::milliseconds(10));
            REQUIRE(task.period <= std::chrono::seconds(10));
            REQUIRE(task.period % options.granularity == Duration::zero());
            ++decades[task.period < std::chrono::milliseconds(100) ? 0 : task.period < std::chrono::seconds(1) ? 1 : 2];
        }
    }
    for (const int count : decades) CHECK(std::abs(count - 10'000 / 3) < 200);  // over 4 standard deviations
}

TEST_CASE("the longest period is as likely as its neighbours, and given periods are all taken", "[generator]") {
    GeneratorOptions options = example();
    options.shortest = 1;
    options.longest = 2;
    int longest = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed)
        for (const GeneratedTask& task : set_of(options, seed)) longest += task.period == std::chrono::milliseconds(2);
    CHECK(std::abs(longest / 10'000.0 - std::log(1.5) / std::log(3.0)) < 0.02);

    options.choose = {Duration(5'000'000), Duration(10'000'000), Duration(40'000'000)};
    std::array<int, 3> taken{};
    for (std::uint64_t seed = 1; seed <= 300; ++seed)
        for (const GeneratedTask& task : set_of(options, seed))
            ++taken.at(static_cast<std::size_t>(std::find(options.choose.begin(), options.choose.end(), task.period) -
                                                options.choose.begin()));
    for (const int count : taken) CHECK(std::abs(count - 500) < 75);
}

TEST_CASE("stages, deadlines and offsets are what they are said to be", "[generator]") {
    GeneratorOptions options = example();
    options.stages = 5;
    options.mandatory_stages = 2;
    options.mandatory_share = Range{0.3, 0.5};
    options.deadline_share = {0.5, 0.9};
    options.random_offsets = true;
    double total = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        for (const GeneratedTask& task : set_of(options, seed)) {
            REQUIRE(task.stages.size() == 5);
            const double wcet = static_cast<double>(task.wcet().count()),
                         period = static_cast<double>(task.period.count());
            REQUIRE(std::abs(wcet - task.utilisation * period) <= 5);
            const double mandatory = static_cast<double>((task.stages[0] + task.stages[1]).count());
            REQUIRE(mandatory >= 0.3 * wcet - 5);
            REQUIRE(mandatory <= 0.5 * wcet + 5);
            REQUIRE(std::abs((task.stages[0] - task.stages[1]).count()) <= 1);
            REQUIRE(std::abs((task.stages[2] - task.stages[4]).count()) <= 1);
            const double share = (static_cast<double>(task.deadline.count()) - wcet) / (period - wcet);
            REQUIRE(share > 0.5 - 1e-6);
            REQUIRE(share < 0.9 + 1e-6);
            REQUIRE(task.offset >= Duration::zero());
            REQUIRE(task.offset < task.period);
            total += wcet / period;
        }
    }
    CHECK(std::abs(total / 100 - 0.8) < 1e-6);
}

TEST_CASE("without a share all stages take the same; implicit deadlines are the periods", "[generator]") {
    GeneratorOptions options = example();
    options.mandatory_share = std::nullopt;
    for (const GeneratedTask& task : set_of(options, 3)) {
        CHECK(task.deadline == task.period);
        CHECK(task.offset == Duration::zero());
        CHECK(std::abs((task.stages[0] - task.stages[2]).count()) <= 1);
    }
}

TEST_CASE("a tiny utilisation still gives every stage a nanosecond", "[generator]") {
    GeneratorOptions options = example();
    options.utilisation = 1e-9;
    for (const GeneratedTask& task : set_of(options, 1))
        for (const Duration stage : task.stages) CHECK(stage >= Duration(1));
}

TEST_CASE("a seed keeps its set's shape whatever the utilisation", "[generator]") {
    GeneratorOptions options = example();
    const auto at_80 = set_of(options, 9);
    options.utilisation = 0.4;
    const auto at_40 = set_of(options, 9);
    for (std::size_t i = 0; i < at_80.size(); ++i) {
        CHECK(at_80[i].period == at_40[i].period);
        CHECK(std::abs(at_80[i].utilisation / at_40[i].utilisation - 2) < 1e-12);
    }
    CHECK(set_of(options, 9)[0].wcet() == at_40[0].wcet());
    CHECK(set_of(options, 10)[0].period != at_40[0].period);
}

// Integers that every compiler and machine must give.
TEST_CASE("generated sets keep their bytes", "[generator]") {
    std::ostringstream text;
    for (const auto method : {kDiscard, kRescale}) {
        GeneratorOptions options = example();
        options.method = method;
        options.max_task_utilisation = 0.3;
        options.deadline_share = {0.5, 1};
        options.random_offsets = true;
        options.mandatory_share = Range{0.2, 0.6};
        for (const std::uint64_t seed : {1, 2, 3}) {
            text << "# " << (method == kDiscard ? "uunifast-discard" : "dirichlet-rescale") << ", seed " << seed
                 << ": period, deadline, offset, stages in ns\n";
            for (const GeneratedTask& task : set_of(options, seed)) {
                text << task.name << ' ' << task.period.count() << ' ' << task.deadline.count() << ' '
                     << task.offset.count();
                for (const Duration stage : task.stages) text << ' ' << stage.count();
                text << '\n';
            }
        }
    }
    laxity::test::check_golden("task-sets.txt", text.str());
}
