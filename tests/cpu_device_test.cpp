#include "profiler/cpu/cpu_device.hpp"

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "profiler/measure/dataset.hpp"
#include "profiler/open_device.hpp"
#include "tests/catch.hpp"
#include "tests/device_conformance.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

using namespace laxity;

namespace {

namespace fs = std::filesystem;

const fs::path kModels = fs::path(LAXITY_SOURCE_DIR) / "workloads/models";

// What PyTorch computed, beside each network that ships.
std::vector<fs::path> references(const std::string& dataset) {
    std::vector<fs::path> found;
    std::vector<fs::path> folders = {kModels};
    if (const char* more = std::getenv("LAXITY_MODELS")) folders.emplace_back(more);
    for (const fs::path& folder : folders) {
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (!entry.path().string().ends_with(".reference.json")) continue;
            if (read_json_file(entry.path().string()).at("dataset") == dataset) found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string network_file(const fs::path& reference) {
    const std::string path = reference.string();
    return path.substr(0, path.size() - std::string(".reference.json").size()) + ".onnx";
}

void check_scores(const fs::path& reference, const Dataset& data) {
    INFO(reference);
    const auto expected = read_json_file(reference.string()).at("logits");
    const auto executable = open_device("cpu")->prepare(import_onnx(network_file(reference)), {});
    REQUIRE(expected.size() == static_cast<std::size_t>(executable->stages()));
    double worst = 0;
    for (std::size_t i = 0; i < expected.at(0).size(); ++i) {
        const auto image = data.image(i);
        const auto scores = run_alone(*executable, 0, {image.begin(), image.end()});
        for (std::size_t exit = 0; exit < scores.size(); ++exit) {
            for (std::size_t c = 0; c < scores[exit].size(); ++c) {
                worst = std::max(worst, std::abs(expected[exit][i][c].get<double>() - scores[exit][c]));
            }
        }
    }
    CHECK(worst < 1e-4);
}

// Exits that give another class than PyTorch: ties within rounding may.
void check_predictions(const fs::path& reference, const Dataset& data) {
    INFO(reference);
    const auto expected = read_json_file(reference.string()).at("predictions");
    const auto executable = open_device("cpu")->prepare(import_onnx(network_file(reference)), {});
    int different = 0;
    for (std::size_t i = 0; i < data.count(); ++i) {
        executable->load_input(0, data.image(i));
        for (int exit = 0; exit < executable->stages(); ++exit) {
            const int prediction = executable->run_stage(0, exit).prediction;
            different += expected[static_cast<std::size_t>(exit)][i].get<int>() != prediction ? 1 : 0;
        }
    }
    CHECK(different <= 2);
}

}  // namespace

TEST_CASE("The processor is a device like any other", "[cpu]") { check_device(*open_device("cpu")); }

TEST_CASE("The processor says what it is", "[cpu]") {
    const DeviceInfo info = open_device("auto")->info();
    if (info.kind != "cpu") return;
    CHECK(info.backend.find("oneDNN 2.") == 0);
    CHECK(info.threads == 1);
    for (const char* key : {"kernel", "cores", "governor", "clock", "instruction set"})
        CHECK(info.details.contains(key));
}

TEST_CASE("An executable may be prepared on one thread and run on another", "[cpu]") {
    const auto device = open_device("cpu");
    const auto executable = device->prepare(conformance_network(), {});
    const auto here = run_alone(*executable, 0, conformance_input(1));
    std::vector<std::vector<float>> there;
    std::thread([&] { there = run_alone(*executable, 0, conformance_input(1)); }).join();
    CHECK(here == there);
}

TEST_CASE("Devices that aren't there are refused by name", "[cpu]") {
    for (const char* spec : {"gpu", "", "cuda:", "cuda:x", "cuda:99999", "CPU", "cudaX"}) {
        INFO(spec);
        CHECK_THROWS_AS(open_device(spec), InputError);
    }
}

TEST_CASE("Scores equal PyTorch's on the images that ship", "[cpu]") {
    const Dataset data = open_dataset((kModels / "fashion-64.json").string());
    for (const fs::path& reference : references("fashion-mnist")) check_scores(reference, data);
}

TEST_CASE("Predictions equal PyTorch's on all of Fashion-MNIST", "[cpu]") {
    if (!fs::exists("/usr/share/datasets/fashion-mnist")) {
        WARN("skipped: install Debian's package dataset-fashion-mnist");
        return;
    }
    const Dataset data = open_dataset("fashion-mnist");
    for (const fs::path& reference : references("fashion-mnist")) check_predictions(reference, data);
}

TEST_CASE("Scores and predictions equal PyTorch's on CIFAR-10", "[cpu]") {
    const char* folder = std::getenv("LAXITY_CIFAR10");
    if (folder == nullptr) {
        WARN("skipped: set LAXITY_CIFAR10 to the folder of test_batch.bin");
        return;
    }
    const Dataset data = open_dataset(std::string("cifar10:") + folder);
    for (const fs::path& reference : references("cifar10")) {
        check_scores(reference, data);
        check_predictions(reference, data);
    }
}
