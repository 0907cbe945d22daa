#include "sim/study/axis_values.hpp"

#include "tests/catch.hpp"
#include "traces/base/error.hpp"

using namespace laxity;

namespace {

using Texts = std::vector<std::string>;

Texts values(const std::string& text) { return parse_axis_values(text, "--axis x"); }

}  // namespace

TEST_CASE("a list holds JSON values, and strings where they are none") {
    CHECK(values("0.5,1,2") == Texts{"0.5", "1", "2"});
    CHECK(values("true, null") == Texts{"true", "null"});
    CHECK(values("mean,quantile:0.9") == Texts{"\"mean\"", "\"quantile:0.9\""});
    CHECK(values("../../traces/a.json,b..c") == Texts{"\"../../traces/a.json\"", "\"b..c\""});
    CHECK(values(R"([{"trace": "a,b"}],"x,y")") == Texts{R"([{"trace":"a,b"}])", R"("x,y")"});
}

TEST_CASE("numbers have one text") {
    CHECK(values("0.50,5e-1,1.0,1e3") == Texts{"0.5", "0.5", "1", "1000"});
    CHECK(canonical_value("0.10") == "0.1");
    CHECK(number_text(1e-9) == "1e-09");
}

TEST_CASE("a range counts in exact decimals and meets its end") {
    CHECK(values("0.5..2:0.25") == Texts{"0.5", "0.75", "1", "1.25", "1.5", "1.75", "2"});
    CHECK(values("0.1..0.3:0.1") == Texts{"0.1", "0.2", "0.3"});
    CHECK_THROWS_WITH(values("0.5..2:0.4"), ContainsSubstring("a step that meets the end"));
    CHECK_THROWS_WITH(values("0.5..2"), ContainsSubstring("since steps of 1 do not meet the end"));
    CHECK(values("1..4") == Texts{"1", "2", "3", "4"});
    CHECK(values("2..1:-0.5") == Texts{"2", "1.5", "1"});
    CHECK(values("-1..1:1") == Texts{"-1", "0", "1"});
    CHECK(values("1e-3..3e-3:1e-3") == Texts{"0.001", "0.002", "0.003"});
    CHECK(values("7..7:0.1") == Texts{"7"});
    CHECK(values("0.2,1..2:0.5,9") == Texts{"0.2", "1", "1.5", "2", "9"});
    CHECK(values("0.1..100000:0.1").size() == 1'000'000);
    CHECK(values("0.1..100000:0.1")[2] == "0.3");
}

TEST_CASE("a logarithmic range multiplies by one factor and holds both ends exactly") {
    CHECK(values("log 0.01..1:3") == Texts{"0.01", "0.1", "1"});
    CHECK(values("log 1..1000:4") == Texts{"1", "10", "100", "1000"});
    const Texts nine = values("log 0.01..1:9");
    REQUIRE(nine.size() == 9);
    CHECK(nine[1] == "0.0177828");
    CHECK(nine[8] == "1");
    CHECK(values("log 0.3..0.7:2") == Texts{"0.3", "0.7"});
}

TEST_CASE("what is no list and no range is refused in one line that says what was found") {
    CHECK_THROWS_WITH(values(""), ContainsSubstring("--axis x") && ContainsSubstring("an empty one"));
    CHECK_THROWS_WITH(values("1,,2"), ContainsSubstring("an empty one"));
    CHECK_THROWS_WITH(values("2..1:0.5"), ContainsSubstring("leads away from its end"));
    CHECK_THROWS_WITH(values("1..2:0"), ContainsSubstring("a step other than 0"));
    CHECK_THROWS_WITH(values("1..2:x"), ContainsSubstring("FROM..TO:STEP") && ContainsSubstring("1..2:x"));
    CHECK_THROWS_WITH(values("1..x"), ContainsSubstring("FROM..TO:STEP"));
    CHECK_THROWS_WITH(values("0..1:1e-7"), ContainsSubstring("at most 1000000 values"));
    CHECK_THROWS_WITH(values("log 0..1:5"), ContainsSubstring("above 0"));
    CHECK_THROWS_WITH(values("log 1..2"), ContainsSubstring("no count"));
    CHECK_THROWS_WITH(values("log 1..2:1.5"), ContainsSubstring("a count from 2"));
    CHECK_THROWS_WITH(values("log 1..2:1e9"), ContainsSubstring("at most 1000000"));
    CHECK_THROWS_AS(values("1e300..2e300:1e299"), InputError);
    CHECK_THROWS_AS(values("123456789012345678..1"), InputError);
    CHECK_THROWS_AS(values("1e-30..1e30:1"), InputError);
}

TEST_CASE("a column holds strings without their quotes and never a line break") {
    CHECK(column_text("0.5") == "0.5");
    CHECK(column_text("\"mean\"") == "mean");
    CHECK(column_text(R"("a\nb")") == "a\\x0ab");
    CHECK(column_text(R"([{"trace":"a"}])") == R"([{"trace":"a"}])");
}
