#include "sim/results/log_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "tests/catch.hpp"
#include "traces/base/error.hpp"
#include "workloads/philox.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

// Values over twelve orders of magnitude.
std::vector<std::int64_t> random_values(std::size_t count, std::uint32_t stream = 0) {
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < count; ++i) {
        const PhiloxBlock luck = draw(7, Draw::kOther, stream, i);
        values.push_back((static_cast<std::int64_t>(luck[0]) << 10) >> (luck[1] % 41));
    }
    return values;
}

LogHistogram histogram_of(const std::vector<std::int64_t>& values) {
    LogHistogram histogram;
    for (const std::int64_t value : values) histogram.add(Duration(value));
    return histogram;
}

double relative_error(Duration found, std::int64_t exact) {
    return std::abs(static_cast<double>(found.count()) / static_cast<double>(exact) - 1);
}

}  // namespace

TEST_CASE("an empty histogram has no numbers") {
    const LogHistogram histogram;
    CHECK(histogram.count() == 0);
    CHECK_FALSE(histogram.quantile(0.5));
    CHECK_FALSE(histogram.mean_ns());
    CHECK_FALSE(histogram.min());
    CHECK_FALSE(histogram.max());
    CHECK_FALSE(histogram.fraction_up_to(1h));
}

TEST_CASE("small values are exact") {
    LogHistogram histogram;
    for (int value = 1; value <= 100; ++value) histogram.add(Duration(value));
    CHECK(histogram.quantile(0) == Duration(1));
    CHECK(histogram.quantile(0.01) == Duration(1));
    CHECK(histogram.quantile(0.07) == Duration(7));  // 0.07 * 100 is a little more than 7
    CHECK(histogram.quantile(0.50) == Duration(50));
    CHECK(histogram.quantile(1.00) == Duration(100));
    CHECK(*histogram.mean_ns() == Approx(50.5));
    CHECK(histogram.fraction_up_to(Duration(0)) == 0.0);
    CHECK(histogram.fraction_up_to(Duration(30)) == 0.30);
    CHECK(histogram.fraction_up_to(Duration(100)) == 1.0);
}

