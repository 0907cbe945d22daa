// Every supported operator against plain arithmetic, and what is refused.
#include "profiler/onnx/onnx_import.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>

#include "profiler/device/device.hpp"
#include "profiler/open_device.hpp"
#include "tests/catch.hpp"
#include "tests/onnx_builder.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using Integers = OnnxBuilder::Integers;
using Floats = std::vector<float>;

namespace {

struct Image {
    int channels, height, width;
    Floats values;

    float at(int c, int y, int x) const { return values[static_cast<std::size_t>((c * height + y) * width + x)]; }
    bool inside(int y, int x) const { return y >= 0 && y < height && x >= 0 && x < width; }
};

Image image(int channels, int height, int width) {
    return {channels, height, width, OnnxBuilder::numbers(static_cast<std::size_t>(channels * height * width), 7)};
}

struct Convolution {
    int outputs, kernel_height, kernel_width;
    int stride = 1, dilation = 1, groups = 1;
    int top = 0, left = 0, bottom = 0, right = 0;
};

// Straight from the definition, in double precision.
Image convolve(const Image& in, const Floats& weights, const Floats& bias, const Convolution& c) {
    const int height = (in.height + c.top + c.bottom - (c.kernel_height - 1) * c.dilation - 1) / c.stride + 1;
    const int width = (in.width + c.left + c.right - (c.kernel_width - 1) * c.dilation - 1) / c.stride + 1;
    const int per_group = in.channels / c.groups;
    Image out{c.outputs, height, width, {}};
    for (int o = 0; o < c.outputs; ++o) {
        const int first = o / (c.outputs / c.groups) * per_group;
        for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
                double sum = bias.empty() ? 0 : bias[static_cast<std::size_t>(o)];
                for (int i = 0; i < per_group * c.kernel_height * c.kernel_width; ++i) {
                    const int kx = i % c.kernel_width, ky = i / c.kernel_width % c.kernel_height;
                    const int channel = i / (c.kernel_width * c.kernel_height);
                    const int iy = y * c.stride - c.top + ky * c.dilation, ix = x * c.stride - c.left + kx * c.dilation;
                    const auto w = static_cast<std::size_t>(o * per_group * c.kernel_height * c.kernel_width + i);
                    if (in.inside(iy, ix)) sum += static_cast<double>(weights[w]) * in.at(first + channel, iy, ix);
                }
                out.values.push_back(static_cast<float>(sum));
            }
        }
    }
    return out;
}

template <class Function>
Image each(Image image, Function function) {
    for (float& v : image.values) v = function(v);
    return image;
}

// Scores of the network's only exit.
Floats run(const OnnxBuilder& builder, const Image& input) {
    const Network network = builder.import();
    const auto device = open_device("cpu");
    const auto executable = device->prepare(network, {});
    executable->load_input(0, input.values);
    executable->run_stage(0, 0);
    const auto scores = executable->logits(0, 0);
    return {scores.begin(), scores.end()};
}

void require_equal(const Floats& found, const Floats& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO("element " << i);
        REQUIRE(found[i] == Approx(expected[i]).margin(2e-5).epsilon(1e-4));
    }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void require_refusal(const OnnxBuilder& builder, const std::string& part) {
    const std::string text = error_of([&] { builder.import(); });
    INFO(text);
    CHECK(contains(text, part));
    CHECK(text.find("test.onnx: ") == 0);
    CHECK_FALSE(contains(text, "\n"));
}

}  // namespace

