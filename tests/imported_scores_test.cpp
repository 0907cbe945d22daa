#include "profiler/measure/imported_scores.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/array_file.hpp"

using namespace laxity;
using Catch::Matchers::Equals;

namespace {

using Shape = std::vector<std::size_t>;

std::string write(const std::vector<float>& values, const Shape& shape) {
    write_array("scores.npy", shape, values);
    return "scores.npy";
}

// 2 samples, 2 exits, 3 classes.
const std::vector<float> kScores{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
const std::vector<float> kProbabilities{0.5F, 0.25F, 0.25F, 1, 0, 0, 0.1F, 0.2F, 0.7F, 0.3F, 0.3F, 0.4F};

std::string complaint(const std::vector<float>& values, std::optional<ScoreKind> kind, const Shape& shape = {2, 2, 3}) {
    return error_of([&] { import_scores(write(values, shape), kind); });
}

}  // namespace

TEST_CASE("scores are taken apart by exit") {
    const ExitScores scores = import_scores(write(kScores, {2, 2, 3}), {});
    CHECK(scores.classes == 3);
    REQUIRE(scores.by_exit.size() == 2);
    CHECK(scores.by_exit[0] == std::vector<float>{1, 2, 3, 7, 8, 9});
    CHECK(scores.by_exit[1] == std::vector<float>{4, 5, 6, 10, 11, 12});
    CHECK(scores.of(1, 1)[0] == 10);
}

TEST_CASE("probabilities become logarithms, and are refused unless they are called so") {
    CHECK_THAT(complaint(kProbabilities, {}),
               Equals("scores.npy: expected scores before a softmax, found rows that all sum to 1, as probabilities "
                      "do; say --probabilities, or --logits if they are not"));
    const ExitScores scores = import_scores(write(kProbabilities, {2, 2, 3}), ScoreKind::kProbabilities);
    CHECK(scores.of(0, 0)[0] == Approx(std::log(0.5)));
    CHECK(std::isfinite(scores.of(1, 0)[1]));
    CHECK(scores.of(1, 0)[1] < -80);
    CHECK(import_scores(write(kProbabilities, {2, 2, 3}), ScoreKind::kScores).of(0, 0)[0] == 0.5F);
    CHECK_THAT(
        complaint(kScores, ScoreKind::kProbabilities),
        StartsWith("scores.npy: sample 0, exit 0: expected probabilities that sum to 1, found numbers that sum to 6"));
    std::vector<float> negative = kProbabilities;
    negative[0] = -0.5F;
    negative[1] = 1.25F;
    CHECK_FALSE(complaint(negative, ScoreKind::kProbabilities).empty());
}

TEST_CASE("logarithms of probabilities may be minus infinity") {
    std::vector<float> logarithms;
    for (const float probability : kProbabilities) logarithms.push_back(std::log(probability));
    REQUIRE(std::isinf(logarithms[4]));
    const ExitScores scores = import_scores(write(logarithms, {2, 2, 3}), ScoreKind::kLogProbabilities);
    CHECK(scores.of(0, 0)[0] == Approx(std::log(0.5)));
    CHECK(std::isfinite(scores.of(1, 0)[1]));
    CHECK_THAT(complaint(logarithms, {}),
               Equals("scores.npy: sample 0, exit 1: expected finite numbers, found infinity for class 1"));
    CHECK_THAT(complaint(kScores, ScoreKind::kLogProbabilities),
               ContainsSubstring("sample 0, exit 0: expected natural logarithms of probabilities"));
}

TEST_CASE("values that are not finite, and shapes that are none of scores") {
    std::vector<float> broken = kScores;
    broken[10] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THAT(complaint(broken, {}),
               Equals("scores.npy: sample 1, exit 1: expected finite numbers, found NaN for class 1"));
    CHECK_THAT(complaint(kScores, {}, {4, 3}),
               Equals("scores.npy: expected scores [samples][exits][classes], found an array of [4, 3]"));
    CHECK_THAT(complaint(kScores, {}, {4, 3, 1}), ContainsSubstring("2 or more classes, found an array of [4, 3, 1]"));
    CHECK_THAT(complaint(std::vector<float>(34), {}, {1, 17, 2}), ContainsSubstring("1 to 16 exits"));
    CHECK_THAT(complaint({}, {}, {0, 2, 3}), Equals("scores.npy: expected scores of samples, found none"));
    const std::vector<std::int64_t> integers(12);
    write_array("scores.npy", Shape{2, 2, 3}, integers);
    CHECK_THAT(error_of([] { import_scores("scores.npy", {}); }),
               ContainsSubstring("expected floating-point scores, found elements of type int64"));
    CHECK_THAT(error_of([] { import_scores("scores.csv", {}); }),
               StartsWith("scores.csv: expected an array .npy or .npz"));
}