TEST_CASE("a quantile is at most 0.1 % off, over twelve orders of magnitude") {
    std::vector<std::int64_t> values = random_values(20'000);
    const LogHistogram histogram = histogram_of(values);
    std::sort(values.begin(), values.end());
    REQUIRE(values.back() > 1'000'000 * std::max<std::int64_t>(1, values.front()));
    double worst = 0;
    for (std::size_t rank = 1; rank <= values.size(); ++rank) {
        const double q = static_cast<double>(rank) / static_cast<double>(values.size());
        if (values[rank - 1] > 0) worst = std::max(worst, relative_error(*histogram.quantile(q), values[rank - 1]));
    }
    CHECK(worst <= 1.0 / 1024);
    CHECK(worst > 0.5 / 1024);  // the bound is not idle
    CHECK(histogram.min()->count() == values.front());
    CHECK(histogram.max()->count() == values.back());
}

TEST_CASE("the error holds at every edge of a bucket") {
    for (int exponent = 9; exponent < 62; ++exponent) {
        const std::int64_t power = std::int64_t{1} << exponent;
        for (const std::int64_t value : {power - 1, power, power + power / 512 - 1, power + power / 512}) {
            LogHistogram histogram = histogram_of({0, value, value, std::numeric_limits<std::int64_t>::max()});
            CHECK(relative_error(*histogram.quantile(0.5), value) <= 1.0 / 1024);
        }
    }
}

TEST_CASE("equal values are exact, whatever they are") {
    for (const Duration value : std::vector<Duration>{0ns, 6000us, 5997853ns, 3h, Duration::max()}) {
        const LogHistogram histogram = histogram_of({value.count(), value.count(), value.count()});
        for (const double q : {0.0, 0.01, 0.5, 0.99, 1.0}) CHECK(histogram.quantile(q) == value);
        CHECK(*histogram.mean_ns() == Approx(static_cast<double>(value.count())));
    }
}

TEST_CASE("the fraction up to a value is that of a value at most 0.2 % above") {
    std::vector<std::int64_t> values = random_values(3000);
    const LogHistogram histogram = histogram_of(values);
    std::sort(values.begin(), values.end());
    const auto exact = [&](double limit) {
        const auto end = std::upper_bound(values.begin(), values.end(), static_cast<std::int64_t>(limit));
        return static_cast<double>(end - values.begin()) / static_cast<double>(values.size());
    };
    for (std::int64_t limit = 1; limit < values.back() * 2; limit += limit / 3 + 1) {
        const double fraction = *histogram.fraction_up_to(Duration(limit));
        CHECK(fraction >= exact(static_cast<double>(limit)));
        CHECK(fraction <= exact(static_cast<double>(limit) * (1 + 1.0 / 512)));
    }
    CHECK(*histogram.fraction_up_to(*histogram.quantile(0.95)) >= 0.95);
}

TEST_CASE("merged parts are the whole") {
    const std::vector<std::int64_t> values = random_values(5000);
    const LogHistogram whole = histogram_of(values);
    std::vector<LogHistogram> parts(7);
    for (std::size_t i = 0; i < values.size(); ++i) parts[i * i % 7].add(Duration(values[i]));
    LogHistogram merged;
    for (const LogHistogram& part : parts) merged.merge(part);
    CHECK(merged == whole);
    merged.merge(LogHistogram());
    CHECK(merged == whole);
}

TEST_CASE("what is written is read back") {
    CHECK(LogHistogram().text().empty());
    CHECK(LogHistogram::parse("", "x") == LogHistogram());
    CHECK(histogram_of({5, 3, 5, 1025}).text() == "3:1025:1038|3;2*2;1019");
    CHECK(histogram_of({0}).text() == "0:0:0|0");
    for (std::uint32_t stream = 0; stream < 20; ++stream) {
        const LogHistogram histogram = histogram_of(random_values(1 + stream * stream * 10, stream));
        CHECK(LogHistogram::parse(histogram.text(), "x") == histogram);
    }
}

TEST_CASE("what no histogram has written is refused, with its place") {
    for (const std::string text : {"x",
                                   "3:5",
                                   "3:5:8|",
                                   "3:5:8|3;2;",
                                   "3:5:8|3;2,1",
                                   "3:5:8|3;2;0",
                                   "3:5:8|3;2*0",
                                   "3:5:8|3;3",
                                   "3:5:8|4;1",
                                   "3:5:8|3",
                                   "3:5:8|3;2 ",
                                   "5:3:8|3;2",
                                   "3:5:11|3;2",
                                   "3:5:5|3;2",
                                   "3:5:3|3",
                                   "-3:5:8|3;2",
                                   "3:5:340282366920938463463374607431768211456|3;2",
                                   "3:9223372036854775808:8|3;2",
                                   "3:5:8|3*18446744073709551616;2",
                                   "3:5:8|3*18446744073709551615;2",
                                   "3:5:8|3;99999999999999"}) {
        INFO(text);
        CHECK_THROWS_AS(LogHistogram::parse(text, "responses.csv:7"), InputError);
        CHECK_THROWS_WITH(LogHistogram::parse(text, "responses.csv:7"),
                          StartsWith("responses.csv:7: expected a histogram") && ContainsSubstring(text.substr(0, 40)));
    }
}

TEST_CASE("nothing overflows short of 2^64 values, and then it says so") {
    const LogHistogram longest = histogram_of(std::vector<std::int64_t>(5, Duration::max().count()));
    CHECK(*longest.mean_ns() == Approx(9.223372036854775807e18));
    CHECK(LogHistogram::parse(longest.text(), "x") == longest);
    // 2^64 - 2 of the longest: the sum is just below 2^127.
    LogHistogram many = LogHistogram::parse(
        "9223372036854775807:9223372036854775807:170141183460469231694793815568465002498|28159*18446744073709551614",
        "x");
    CHECK(many.count() == 18446744073709551614U);
    CHECK(many.quantile(0.99) == Duration::max());
    many.add(Duration::max());
    CHECK(*many.mean_ns() == Approx(9.223372036854775807e18));
    const LogHistogram before = many;
    CHECK_THROWS_AS(many.merge(longest), std::overflow_error);
    CHECK(many == before);
}

TEST_CASE("a duration below zero counts as zero") { CHECK(histogram_of({-5, 7}) == histogram_of({0, 7})); }