TEST_CASE("Conv agrees with the definition for all its attributes", "[onnx]") {
    struct Case {
        const char* name;
        int channels;
        Convolution c;
    };
    const std::vector<Case> cases = {
        {"plain", 3, {.outputs = 16, .kernel_height = 3, .kernel_width = 3}},
        {"one channel",
         1,
         {.outputs = 16,
          .kernel_height = 3,
          .kernel_width = 3,
          .stride = 2,
          .top = 1,
          .left = 1,
          .bottom = 1,
          .right = 1}},
        {"odd channels",
         5,
         {.outputs = 7, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1}},
        {"24 channels", 24, {.outputs = 40, .kernel_height = 1, .kernel_width = 1}},
        {"uneven window and pads", 16, {.outputs = 16, .kernel_height = 1, .kernel_width = 3, .left = 2, .bottom = 1}},
        {"dilated",
         16,
         {.outputs = 16,
          .kernel_height = 3,
          .kernel_width = 3,
          .dilation = 2,
          .top = 2,
          .left = 2,
          .bottom = 2,
          .right = 2}},
        {"depthwise",
         16,
         {.outputs = 16,
          .kernel_height = 3,
          .kernel_width = 3,
          .groups = 16,
          .top = 1,
          .left = 1,
          .bottom = 1,
          .right = 1}},
        {"depthwise, odd", 6, {.outputs = 6, .kernel_height = 3, .kernel_width = 3, .groups = 6}},
        {"grouped", 32, {.outputs = 64, .kernel_height = 3, .kernel_width = 3, .groups = 2}},
        {"stride beyond the window", 16, {.outputs = 32, .kernel_height = 1, .kernel_width = 1, .stride = 2}},
    };
    for (const Case& test : cases) {
        INFO(test.name);
        const Convolution& c = test.c;
        const Image input = image(test.channels, 7, 9);
        const int inputs = test.channels / c.groups;
        const Floats weights =
            OnnxBuilder::numbers(static_cast<std::size_t>(c.outputs * inputs * c.kernel_height * c.kernel_width), 3);
        const Floats bias = OnnxBuilder::numbers(static_cast<std::size_t>(c.outputs), 5);
        OnnxBuilder builder({1, test.channels, 7, 9});
        builder.constant("w", {c.outputs, inputs, c.kernel_height, c.kernel_width}, weights)
            .constant("b", {c.outputs}, bias);
        builder.node("Conv", {"input", "w", "b"}, "y").with("strides", {c.stride, c.stride});
        builder.with("dilations", {c.dilation, c.dilation}).with("group", std::int64_t{c.groups});
        builder.with("pads", {c.top, c.left, c.bottom, c.right}).exit("y");
        require_equal(run(builder, input), convolve(input, weights, bias, c).values);
    }
}

TEST_CASE("auto_pad keeps the size, odd padding at the named end", "[onnx]") {
    const Image input = image(2, 5, 6);
    const Floats weights = OnnxBuilder::numbers(16 * 2 * 2 * 2);
    for (const bool upper : {true, false}) {
        OnnxBuilder builder;
        builder.constant("w", {16, 2, 2, 2}, weights).node("Conv", {"input", "w"}, "y");
        builder.with_text("auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER").exit("y");
        Convolution c{.outputs = 16, .kernel_height = 2, .kernel_width = 2};
        (upper ? c.bottom : c.top) = 1;
        (upper ? c.right : c.left) = 1;
        require_equal(run(builder, input), convolve(input, weights, {}, c).values);
    }
}

TEST_CASE("A batch-norm is folded into the convolution before it, or stands alone", "[onnx]") {
    const Image input = image(2, 5, 6);
    const Floats scale{1.5F, -0.5F}, shift{0.25F, 1}, mean{0.1F, -0.2F}, variance{0.5F, 2};
    const auto normalise = [&](Image x) {
        for (std::size_t i = 0; i < x.values.size(); ++i) {
            const std::size_t c = i / (x.values.size() / 2);
            x.values[i] = scale[c] * (x.values[i] - mean[c]) / std::sqrt(variance[c] + 1e-3F) + shift[c];
        }
        return x;
    };
    const auto add_norm = [&](OnnxBuilder& builder, const std::string& from) {
        builder.constant("s", {2}, scale)
            .constant("b", {2}, shift)
            .constant("m", {2}, mean)
            .constant("v", {2}, variance);
        builder.node("BatchNormalization", {from, "s", "b", "m", "v"}, "norm").with_real("epsilon", 1e-3F);
    };
    SECTION("after a convolution") {
        OnnxBuilder builder;
        builder.convolution("input", "conv", 2, 2);
        add_norm(builder, "conv");
        builder.node("Relu", {"norm"}, "y").exit("y");
        const Image plain = convolve(
            input, OnnxBuilder::numbers(36), OnnxBuilder::numbers(2),
            {.outputs = 2, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1});
        require_equal(run(builder, input), each(normalise(plain), [](float v) { return std::max(v, 0.0F); }).values);
        CHECK(builder.import().stages()[0].layers.size() == 2);  // the convolution and the flattening
    }
    SECTION("alone") {
        OnnxBuilder builder;
        add_norm(builder, "input");
        builder.exit("norm");
        require_equal(run(builder, input), normalise(input).values);
    }
    SECTION("where the convolution's own output is read too") {
        OnnxBuilder builder;
        builder.convolution("input", "conv", 2, 2);
        add_norm(builder, "conv");
        builder.node("Add", {"norm", "conv"}, "y").exit("y");
        const Image plain = convolve(
            input, OnnxBuilder::numbers(36), OnnxBuilder::numbers(2),
            {.outputs = 2, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1});
        Image sum = normalise(plain);
        for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += plain.values[i];
        require_equal(run(builder, input), sum.values);
    }
}

