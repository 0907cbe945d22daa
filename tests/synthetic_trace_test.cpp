#include <array>
#include <stdexcept>

#include "tests/catch.hpp"
#include "traces/trace.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

constexpr std::array<Duration, 3> kTimes{1ms, 2ms, 3ms};
constexpr std::array<double, 3> kAccuracy{0.57, 0.8, 1.0};

}  // namespace

TEST_CASE("a synthetic trace has constant times") {
    const Trace trace = synthetic_trace("t", kTimes, kAccuracy);
    CHECK(trace.device.kind == "synthetic");
    CHECK(trace.network.name == "t");
    CHECK(trace.stage_count() == 3);
    for (int k = 0; k < 3; ++k) {
        CHECK(latency_mean(trace, k) == kTimes[static_cast<std::size_t>(k)]);
        CHECK(latency_quantile(trace, k, 0.99) == kTimes[static_cast<std::size_t>(k)]);
    }
    CHECK(full_latency_mean(trace) == 6ms);
}

TEST_CASE("either half of a synthetic trace has exactly the accuracy asked for") {
    const Trace trace = synthetic_trace("t", kTimes, kAccuracy);
    for (const auto& half : {calibration_half(trace.samples.count()), replay_half(trace.samples.count())}) {
        for (int exit = 0; exit < 3; ++exit) {
            const double share = kAccuracy[static_cast<std::size_t>(exit)];
            CHECK(accuracy(trace, half, exit) == share);
            CHECK(mean_confidence(trace, half, exit) == Approx(share));
            CHECK(calibration_error(trace, half, exit) == Approx(0).margin(1e-6));
        }
    }
}

TEST_CASE("what a synthetic exit gets right stays right") {
    const Trace trace = synthetic_trace("t", kTimes, kAccuracy);
    for (std::size_t i = 0; i < trace.samples.count(); ++i)
        for (int exit = 1; exit < 3; ++exit) REQUIRE(trace.correct(i, exit) >= trace.correct(i, exit - 1));
}

TEST_CASE("a synthetic trace can be saved and loaded") {
    save_trace(synthetic_trace("t", kTimes, kAccuracy), "synthetic_trace_test.json");
    const Trace loaded = load_trace("synthetic_trace_test.json");
    CHECK(full_latency_mean(loaded) == 6ms);
    CHECK(accuracy(loaded, replay_half(loaded.samples.count()), 0) == 0.57);
}

TEST_CASE("a synthetic trace of wrong shape is a mistake of the caller") {
    CHECK_THROWS_AS(synthetic_trace("t", kTimes, std::array{0.5}), std::invalid_argument);
    CHECK_THROWS_AS(synthetic_trace("t", {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(synthetic_trace("t", std::array<Duration, 1>{0ns}, std::array{0.5}), std::invalid_argument);
    CHECK_THROWS_AS(synthetic_trace("t", std::array<Duration, 1>{1ns}, std::array{1.5}), std::invalid_argument);
}
