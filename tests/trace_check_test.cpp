#include "profiler/measure/trace_check.hpp"

#include <array>
#include <cmath>
#include <random>

#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/onnx_builder.hpp"

using namespace laxity;

namespace {

constexpr std::array kBase{20'000.0, 50'000.0, 80'000.0};

// Passes of three stages whose noise is an AR(1) process: of 3 % spread, each value keeps `memory` of the one before.
std::vector<std::int64_t> passes(std::size_t count, std::uint64_t seed, double memory, double scale = 1) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::array<double, 3> noise{};
    std::vector<std::int64_t> result;
    for (std::size_t pass = 0; pass < count; ++pass) {
        for (std::size_t stage = 0; stage < kBase.size(); ++stage) {
            noise[stage] = memory * noise[stage] + std::sqrt(1 - memory * memory) * normal(random);
            result.push_back(std::llround(kBase[stage] * scale * std::exp(0.03 * noise[stage])));
        }
    }
    return result;
}

Trace trace_of(std::vector<std::int64_t> latency_ns) {
    Trace trace;
    trace.path = "t.json";
    for (const char* name : {"a", "b", "c"}) trace.stages.push_back({name, "accelerator", 1, 1, 1, {}});
    trace.latency_ns = std::move(latency_ns);
    return trace;
}

Network network() {
    OnnxBuilder builder;
    builder.convolution("input", "a", 2, 16).head("a", 16).convolution("a", "b", 16, 16).head("b", 16);
    return builder.import();
}

}  // namespace

TEST_CASE("The same device agrees", "[trace_check]") {
    const TraceCheck check = compare_with_trace(trace_of(passes(5000, 1, 0)), passes(2000, 2, 0));
    CHECK(check.verdict == TraceVerdict::kAgrees);
    CHECK_FALSE(check.established);
    CHECK(check.off < 0.01);
    CHECK(check.passes == 2000);
    REQUIRE(check.stages.size() == 3);
    CHECK(check.stages[1].expected.count() == Approx(50'000).epsilon(0.01));
    CHECK(check.stages[1].here.count() == Approx(50'000).epsilon(0.01));
}

TEST_CASE("Five per cent is where a warning begins, and 25 where the trace is another device's", "[trace_check]") {
    const Trace trace = trace_of(passes(5000, 1, 0.5));
    const auto verdict = [&](double scale) { return compare_with_trace(trace, passes(2000, 2, 0.5, scale)).verdict; };
    CHECK(verdict(1.03) == TraceVerdict::kAgrees);
    CHECK(verdict(1.07) == TraceVerdict::kOff);
    CHECK(verdict(0.93) == TraceVerdict::kOff);
    CHECK(verdict(1.20) == TraceVerdict::kOff);
    CHECK(verdict(1.30) == TraceVerdict::kForeign);
    CHECK(verdict(0.70) == TraceVerdict::kForeign);
}

TEST_CASE("Another machine's trace is told by its ratio", "[trace_check]") {
    const TraceCheck check = compare_with_trace(trace_of(passes(5000, 1, 0)), passes(2000, 2, 0, 2.2));
    CHECK(check.verdict == TraceVerdict::kForeign);
    CHECK(check.established);
    CHECK(check.off == Approx(1.2).epsilon(0.02));
    for (const StageCheck& stage : check.stages) {
        CHECK(stage.ratio == Approx(2.2).epsilon(0.02));
        REQUIRE(stage.p);
        CHECK(*stage.p < 1e-6);
    }
    CHECK_THAT(off_text(check),
               Catch::Matchers::Matches("off by 1[12][0-9].[0-9] % .median over 3 stages, 2000 passes."));
    CHECK(verdict_text(check.verdict) == std::string("not this device's"));
}

TEST_CASE("Latencies that follow each other are alike, and equal devices are not told apart by it", "[trace_check]") {
    int called = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const TraceCheck check =
            compare_with_trace(trace_of(passes(4000, 2 * seed, 0.95)), passes(2000, 2 * seed + 1, 0.95));
        for (const StageCheck& stage : check.stages) called += *stage.p <= 0.05 ? 1 : 0;
        CHECK(check.verdict == TraceVerdict::kAgrees);
    }
    // Holm keeps the chance of one false call in three stages at 5 %: 5 of 100 expected, and what of the correlation a
    // batch of 100 does not hold. Taken for independent, 40 times as much correlation would call most of them.
    CHECK(called <= 15);
}

TEST_CASE("One odd stage does not make a trace another device's", "[trace_check]") {
    std::vector<std::int64_t> here = passes(2000, 2, 0);
    for (std::size_t i = 2; i < here.size(); i += 3) here[i] *= 3;
    const TraceCheck check = compare_with_trace(trace_of(passes(5000, 1, 0)), here);
    CHECK(check.verdict == TraceVerdict::kAgrees);
    CHECK(check.stages[2].ratio == Approx(3).epsilon(0.02));
    CHECK(*check.stages[2].p < 0.01);
}

TEST_CASE("Too few passes tell nothing, constants everything", "[trace_check]") {
    const TraceCheck few = compare_with_trace(trace_of(passes(5000, 1, 0)), passes(19, 2, 0, 2));
    CHECK_FALSE(few.stages[0].p);
    CHECK_FALSE(few.established);
    CHECK(few.verdict == TraceVerdict::kAgrees);
    CHECK(off_text(few).find("which may be chance") != std::string::npos);
    const std::vector<std::int64_t> ones(300, 1000), twos(300, 2000);
    CHECK(*compare_with_trace(trace_of(ones), ones).stages[0].p == 1);
    CHECK(*compare_with_trace(trace_of(ones), twos).stages[0].p == 0);
}

TEST_CASE("Passes run every stage in order, at least twenty of them, each with its input", "[trace_check]") {
    FakeDevice device;
    int stages = 0;
    device.on_stage = [&](int slot, int stage) {
        CHECK(slot == 0);
        CHECK(stage == stages++ % 2);
    };
    const auto executable = device.prepare(network(), {});
    const std::vector<float> image(60, 0.5F);
    std::vector<std::size_t> asked;
    const PassInput input = [&](std::size_t pass) {
        asked.push_back(pass);
        return std::span<const float>(image);
    };
    const auto latencies =
        measure_passes(device, *executable, input, {.length = Duration(0), .cores = {}, .raise_priority = false});
    CHECK(latencies.size() == 2 * 20);
    CHECK(stages == 2 * (1 + 20));  // one to warm up
    CHECK(asked.size() == 21);
    CHECK(asked.back() == 20);
    for (const std::int64_t latency : latencies) CHECK(latency > 0);
}

TEST_CASE("A device that fails ends the check with its reason", "[trace_check]") {
    FakeDevice device;
    device.on_stage = [](int, int) { throw DeviceError("out of coffee"); };
    const auto executable = device.prepare(network(), {});
    const std::vector<float> image(60);
    CHECK_THROWS_AS(measure_passes(device, *executable, [&](std::size_t) { return std::span(image); },
                                   {.length = Duration(0), .cores = {}, .raise_priority = false}),
                    DeviceError);
}