TEST_CASE("Elementwise functions agree with their formulas, fused and alone", "[onnx]") {
    const Image input = image(2, 5, 6);
    struct Case {
        const char* type;
        float (*function)(float);
    };
    const Case cases[] = {
        {"Relu", [](float v) { return std::max(v, 0.0F); }},
        {"Sigmoid", [](float v) { return 1 / (1 + std::exp(-v)); }},
        {"HardSwish", [](float v) { return v * std::clamp(v / 6 + 0.5F, 0.0F, 1.0F); }},
        {"Clip", [](float v) { return std::clamp(v, -0.25F, 0.5F); }},
    };
    const Convolution same{
        .outputs = 16, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1};
    const Image convolved = convolve(input, OnnxBuilder::numbers(16 * 2 * 9), OnnxBuilder::numbers(16), same);
    for (const Case& test : cases) {
        for (const bool fused : {false, true}) {
            INFO(test.type << (fused ? " fused" : " alone"));
            OnnxBuilder builder;
            builder.constant("low", {}, {-0.25F}).constant("high", {}, {0.5F});
            if (fused) builder.convolution("input", "conv", 2, 16);
            const std::string from = fused ? "conv" : "input";
            const bool clip = std::string(test.type) == "Clip";
            builder
                .node(test.type, clip ? std::vector<std::string>{from, "low", "high"} : std::vector<std::string>{from},
                      "y")
                .exit("y");
            require_equal(run(builder, input), each(fused ? convolved : input, test.function).values);
        }
    }
}

TEST_CASE("Clip takes its bounds from attributes in old operator sets", "[onnx]") {
    const Image input = image(2, 5, 6);
    OnnxBuilder builder;
    builder.model.mutable_opset_import(0)->set_version(10);
    builder.node("Clip", {"input"}, "y").with_real("min", 0).with_real("max", 0.5F).exit("y");
    require_equal(run(builder, input), each(input, [](float v) { return std::clamp(v, 0.0F, 0.5F); }).values);
}

TEST_CASE("Add sums activations, convolutions and constants", "[onnx]") {
    const Image input = image(2, 5, 6);
    const Convolution same{
        .outputs = 2, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1};
    const Image convolved = convolve(input, OnnxBuilder::numbers(36), OnnxBuilder::numbers(2), same);
    OnnxBuilder builder;
    Floats expected;
    SECTION("a convolution and its own input, which is its residual") {
        builder.convolution("input", "conv", 2, 2).node("Add", {"conv", "input"}, "y");
        for (std::size_t i = 0; i < input.values.size(); ++i) expected.push_back(convolved.values[i] + input.values[i]);
    }
    SECTION("a tensor and itself") {
        builder.node("Add", {"input", "input"}, "y");
        expected = each(input, [](float v) { return 2 * v; }).values;
    }
    SECTION("two convolutions, then Relu") {
        builder.convolution("input", "conv", 2, 2).convolution("input", "short", 2, 2, 1);
        builder.node("Add", {"conv", "short"}, "sum").node("Relu", {"sum"}, "y");
        const Image second = convolve(input, OnnxBuilder::numbers(4), OnnxBuilder::numbers(2),
                                      {.outputs = 2, .kernel_height = 1, .kernel_width = 1});
        for (std::size_t i = 0; i < input.values.size(); ++i)
            expected.push_back(std::max(0.0F, convolved.values[i] + second.values[i]));
        CHECK(OnnxBuilder(builder).exit("y").import().stages()[0].layers.size() == 3);
    }
    SECTION("a residual that is read again later") {
        builder.convolution("input", "base", 2, 2).convolution("base", "conv", 2, 2);
        builder.node("Add", {"conv", "base"}, "sum").node("Add", {"sum", "base"}, "y");
        const Image conv = convolve(convolved, OnnxBuilder::numbers(36), OnnxBuilder::numbers(2), same);
        for (std::size_t i = 0; i < input.values.size(); ++i)
            expected.push_back(conv.values[i] + 2 * convolved.values[i]);
    }
    SECTION("a constant per channel") {
        builder.constant("c", {1, 2, 1, 1}, {0.5F, -1}).node("Add", {"c", "input"}, "y");
        for (std::size_t i = 0; i < input.values.size(); ++i)
            expected.push_back(input.values[i] + (i < 30 ? 0.5F : -1));
    }
    SECTION("a number") {
        builder.constant("c", {}, {0.5F}).node("Add", {"input", "c"}, "y");
        expected = each(input, [](float v) { return v + 0.5F; }).values;
    }
    require_equal(run(builder.exit("y"), input), expected);
}

