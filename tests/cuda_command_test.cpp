// `laxity` on the emulation of CUDA's libraries, from outside.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "profiler/device/realtime.hpp"
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
    std::string emulation;  // what it has to complain about
};

Result run(const std::string& arguments, const std::string& failure = "") {
    const std::string command = "LAXITY_EMULATION_FAIL=" + failure +
                                " LAXITY_EMULATION_REPORT=cuda_report.txt " LAXITY_EMULATED " " + arguments +
                                " >cuda_out.txt 2>cuda_err.txt";
    fs::remove("cuda_report.txt");
    const int status = std::system((failure.empty() ? command.substr(command.find(' ') + 1) : command).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file("cuda_out.txt"), read_file("cuda_err.txt"),
            read_file("cuda_report.txt")};
}

// A small network of two exits for Fashion-MNIST's images and classes.
std::string model() {
    OnnxBuilder builder({1, 1, 28, 28});
    builder.convolution("input", "a", 1, 16).node("Relu", {"a"}, "x0").head("x0", 16, 10);
    builder.convolution("x0", "b", 16, 16).node("Relu", {"b"}, "x1").head("x1", 16, 10);
    return write_test_file("cuda_model.onnx", builder.bytes());
}

std::string profile(const std::string& device, const std::string& out, int rows) {
    fs::remove(out);
    return "profile --model " + model() +
           " --data " LAXITY_SOURCE_DIR "/workloads/models/fashion-64.json --schedule-seconds 0.5 --warmup 2 --runs " +
           std::to_string(rows) + " --device " + device + " -o " + out;
}

std::string replaced(std::string text, const std::string& from, const std::string& by) {
    return text.replace(text.find(from), from.size(), by);
}

// One task whose network is the profiled one.
std::string workload(const std::string& trace) {
    return write_test_file("cuda_workload.json",
                           R"({"schema": "laxity.workload/1", "tasks": [{"name": "only", "variants": [{"trace": ")" +
                               trace +
                               R"("}], "arrival": {"process": "poisson", "load": 0.3},
                          "deadline": {"uniform": [0.5, 4.0], "unit": "full"}}], "horizon": {"jobs": 1000}})");
}

const std::string kLive = " --model cuda_model=cuda_model.onnx --data " LAXITY_SOURCE_DIR
                          "/workloads/models/fashion-64.json --anyway ";

}  // namespace

