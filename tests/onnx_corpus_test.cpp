// Networks as people export them, held against the scores of another runtime. The folder that LAXITY_NETWORKS names has
// a folder for each: model.onnx, input.npy [inputs][...] and expected.npy [inputs][exits][classes].
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "profiler/network/interpreter.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "tests/catch.hpp"
#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
namespace fs = std::filesystem;

namespace {

// Of scores, relative to their spread; of probabilities, absolute.
constexpr double kScoreTolerance = 1e-4;
constexpr double kProbabilityTolerance = 1e-5;
constexpr double kShareThatGoesIn = 0.95;

using Doubles = std::vector<double>;

Doubles softmax(const Doubles& scores) {
    const double greatest = *std::max_element(scores.begin(), scores.end());
    Doubles probabilities;
    double sum = 0;
    for (const double s : scores) sum += probabilities.emplace_back(std::exp(s - greatest));
    for (double& p : probabilities) p /= sum;
    return probabilities;
}

Doubles centred(Doubles scores) {
    double mean = 0;
    for (const double s : scores) mean += s / static_cast<double>(scores.size());
    for (double& s : scores) s -= mean;
    return scores;
}

double largest_difference(const Doubles& a, const Doubles& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(a[i] - b[i]);
        if (!(difference <= largest)) largest = difference;  // NaN too
    }
    return largest;
}

bool same_scores(const Doubles& found, const Doubles& wanted) {
    const auto [least, greatest] = std::minmax_element(wanted.begin(), wanted.end());
    return largest_difference(centred(found), centred(wanted)) <= kScoreTolerance * (*greatest - *least);
}

double sum_of(const Doubles& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum;
}

bool are_probabilities(const Doubles& values) {
    const bool positive = std::all_of(values.begin(), values.end(), [](double v) { return v >= 0; });
    return positive && std::abs(sum_of(values) - 1) < 1e-4;
}

// Scores that a softmax follows in the file differ from those that are found here by a constant at most, if it is a
// log-softmax; probabilities are told by their sum, since not all exits of a network need be of one kind.
bool same_exit(const Doubles& found, const Doubles& wanted) {
    if (!are_probabilities(wanted)) return same_scores(found, wanted);
    return largest_difference(softmax(found), wanted) <= kProbabilityTolerance;
}

// Sizes that only the user knows: taken from the input that comes with the network.
OnnxOptions options_for(const Array& input) {
    OnnxOptions options;
    for (std::size_t axis = 1; axis < input.shape().size(); ++axis)
        options.input_shape.push_back(static_cast<std::int64_t>(input.shape()[axis]));
    return options;
}

Network network_in(const fs::path& folder, const Array& input) {
    const std::string model = (folder / "model.onnx").string();
    const bool open = folder.filename() == "dynamic-size";
    return import_onnx(model, open ? options_for(input) : OnnxOptions{});
}

struct Expected {
    std::vector<std::size_t> shape;
    Doubles values;

    Doubles exit(std::size_t sample, std::size_t exit) const {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>((sample * shape[1] + exit) * shape[2]);
        return {first, first + static_cast<std::ptrdiff_t>(shape[2])};
    }
};

Expected expected_in(const fs::path& folder) {
    const Array array = read_array((folder / "expected.npy").string());
    return {array.shape(), array.doubles()};
}

// Why a network is not equal; empty if it is.
std::string difference(const fs::path& folder) {
    const Array input = read_array((folder / "input.npy").string());
    const Network network = network_in(folder, input);
    const Expected expected = expected_in(folder);
    if (network.stages().size() != expected.shape[1])
        return std::to_string(network.stages().size()) + " exits instead of " + std::to_string(expected.shape[1]);
    const std::vector<float> values = input.floats();
    const std::size_t size = values.size() / expected.shape[0];
    for (std::size_t sample = 0; sample < expected.shape[0]; ++sample) {
        const auto exits = interpret(network, std::span(values).subspan(sample * size, size));
        for (std::size_t k = 0; k < exits.size(); ++k) {
            if (exits[k].size() != expected.shape[2]) return std::to_string(exits[k].size()) + " classes";
            if (!same_exit(exits[k], expected.exit(sample, k)))
                return "input " + std::to_string(sample) + ", exit " + std::to_string(k) + " says something else";
        }
    }
    return {};
}

std::string outcome(const fs::path& folder) {
    try {
        return difference(folder);
    } catch (const InputError& error) {
        return error.what();
    }
}

std::vector<fs::path> corpus(const char* root) {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(root))
        if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    return folders;
}

}  // namespace

TEST_CASE("networks as people export them go in and say the same") {
    const char* root = std::getenv("LAXITY_NETWORKS");
    if (root == nullptr) {
        WARN("skipped: LAXITY_NETWORKS names no folder of networks");
        return;
    }
    const std::vector<fs::path> folders = corpus(root);
    REQUIRE(!folders.empty());
    std::size_t equal = 0;
    for (const fs::path& folder : folders) {
        const std::string problem = outcome(folder);
        equal += problem.empty() ? 1 : 0;
        if (!problem.empty()) std::cout << folder.filename().string() << ": " << problem << "\n";
    }
    std::cout << equal << " of " << folders.size() << " networks are equal\n";
    CHECK(static_cast<double>(equal) >= kShareThatGoesIn * static_cast<double>(folders.size()));
}
