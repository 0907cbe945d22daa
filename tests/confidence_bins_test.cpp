#include "policies/parts/confidence_bins.hpp"

#include <limits>
#include <vector>

#include "tests/catch.hpp"

namespace {

using namespace laxity;

std::vector<double> non_decreasing(std::vector<double> values, const std::vector<double>& weights) {
    make_non_decreasing(values, weights);
    return values;
}

// The least weighted squared distance of any non-decreasing sequence over a grid of tenths, by trying all of them.
double least_distance(const std::vector<double>& values, const std::vector<double>& weights, std::size_t i = 0,
                      int lowest = 0) {
    if (i == values.size()) return 0;
    double best = std::numeric_limits<double>::infinity();
    for (int level = lowest; level <= 10; ++level) {
        const double error = values[i] - level / 10.0;
        best = std::min(best, weights[i] * error * error + least_distance(values, weights, i + 1, level));
    }
    return best;
}

}  // namespace

TEST_CASE("bins hold equally many values", "[confidence_bins]") {
    std::vector<float> values;
    for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>(i));
    const ConfidenceBins bins(values, 4);
    REQUIRE(bins.count() == 4);
    CHECK(bins.bin_of(0) == 0);
    CHECK(bins.bin_of(24) == 0);
    CHECK(bins.bin_of(25) == 1);
    CHECK(bins.bin_of(99) == 3);
    CHECK(bins.bin_of(-1) == 0);
    CHECK(bins.bin_of(1000) == 3);
}

TEST_CASE("equal values share a bin", "[confidence_bins]") {
    CHECK(ConfidenceBins({0.5F, 0.5F, 0.5F, 0.5F}, 20).count() == 1);
    const ConfidenceBins bins({0.1F, 0.9F, 0.9F, 0.9F, 0.9F}, 5);
    REQUIRE(bins.count() == 2);
    CHECK(bins.bin_of(0.1F) == 0);
    CHECK(bins.bin_of(0.9F) == 1);
}

TEST_CASE("the least change that makes values non-decreasing", "[confidence_bins]") {
    using Values = std::vector<double>;
    CHECK(non_decreasing({1, 2, 3}, {1, 1, 1}) == Values{1, 2, 3});
    CHECK(non_decreasing({3, 2, 1}, {1, 1, 1}) == Values{2, 2, 2});
    CHECK(non_decreasing({1, 3, 2, 4}, {1, 1, 1, 1}) == Values{1, 2.5, 2.5, 4});
    CHECK(non_decreasing({1, 3, 2}, {1, 1, 3}) == Values{1, 2.25, 2.25});
    // Pooling may cascade: 4 and 1 make 2.5, which is below the 3 before them.
    CHECK(non_decreasing({3, 4, 1}, {2, 1, 1})[0] == Approx(11.0 / 4));
    CHECK(non_decreasing({}, {}).empty());
}

TEST_CASE("no non-decreasing sequence is closer", "[confidence_bins]") {
    const std::vector<double> values = {0.3, 0.1, 0.5, 0.4, 0.2, 0.9}, weights = {1, 2, 1, 3, 1, 1};
    double distance = 0;
    const auto fitted = non_decreasing(values, weights);
    for (std::size_t i = 0; i < values.size(); ++i) {
        distance += weights[i] * (values[i] - fitted[i]) * (values[i] - fitted[i]);
        if (i > 0) CHECK(fitted[i] >= fitted[i - 1]);
    }
    CHECK(distance <= least_distance(values, weights) + 1e-12);
}
