#include <algorithm>
#include <array>
#include <numeric>

#include "tests/catch.hpp"
#include "traces/trace.hpp"

using namespace laxity;

namespace {

using namespace std::chrono_literals;

Trace trace_of(std::vector<std::int64_t> rows, std::size_t stages) {
    const std::vector<Duration> times(stages, 1ns);
    const std::vector<double> accuracy(stages, 0.5);
    Trace trace = synthetic_trace("t", times, accuracy);
    trace.latency_ns = std::move(rows);
    return trace;
}

}  // namespace

TEST_CASE("the slowdown of co-running: measured, between measured counts, beyond them") {
    Trace trace = trace_of({1}, 1);
    CHECK(corun_slowdown(trace, 0, 4) == 1);
    trace.corun = {{4, {1.8}}, {2, {1.2}}};
    CHECK(corun_slowdown(trace, 0, 1) == 1);
    CHECK(corun_slowdown(trace, 0, 2) == 1.2);
    CHECK(corun_slowdown(trace, 0, 3) == Approx(1.5));
    CHECK(corun_slowdown(trace, 0, 4) == 1.8);
    CHECK(corun_slowdown(trace, 0, 8) == Approx(3.6));
}

TEST_CASE("halves follow splitmix64") {
    // splitmix64(0) = e220a8397b1dcdaf, splitmix64(1) = 910a2dec89025cc1, splitmix64(2) = 975835de1c9756ce
    CHECK_FALSE(in_calibration_half(0));
    CHECK_FALSE(in_calibration_half(1));
    CHECK(in_calibration_half(2));
    const auto calibration = calibration_half(10'000), replay = replay_half(10'000);
    CHECK(calibration.size() + replay.size() == 10'000);
    CHECK(calibration.size() > 4'800);
    CHECK(calibration.size() < 5'200);
    CHECK(std::is_sorted(calibration.begin(), calibration.end()));
    CHECK(std::is_sorted(replay.begin(), replay.end()));
    std::vector<std::uint32_t> both;
    std::merge(calibration.begin(), calibration.end(), replay.begin(), replay.end(), std::back_inserter(both));
    for (std::uint32_t i = 0; i < both.size(); ++i) REQUIRE(both[i] == i);
}

TEST_CASE("a quantile is the smallest value with its share at or below") {
    CHECK(quantile({5, 1, 4, 2, 3}, 0) == 1);
    CHECK(quantile({5, 1, 4, 2, 3}, 0.2) == 1);
    CHECK(quantile({5, 1, 4, 2, 3}, 0.21) == 2);
    CHECK(quantile({5, 1, 4, 2, 3}, 0.5) == 3);
    CHECK(quantile({5, 1, 4, 2, 3}, 1) == 5);
    std::vector<std::int64_t> values(100);
    std::iota(values.begin(), values.end(), 1);
    for (int percent = 1; percent <= 100; ++percent) CHECK(quantile(values, percent / 100.0) == percent);
}

TEST_CASE("means and quantiles of latency are per stage") {
    const Trace trace = trace_of({10, 100, 11, 200, 12, 600}, 2);
    CHECK(latency_mean(trace, 0) == 11ns);
    CHECK(latency_mean(trace, 1) == 300ns);
    CHECK(full_latency_mean(trace) == 311ns);
    CHECK(latency_quantile(trace, 1, 0.99) == 600ns);
    CHECK(latency_quantile(trace, 1, 0.5) == 200ns);
    CHECK(stage_latencies(trace, 1) == std::vector<std::int64_t>{100, 200, 600});
    CHECK(latency_mean(trace_of({1, 2}, 1), 0) == 2ns);  // halves up
    CHECK(latency_mean(trace_of({1, 1, 2}, 1), 0) == 1ns);
}

TEST_CASE("accuracy, confidence and calibration error") {
    Trace trace = trace_of({1}, 1);
    trace.samples.label = {0, 1, 2, 3};
    trace.samples.prediction = {0, 1, 2, 0};
    trace.samples.confidence = {0.5F, 1.0F, 0.75F, 0.75F};
    const std::array<std::uint32_t, 4> all{0, 1, 2, 3};
    CHECK(accuracy(trace, all, 0) == 0.75);
    CHECK(mean_confidence(trace, all, 0) == 0.75);
    // bins {0.5}, {0.75, 0.75}, {1.0}: |0.5 - 1| / 4 + |1.5 - 1| / 4 + 0
    CHECK(calibration_error(trace, all, 0, 10) == Approx(0.25));
    CHECK(calibration_error(trace, all, 0, 1) == Approx(0.0).margin(1e-12));
    CHECK(accuracy(trace, std::span(all).subspan(3), 0) == 0);
}
