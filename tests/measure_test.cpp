#include "profiler/measure/measure.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "profiler/measure/calibration.hpp"
#include "profiler/open_device.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/onnx_builder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

using namespace laxity;

namespace {

// Two stages, three classes, inputs of 2 x 5 x 6.
Network network() {
    OnnxBuilder builder;
    builder.convolution("input", "a", 2, 16).head("a", 16).convolution("a", "b", 16, 16).head("b", 16);
    return builder.import();
}

Dataset dataset(std::size_t count) {
    Dataset data{"random", "test", {2, 5, 6}, 3, {}, OnnxBuilder::numbers(count * 60), {}};
    for (std::size_t i = 0; i < count; ++i) data.labels.push_back(static_cast<std::int32_t>(i % 3));
    return data;
}

MeasureOptions quick(int runs = 150) { return {.warmup = 3, .runs = runs, .cores = {}, .raise_priority = false}; }

// Pretends that Ctrl-C was pressed at a stage, and takes it back at the end.
struct InterruptAt {
    explicit InterruptAt(FakeDevice& device, int stage_number) {
        device.on_stage = [this, stage_number](int, int) { set_interrupted(++stages_ >= stage_number); };
    }
    ~InterruptAt() { set_interrupted(false); }

private:
    int stages_ = 0;
};

}  // namespace

TEST_CASE("A measurement is a trace that can be saved and loaded", "[measure]") {
    const auto device = open_device("cpu");
    const Network net = network();
    const Dataset data = dataset(40);
    const Measurement measurement = measure(*device, net, data, quick());
    const Trace& trace = measurement.trace;
    CHECK_FALSE(measurement.interrupted);
    CHECK(measurement.missing.empty());
    CHECK(trace.runs() == 150);
    CHECK(trace.protocol.runs == 150);
    CHECK(trace.protocol.warmup == 3);
    CHECK(trace.dispatch_ns.size() == trace.latency_ns.size());
    CHECK(*std::min_element(trace.latency_ns.begin(), trace.latency_ns.end()) > 0);
    CHECK(trace.samples.count() == 40);
    CHECK(trace.samples.label == data.labels);
    CHECK(trace.stage_count() == 2);
    CHECK(trace.host.preprocess_ns.size() == 150);
    CHECK(trace.host.postprocess_ns.size() == 150);
    CHECK(trace.device.kind == "cpu");
    for (const char* key : {"contention", "spread", "noisy", "device thread"})
        CHECK(trace.device.details.contains(key));

    const auto path = std::filesystem::temp_directory_path() / ("laxity-measure-" + std::to_string(getpid()) + ".json");
    save_trace(trace, path.string());
    const Trace loaded = load_trace(path.string());
    std::filesystem::remove(path);
    CHECK(loaded.latency_ns == trace.latency_ns);
    CHECK(loaded.host.preprocess_ns == trace.host.preprocess_ns);
    CHECK(loaded.samples.prediction == trace.samples.prediction);
    CHECK(loaded.network.sha256 == net.origin().sha256);
}

TEST_CASE("Predictions and confidences are those of the device at the fitted temperatures", "[measure]") {
    const auto device = open_device("cpu");
    const Network net = network();
    const Dataset data = dataset(30);
    const Trace trace = measure(*device, net, data, quick()).trace;
    REQUIRE(trace.calibration.temperature.size() == 2);
    const auto executable = device->prepare(net, {.slots = 1, .temperature = trace.calibration.temperature});
    for (std::size_t i = 0; i < data.count(); ++i) {
        executable->load_input(0, data.image(i));
        for (int exit = 0; exit < 2; ++exit) {
            const Outcome outcome = executable->run_stage(0, exit);
            CHECK(outcome.prediction == trace.outcome(i, exit).prediction);
            CHECK(outcome.confidence == Approx(trace.outcome(i, exit).confidence).epsilon(1e-4));
        }
    }
}

TEST_CASE("Temperatures are fitted on the calibration half only", "[measure]") {
    FakeDevice device;
    const Network net = network();
    Dataset data = dataset(60);
    const auto before = measure(device, net, data, quick()).trace.calibration.temperature;
    for (const std::uint32_t i : replay_half(60)) data.labels[i] = (data.labels[i] + 1) % 3;
    CHECK(measure(device, net, data, quick()).trace.calibration.temperature == before);
    for (const std::uint32_t i : calibration_half(60)) data.labels[i] = (data.labels[i] + 1) % 3;
    CHECK(measure(device, net, data, quick()).trace.calibration.temperature != before);
}

TEST_CASE("Rows cycle over the inputs, which are loaded in the first stage", "[measure]") {
    FakeDevice device;
    int stages = 0;
    device.on_stage = [&](int slot, int stage) {
        CHECK(slot == 0);
        CHECK(stage == stages++ % 2);
    };
    std::vector<std::string> phases;
    const auto progress = [&](std::string_view phase, std::uint64_t done, std::uint64_t total) {
        if (phases.empty() || phases.back() != phase) phases.emplace_back(phase);
        CHECK(done <= total);
    };
    measure(device, network(), dataset(10), quick(7), progress);
    CHECK(stages == 2 * (10 + 3 + 7 + 7));
    CHECK(phases == std::vector<std::string>{"predictions", "warm-up", "latencies", "host"});
}

