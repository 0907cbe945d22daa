// profiler/cuda on the emulation of CUDA's libraries.
#include "profiler/cuda/cuda_device.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <future>

#include "profiler/device/device.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/measure/measure.hpp"
#include "profiler/network/network.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "sim/live/live_run.hpp"
#include "sim/results/records.hpp"
#include "tests/catch.hpp"
#include "tests/cuda_emulation/emulation.hpp"
#include "tests/device_conformance.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace emulation = cuda_emulation;

const char* const kModes[] = {"cuda", "cuda:graph=off", "cuda:completion=poll", "cuda:completion=callback"};

// Nothing is left, and no rule was broken.
void check_clean() {
    CHECK(emulation::violations() == std::vector<std::string>{});
    CHECK(emulation::leaks() == std::vector<std::string>{});
}

std::vector<std::vector<float>> scores_of(const std::string& device, const Network& network,
                                          const std::vector<float>& input) {
    const auto opened = open_device(device);
    const auto executable = opened->prepare(network, {});
    return run_alone(*executable, 0, input);
}

float largest_difference(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
    REQUIRE(a.size() == b.size());
    float largest = 0;
    for (std::size_t exit = 0; exit < a.size(); ++exit) {
        REQUIRE(a[exit].size() == b[exit].size());
        for (std::size_t c = 0; c < a[exit].size(); ++c) largest = std::max(largest, std::abs(a[exit][c] - b[exit][c]));
    }
    return largest;
}

// As a share of the largest score.
float relative_difference(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& exact) {
    float scale = 0;
    for (const auto& scores : exact) {
        for (const float score : scores) scale = std::max(scale, std::abs(score));
    }
    return largest_difference(a, exact) / scale;
}

// Every kind of layer, and paddings that differ between the sides.
Network network_of_everything() {
    OnnxBuilder builder({1, 3, 11, 9});
    builder.convolution("input", "stem", 3, 16).node("Sigmoid", {"stem"}, "s").head("s", 16);
    builder.node("MaxPool", {"s"}, "pooled")
        .with("kernel_shape", {3, 3})
        .with("strides", {2, 2})
        .with("pads", {0, 0, 1, 1});
    builder.convolution("pooled", "left", 16, 16).node("HardSwish", {"left"}, "l");
    builder.node("AveragePool", {"l"}, "a")
        .with("kernel_shape", {3, 3})
        .with("strides", {1, 1})
        .with("pads", {1, 1, 1, 1});
    builder.node("Concat", {"l", "a"}, "both").with("axis", 1);
    return builder.head("both", 32).import();
}

}  // namespace

TEST_CASE("The emulated GPU is a device like any other", "[cuda]") {
    const std::string mode = GENERATE(from_range(std::begin(kModes), std::end(kModes)));
    INFO(mode);
    emulation::reset({.seed = 7});
    check_device(*open_device(mode));
    check_clean();
}

TEST_CASE("Without fused convolutions the GPU computes the same", "[cuda]") {
    emulation::reset({.fuses = false});
    check_device(*open_device("cuda"));
    check_clean();
}

TEST_CASE("Layers of every kind give what the processor gives", "[cuda]") {
    emulation::reset();
    const Network network = network_of_everything();
    const auto input = OnnxBuilder::numbers(static_cast<std::size_t>(network.input_shape().elements()), 3);
    CHECK(largest_difference(scores_of("cuda", network, input), scores_of("cpu", network, input)) < 1e-4);
    check_clean();
}

TEST_CASE("Windows larger than what they begin in give what the processor gives", "[cuda]") {
    emulation::reset();
    OnnxBuilder builder({1, 16, 2, 3});
    builder.constant("w", {16, 16, 3, 3}, OnnxBuilder::numbers(16 * 16 * 9)).node("Conv", {"input", "w"}, "c");
    builder.with("strides", {2, 2}).with_text("auto_pad", "SAME_UPPER").head("c", 16);  // padded on one side only
    const Network network = builder.import();
    const auto input = OnnxBuilder::numbers(16 * 2 * 3, 5);
    CHECK(largest_difference(scores_of("cuda", network, input), scores_of("cpu", network, input)) < 1e-4);
    check_clean();
}

