#include "profiler/measure/calibration.hpp"

#include <cmath>
#include <numeric>

#include "tests/catch.hpp"
#include "tests/onnx_builder.hpp"

using namespace laxity;

namespace {

// Scores of `count` samples of 3 classes and labels drawn from softmax(scores): calibrated at temperature 1, up to
// chance.
struct Drawn {
    std::vector<float> scores;
    std::vector<std::int32_t> labels;
    std::vector<std::uint32_t> all;
};

Drawn draw(std::size_t count) {
    Drawn drawn;
    drawn.scores = OnnxBuilder::numbers(3 * count, 3);
    const std::vector<float> chance = OnnxBuilder::numbers(count, 4);
    for (std::size_t i = 0; i < count; ++i) {
        double p[3], sum = 0;
        for (std::size_t c = 0; c < 3; ++c) sum += p[c] = std::exp(3 * (drawn.scores[3 * i + c] *= 3) / 3);
        const double u = (chance[i] + 1) / 2 * sum;
        drawn.labels.push_back(u < p[0] ? 0 : u < p[0] + p[1] ? 1 : 2);
    }
    drawn.all.resize(count);
    std::iota(drawn.all.begin(), drawn.all.end(), 0U);
    return drawn;
}

}  // namespace

TEST_CASE("The temperature of calibrated scores is 1, and scales with them", "[calibration]") {
    Drawn drawn = draw(20'000);
    const double plain = fit_temperature(drawn.scores, drawn.labels, 3, drawn.all);
    CHECK(plain == Approx(1).margin(0.05));
    for (float& score : drawn.scores) score *= 4;
    CHECK(fit_temperature(drawn.scores, drawn.labels, 3, drawn.all) == Approx(4 * plain).epsilon(1e-4));
}

TEST_CASE("No other temperature is likelier", "[calibration]") {
    const Drawn drawn = draw(500);
    const double best = fit_temperature(drawn.scores, drawn.labels, 3, drawn.all);
    const auto loss = [&](double t) { return negative_log_likelihood(drawn.scores, drawn.labels, 3, drawn.all, t); };
    for (double t = 0.05; t <= 20; t *= 1.1) CHECK(loss(t) >= loss(best) - 1e-12);
}

TEST_CASE("Only the chosen samples count", "[calibration]") {
    Drawn drawn = draw(1000);
    std::vector<std::uint32_t> half;
    for (std::uint32_t i = 0; i < 1000; i += 2) half.push_back(i);
    const double before = fit_temperature(drawn.scores, drawn.labels, 3, half);
    for (std::size_t i = 1; i < 1000; i += 2) drawn.labels[i] = (drawn.labels[i] + 1) % 3;
    CHECK(fit_temperature(drawn.scores, drawn.labels, 3, half) == before);
    CHECK(fit_temperature(drawn.scores, drawn.labels, 3, drawn.all) != before);
}

TEST_CASE("Extremes end at the bounds, and nothing gives 1", "[calibration]") {
    const std::vector<float> scores = {1, 0, 0, 1};
    CHECK(fit_temperature(scores, std::vector<std::int32_t>{0, 1}, 2, std::vector<std::uint32_t>{0, 1}) ==
          Approx(0.05));
    CHECK(fit_temperature(scores, std::vector<std::int32_t>{1, 0}, 2, std::vector<std::uint32_t>{0, 1}) == Approx(20));
    CHECK(fit_temperature(scores, std::vector<std::int32_t>{0, 1}, 2, {}) == 1);
}

TEST_CASE("The calibration error is the gap between confidence and accuracy, by bin", "[calibration]") {
    CHECK(expected_calibration_error(std::vector<float>{0.75F, 0.75F, 0.75F, 0.75F}, {true, true, true, false}) ==
          Approx(0).margin(1e-6));
    CHECK(expected_calibration_error(std::vector<float>{1, 1}, {true, false}) == Approx(0.5));
    // Too bold in one bin and too timid in another: gaps of 0.4 and 0.5 do not cancel.
    CHECK(expected_calibration_error(std::vector<float>{0.9F, 0.9F, 0.5F, 0.5F}, {true, false, true, true}) ==
          Approx(0.45));
    CHECK(expected_calibration_error({}, {}) == 0);
}
