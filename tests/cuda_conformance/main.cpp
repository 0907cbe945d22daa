// The device conformance suite on whatever device is named, for machines with a GPU:
//   laxity_cuda_conformance --device cuda[:N[:KEY=VALUE,...]]
// Exit code 0 = it conforms, 1 = it does not, 2 = there is no such device.
#include <cmath>
#include <iostream>

#include "profiler/device.hpp"
#include "profiler/onnx_import.hpp"
#include "traces/error.hpp"

#define CATCH_CONFIG_RUNNER
#include "tests/device_conformance.hpp"

namespace laxity {

namespace {

std::string spec = "cuda";

}  // namespace

TEST_CASE("The device does what every device must do") { check_device(*open_device(spec)); }

TEST_CASE("It does so without graphs, and however completion is noticed") {
    if (spec.starts_with("cpu")) return;
    const std::string separator = spec == "cuda" || spec.find('=') == std::string::npos ? ":" : ",";
    for (const char* option : {"graph=off", "completion=poll", "completion=callback"}) {
        INFO(option);
        check_device(*open_device(spec + separator + option));
    }
}

TEST_CASE("Its scores are the processor's, on 64 inputs") {
    const Network network = conformance_network();
    const auto device = open_device(spec)->prepare(network, {});
    const auto processor = open_device("cpu")->prepare(network, {});
    for (std::uint32_t seed = 1; seed <= 64; ++seed) {
        const auto ours = run_alone(*device, 0, conformance_input(seed));
        const auto theirs = run_alone(*processor, 0, conformance_input(seed));
        for (std::size_t exit = 0; exit < ours.size(); ++exit) {
            for (std::size_t c = 0; c < ours[exit].size(); ++c) {
                INFO("input " << seed << ", exit " << exit << ", class " << c);
                CHECK(std::abs(ours[exit][c] - theirs[exit][c]) < 1e-4F * std::max(1.0F, std::abs(theirs[exit][c])));
            }
        }
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
