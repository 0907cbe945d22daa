// What every device must do, whichever it is. A device's test calls check_device() with it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/softmax.hpp"
#include "tests/catch.hpp"
#include "tests/onnx_builder.hpp"

namespace laxity {

// Three stages with residuals, a change of shape, and carried tensors of different sizes.
inline Network conformance_network() {
    OnnxBuilder builder({1, 3, 12, 10});
    builder.convolution("input", "stem", 3, 16).node("Relu", {"stem"}, "x0").head("x0", 16);
    builder.convolution("x0", "first", 16, 16).node("Relu", {"first"}, "h").convolution("h", "second", 16, 16);
    builder.node("Add", {"second", "x0"}, "sum").node("Relu", {"sum"}, "x1").head("x1", 16);
    builder.convolution("x1", "wide", 16, 32)
        .node("MaxPool", {"wide"}, "x2")
        .with("kernel_shape", {2, 2})
        .with("strides", {2, 2});
    return builder.head("x2", 32).import();
}

inline std::vector<float> conformance_input(std::uint32_t seed) { return OnnxBuilder::numbers(3 * 12 * 10, seed); }

// All scores of all exits, one run alone in one slot.
inline std::vector<std::vector<float>> run_alone(Executable& executable, int slot, const std::vector<float>& input) {
    std::vector<std::vector<float>> scores;
    executable.load_input(slot, input);
    for (int stage = 0; stage < executable.stages(); ++stage) {
        executable.run_stage(slot, stage);
        const auto span = executable.logits(slot, stage);
        scores.emplace_back(span.begin(), span.end());
    }
    return scores;
}

inline void check_description(Device& device, const Network& network) {
    const DeviceInfo info = device.info();
    CHECK_FALSE(info.kind.empty());
    CHECK_FALSE(info.name.empty());
    CHECK_FALSE(info.backend.empty());
    CHECK(info.threads >= 1);
    const auto executable = device.prepare(network, {.slots = 3, .temperature = {}});
    CHECK(executable->stages() == 3);
    CHECK(executable->slots() == 3);
    const std::vector<StageInfo> stages = executable->stage_info();
    REQUIRE(stages.size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(stages[k].name == "stage" + std::to_string(k));
        CHECK(stages[k].macs == network.stages()[k].macs);
        CHECK(stages[k].parameter_bytes > 0);
        CHECK((stages[k].activation_bytes > 0) == (k < 2));
    }
}

// The outcome is the softmax of the scores at the exit's temperature, and repeating a run repeats its scores.
inline void check_outcomes(Device& device, const Network& network) {
    const std::vector<double> temperature = {0.5, 1, 2};
    const auto executable = device.prepare(network, {.slots = 1, .temperature = temperature});
    const auto input = conformance_input(1);
    const auto first = run_alone(*executable, 0, input);
    executable->load_input(0, input);
    for (int stage = 0; stage < 3; ++stage) {
        const Outcome outcome = executable->run_stage(0, stage);
        const auto span = executable->logits(0, stage);
        const auto k = static_cast<std::size_t>(stage);
        CHECK(std::vector<float>(span.begin(), span.end()) == first[k]);
        const Outcome expected = outcome_of(span, temperature[k]);
        CHECK(outcome.prediction == expected.prediction);
        CHECK(outcome.confidence == Approx(expected.confidence).epsilon(1e-5));
    }
}

// Jobs that take turns, each in its slot, see what they would see alone; slots can be used again at any time.
inline void check_interleaving(Device& device, const Network& network) {
    constexpr int kSlots = 4;
    const auto executable = device.prepare(network, {.slots = kSlots, .temperature = {}});
    std::vector<std::vector<std::vector<float>>> alone;
    for (int slot = 0; slot < kSlots; ++slot) {
        alone.push_back(run_alone(*executable, 0, conformance_input(static_cast<std::uint32_t>(slot) + 1)));
    }
    const auto step = [&](int slot, int stage) {
        if (stage == 0) executable->load_input(slot, conformance_input(static_cast<std::uint32_t>(slot) + 1));
        executable->run_stage(slot, stage);
        const auto span = executable->logits(slot, stage);
        const auto& expected = alone[static_cast<std::size_t>(slot)][static_cast<std::size_t>(stage)];
        INFO("slot " << slot << ", stage " << stage);
        CHECK(std::vector<float>(span.begin(), span.end()) == expected);
    };
    for (int stage = 0; stage < 3; ++stage) {
        for (int slot = 0; slot < kSlots; ++slot) step(slot, stage);
    }
    for (const auto& [slot, stage] : std::vector<std::pair<int, int>>{{3, 0},
                                                                      {1, 0},
                                                                      {3, 1},
                                                                      {0, 0},
                                                                      {0, 1},
                                                                      {1, 1},
                                                                      {3, 2},
                                                                      {0, 2},
                                                                      {3, 0},
                                                                      {2, 0},
                                                                      {1, 2},
                                                                      {2, 1},
                                                                      {3, 1},
                                                                      {2, 2}}) {
        step(slot, stage);
    }
    // The scores of one slot outlive the stages of another.
    executable->load_input(0, conformance_input(1));
    executable->run_stage(0, 0);
    const auto kept = executable->logits(0, 0);
    run_alone(*executable, 1, conformance_input(9));
    CHECK(std::vector<float>(kept.begin(), kept.end()) == alone[0][0]);
}

// Two threads, a lane and a slot each, see what each would see alone; a job may go on in another lane.
inline void check_lanes(Device& device, const Network& network) {
    const auto executable = device.prepare(network, {.slots = 2, .lanes = 2, .temperature = {}});
    const auto input = [](int lane) { return conformance_input(static_cast<std::uint32_t>(lane) + 1); };
    const std::array expected = {run_alone(*executable, 0, input(0)), run_alone(*executable, 1, input(1))};
    std::array<int, 2> wrong{};
    const auto repeat = [&](int lane) {
        const auto own = static_cast<std::size_t>(lane);
        for (int round = 0; round < 100; ++round) {
            executable->load_input(lane, input(lane));
            for (int stage = 0; stage < 3; ++stage) {
                executable->run_stage(lane, stage, lane);
                const auto& right = expected[own][static_cast<std::size_t>(stage)];
                if (!std::ranges::equal(executable->logits(lane, stage), right)) ++wrong[own];
            }
        }
    };
    std::thread beside([&] { repeat(1); });
    repeat(0);
    beside.join();
    CHECK(wrong == std::array<int, 2>{});
    executable->load_input(0, input(0));
    for (const int stage : {0, 1, 2}) executable->run_stage(0, stage, stage % 2);
    CHECK(std::ranges::equal(executable->logits(0, 2), expected[0][2]));
    executable->load_input(0, input(0));
    CHECK_THROWS_AS(executable->run_stage(0, 0, 2), DeviceError);
}

inline void check_two_executables(Device& device, const Network& network) {
    const auto first = device.prepare(network, {}), second = device.prepare(network, {});
    const auto expected = run_alone(*first, 0, conformance_input(1));
    first->load_input(0, conformance_input(1));
    first->run_stage(0, 0);
    run_alone(*second, 0, conformance_input(2));
    first->run_stage(0, 1);
    const auto span = first->logits(0, 1);
    CHECK(std::vector<float>(span.begin(), span.end()) == expected[1]);
}

inline void check_misuse(Device& device, const Network& network) {
    const auto executable = device.prepare(network, {.slots = 2, .temperature = {}});
    const auto input = conformance_input(1);
    CHECK_THROWS_AS(executable->run_stage(0, 0), DeviceError);  // nothing loaded
    CHECK_THROWS_AS(executable->load_input(2, input), DeviceError);
    CHECK_THROWS_AS(executable->load_input(-1, input), DeviceError);
    CHECK_THROWS_AS(executable->load_input(0, std::span(input).first(5)), DeviceError);
    executable->load_input(0, input);
    CHECK_THROWS_AS(executable->run_stage(0, 1), DeviceError);  // out of order
    CHECK_THROWS_AS(executable->logits(0, 0), DeviceError);     // not run yet
    executable->run_stage(0, 0);
    CHECK_THROWS_AS(executable->run_stage(0, 0), DeviceError);
    CHECK_THROWS_AS(executable->logits(0, 1), DeviceError);
    executable->run_stage(0, 1);
    executable->run_stage(0, 2);
    CHECK_THROWS_AS(executable->run_stage(0, 3), DeviceError);  // beyond the last
    executable->load_input(0, input);                           // starts over
    CHECK_NOTHROW(executable->run_stage(0, 0));
}

inline void check_device(Device& device) {
    const Network network = conformance_network();
    check_description(device, network);
    check_outcomes(device, network);
    check_interleaving(device, network);
    check_lanes(device, network);
    check_two_executables(device, network);
    check_misuse(device, network);
}

}  // namespace laxity
