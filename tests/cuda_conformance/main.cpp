// The device conformance suite on whatever device is named, for machines with a GPU:
//   laxity_cuda_conformance --device cuda[:N[:KEY=VALUE,...]]
// Exit code 0 = it conforms, 1 = it does not, 2 = there is no such device.
#include <cmath>
#include <iostream>

#include "profiler/device/device.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "traces/base/error.hpp"

#define CATCH_CONFIG_RUNNER
#include "tests/device_conformance.hpp"

namespace laxity {

namespace {

std::string spec = "cuda";

// The device with one more option.
std::string with(const std::string& option) {
    const bool has_options = spec.find('=') != std::string::npos;
    return spec + (has_options ? "," : ":") + option;
}

// The largest difference of a score, as a share of the exit's largest, over 64 inputs.
double largest_difference(const std::string& device) {
    const Network network = conformance_network();
    const auto opened = open_device(device);
    const auto executable = opened->prepare(network, {});
    const auto processor = open_device("cpu")->prepare(network, {});
    double largest = 0;
    for (std::uint32_t seed = 1; seed <= 64; ++seed) {
        const auto ours = run_alone(*executable, 0, conformance_input(seed));
        const auto theirs = run_alone(*processor, 0, conformance_input(seed));
        for (std::size_t exit = 0; exit < ours.size(); ++exit) {
            float scale = 1;
            for (const float score : theirs[exit]) scale = std::max(scale, std::abs(score));
            for (std::size_t c = 0; c < ours[exit].size(); ++c)
                largest = std::max<double>(largest, std::abs(ours[exit][c] - theirs[exit][c]) / scale);
        }
    }
    return largest;
}

}  // namespace

TEST_CASE("The device does what every device must do") { check_device(*open_device(spec)); }

TEST_CASE("It does so without graphs, and however completion is noticed") {
    if (spec.starts_with("cpu")) return;
    for (const char* option : {"graph=off", "completion=poll", "completion=callback"}) {
        INFO(option);
        check_device(*open_device(with(option)));
    }
}

TEST_CASE("Its scores are the processor's, on 64 inputs") {
    const bool exact = spec.find("precision=") == std::string::npos || spec.find("precision=fp32") != std::string::npos;
    const double difference = largest_difference(spec);
    std::cout << "largest difference from the processor's scores: " << difference << "\n";
    CHECK(difference < (exact ? 1e-4 : 1e-2));
}

TEST_CASE("Its scores are nearly the processor's in lower precisions") {
    if (spec.starts_with("cpu") || spec.find("precision=") != std::string::npos) return;
    for (const char* precision : {"tf32", "fp16"}) {
        const double difference = largest_difference(with(std::string("precision=") + precision));
        std::cout << "  with " << precision << ": " << difference << "\n";
        CHECK(difference < 1e-2);
    }
}

}  // namespace laxity

int main(int argc, char* argv[]) {
    if (argc == 3 && std::string(argv[1]) == "--device") {
        laxity::spec = argv[2];
    } else if (argc != 1) {
        std::cerr << "usage: laxity_cuda_conformance [--device DEVICE]\n";
        return 2;
    }
    try {
        const laxity::DeviceInfo info = laxity::open_device(laxity::spec)->info();
        std::cout << "device: " << info.name << ", " << info.backend << "\n";
        for (const auto& [key, value] : info.details) std::cout << "  " << key << ": " << value << "\n";
    } catch (const laxity::InputError& error) {
        std::cerr << "laxity_cuda_conformance: " << error.what() << "\n";
        return 2;
    } catch (const laxity::DeviceError& error) {
        std::cerr << "laxity_cuda_conformance: " << error.what() << "\n";
        return 1;
    }
    return Catch::Session().run() == 0 ? 0 : 1;
}