TEST_CASE("A convolution to which its own input is added is not fused", "[cuda]") {
    emulation::reset();
    OnnxBuilder builder({1, 16, 4, 4});
    builder.convolution("input", "stem", 16, 16).convolution("stem", "c", 16, 16).node("Add", {"c", "stem"}, "sum");
    const Network network = builder.node("Relu", {"sum"}, "x").head("x", 16).import();
    const auto input = OnnxBuilder::numbers(16 * 4 * 4, 5);
    CHECK(largest_difference(scores_of("cuda", network, input), scores_of("cpu", network, input)) < 1e-4);
    const auto device = open_device("cuda");
    device->prepare(network, {});
    const std::string convolutions = device->info().details.at("convolutions");
    CHECK(convolutions.find("the stem: IMPLICIT_PRECOMP_GEMM, fused") != std::string::npos);
    CHECK(convolutions.find("the c: IMPLICIT_PRECOMP_GEMM, fused") == std::string::npos);
    check_clean();
}

TEST_CASE("A convolution that fails while it is tried is passed over", "[cuda]") {
    emulation::reset();
    emulation::fail_at("cudnnConvolutionBiasActivationForward", 1);
    const auto device = open_device("cuda");
    const auto executable = device->prepare(conformance_network(), {});
    CHECK(emulation::failed());
    CHECK(device->info().details.at("convolutions").starts_with("the stem: IMPLICIT_PRECOMP_GEMM; "));
    const auto scores = run_alone(*executable, 0, conformance_input(1));
    CHECK(relative_difference(scores, scores_of("cpu", conformance_network(), conformance_input(1))) < 1e-6);
}

TEST_CASE("Shipped networks give on the emulated GPU what they give on the processor", "[cuda]") {
    const std::string name = GENERATE("fashion-ee", "fashion-ee-w025", "cifar-ee");
    INFO(name);
    emulation::reset();
    const Network network = import_onnx(std::string(LAXITY_SOURCE_DIR) + "/workloads/models/" + name + ".onnx");
    const auto on_gpu = open_device("cuda")->prepare(network, {});
    const auto on_cpu = open_device("cpu")->prepare(network, {});
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        const auto input = OnnxBuilder::numbers(static_cast<std::size_t>(network.input_shape().elements()), seed);
        CHECK(largest_difference(run_alone(*on_gpu, 0, input), run_alone(*on_cpu, 0, input)) < 1e-4);
    }
}

TEST_CASE("Lower precisions are recorded, and differ a little", "[cuda]") {
    emulation::reset();
    const Network network = conformance_network();
    const auto exact = scores_of("cpu", network, conformance_input(1));
    for (const std::string precision : {"fp32", "tf32", "fp16"}) {
        INFO(precision);
        const auto device = open_device("cuda:precision=" + precision);
        const auto executable = device->prepare(network, {});
        const float difference = relative_difference(run_alone(*executable, 0, conformance_input(1)), exact);
        if (precision == "fp32") {
            CHECK(difference < 1e-6);
        } else {
            CHECK(difference > 1e-5);  // two digits fewer than 32-bit floats have
            CHECK(difference < 1e-2);
        }
        CHECK(device->info().details.at("precision") == precision);
    }
}

