#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/trace.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

namespace {

Trace measured_trace() {
    Trace trace;
    trace.device = {"cpu", "AMD EPYC \"9R14\"", "oneDNN 2.6.3", 2, {{"governor", "performance"}, {"pinning", "π"}}};
    trace.network = {"net", std::string(64, 'a'), {1, 28, 28}, 10, 693000};
    trace.protocol = {200, 3, "steady_clock", "2024-01-02T03:04:05Z", "laxity 0.1"};
    trace.stages = {{"stage0", "accelerator", 1234567, 10, 20, 0.1}, {"stage1", "host", 7, 8, 9, std::nullopt}};
    trace.latency_ns = {22001, 113002, 22003, 999'999'999'999, 1, 113006};
    trace.device_ns = {1, 2, 3, 4, 5, 999'999'999'999};
    trace.dispatch_ns = {0, 1500, 1600};
    trace.host = {{410, 1}, {118, 999'999'999'999, 117}};
    trace.corun = {{2, {1.25, 1.5}}, {3, {1.75, 2.0}}};
    trace.samples = {"fashion-mnist", "test", {}, {}, {}};
    for (std::uint32_t i = 0; i < 8; ++i) {
        trace.samples.label.push_back(static_cast<int>(i));
        for (std::uint32_t exit = 0; exit < 2; ++exit) {
            const PhiloxBlock words = draw(1, Draw::kOther, exit, i);
            trace.samples.prediction.push_back(static_cast<int>(below(words[0], 10)));
            trace.samples.confidence.push_back(static_cast<float>(unit_interval(words[1])));
        }
    }
    trace.calibration = {{1.0 / 3, 1.7}, "calibration half"};
    return trace;
}

void check_equal(const Trace& a, const Trace& b) {
    CHECK(a.device.name == b.device.name);
    CHECK(a.device.details == b.device.details);
    CHECK(a.device.threads == b.device.threads);
    CHECK(a.network.sha256 == b.network.sha256);
    CHECK(a.network.input == b.network.input);
    CHECK(a.network.parameters == b.network.parameters);
    CHECK(a.protocol.runs == b.protocol.runs);
    CHECK(a.protocol.created == b.protocol.created);
    REQUIRE(a.stages.size() == b.stages.size());
    for (std::size_t k = 0; k < a.stages.size(); ++k) {
        CHECK(a.stages[k].name == b.stages[k].name);
        CHECK(a.stages[k].resource == b.stages[k].resource);
        CHECK(a.stages[k].macs == b.stages[k].macs);
        CHECK(a.stages[k].energy_uj == b.stages[k].energy_uj);
    }
    CHECK(a.latency_ns == b.latency_ns);
    CHECK(a.device_ns == b.device_ns);
    CHECK(a.dispatch_ns == b.dispatch_ns);
    CHECK(a.host.preprocess_ns == b.host.preprocess_ns);
    CHECK(a.host.postprocess_ns == b.host.postprocess_ns);
    REQUIRE(a.corun.size() == b.corun.size());
    for (std::size_t i = 0; i < a.corun.size(); ++i) CHECK(a.corun[i].slowdown == b.corun[i].slowdown);
    CHECK(a.samples.dataset == b.samples.dataset);
    CHECK(a.samples.label == b.samples.label);
    CHECK(a.samples.prediction == b.samples.prediction);
    CHECK(a.calibration.temperature == b.calibration.temperature);
}

}  // namespace

TEST_CASE("a trace survives the file, confidences to six decimals") {
    const Trace saved = measured_trace();
    save_trace(saved, "trace_file_test.json");
    const Trace loaded = load_trace("trace_file_test.json");
    CHECK(loaded.path == "trace_file_test.json");
    check_equal(saved, loaded);
    for (std::size_t i = 0; i < saved.samples.confidence.size(); ++i)
        CHECK(std::abs(saved.samples.confidence[i] - loaded.samples.confidence[i]) <= 1e-6F);
}

TEST_CASE("a loaded trace is saved to the same bytes") {
    save_trace(measured_trace(), "trace_file_once.json");
    save_trace(load_trace("trace_file_once.json"), "trace_file_twice.json");
    CHECK(read_file("trace_file_once.json") == read_file("trace_file_twice.json"));
}

TEST_CASE("a trace without host costs has none after loading, and no key in its file") {
    Trace trace = measured_trace();
    trace.host = {};
    save_trace(trace, "trace_file_no_host.json");
    CHECK_FALSE(load_trace("trace_file_no_host.json").host.measured());
    CHECK(read_file("trace_file_no_host.json").find("preprocess_ns") == std::string::npos);
}

TEST_CASE("the ends of the confidence range survive") {
    Trace trace = measured_trace();
    trace.samples.confidence.assign(16, 1.0F);
    trace.samples.confidence[3] = 0.0F;
    trace.samples.confidence[4] = 1e-9F;
    trace.samples.confidence[5] = std::nextafter(1.0F, 0.0F);
    save_trace(trace, "trace_file_ends.json");
    const auto confidence = load_trace("trace_file_ends.json").samples.confidence;
    CHECK(confidence[0] == 1.0F);
    CHECK(confidence[3] == 0.0F);
    CHECK(confidence[4] == 0.0F);
    CHECK(confidence[5] == 1.0F);
}

TEST_CASE("latency rows are lines of the file") {
    save_trace(measured_trace(), "trace_file_rows.json");
    CHECK_THAT(read_file("trace_file_rows.json"),
               ContainsSubstring("\"latency_ns\":[\n[22001,113002],\n[22003,999999999999],\n[1,113006]],\n"));
}

TEST_CASE("what load_trace would refuse is not written") {
    std::filesystem::remove("trace_file_refused.json");
    Trace trace = measured_trace();
    SECTION("a confidence that is no number") { trace.samples.confidence[1] = std::numeric_limits<float>::quiet_NaN(); }
    SECTION("a latency of zero") { trace.latency_ns[2] = 0; }
    SECTION("a pre-processing time of zero") { trace.host.preprocess_ns[1] = 0; }
    SECTION("no post-processing beside the pre-processing") { trace.host.postprocess_ns.clear(); }
    SECTION("a missing row") { trace.protocol.runs = 4; }
    SECTION("a temperature that is no number") {
        trace.calibration.temperature[0] = std::numeric_limits<double>::infinity();
    }
    CHECK_THROWS_AS(save_trace(trace, "trace_file_refused.json"), InputError);
    CHECK_FALSE(std::filesystem::exists("trace_file_refused.json"));
}

TEST_CASE("a trace that can't be written says so and leaves nothing behind") {
    CHECK_THROWS_WITH(save_trace(measured_trace(), "no_such_folder/a.json"),
                      StartsWith("no_such_folder/a.json: could not be written: "));
    std::filesystem::create_directories("trace_file_folder/a.json");
    CHECK_THROWS_AS(save_trace(measured_trace(), "trace_file_folder/a.json"), RunError);
    CHECK(std::distance(std::filesystem::directory_iterator("trace_file_folder"), {}) == 1);
}

TEST_CASE("a missing trace names the command that makes one") {
    CHECK(error_of([] { load_trace("no_such_trace.json"); }) ==
          "no_such_trace.json: expected a file, found none; measure it with: " + std::string("laxity profile ") +
              "--model NETWORK.onnx --data DATA --out no_such_trace.json");
}

TEST_CASE("the traces that ship load") {
    for (const auto& entry : std::filesystem::directory_iterator(LAXITY_SOURCE_DIR "/traces"))
        if (entry.path().extension() == ".json") CHECK(load_trace(entry.path().string()).runs() > 0);
}

TEST_CASE("the README's trace loads") {
    const std::string text = readme_block(LAXITY_SOURCE_DIR "/traces/README.md", R"({"schema": "laxity.trace/1")");
    const Trace trace = load_trace(write_test_file("trace_file_readme.json", text));
    CHECK(trace.runs() == 3);
    CHECK(trace.samples.count() == 3);
}
