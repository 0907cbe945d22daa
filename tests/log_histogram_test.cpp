#include "sim/results/log_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/catch.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

TEST_CASE("an empty histogram answers zero") {
    const LogHistogram histogram;
    CHECK(histogram.quantile(0.5) == Duration::zero());
    CHECK(histogram.mean_ns() == 0);
}

TEST_CASE("small values are exact") {
    LogHistogram histogram;
    for (int value = 1; value <= 100; ++value) histogram.add(Duration(value));
    CHECK(histogram.quantile(0.01) == Duration(1));
    CHECK(histogram.quantile(0.50) == Duration(50));
    CHECK(histogram.quantile(1.00) == Duration(100));
    CHECK(histogram.mean_ns() == Approx(50.5));
}

TEST_CASE("a quantile is at most 0.4 % off, over nine orders of magnitude") {
    LogHistogram histogram;
    std::vector<std::int64_t> values;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        const PhiloxBlock luck = draw(7, Draw::kOther, 0, i);
        values.push_back(static_cast<std::int64_t>(luck[0]) << (luck[1] % 12));
        histogram.add(Duration(values.back()));
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 1.0}) {
        const auto exact = static_cast<double>(values[static_cast<std::size_t>(std::ceil(q * 5000)) - 1]);
        CHECK(static_cast<double>(histogram.quantile(q).count()) == Approx(exact).epsilon(0.004));
    }
    CHECK(histogram.max().count() == values.back());
}