TEST_CASE("profile on the emulated GPU gives the processor's answers, and says what it ran on", "[cuda]") {
    const Result gpu = run(profile("cuda", "cuda_gpu.json", 120));
    INFO(gpu.err);
    REQUIRE(gpu.code == 0);
    CHECK(gpu.emulation == "");
    CHECK(gpu.out.find("on CUDA emulation (test double)") != std::string::npos);
    REQUIRE(run(profile("cpu", "cuda_cpu.json", 120)).code == 0);
    const Trace a = load_trace("cuda_gpu.json"), b = load_trace("cuda_cpu.json");
    CHECK(a.device.kind == "cuda");
    CHECK(a.device.name == "CUDA emulation (test double)");
    CHECK(a.samples.prediction == b.samples.prediction);
    for (std::size_t i = 0; i < a.samples.confidence.size(); ++i)
        CHECK(std::abs(a.samples.confidence[i] - b.samples.confidence[i]) < 1e-4);
    CHECK(a.device_ns.size() == a.latency_ns.size());
    CHECK(std::all_of(a.device_ns.begin(), a.device_ns.end(), [](std::int64_t ns) { return ns == 111'111; }));
    CHECK(a.stages[0].energy_uj);
    CHECK(a.device.details.at("core clock before") == "1500 MHz");
    CHECK(b.device_ns.empty());
}

TEST_CASE("Stages run side by side on the emulated GPU, and each knows its slowdown", "[cuda]") {
    if (allowed_cores().size() < 2) {
        WARN("not run: it needs two cores");
        return;
    }
    const Result result = run(profile("cuda", "cuda_corun.json", 100) + " --corun 2");
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK(result.emulation == "");
    const Trace trace = load_trace("cuda_corun.json");
    REQUIRE(trace.corun.size() == 1);
    CHECK(trace.corun[0].resources == 2);
    REQUIRE(trace.corun[0].slowdown.size() == 2);
    for (const double slowdown : trace.corun[0].slowdown) CHECK(slowdown >= 1);
}

TEST_CASE("live and validate run on the emulated GPU", "[cuda]") {
    REQUIRE(run(profile("cuda", "cuda_gpu.json", 120)).code == 0);
    const std::string on = " --workload " + workload("cuda_gpu.json") + " --policy edf --device cuda" + kLive;
    const Result live = run("live" + on + "--seconds 0.5");
    INFO(live.err);
    CHECK(live.code == 0);
    CHECK(live.emulation == "");
    CHECK(live.out.find("CUDA emulation (test double)") != std::string::npos);
    const Result validation =
        run("validate" + on + "--seconds 0.3 --repetitions 2 --attempts 1 --window-seconds 0.2 --lucks 1");
    INFO(validation.err);
    CHECK(validation.code == 0);
    CHECK(validation.emulation == "");
}

TEST_CASE("A live run says that the trace is of another precision", "[cuda]") {
    REQUIRE(run(profile("cuda:precision=fp16", "cuda_fp16.json", 120)).code == 0);
    const std::string on = "live --workload " + workload("cuda_fp16.json") + " --policy edf --device cuda" + kLive;
    const Result other = run(on + "--seconds 0.2");
    INFO(other.err);
    CHECK(other.code == 0);
    CHECK(other.err.find("cuda_fp16.json was measured on CUDA emulation (test double), fp16, and this is "
                         "CUDA emulation (test double), fp32") != std::string::npos);
    const Result same = run(replaced(on, "--device cuda", "--device cuda:precision=fp16") + "--seconds 0.2");
    CHECK(same.code == 0);
    CHECK(same.err.find("was measured on") == std::string::npos);
}

TEST_CASE("A device that fails amid a profile leaves the rows that were measured", "[cuda]") {
    for (const std::string lost : {"", ":lost"}) {
        INFO(lost);
        fs::remove("cuda_failed.json");
        const Result result =
            run(profile("cuda:completion=poll", "cuda_failed.json", 1000), "cudaGraphLaunch:900" + lost);
        INFO(result.err);
        CHECK(result.code == 1);
        CHECK(result.err.find("the device failed: cudaGraphLaunch") != std::string::npos);
        CHECK(result.err.find("what was measured is kept") != std::string::npos);
        CHECK(result.emulation == "failed\n");
        const Trace trace = load_trace("cuda_failed.json");
        CHECK(trace.runs() >= 100);
        CHECK(trace.runs() < 1000);
    }
}

TEST_CASE("A device that fails amid a live run leaves the jobs so far", "[cuda]") {
    REQUIRE(run(profile("cuda", "cuda_gpu.json", 120)).code == 0);
    fs::remove_all("cuda_live");
    // However slow the machine is: the run would last for all jobs of the workload.
    const Result result =
        run("live --workload " + workload("cuda_gpu.json") +
                " --policy edf --device cuda:completion=poll --check-seconds 0 --out cuda_live" + kLive,
            "cudaGraphLaunch:100:lost");
    INFO(result.err);
    CHECK(result.code == 1);
    CHECK(result.err.find("the device failed: cudaGraphLaunch") != std::string::npos);
    CHECK(result.err.find("the GPU is lost to this process") != std::string::npos);
    CHECK(result.err.find("what was recorded is kept") != std::string::npos);
    CHECK(result.emulation == "failed\n");
    CHECK(fs::exists("cuda_live/jobs.csv"));
}

TEST_CASE("auto takes the emulated GPU and says so", "[cuda]") {
    const Result result = run(profile("auto", "cuda_auto.json", 100));
    CHECK(result.code == 0);
    CHECK(result.err.find("laxity: device: CUDA emulation (test double)") != std::string::npos);
}
