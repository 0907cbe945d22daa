// `laxity profile` from outside.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/onnx_builder.hpp"
#include "tests/test_files.hpp"
#include "traces/trace.hpp"

using namespace laxity;

namespace {

namespace fs = std::filesystem;

struct Result {
    int code = -1;
    std::string out, err;
};

Result run(const std::string& command) {
    const int status = std::system((command + " >profile_out.txt 2>profile_err.txt").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file("profile_out.txt"), read_file("profile_err.txt")};
}

const std::string kProfile = std::string(LAXITY_EXECUTABLE) + " profile ";
const std::string kData = "--data " LAXITY_SOURCE_DIR "/workloads/models/fashion-64.json ";

// A small network of two exits for Fashion-MNIST's images and classes.
std::string model() {
    OnnxBuilder builder({1, 1, 28, 28});
    builder.convolution("input", "a", 1, 16);
    for (const char* name : {"w0", "w1"}) builder.constant(name, {10, 16}, OnnxBuilder::numbers(160));
    builder.node("GlobalAveragePool", {"a"}, "m0").node("Flatten", {"m0"}, "v0").node("Gemm", {"v0", "w0"}, "exit0");
    builder.with("transB", std::int64_t{1}).output("exit0").convolution("a", "b", 16, 16);
    builder.node("GlobalAveragePool", {"b"}, "m1").node("Flatten", {"m1"}, "v1").node("Gemm", {"v1", "w1"}, "exit1");
    builder.with("transB", std::int64_t{1}).output("exit1");
    return write_test_file("profile_model.onnx", builder.bytes());
}

bool contains(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("profile writes a trace that loads, makes its folder and sums up", "[profile]") {
    fs::remove_all("profile_folder");
    const Result result = run(kProfile + model() + " " + kData +
                              "--device cpu --runs 120 --warmup 2 --schedule-seconds 0 -o profile_folder/deep/t.json");
    CHECK(result.code == 0);
    CHECK(contains(result.out, "stage1 "));
    CHECK(contains(result.out, "wrote profile_folder/deep/t.json: 120 rows, 64 samples of fashion-64"));
    CHECK(contains(result.out, "host: pre-processing p50 "));
    CHECK(contains(result.err, "latencies 120/120 runs"));
    const Trace trace = load_trace("profile_folder/deep/t.json");
    CHECK(trace.runs() == 120);
    CHECK_FALSE(trace.history.measured());
    CHECK_THAT(read_file("profile_folder/deep/t.json"), StartsWith("{\"schema\":\"laxity.trace/1\""));
    CHECK(trace.stage_count() == 2);
    CHECK(trace.network.name == "profile_model");
    CHECK(trace.network.sha256.size() == 64);
}

TEST_CASE("profile measures histories, beside another network too, and show prints them", "[profile]") {
    fs::remove("profile_history.json");
    const std::string other = fs::path(model()).replace_filename("profile_other.onnx").string();
    fs::copy_file(model(), other, fs::copy_options::overwrite_existing);
    const Result result =
        run(kProfile + model() + " " + kData + "--device cpu --runs 120 --warmup 2 --schedule-seconds 2 --beside " +
            other + " -o profile_history.json");
    CHECK(result.code == 0);
    CHECK(contains(result.err, "schedule "));
    CHECK(contains(result.out, "executions, drawn at random"));
    CHECK(contains(result.out, "; beside profile_other"));
    const Trace trace = load_trace("profile_history.json");
    CHECK(trace.history.executions.size() > 100);
    CHECK_FALSE(trace.release_lateness_ns.empty());
    CHECK(trace.device.details.contains("wait"));
    const Result shown = run(std::string(LAXITY_EXECUTABLE) + " show profile_history.json");
    CHECK(shown.code == 0);
    CHECK(contains(shown.out, "cells explain "));
    CHECK(contains(shown.out, "end to notice: p50 "));
    CHECK(contains(shown.out, "lateness of releases: p50 "));
    const Result json = run(std::string(LAXITY_EXECUTABLE) + " show --json profile_history.json");
    CHECK(contains(json.out, "\"release_lateness\": {"));
    CHECK(contains(json.out, "\"explained\": "));
}

TEST_CASE("profile refuses bad input in one line before it measures anything", "[profile]") {
    const std::string good = kProfile + model() + " " + kData;
    write_test_file("profile_file", "");
    const std::pair<std::string, std::string> table[] = {
        {good + "-o /proc/none/t.json", "/proc/none/t.json"},
        {good + "-o profile_file/t.json", "profile_file/t.json"},
        {good + "-o .", "expected a file that can be written"},
        {good, "--out"},
        {good + "-o t.json --runs 0", "--runs"},
        {good + "-o t.json --warmup -1", "--warmup"},
        {good + "-o t.json --corun 1", "--corun: expected numbers from 2 to 1024"},
        {good + "-o t.json --corun 2,", "--corun"},
        {good + "-o t.json --corun two", "--corun"},
        {good + "-o t.json --corun 2,2", "each number once"},
        {good + "-o t.json --corun 1000", "one for each core that may be used"},
        {good + "-o t.json --device tpu", "'tpu'"},
        {good + "-o t.json --wait doze", "--wait"},
        {good + "-o t.json --schedule-seconds -1", "--schedule-seconds"},
        {good + "-o t.json --schedule-seconds nan", "--schedule-seconds"},
        {good + "-o t.json --schedule-seconds 0 --beside profile_model.onnx", "--beside"},
        {good + "-o t.json --beside none.onnx", "none.onnx: cannot be read"},
        {good + "-o t.json --beside profile_model.onnx,nothing", "--data"},
        {kProfile + "profile_model.onnx --data nothing -o t.json", "--data"},
        {kProfile + "profile_file " + kData + "-o t.json", "profile_file: holds no graph"},
        {kProfile + "none.onnx " + kData + "-o t.json", "none.onnx: cannot be read"},
    };
    for (const auto& [command, said] : table) {
        INFO(command);
        const Result result = run(command);
        CHECK(result.code == 2);
        CHECK(contains(result.err, said));
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        CHECK_FALSE(fs::exists("t.json"));
    }
}

TEST_CASE("profile ends at Ctrl-C with exit code 130 and keeps what it has", "[profile]") {
    fs::remove("profile_cut.json");
    // Without --foreground, `timeout` would send two signals, and the second one kills.
    const Result result = run("timeout --foreground --preserve-status -s INT 3 " + kProfile + model() + " " + kData +
                              "--device cpu --runs 1000000 -o profile_cut.json");
    CHECK(result.code == 130);
    CHECK(contains(result.err, "laxity: interrupted after"));
    if (!fs::exists("profile_cut.json")) {  // on a machine too slow for 100 rows in that time
        CHECK(contains(result.err, "no trace was written: only"));
        return;
    }
    CHECK(load_trace("profile_cut.json").runs() >= 100);
}

TEST_CASE("profile --help shows an example", "[profile]") {
    const Result result = run(kProfile + "--help");
    CHECK(result.code == 0);
    CHECK(contains(result.out, "laxity profile --model workloads/models/fashion-ee.onnx --data fashion-mnist"));
}
