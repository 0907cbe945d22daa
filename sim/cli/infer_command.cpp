// What a network says of given inputs, so that anyone can hold a device against the framework that trained it.
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>

#include "profiler/network/interpreter.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/network_options.hpp"
#include "sim/results/output.hpp"
#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

constexpr const char* kReference = "reference";

constexpr const char* kUsage = "laxity infer --model NET.onnx --input x.npy --out scores.npy [options]";

constexpr const char* kExamples =
    "Runs a network on inputs and writes what every exit says: float32 of shape [inputs][exits][classes], exits from\n"
    "shallow to deep, before any softmax. Inputs are an array [inputs][...] as the network reads them, without its\n"
    "batch axis, or a single input; nothing is scaled or normalised. `--device reference` executes every operation\n"
    "one by one in double precision: slow and exact, to hold a device against.\n"
    "\n"
    "examples:\n"
    "  laxity infer --model workloads/models/fashion-ee.onnx --input x.npy --out scores.npy\n"
    "  laxity infer --model net.onnx --input-shape 3,64,64 --input images.npz:x --out scores.npy --device cuda\n"
    "  laxity infer --model net.onnx --exits early,late --input x.npy --out exact.npy --device reference\n";

po::options_description infer_options() {
    po::options_description options("options");
    options.add_options()("model,m", po::value<std::string>()->required()->value_name("NET.onnx"), "the network")(
        "input,i", po::value<std::string>()->required()->value_name("FILE.npy"),
        "inputs, .npy or FILE.npz:MEMBER, of any type of number")(
        "out,o", po::value<std::string>()->required()->value_name("FILE.npy"), "where the scores go")(
        "device,d", po::value<std::string>()->default_value("cpu")->value_name("DEVICE"),
        "cpu, cuda, cuda:N, auto, or reference (slow, exact)");
    declare_network_options(options);
    declare_replace_option(options);
    return options;
}

// [inputs][...]: a batch of inputs, or a single one.
struct Inputs {
    std::size_t count;
    std::vector<float> values;

    std::span<const float> at(std::size_t i) const {
        const std::size_t size = values.size() / count;
        return std::span(values).subspan(i * size, size);
    }
};

bool is_shape(std::span<const std::size_t> found, const Shape& shape) {
    return std::equal(found.begin(), found.end(), shape.extents().begin(), shape.extents().end(),
                      [](std::size_t a, std::int64_t b) { return std::cmp_equal(a, b); });
}

Inputs read_inputs(const std::string& path, const Network& network) {
    const Array array = read_array(path);
    const Shape one = network.input_shape().without_batch();
    const std::span shape(array.shape());
    if (is_shape(shape, one)) return {1, array.floats()};
    if (!shape.empty() && is_shape(shape.subspan(1), one) && shape[0] > 0) return {shape[0], array.floats()};
    throw input_error(path, "an array [inputs]x" + one.text() + ", which '" + network.name() + "' reads",
                      array.shape_text(), "save the inputs in that shape, or see --input-shape for another size");
}

// Scores of all exits for one input, one exit after the other.
using Inference = std::function<std::vector<float>(std::span<const float>)>;

Inference reference_inference(const Network& network) {
    return [&network](std::span<const float> input) {
        std::vector<float> scores;
        for (const std::vector<double>& exit : interpret(network, input))
            scores.insert(scores.end(), exit.begin(), exit.end());
        return scores;
    };
}

// The device and what it runs live as long as the function.
Inference device_inference(const Network& network, const std::string& spec) {
    const std::shared_ptr<Device> device = open_device(spec);
    const std::shared_ptr<Executable> executable = device->prepare(network, {});
    return [device, executable](std::span<const float> input) {
        std::vector<float> scores;
        executable->load_input(0, input);
        for (int stage = 0; stage < executable->stages(); ++stage) {
            executable->run_stage(0, stage);
            const std::span<const float> exit = executable->logits(0, stage);
            scores.insert(scores.end(), exit.begin(), exit.end());
        }
        return scores;
    };
}

Inference inference_on(const std::string& device, const Network& network) {
    return device == kReference ? reference_inference(network) : device_inference(network, device);
}

std::vector<float> infer(const Inputs& inputs, const Inference& inference) {
    std::vector<float> scores;
    for (std::size_t i = 0; i < inputs.count; ++i) {
        if (interrupted()) throw Interrupted();
        const std::vector<float> row = inference(inputs.at(i));
        scores.insert(scores.end(), row.begin(), row.end());
    }
    return scores;
}

}  // namespace

int infer_command(const Arguments& arguments) {
    const auto values = parse_options(arguments, kUsage, infer_options(), kExamples);
    if (!values) return kExitOk;
    const auto text = [&](const char* name) { return (*values)[name].as<std::string>(); };
    const std::string out = text("out");
    check_file(out, replace_option(*values));
    const OnnxImport import = read_onnx(text("model"), network_options(*values));
    const Network& network = import.network;
    const Inputs inputs = read_inputs(text("input"), network);
    const std::vector<float> scores = infer(inputs, inference_on(text("device"), network));

    claim_file(out, replace_option(*values));
    const std::vector<std::size_t> shape{inputs.count, network.stages().size(),
                                         static_cast<std::size_t>(network.classes())};
    write_array(out, shape, scores);
    std::ostream& told = is_stream(out) ? std::cerr : std::cout;
    for (const std::string& remark : import.report.remarks) told << remark << "\n";
    told << "wrote " << one_line(out) << ": " << shape[0] << " inputs, " << shape[1] << " exits, " << shape[2]
         << " classes\n";
    return kExitOk;
}

}  // namespace laxity