TEST_CASE("Poolings agree with the definition", "[onnx]") {
    struct Case {
        const char* name;
        bool max, count_padding, round_up;
        int kernel, stride, pad;
    };
    const Case cases[] = {
        {"max", true, false, false, 2, 2, 0},
        {"max, padded", true, false, false, 3, 2, 1},
        {"max, rounded up", true, false, true, 2, 2, 0},
        {"average", false, false, false, 2, 2, 0},
        {"average, padding out", false, false, false, 3, 2, 1},
        {"average, padding in", false, true, false, 3, 2, 1},
        {"average, rounded up", false, false, true, 2, 2, 0},
    };
    for (const int channels : {2, 16}) {
        const Image input = image(channels, 5, 7);
        for (const Case& test : cases) {
            INFO(test.name << ", " << channels << " channels");
            OnnxBuilder builder({1, channels, 5, 7});
            builder.node(test.max ? "MaxPool" : "AveragePool", {"input"}, "y")
                .with("kernel_shape", {test.kernel, test.kernel});
            builder.with("strides", {test.stride, test.stride}).with("pads", {test.pad, test.pad, test.pad, test.pad});
            builder.with("ceil_mode", std::int64_t{test.round_up});
            if (!test.max) builder.with("count_include_pad", std::int64_t{test.count_padding});
            Floats expected;
            const auto size = [&](int n) {
                return (n + 2 * test.pad - test.kernel + (test.round_up ? test.stride - 1 : 0)) / test.stride + 1;
            };
            for (int i = 0; i < channels * size(5) * size(7); ++i) {
                const int x = i % size(7), y = i / size(7) % size(5), c = i / (size(5) * size(7));
                float sum = 0, highest = std::numeric_limits<float>::lowest();
                int count = 0;
                for (int k = 0; k < test.kernel * test.kernel; ++k) {
                    const int iy = y * test.stride - test.pad + k / test.kernel,
                              ix = x * test.stride - test.pad + k % test.kernel;
                    count += test.count_padding || input.inside(iy, ix) ? 1 : 0;
                    if (!input.inside(iy, ix)) continue;
                    sum += input.at(c, iy, ix);
                    highest = std::max(highest, input.at(c, iy, ix));
                }
                expected.push_back(test.max ? highest : sum / static_cast<float>(count));
            }
            require_equal(run(builder.exit("y"), input), expected);
        }
    }
}

TEST_CASE("Means over the image: GlobalAveragePool and ReduceMean", "[onnx]") {
    const Image input = image(2, 5, 6);
    Floats expected(2, 0.0F);
    for (std::size_t i = 0; i < 60; ++i) expected[i / 30] += input.values[i] / 30;
    OnnxBuilder builder;
    SECTION("GlobalAveragePool") { builder.node("GlobalAveragePool", {"input"}, "y").exit("y"); }
    SECTION("ReduceMean, axes as an attribute") {
        builder.node("ReduceMean", {"input"}, "y").with("axes", {2, 3}).exit("y");
    }
    SECTION("ReduceMean, axes as an input, dimensions dropped") {
        builder.integers("axes", {-1, -2})
            .node("ReduceMean", {"input", "axes"}, "y")
            .with("keepdims", std::int64_t{0})
            .output("y");
    }
    require_equal(run(builder, input), expected);
}

