#include "sim/live/equivalence.hpp"

#include "tests/catch.hpp"
#include "traces/base/error.hpp"

using namespace laxity;

namespace {

// By hand: mean 0.0014, standard deviation sqrt(5.2e-6 / 4) = 1.14018e-3, standard error 5.0990e-4. Student's t with 4
// degrees: 2.13185 (one-sided 5 %), 2.77645 (two-sided 5 %); so 0.0014 +- 0.0010870 and 0.0014 +- 0.0014157.
const std::vector<double> kDifferences = {0.001, 0.002, 0.000, 0.003, 0.001};
const Margin kThreePoints = {"accuracy", 0.003};

}  // namespace

TEST_CASE("the interval of two one-sided tests is that worked by hand") {
    const Equivalence result = judge_equivalence(kDifferences, 0.8, kThreePoints);
    CHECK(*result.difference.mean == Approx(0.0014));
    CHECK(*result.difference.half_width == Approx(0.0014157).epsilon(1e-4));
    CHECK(*result.low == Approx(0.0003130).epsilon(1e-3));
    CHECK(*result.high == Approx(0.0024870).epsilon(1e-3));
    CHECK(*result.spread == Approx(0.00114018).epsilon(1e-5));
    CHECK_FALSE(result.established);
    CHECK(result.verdict == EquivalenceVerdict::kEqual);
    CHECK(verdict_text(result, kThreePoints, "1", 10) == "equal within 0.3 points");
}

TEST_CASE("an interval that leaves the margin on one side cannot tell, and says for how long to run") {
    const Margin margin = {"accuracy", 0.002};
    const Equivalence result = judge_equivalence(kDifferences, 0.8, margin);
    CHECK(result.verdict == EquivalenceVerdict::kCannotTell);
    // Wanted: t(n - 1) * 1.14018e-3 / sqrt(n) <= 0.0006. n = 11: 1.81246 * 3.43777e-4 = 6.231e-4 is too wide, n = 12:
    // 1.79588 * 3.29141e-4 = 5.911e-4 is not. Seven more than five.
    CHECK(result.repetitions_more == 7u);
    CHECK(verdict_text(result, margin, "1", 10) == "cannot tell: run 70 s more");
}

TEST_CASE("how long to run is said in the unit that fits, and not at all beyond a day") {
    const Margin margin = {"accuracy", 0.002};
    const Equivalence result = judge_equivalence(kDifferences, 0.8, margin);  // seven more
    CHECK(verdict_text(result, margin, "1", 60) == "cannot tell: run 7 min more");
    CHECK(verdict_text(result, margin, "1", 2000) == "cannot tell: run 3.9 h more");
    CHECK(verdict_text(result, margin, "1", 20'000) == "cannot tell at this spread");
}

TEST_CASE("a difference is told as its margin is stated") {
    const Margin share{"response_p99", 0.03, true}, points{"accuracy", 0.003}, length{"response_p50", 0.1};
    CHECK(points.difference_text(-0.0012, 0.8, "1") == "-0.12 points");
    CHECK(share.difference_text(0.05, 4.0, "ms") == "+1.25 %");
    CHECK(share.difference_text(0.05, {}, "ms") == "+0.05 ms");
    CHECK(length.difference_text(0.05, 4.0, "ms") == "+0.05 ms");
}

TEST_CASE("an interval beyond the margin is different, on either side") {
    const Margin margin = {"accuracy", 0.0002};
    CHECK(judge_equivalence(kDifferences, 0.8, margin).verdict == EquivalenceVerdict::kDifferent);
    std::vector<double> negative;
    for (const double difference : kDifferences) negative.push_back(-difference);
    CHECK(judge_equivalence(negative, 0.8, margin).verdict == EquivalenceVerdict::kDifferent);
    CHECK(verdict_text(judge_equivalence(negative, 0.8, margin), margin, "1", 10) ==
          "different by more than 0.02 points");
}

TEST_CASE("a small difference may be established and yet not matter") {
    const std::vector<double> steady = {0.0010, 0.0011, 0.0010, 0.0011};
    const Equivalence result = judge_equivalence(steady, 0.8, kThreePoints);
    CHECK(result.verdict == EquivalenceVerdict::kEqual);
    CHECK(result.established);
    CHECK(verdict_text(result, kThreePoints, "1", 10) == "equal within 0.3 points; surely not 0");
}

TEST_CASE("a margin may be a share of the simulated value") {
    const Margin margin = {"response_p50", 0.02, true};
    CHECK(*margin.of(4.0) == Approx(0.08));
    CHECK(margin.text("ms") == "2 %");
    const std::vector<double> differences = {0.05, 0.06, 0.05, 0.06};
    CHECK(judge_equivalence(differences, 4.0, margin).verdict == EquivalenceVerdict::kEqual);
    CHECK(judge_equivalence(differences, 2.0, margin).verdict == EquivalenceVerdict::kDifferent);
    CHECK(judge_equivalence(differences, std::nullopt, margin).verdict == EquivalenceVerdict::kUnknown);
}

TEST_CASE("one repetition cannot tell, and none is unknown") {
    const Equivalence one = judge_equivalence(std::vector<double>{0.001}, 0.8, kThreePoints);
    CHECK(one.verdict == EquivalenceVerdict::kCannotTell);
    CHECK_FALSE(one.low);
    CHECK_FALSE(one.spread);
    CHECK_FALSE(one.repetitions_more);
    CHECK(verdict_text(one, kThreePoints, "1", 10) == "cannot tell: one repetition");
    const Equivalence none = judge_equivalence({}, 0.8, kThreePoints);
    CHECK(none.verdict == EquivalenceVerdict::kUnknown);
    CHECK(verdict_text(none, kThreePoints, "1", 10) == "-");
}

TEST_CASE("a run without any miss in either world is equal, with nothing between its ends") {
    const std::vector<double> zeros = {0, 0, 0};
    const Equivalence result = judge_equivalence(zeros, 0.0, kThreePoints);
    CHECK(result.verdict == EquivalenceVerdict::kEqual);
    CHECK(*result.high == 0);
    CHECK_FALSE(result.established);
}

TEST_CASE("a mean at the very margin is never settled by running longer") {
    const std::vector<double> differences = {0.002, 0.004};
    const Equivalence result = judge_equivalence(differences, 0.8, kThreePoints);
    CHECK(result.verdict == EquivalenceVerdict::kCannotTell);
    CHECK_FALSE(result.repetitions_more);
    CHECK(verdict_text(result, kThreePoints, "1", 10) == "cannot tell: at the margin of 0.3 points");
}

TEST_CASE("margins are changed by name, and what is none is refused") {
    auto margins = default_margins();
    change_margin(margins, "accuracy=0.01");
    change_margin(margins, "response_p99=5%");
    CHECK(margin_of(margins, "accuracy").value == 0.01);
    CHECK(margin_of(margins, "response_p99").value == Approx(0.05));
    CHECK(margin_of(margins, "response_p99").relative);
    CHECK_FALSE(margin_of(margins, "accuracy").relative);
    for (const std::string bad : {"accuracy", "p99=1", "accuracy=", "accuracy=-1", "accuracy=x", "accuracy=1x",
                                  "accuracy=%", "accuracy=nan", ""}) {
        INFO(bad);
        CHECK_THROWS_AS(change_margin(margins, bad), InputError);
    }
}