TEST_CASE("What the GPU is and what was chosen are told", "[cuda]") {
    emulation::reset();
    const auto device = open_device("cuda:0");
    const auto executable = device->prepare(conformance_network(), {});
    const DeviceInfo info = device->info();
    CHECK(info.kind == "cuda");
    CHECK(info.name == emulation::kDeviceName);
    CHECK(info.backend.find("cuDNN") != std::string::npos);
    CHECK(info.details.at("core clock") == "1500 MHz");
    CHECK(info.details.at("precision") == "fp32");
    CHECK(info.details.at("workspace limit") == "256.0 MiB");
    CHECK(info.details.at("convolutions").find("fused") != std::string::npos);
    CHECK(info.details.count("completion measured") == 1);
    executable->load_input(0, conformance_input(1));
    executable->run_stage(0, 0);
    CHECK(executable->device_time(0) == Duration(111'111));
}

TEST_CASE("Moving clocks and other processes make a measurement noisy", "[cuda]") {
    emulation::reset();
    const auto device = open_device("cuda");
    device->start_watch();
    CHECK(device->end_watch().reasons.empty());
    device->start_watch();
    emulation::set_gpu(1200, 1);
    const DeviceNoise noise = device->end_watch();
    REQUIRE(noise.reasons.size() == 2);
    CHECK(noise.reasons[0] == "the GPU's clock moved from 1500 to 1200 MHz");
    CHECK(noise.reasons[1] == "another process used the GPU");
}

TEST_CASE("Without NVML the GPU works, and says what is missing", "[cuda]") {
    emulation::reset({.nvml = false});
    const auto device = open_device("cuda");
    CHECK(device->info().details.at("GPU driver") == "unknown (an emulated library is hidden)");
    CHECK_FALSE(device->energy_uj());
}

TEST_CASE("What a driver's NVML does not have is not missed", "[cuda]") {
    emulation::reset({.lacks = {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetCurrentClocksEventReasons",
                                "nvmlDeviceGetTemperature", "nvmlDeviceGetTotalEnergyConsumption"}});
    const auto device = open_device("cuda");
    const DeviceInfo info = device->info();
    CHECK(info.details.at("other GPU processes") == "0");  // by the function of before
    CHECK(info.details.at("GPU slowdown") == "none");
    CHECK(info.details.count("GPU temperature") == 0);
    CHECK_FALSE(device->energy_uj());
}

TEST_CASE("A GPU that can't be used is one line, and auto takes the processor", "[cuda]") {
    struct Missing {
        emulation::Settings settings;
        std::string says;
    };
    const Missing missing =
        GENERATE(Missing{{.driver = false}, "cudaErrorInsufficientDriver): the driver is for CUDA 1"},
                 Missing{{.devices = 0}, "cudaErrorNoDevice"}, Missing{{.libraries = false}, "hidden"},
                 Missing{{.cuda_of_cudnn = 99000}, "and the cuDNN that was found for 99.0"});
    emulation::reset(missing.settings);
    CHECK_THROWS_WITH(open_device("cuda"), ContainsSubstring(missing.says));
    CHECK(open_device("auto")->info().kind == "cpu");
    CHECK(why_no_gpu().find(missing.says) != std::string::npos);
    emulation::reset();
    CHECK(open_device("auto")->info().kind == "cuda");
    CHECK(why_no_gpu().empty());
    CHECK_THROWS_WITH(open_device("cuda:1"), ContainsSubstring("a GPU from 0 to 0"));
}

TEST_CASE("Too little memory says how much was asked, and what would fit", "[cuda]") {
    constexpr std::size_t kMebibyte = std::size_t{1} << 20;
    emulation::reset({.memory_bytes = 80 * kMebibyte});
    const auto device = open_device("cuda:workspace=1");
    try {
        device->prepare(conformance_network(), {.slots = 100'000, .temperature = {}});
        FAIL("it fits");
    } catch (const DeviceError& error) {
        const std::string text = error.what();
        CHECK(text.find("for each of 100000 slots") != std::string::npos);
        CHECK(text.find("slots would fit") != std::string::npos);
    }
    CHECK_THROWS_WITH(open_device("cuda:workspace=500")->prepare(conformance_network(), {}),
                      ContainsSubstring("asked 500.0 MiB for the workspace of convolutions"));
    check_clean();
}

namespace {

// The smallest network of two stages: few calls, so that each can be made to fail.
Network smallest_network() {
    OnnxBuilder builder({1, 2, 4, 4});
    builder.convolution("input", "stem", 2, 2).node("Relu", {"stem"}, "x0").head("x0", 2);
    builder.convolution("x0", "next", 2, 2).node("Sigmoid", {"next"}, "x1").head("x1", 2);
    return builder.import();
}

// One life of a device: prepared, two jobs, scores. Returns the error's text, if there was one.
std::string live_through_here(const std::string& spec, const Network& network) {
    try {
        const auto device = open_device(spec);
        const auto executable = device->prepare(network, {.slots = 2, .temperature = {0.5, 2}});
        device->start_watch();
        for (int slot = 0; slot < 2; ++slot) {
            executable->load_input(slot, OnnxBuilder::numbers(32, 1));
            for (int stage = 0; stage < 2; ++stage) {
                executable->run_stage(slot, stage);
                executable->logits(slot, stage);
            }
        }
        device->end_watch();
        (void)device->energy_uj();
        (void)device->info();
    } catch (const DeviceError& error) {
        return error.what();
    } catch (const InputError& error) {
        return error.what();
    }
    return {};
}

// On a thread of its own, since a thread chooses its GPU once.
std::string live_through(const std::string& spec, const Network& network) {
    return std::async(std::launch::async, [&] { return live_through_here(spec, network); }).get();
}

// What is called until all convolutions are chosen: then memory of the host is asked for, and not given.
std::map<std::string, int> calls_to_choose(const std::string& spec, const Network& network) {
    emulation::reset();
    emulation::fail_at("cudaHostAlloc", 1);
    CHECK_THAT(live_through(spec, network), ContainsSubstring("cudaHostAlloc"));
    return emulation::calls();
}

bool is_tried(const std::string& function) {
    return function.starts_with("cudnnConvolution") || function == "cudnnGetConvolutionForwardWorkspaceSize" ||
           function == "cudnnAddTensor" || function == "cudnnActivationForward";
}

}  // namespace

TEST_CASE("Every call may fail: one clear error, and nothing is left", "[cuda]") {
    const std::string spec =
        GENERATE("cuda:workspace=1,completion=poll", "cuda:workspace=1,completion=callback,graph=off");
    const Network network = smallest_network();
    emulation::reset();
    REQUIRE(live_through(spec, network) == "");
    check_clean();
    const std::map<std::string, int> calls = emulation::calls(), trials = calls_to_choose(spec, network);
    int injected = 0;
    for (const std::string& function : emulation::entry_points()) {
        const auto found = calls.find(function);
        if (found == calls.end()) continue;
        // What NVML doesn't say is not said, and a GPU may have no name.
        const bool optional = function.starts_with("nvml") || function == "cuDeviceGetName";
        const bool releases = function.find("Destroy") != std::string::npos || function.starts_with("cudaFree");
        // The last wait is the destructor's.
        const int heard = function == "cudaStreamSynchronize" ? found->second - 1 : found->second;
        // A convolution that fails while it is tried is passed over.
        const auto tried = trials.find(function);
        const int silent = is_tried(function) && tried != trials.end() ? tried->second : 0;
        // Whether a stream is asked depends on timing (the next test), and how often an event is.
        if (function == "cudaStreamQuery") continue;
        const bool polls = function == "cudaEventQuery";
        for (int call = 1; call <= (polls ? 1 : found->second); ++call) {
            INFO(function << ", call " << call);
            emulation::reset();
            emulation::fail_at(function, call);
            const std::string error = live_through(spec, network);
            CHECK(emulation::failed());
            if (!optional && !releases && call <= heard && (call > silent || error != "")) {
                CHECK(error != "");
                CHECK(error.find('\n') == std::string::npos);
                CHECK(error.find(function) != std::string::npos);
            }
            CHECK(emulation::violations() == std::vector<std::string>{});
            CHECK(emulation::leaks() == std::vector<std::string>{});
            ++injected;
        }
    }
    WARN(injected << " failures injected with " << spec);
    CHECK(injected > 500);
}

TEST_CASE("A callback that is not called is not waited for when the device has failed", "[cuda]") {
    emulation::reset();
    const auto executable = open_device("cuda:completion=callback")->prepare(smallest_network(), {});
    executable->load_input(0, OnnxBuilder::numbers(32, 1));
    emulation::hold();
    emulation::fail_at("cudaStreamQuery", 1);
    CHECK_THROWS_WITH(executable->run_stage(0, 0), ContainsSubstring("cudaStreamQuery"));
    emulation::let_go();
}

namespace {

// Six images of the smallest network's input.
Dataset six_images() {
    Dataset data;
    data.name = "six";
    data.split = "test";
    data.shape = {2, 4, 4};
    data.classes = 3;
    for (std::uint32_t image = 0; image < 6; ++image) {
        data.labels.push_back(static_cast<std::int32_t>(image % 3));
        for (const float value : OnnxBuilder::numbers(32, image + 1)) data.pixels.push_back(value);
    }
    return data;
}

std::map<std::string, int> calls_to_prepare(const std::string& spec, const Network& network) {
    emulation::reset();
    const auto device = open_device(spec);
    device->prepare(network, {});
    return emulation::calls();
}

// Calls that run whatever was prepared, and those of NVML, whose failures are no errors.
bool runs_stages(const std::string& function) {
    return function.starts_with("cudaMemcpy") || function.starts_with("cudaEventRecord") ||
           function.starts_with("cudaEventElapsed") || function.starts_with("cudaGraphLaunch") ||
           function.starts_with("cudaStreamSynchronize");
}

}  // namespace

TEST_CASE("Every call may fail while a network is profiled", "[cuda]") {
    const std::string spec = "cuda:workspace=1,completion=poll";
    const Network network = smallest_network();
    const Dataset data = six_images();
    MeasureOptions options;
    options.warmup = 1;
    options.runs = 4;
    options.raise_priority = false;
    options.energy_time = Duration(1);
    const auto profile = [&] { return measure(*open_device(spec), network, data, options); };
    emulation::reset();
    CHECK(profile().trace.runs() == 4);
    check_clean();
    const std::map<std::string, int> calls = emulation::calls();
    const std::map<std::string, int> before = calls_to_prepare(spec, network);
    int injected = 0;
    for (const auto& [function, count] : calls) {
        if (!runs_stages(function)) continue;
        const int last = function == "cudaStreamSynchronize" ? count - 1 : count;  // the last is the destructor's
        const auto known = before.find(function);
        for (int call = (known == before.end() ? 0 : known->second) + 1; call <= last; ++call) {
            INFO(function << ", call " << call);
            emulation::reset();
            emulation::fail_at(function, call);
            std::string error;
            try {
                error = profile().failure;
            } catch (const DeviceError& failure) {
                error = failure.what();
            }
            CHECK(emulation::failed());
            CHECK(error.find(function) != std::string::npos);
            check_clean();
            ++injected;
        }
    }
    CHECK(injected > 100);
}

TEST_CASE("Every call may fail during a live run, which keeps its records", "[cuda]") {
    using namespace std::chrono_literals;
    const Network network = smallest_network();
    Workload workload = test::on_accelerator({test::constant_task("t", {1ms, 1ms}, test::at({0ms, 1ms, 2ms}), 10s)});
    workload.horizon.jobs = 3;
    const TaskSet tasks = make_task_set(workload);
    const std::vector<float> image = OnnxBuilder::numbers(32, 1);
    struct Ending {
        std::string failure;
        std::size_t jobs = 0;
    };
    std::map<std::string, int> before;
    const auto live = [&](const std::string& function, int call) {
        emulation::reset();
        const auto device = open_device("cuda:workspace=1,completion=poll");
        const auto executable = device->prepare(network, {.slots = 4, .temperature = {}});
        before = emulation::calls();
        if (!function.empty()) emulation::fail_at(function, call);
        LiveTask task;
        task.variants = {executable.get()};
        task.input = [&](int, std::int32_t, std::uint32_t) { return std::span<const float>(image); };
        task.labels = &workload.tasks[0].variants[0].trace->samples.label;
        LiveRun run(workload, tasks, parse_policy("edf"), 1, *device, {task});
        RecordList records;
        run.run(&records);
        return Ending{run.report().failure, records.jobs.size()};
    };
    CHECK(live("", 0).jobs == 3);
    check_clean();
    const std::map<std::string, int> first = before, after = emulation::calls();
    int injected = 0;
    for (const auto& [function, count] : after) {
        if (!runs_stages(function) || function == "cudaStreamSynchronize") continue;
        const auto known = first.find(function);
        for (int call = 1; call <= count - (known == first.end() ? 0 : known->second); ++call) {
            INFO(function << ", call " << call);
            const Ending ending = live(function, call);
            CHECK(ending.failure.find(function) != std::string::npos);
            CHECK(ending.jobs < 3);
            check_clean();
            ++injected;
        }
    }
    CHECK(injected >= 18);  // of one launch, one record and one time for each of six stages
}

TEST_CASE("A lost device is said to be lost, and everything is released", "[cuda]") {
    const Network network = smallest_network();
    for (const char* function : {"cudaGraphLaunch", "cudaEventRecord", "cudaEventElapsedTime", "cudaMemcpyAsync"}) {
        INFO(function);
        emulation::reset();
        emulation::lose_device_at(function, 1);
        CHECK_THAT(live_through("cuda:workspace=1,completion=poll", network),
                   ContainsSubstring("the GPU is lost to this process"));
        check_clean();
    }
}

}  // namespace laxity