TEST_CASE("Dense layers: Gemm and MatMul after every way to flatten", "[onnx]") {
    const Image input = image(2, 5, 6);
    const Floats weights = OnnxBuilder::numbers(4 * 60), bias = OnnxBuilder::numbers(4, 2);
    const auto product = [&](bool transposed, float alpha, float beta) {
        Floats result;
        for (std::size_t o = 0; o < 4; ++o) {
            double sum = static_cast<double>(beta) * bias[o];
            for (std::size_t i = 0; i < 60; ++i)
                sum += static_cast<double>(alpha) * weights[transposed ? o * 60 + i : i * 4 + o] * input.values[i];
            result.push_back(static_cast<float>(sum));
        }
        return result;
    };
    OnnxBuilder builder;
    builder.constant("b", {4}, bias);
    SECTION("Gemm, transposed weights") {
        builder.constant("w", {4, 60}, weights).node("Flatten", {"input"}, "x");
        builder.node("Gemm", {"x", "w", "b"}, "y").with("transB", std::int64_t{1}).output("y");
        require_equal(run(builder, input), product(true, 1, 1));
    }
    SECTION("Gemm with alpha and beta") {
        builder.constant("w", {60, 4}, weights).integers("shape", {1, -1}).node("Reshape", {"input", "shape"}, "x");
        builder.node("Gemm", {"x", "w", "b"}, "y").with_real("alpha", 0.5F).with_real("beta", 2).output("y");
        require_equal(run(builder, input), product(false, 0.5F, 2));
    }
    SECTION("MatMul and Add") {
        builder.constant("w", {60, 4}, weights).integers("shape", {0, 60}).node("Reshape", {"input", "shape"}, "x");
        builder.node("MatMul", {"x", "w"}, "product").node("Add", {"product", "b"}, "y").output("y");
        require_equal(run(builder, input), product(false, 1, 1));
        CHECK(builder.import().stages()[0].layers.size() == 1);
    }
    SECTION("Gemm, Relu, Gemm after a convolution in the device's own layout") {
        builder.convolution("input", "conv", 2, 16).node("Flatten", {"conv"}, "x");
        builder.constant("w1", {480, 4}, OnnxBuilder::numbers(480 * 4))
            .node("Gemm", {"x", "w1"}, "h")
            .node("Relu", {"h"}, "r");
        builder.constant("w2", {4, 2}, OnnxBuilder::numbers(8)).node("Gemm", {"r", "w2"}, "y").output("y");
        const Image conv = convolve(
            input, OnnxBuilder::numbers(16 * 2 * 9), OnnxBuilder::numbers(16),
            {.outputs = 16, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1});
        const Floats first = OnnxBuilder::numbers(480 * 4), second = OnnxBuilder::numbers(8);
        Floats hidden(4, 0.0F), expected(2, 0.0F);
        for (std::size_t i = 0; i < 480 * 4; ++i) hidden[i % 4] += first[i] * conv.values[i / 4];
        for (std::size_t i = 0; i < 8; ++i) expected[i % 2] += second[i] * std::max(0.0F, hidden[i / 2]);
        require_equal(run(builder, input), expected);
    }
}

TEST_CASE("Concat joins channels; Reshape keeps the order of elements", "[onnx]") {
    const Image input = image(2, 5, 6);
    const Image convolved =
        convolve(input, OnnxBuilder::numbers(16 * 2 * 9), OnnxBuilder::numbers(16),
                 {.outputs = 16, .kernel_height = 3, .kernel_width = 3, .top = 1, .left = 1, .bottom = 1, .right = 1});
    OnnxBuilder builder;
    builder.convolution("input", "conv", 2, 16);
    Floats expected = convolved.values;
    SECTION("Concat") {
        builder.node("Concat", {"conv", "input"}, "y").with("axis", std::int64_t{1}).exit("y");
        expected.insert(expected.end(), input.values.begin(), input.values.end());
    }
    SECTION("Concat of vectors") {
        builder.node("Flatten", {"conv"}, "a").node("Flatten", {"input"}, "b");
        builder.node("Concat", {"b", "a"}, "y").with("axis", std::int64_t{-1}).output("y");
        expected.insert(expected.begin(), input.values.begin(), input.values.end());
    }
    SECTION("Reshape to another image") {
        builder.integers("shape", {1, 8, 10, 6})
            .node("Reshape", {"conv", "shape"}, "r")
            .node("Relu", {"r"}, "y")
            .exit("y");
        for (float& v : expected) v = std::max(v, 0.0F);
    }
    require_equal(run(builder, input), expected);
}