TEST_CASE("A schedule drawn at random gives histories, lateness and stalls", "[measure]") {
    FakeDevice device;
    const Network net = network(), other = network();
    const Dataset data = dataset(10);
    MeasureOptions options = quick();
    options.schedule = Duration(1'000'000'000);
    options.beside = {{&other, &data}};
    std::vector<std::string> phases;
    const auto progress = [&](std::string_view phase, std::uint64_t, std::uint64_t) {
        if (phases.empty() || phases.back() != phase) phases.emplace_back(phase);
    };
    const Measurement measurement = measure(device, net, data, options, progress);
    const Trace& trace = measurement.trace;
    CHECK(phases.back() == "schedule");
    CHECK(measurement.failure.empty());
    REQUIRE(trace.history.measured());
    REQUIRE(trace.history.cells.size() == 2);
    std::int64_t counted = 0;
    for (const auto& cells : trace.history.cells) {
        for (const HistoryCell& cell : cells) counted += cell.count;
    }
    CHECK(counted == static_cast<std::int64_t>(trace.history.executions.size()));
    CHECK_FALSE(trace.release_lateness_ns.empty());
    CHECK_THAT(trace.history.schedule, ContainsSubstring("; beside " + other.name()));
    const auto more = [](const Execution& e) { return e.before.bytes > 2 * 8; };  // than two stages of 8 bytes
    CHECK(std::ranges::any_of(trace.history.executions, more));

    const auto path = std::filesystem::temp_directory_path() / ("laxity-history-" + std::to_string(getpid()) + ".json");
    save_trace(trace, path.string());
    const Trace loaded = load_trace(path.string());
    std::filesystem::remove(path);
    CHECK(loaded.history.executions.size() == trace.history.executions.size());
    CHECK(loaded.stalls.has_value() == trace.stalls.has_value());
}

TEST_CASE("A schedule too short for histories says so, and the trace is kept", "[measure]") {
    FakeDevice device;
    const int rows = 2 * (10 + 3 + 150 + 150);
    const InterruptAt press(device, rows + 60);
    MeasureOptions options = quick();
    options.schedule = Duration(10'000'000'000);
    const Measurement measurement = measure(device, network(), dataset(10), options);
    CHECK(measurement.interrupted);
    CHECK(measurement.missing.empty());
    CHECK_FALSE(measurement.trace.history.measured());
    REQUIRE_FALSE(measurement.warnings.empty());
    CHECK_THAT(measurement.warnings.back(), StartsWith("no histories were kept: the schedule ran stage"));
}

TEST_CASE("A device that fails in the schedule ends it, and what was measured is kept", "[measure]") {
    FakeDevice device;
    int stages = 0;
    device.on_stage = [&](int, int) {
        if (++stages == 2 * (10 + 3 + 150 + 150) + 1000) throw DeviceError("out of coffee");
    };
    MeasureOptions options = quick();
    options.schedule = Duration(100'000'000'000);
    const Measurement measurement = measure(device, network(), dataset(10), options);
    CHECK(measurement.failure == "out of coffee");
    CHECK(measurement.trace.runs() == 150);
    CHECK(measurement.trace.history.executions.size() == 999);
}

TEST_CASE("An interrupt keeps the rows measured so far, if there are enough", "[measure]") {
    FakeDevice device;
    const Network net = network();
    const Dataset data = dataset(10);
    SECTION("in the predictions") {
        const InterruptAt press(device, 8);
        const Measurement measurement = measure(device, net, data, quick());
        CHECK(measurement.interrupted);
        CHECK(measurement.missing == "only 4 of 10 inputs were classified");
    }
    SECTION("in the first rows") {
        const InterruptAt press(device, 2 * (10 + 3 + 20));
        const Measurement measurement = measure(device, net, data, quick());
        CHECK(measurement.interrupted);
        CHECK(measurement.missing == "only 20 of 150 rows were measured, and a trace needs 100");
    }
    SECTION("late") {
        const InterruptAt press(device, 2 * (10 + 3 + 120));
        const Measurement measurement = measure(device, net, data, quick());
        CHECK(measurement.interrupted);
        CHECK(measurement.missing.empty());
        CHECK(measurement.trace.runs() == 120);
        CHECK(measurement.trace.protocol.runs == 120);
    }
}

TEST_CASE("A failing device ends the measurement with its reason", "[measure]") {
    FakeDevice device;
    device.on_stage = [](int, int) { throw DeviceError("out of coffee"); };
    CHECK_THROWS_AS(measure(device, network(), dataset(10), quick()), DeviceError);
    Dataset broken = dataset(10);
    broken.pixels[61] = std::numeric_limits<float>::infinity();
    FakeDevice fine;
    CHECK_THROWS_AS(measure(fine, network(), broken, quick()), DeviceError);
}

TEST_CASE("Data that doesn't fit the network is refused", "[measure]") {
    FakeDevice device;
    Dataset data = dataset(10);
    SECTION("shape") { data.shape = {1, 5, 6}; }
    SECTION("classes") { data.classes = 4; }
    SECTION("too few images") { data = dataset(1); }
    CHECK_THROWS_AS(measure(device, network(), data, quick()), InputError);
}
