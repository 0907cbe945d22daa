#include "sim/study/stopping.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "traces/base/error.hpp"

using namespace laxity;

namespace {

using Values = std::vector<std::optional<double>>;

Precision precision(const std::string& text) { return parse_precision(text, "--until"); }

}  // namespace

TEST_CASE("a precision is absolute or a share of the mean") {
    CHECK(precision("accuracy=0.001").half_width == 0.001);
    CHECK_FALSE(precision("accuracy=0.001").relative);
    CHECK(precision("response_p99_ms=5%").half_width == 0.05);
    CHECK(precision("response_p99_ms=5%").relative);
    for (const char* bad :
         {"accuracy", "accuracy=", "accuracy=0", "accuracy=-1", "accuracy=1x", "accuracy=inf", "accuracy=nan", "=%"}) {
        CHECK_THROWS_AS(precision(bad), InputError);
    }
}

TEST_CASE("enough is known when the 95 % interval is narrow enough") {
    const Values values = {1.0, 2.0, 3.0};  // mean 2, t(2) = 4.302653, standard error 1 / sqrt(3): +-2.484
    CHECK(is_enough(precision("x=2.4842"), values));
    CHECK_FALSE(is_enough(precision("x=2.4841"), values));
    CHECK(is_enough(precision("x=124.21%"), values));
    CHECK_FALSE(is_enough(precision("x=124.20%"), values));
    CHECK_FALSE(is_enough(precision("x=100"), Values{1.0}));
    CHECK_FALSE(is_enough(precision("x=100"), Values{1.0, std::nullopt}));
    CHECK(is_enough(precision("x=0.1"), Values{std::nullopt, std::nullopt}));
    CHECK(is_enough(precision("x=1%"), Values{0.0, 0.0}));
}

TEST_CASE("the next number of seeds is what the spread foretells") {
    const Values values = {1.0, 2.0, 3.0};
    CHECK(next_seeds(precision("x=2.3"), values, 3, 100) == 4);   // 3 (2.484 / 2.3)^2 = 3.5
    CHECK(next_seeds(precision("x=2"), values, 3, 100) == 5);     // 4.6
    CHECK(next_seeds(precision("x=0.01"), values, 3, 100) == 6);  // at most twice as many
    CHECK(next_seeds(precision("x=0.01"), values, 3, 5) == 5);
    CHECK(next_seeds(precision("x=1"), Values{1.0}, 1, 100) == 2);
}