TEST_CASE("Identity, Dropout and Constant are looked through; a final Softmax is dropped", "[onnx]") {
    const Image input = image(2, 5, 6);
    OnnxBuilder builder;
    builder.constant("w", {16, 2, 1, 1}, OnnxBuilder::numbers(32)).node("Identity", {"w"}, "alias");
    builder.node("Constant", {}, "bias");
    auto* attribute = builder.graph().mutable_node(1)->add_attribute();
    attribute->set_name("value");
    attribute->set_type(onnx::AttributeProto::TENSOR);
    attribute->mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
    attribute->mutable_t()->add_dims(16);
    const Floats bias = OnnxBuilder::numbers(16);
    attribute->mutable_t()->set_raw_data(bias.data(), bias.size() * sizeof(float));
    builder.node("Conv", {"input", "alias", "bias"}, "conv")
        .node("Dropout", {"conv"}, "same")
        .node("Identity", {"same"}, "again");
    builder.node("Flatten", {"again"}, "scores").node("Softmax", {"scores"}, "y").output("y");
    require_equal(
        run(builder, input),
        convolve(input, OnnxBuilder::numbers(32), bias, {.outputs = 16, .kernel_height = 1, .kernel_width = 1}).values);
}

TEST_CASE("The network is described after the file", "[onnx]") {
    OnnxBuilder builder;
    builder.convolution("input", "conv", 2, 16).head("conv", 16);
    const std::string content = builder.bytes();
    const Network network = import_onnx("some/where/net.onnx", content);
    CHECK(network.name() == "net");
    CHECK(network.origin().sha256.size() == 64);
    CHECK(network.input_shape() == TensorShape{2, 5, 6});
    CHECK(network.classes() == 3);
    CHECK(network.parameters() == 16 * 2 * 9 + 16 + 3 * 16 + 3);
    CHECK(network.stages()[0].macs == 16 * 2 * 9 * 30 + 3 * 16);
}

