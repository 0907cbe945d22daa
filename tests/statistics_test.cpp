#include "sim/results/statistics.hpp"

#include <array>

#include "tests/catch.hpp"

using namespace laxity;

TEST_CASE("the 95 % interval is Student's") {
    const std::array values = {1.0, 2.0, 3.0, 4.0, 5.0};
    const Estimate result = estimate(values);
    CHECK(result.mean == Approx(3.0));
    CHECK(result.half_width == Approx(2.776445 * 1.5811388 / 2.2360680).epsilon(1e-6));  // t(4) * s / sqrt(n)
}

TEST_CASE("one value has no interval") {
    const std::array value = {4.0};
    CHECK(estimate(value).mean == 4.0);
    CHECK(estimate(value).half_width == 0.0);
    CHECK(estimate({}).mean == 0.0);
}

TEST_CASE("a constant difference is certain, however much the values vary") {
    const std::array a = {1.0, 5.0, 9.0};
    const std::array b = {0.5, 4.5, 8.5};
    CHECK(paired_difference(a, b).mean == Approx(0.5));
    CHECK(paired_difference(a, b).half_width == Approx(0.0).margin(1e-12));
}