TEST_CASE("What is not understood is refused by node, operator and remedy", "[onnx]") {
    OnnxBuilder b;
    SECTION("an unknown operator") {
        require_refusal(b.node("LSTM", {"input"}, "y").exit("y"),
                        "node 'the y' (LSTM): the operator is not supported; export a network of Add,");
    }
    SECTION("an operator of another domain") {
        b.node("Relu", {"input"}, "y").graph().mutable_node(0)->set_domain("com.acme");
        require_refusal(b.exit("y"), "of the domain 'com.acme'");
    }
    SECTION("an unknown attribute") {
        require_refusal(b.node("Relu", {"input"}, "y").with("magic", std::int64_t{1}).exit("y"),
                        "the attribute 'magic'");
    }
    SECTION("an attribute of the wrong type") {
        require_refusal(b.node("Flatten", {"input"}, "y").with_text("axis", "1").output("y"),
                        "'axis' has the wrong type");
    }
    SECTION("an input that nobody makes") {
        require_refusal(b.node("Relu", {"ghost"}, "y").exit("y"), "reads 'ghost', which no earlier node makes");
    }
    SECTION("a missing input") { require_refusal(b.node("Relu", {}, "y").exit("y"), "input 0 is missing"); }
    SECTION("a name made twice") {
        require_refusal(b.node("Relu", {"input"}, "y").node("Relu", {"input"}, "y").exit("y"), "'y' is made twice");
    }
    SECTION("an output that nobody makes") {
        require_refusal(b.node("Relu", {"input"}, "y").output("z"), "no node makes the output 'z'");
    }
    SECTION("an output that is the input") {
        require_refusal(b.node("Identity", {"input"}, "y").output("y"), "is not computed");
    }
    SECTION("no output") { require_refusal(b.node("Relu", {"input"}, "y"), "1 to 16 outputs"); }
    SECTION("no nodes") { require_refusal(b.output("input"), "holds no graph"); }
    SECTION("an old operator set") {
        b.model.mutable_opset_import(0)->set_version(6);
        require_refusal(b.node("Relu", {"input"}, "y").exit("y"), "operator set 6");
    }
    SECTION("two inputs") {
        *b.graph().add_input() = b.graph().input(0);
        b.graph().mutable_input(1)->set_name("second");
        require_refusal(b.node("Relu", {"input"}, "y").exit("y"), "more than one input");
    }
    SECTION("a batch") {
        require_refusal(OnnxBuilder({8, 2, 5, 6}).node("Relu", {"input"}, "y").exit("y"), "batch size 8");
    }
    SECTION("a dynamic batch") {
        b.graph()
            .mutable_input(0)
            ->mutable_type()
            ->mutable_tensor_type()
            ->mutable_shape()
            ->mutable_dim(0)
            ->set_dim_param("N");
        require_refusal(b.node("Relu", {"input"}, "y").exit("y"), "dynamic dimension; export with fixed shapes");
    }
    SECTION("an input that is no image") {
        require_refusal(OnnxBuilder({1, 10}).node("Relu", {"input"}, "y").output("y"), "4 dimensions");
    }
    SECTION("an input that is empty") {
        require_refusal(OnnxBuilder({1, 2, 0, 6}).node("Relu", {"input"}, "y").exit("y"), "impossible shape");
    }
    SECTION("an input of integers") {
        b.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::INT64);
        require_refusal(b.node("Relu", {"input"}, "y").exit("y"), "not of type float32");
    }
    SECTION("weights of half precision") {
        b.convolution("input", "y", 2, 4)
            .exit("y")
            .graph()
            .mutable_initializer(0)
            ->set_data_type(onnx::TensorProto::FLOAT16);
        require_refusal(b, "'y w' is not of type float32");
    }
    SECTION("weights in another file") {
        b.convolution("input", "y", 2, 4)
            .exit("y")
            .graph()
            .mutable_initializer(0)
            ->set_data_location(onnx::TensorProto::EXTERNAL);
        require_refusal(b, "is in a separate file; save the model with all weights in one file");
    }
    SECTION("weights that are too few") {
        b.convolution("input", "y", 2, 4).exit("y").graph().mutable_initializer(0)->mutable_float_data()->RemoveLast();
        require_refusal(b, "another size than its dimensions say");
    }
    SECTION("raw weights that are too few") {
        b.convolution("input", "y", 2, 4).exit("y").graph().mutable_initializer(0)->clear_float_data();
        b.graph().mutable_initializer(0)->set_raw_data("abc");
        require_refusal(b, "another size than its dimensions say");
    }
    SECTION("weights of impossible size") {
        b.convolution("input", "y", 2, 4).exit("y").graph().mutable_initializer(0)->set_dims(0, std::int64_t{1} << 62);
        require_refusal(b, "impossible");
    }
    SECTION("weights of negative size") {
        b.convolution("input", "y", 2, 4).exit("y").graph().mutable_initializer(0)->set_dims(0, -4);
        require_refusal(b, "impossible");
    }
    SECTION("weights that are not finite") {
        b.convolution("input", "y", 2, 4).exit("y").graph().mutable_initializer(0)->set_float_data(3, std::nanf(""));
        require_refusal(b, "not finite");
    }
    SECTION("weights of the wrong shape") {
        require_refusal(
            b.constant("w", {4, 3, 3, 3}, OnnxBuilder::numbers(108)).node("Conv", {"input", "w"}, "y").exit("y"),
            "expected input 1 to be 4x2x3x3, found 4x3x3x3");
    }
    SECTION("weights that are computed") {
        require_refusal(b.node("Relu", {"input"}, "w").node("Conv", {"input", "w"}, "y").exit("y"),
                        "expected constant weights");
    }
    SECTION("a window larger than the image") {
        require_refusal(
            b.constant("w", {4, 2, 7, 7}, OnnxBuilder::numbers(392)).node("Conv", {"input", "w"}, "y").exit("y"),
            "impossible shape 4x0x0");
    }
    SECTION("an empty output") {
        require_refusal(b.node("MaxPool", {"input"}, "y").with("kernel_shape", {9, 9}).exit("y"),
                        "would give an output of impossible shape 2x0x0");
    }
    SECTION("an impossible stride") {
        require_refusal(
            b.node("MaxPool", {"input"}, "y").with("kernel_shape", {2, 2}).with("strides", {0, 1}).exit("y"),
            "'strides' holds the impossible value 0");
    }
    SECTION("groups that don't divide") {
        require_refusal(b.convolution("input", "y", 2, 4).with("group", std::int64_t{3}).exit("y"),
                        "'group' does not divide");
    }
    SECTION("one-dimensional pooling") {
        require_refusal(b.node("MaxPool", {"input"}, "y").with("kernel_shape", Integers{2}).exit("y"),
                        "must have 2 values");
    }
    SECTION("sums of unequal shapes") {
        require_refusal(
            b.node("MaxPool", {"input"}, "p").with("kernel_shape", {2, 2}).node("Add", {"p", "input"}, "y").exit("y"),
            "adds 2x4x5 and 2x5x6");
    }
    SECTION("a constant along the width") {
        require_refusal(b.constant("c", {6}, OnnxBuilder::numbers(6)).node("Add", {"input", "c"}, "y").exit("y"),
                        "only be added per channel");
    }
    SECTION("joined heights") {
        require_refusal(b.node("Concat", {"input", "input"}, "y").with("axis", std::int64_t{2}).exit("y"),
                        "only 'axis' = 1");
    }
    SECTION("a reshape to more elements") {
        require_refusal(b.integers("s", {1, 61}).node("Reshape", {"input", "s"}, "y").output("y"), "reshape");
    }
    SECTION("a reshape of hostile size") {
        require_refusal(b.integers("s", {1, std::int64_t{1} << 62, std::int64_t{1} << 62, 4})
                            .node("Reshape", {"input", "s"}, "y")
                            .exit("y"),
                        "reshape");
    }
    SECTION("a reshape with two unknowns") {
        require_refusal(b.integers("s", {-1, -1}).node("Reshape", {"input", "s"}, "y").output("y"), "reshape");
    }
    SECTION("a reshape of computed shape") {
        require_refusal(b.node("Relu", {"input"}, "s").node("Reshape", {"input", "s"}, "y").output("y"),
                        "is computed at run time");
    }
    SECTION("a softmax inside the network") {
        require_refusal(
            b.node("Flatten", {"input"}, "f").node("Softmax", {"f"}, "s").node("Relu", {"s"}, "y").output("y"),
            "last operator of an exit");
    }
    SECTION("a mean over channels") {
        require_refusal(b.node("ReduceMean", {"input"}, "y").with("axes", Integers{1}).exit("y"), "axes 2 and 3");
    }
    SECTION("a batch-norm in training") {
        b.constant("c", {2}, {1, 1})
            .node("BatchNormalization", {"input", "c", "c", "c", "c"}, "y")
            .with("training_mode", std::int64_t{1});
        require_refusal(b.exit("y"), "export after network.eval()");
    }
    SECTION("a negative variance") {
        b.constant("c", {2}, {1, 1})
            .constant("v", {2}, {1, -1})
            .node("BatchNormalization", {"input", "c", "c", "c", "v"}, "y");
        require_refusal(b.exit("y"), "variance of channel 1");
    }
    SECTION("a matrix of the wrong size") {
        require_refusal(b.constant("w", {59, 4}, OnnxBuilder::numbers(236))
                            .node("Flatten", {"input"}, "x")
                            .node("MatMul", {"x", "w"}, "y")
                            .output("y"),
                        "expected input 1 to be 60xany, found 59x4");
    }
    SECTION("a product with an image") {
        require_refusal(b.constant("w", {6, 4}, OnnxBuilder::numbers(24)).node("MatMul", {"input", "w"}, "y").exit("y"),
                        "put a Flatten before it");
    }
    SECTION("a name with control characters stays on one line") {
        require_refusal(b.node("Evil\nop", {"input"}, "y\r\n").exit("y"), "Evil\\x0aop");
    }
}

TEST_CASE("Damaged files are refused in one line, however they are damaged", "[onnx]") {
    OnnxBuilder builder;
    builder.convolution("input", "conv", 2, 16).node("Relu", {"conv"}, "r").head("r", 16);
    const std::string content = builder.bytes();
    const auto survives = [](const std::string& bytes) {
        CHECK_FALSE(contains(error_of([&] { import_onnx("test.onnx", bytes); }), "\n"));
    };
    SECTION("cut short") {
        for (std::size_t length = 0; length < content.size(); length += 7) survives(content.substr(0, length));
    }
    SECTION("with flipped bytes") {
        for (std::size_t i = 0; i < content.size(); ++i) {
            for (const char flip : {'\x01', '\x80', '\xff'}) {
                std::string damaged = content;
                damaged[i] = static_cast<char>(damaged[i] ^ flip);
                survives(damaged);
            }
        }
    }
    SECTION("not ONNX at all") {
        const std::string png = "\x89PNG\r\n\x1a\n";
        CHECK(contains(error_of([&] { import_onnx("x.png", png); }), "is not an ONNX file"));
        CHECK(contains(error_of([] { import_onnx("empty.onnx", std::span<const char>()); }), "holds no graph"));
        CHECK(contains(error_of([] { import_onnx("nowhere/none.onnx"); }), "cannot be read"));
        CHECK(contains(error_of([] { import_onnx("/"); }), "cannot be read"));
    }
}
