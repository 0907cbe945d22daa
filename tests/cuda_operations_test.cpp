// Every operation on the emulated GPU against the interpreter, with operands that lie in every way that a device meets.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "profiler/cuda/cuda_device.hpp"
#include "profiler/network/graph_builder.hpp"
#include "profiler/network/interpreter.hpp"
#include "profiler/network/network.hpp"
#include "tests/catch.hpp"
#include "tests/cuda_emulation/emulation.hpp"
#include "tests/draws.hpp"

using namespace laxity;

namespace {

std::vector<float> numbers(std::int64_t count, std::uint64_t seed, double low = -1, double high = 1) {
    test::Draws draws(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(draws.real(low, high));
    return values;
}

Weights weights(const Shape& shape, std::uint64_t seed = 7) {
    return make_weights(shape, numbers(shape.elements(), seed));
}

struct Case {
    std::string name;
    Operation operation;
    std::vector<Shape> operands;
    Shape wanted;  // of the output, where the operands do not say it
    double low = -1, high = 1;
};

// How the operands come to lie as they do.
enum class Origin { kInput, kTranspose, kConvolution, kConstant };

std::string name_of(Origin origin) {
    switch (origin) {
        case Origin::kInput:
            return "dense";
        case Origin::kTranspose:
            return "transposed";
        case Origin::kConvolution:
            return "of a convolution";
        case Origin::kConstant:
            return "constant";
    }
    return {};
}

Value transposed_operand(GraphBuilder& builder, const Value& part, const Shape& shape) {
    std::vector<std::int64_t> reversed(shape.extents().rbegin(), shape.extents().rend());
    std::vector<int> axes(reversed.size());
    std::iota(axes.rbegin(), axes.rend(), 0);
    return transpose(builder, "turn", reshape(builder, "reversed", part, Shape(reversed)), axes);
}

// Each channel as it was, times a number, and no longer where it was.
Value convolved_operand(GraphBuilder& builder, const Value& part, const Shape& shape) {
    Convolution c;
    std::vector<std::int64_t> extents = {shape[1], shape[1]};
    for (int axis = 2; axis < shape.rank(); ++axis) {
        extents.push_back(1);
        c.windows.push_back({});
    }
    std::vector<float> values(static_cast<std::size_t>(shape[1] * shape[1]), 0.0F);
    for (std::int64_t i = 0; i < shape[1]; ++i) values[static_cast<std::size_t>(i * shape[1] + i)] = 0.5F;
    c.weights = make_weights(Shape(extents), std::move(values));
    const Value inputs[] = {reshape(builder, "pixels", part, shape)};
    return builder.add("origin", std::move(c), inputs);
}

Value operand(GraphBuilder& builder, std::int64_t offset, const Shape& shape, Origin origin) {
    const Value part = slice(builder, "part", builder.input(), 1, offset, 1, shape.elements());
    if (origin == Origin::kTranspose) return transposed_operand(builder, part, shape);
    if (origin == Origin::kConvolution && shape.rank() >= 3 && shape.rank() <= 5)
        return convolved_operand(builder, part, shape);
    if (origin == Origin::kConstant && offset > 0) {
        const std::vector<float> values = numbers(shape.elements(), 99);
        return GraphBuilder::constant({shape, {values.begin(), values.end()}});
    }
    return reshape(builder, "dense", part, shape);
}

Network network_of(const Case& c, Origin origin, std::optional<Elementwise> activation = {}) {
    std::int64_t total = 0;
    for (const Shape& shape : c.operands) total += shape.elements();
    GraphBuilder builder(Shape{1, total});
    std::vector<Value> operands;
    std::int64_t offset = 0;
    for (const Shape& shape : c.operands) {
        operands.push_back(operand(builder, offset, shape, origin));
        offset += shape.elements();
    }
    const int exit = builder.layer_of(builder.add(c.name, c.operation, operands, c.wanted));
    std::vector<Layer> layers = builder.take_layers();
    layers[static_cast<std::size_t>(exit)].activation = activation;
    return Network({c.name, "", ""}, std::move(layers), {exit});
}

void check_scores(std::span<const float> found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    const auto [least, most] = std::minmax_element(expected.begin(), expected.end());
    // Where all are nearly equal, of what a float can say of them.
    const double allowed = std::max(1e-5 * (*most - *least), 1e-6 * std::max(std::abs(*most), std::abs(*least)));
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        worst = std::max(worst, std::isfinite(found[i]) ? std::abs(found[i] - expected[i]) : 1e30);
    CHECK(worst <= allowed);
}

void check_network(Device& device, const Network& network, double low = -1, double high = 1) {
    const auto executable = device.prepare(network, {.slots = 2, .temperature = {}});
    for (const int slot : {0, 1}) {
        const auto input = numbers(network.input_shape().elements(), static_cast<std::uint64_t>(slot) + 1, low, high);
        const auto expected = interpret(network, input);
        executable->load_input(slot, input);
        for (int stage = 0; stage < executable->stages(); ++stage) {
            executable->run_stage(slot, stage);
            INFO("slot " << slot << ", stage " << stage);
            check_scores(executable->logits(slot, stage), expected[static_cast<std::size_t>(stage)]);
        }
    }
}

void check_case(const Case& c) {
    const auto device = open_cuda_device("");
    for (const Origin origin : {Origin::kInput, Origin::kTranspose, Origin::kConvolution, Origin::kConstant}) {
        if (origin == Origin::kConstant && c.operands.size() < 2) continue;
        INFO(c.name << ", " << name_of(origin));
        check_network(*device, network_of(c, origin), c.low, c.high);
    }
    const bool moves =
        c.operation.index() == Operation(Reshape{}).index() || c.operation.index() == Operation(StridedView{}).index();
    if (moves) return;
    for (const Function function : {Function::kRelu, Function::kHardSigmoid}) {
        INFO(c.name << " and an activation");
        check_network(*device, network_of(c, Origin::kConvolution, Elementwise{function, 0.2F, 0.5F}), c.low, c.high);
    }
}

Convolution convolution(std::vector<Window> windows, int groups, const Shape& shape, bool bias = true) {
    Convolution c;
    c.windows = std::move(windows);
    c.groups = groups;
    c.weights = weights(shape);
    if (bias) c.bias = weights(Shape{shape[0]}, 8);
    return c;
}

Convolution transposed(std::vector<Window> windows, int groups, const Shape& shape,
                       std::vector<int> output_padding = {}) {
    Convolution c = convolution(std::move(windows), groups, shape, false);
    c.transposed = true;
    c.bias = weights(Shape{shape[1] * groups}, 8);
    c.output_padding = std::move(output_padding);
    return c;
}

const Window kThree = {3, 1, 1, 1, 1}, kStrided = {3, 2, 1, 1, 0}, kDilated = {3, 1, 2, 2, 2}, kTwo = {2, 2, 1, 0, 0};

std::vector<Case> convolutions() {
    std::vector<Case> cases;
    for (const std::int64_t channels : {3, 8, 16, 20}) {
        const std::string text = std::to_string(channels) + " channels";
        cases.push_back(
            {text, convolution({kThree, kThree}, 1, {channels + 4, channels, 3, 3}), {{1, channels, 7, 6}}, {}});
        cases.push_back({text + " strided",
                         convolution({kStrided, kStrided}, 1, {channels, channels, 3, 3}),
                         {{1, channels, 9, 8}},
                         {}});
        cases.push_back({text + " depthwise",
                         convolution({kThree, kThree}, static_cast<int>(channels), {channels, 1, 3, 3}),
                         {{1, channels, 7, 6}},
                         {}});
        cases.push_back(
            {text + " in time", convolution({kThree}, 1, {channels, channels, 3}), {{1, channels, 15}}, {}});
        cases.push_back(
            {text + " dilated in time", convolution({kDilated}, 1, {channels, channels, 3}), {{1, channels, 15}}, {}});
        cases.push_back({text + " depthwise in time",
                         convolution({kThree}, static_cast<int>(channels), {channels, 1, 3}),
                         {{1, channels, 15}},
                         {}});
        cases.push_back({text + " and a summand",
                         convolution({kThree, kThree}, 1, {channels, channels, 3, 3}),
                         {{1, channels, 5, 5}, {1, channels, 5, 5}},
                         {}});
        cases.push_back(
            {text + " upwards", transposed({kTwo, kTwo}, 1, {channels, 6, 2, 2}), {{1, channels, 4, 5}}, {}});
    }
    for (const int groups : {2, 3, 5, 7}) {
        const std::int64_t channels = groups * 3;
        const std::string text = std::to_string(groups) + " groups";
        cases.push_back(
            {text, convolution({kThree, kThree}, groups, {groups * 4, 3, 3, 3}), {{1, channels, 7, 6}}, {}});
        cases.push_back({text + " of one output",
                         convolution({kThree, kThree}, groups, {groups, 3, 3, 3}),
                         {{1, channels, 7, 6}},
                         {}});
        cases.push_back({text + " and a summand",
                         convolution({kThree, kThree}, groups, {channels, 3, 3, 3}),
                         {{1, channels, 7, 6}, {1, channels, 7, 6}},
                         {}});
        cases.push_back(
            {text + " upwards", transposed({kThree, kThree}, groups, {channels, 2, 3, 3}), {{1, channels, 4, 5}}, {}});
    }
    cases.push_back({"dilated", convolution({kDilated, kDilated}, 1, {8, 6, 3, 3}), {{1, 6, 9, 9}}, {}});
    cases.push_back({"dilated, grouped", convolution({kDilated, kDilated}, 2, {8, 3, 3, 3}), {{1, 6, 9, 9}}, {}});
    cases.push_back({"of volumes", convolution({kThree, kThree, kThree}, 1, {8, 4, 3, 3, 3}), {{1, 4, 4, 5, 6}}, {}});
    cases.push_back(
        {"depthwise in volumes", convolution({kThree, kThree, kThree}, 4, {4, 1, 3, 3, 3}), {{1, 4, 4, 5, 6}}, {}});
    cases.push_back({"of a batch", convolution({kThree, kThree}, 1, {8, 16, 3, 3}), {{3, 16, 4, 4}}, {}});
    cases.push_back({"without bias", convolution({kThree, kThree}, 1, {16, 16, 3, 3}, false), {{1, 16, 5, 5}}, {}});
    cases.push_back({"of patches", convolution({{4, 4}, {4, 4}}, 1, {24, 3, 4, 4}), {{1, 3, 16, 16}}, {}});
    cases.push_back({"upwards with output padding",
                     transposed({{3, 2, 1, 1, 1}, {3, 2, 1, 1, 1}}, 1, {8, 4, 3, 3}, {1, 1}),
                     {{1, 8, 4, 4}},
                     {}});
    cases.push_back(
        {"upwards, dilated", transposed({{3, 1, 2, 1, 1}, {3, 2, 2, 0, 1}}, 1, {8, 4, 3, 3}), {{1, 8, 4, 4}}, {}});
    cases.push_back({"upwards in time", transposed({{4, 2, 1, 1, 1}}, 1, {6, 5, 4}), {{1, 6, 9}}, {}});
    cases.push_back({"upwards in volumes", transposed({kTwo, kTwo, kTwo}, 1, {4, 3, 2, 2, 2}), {{1, 4, 3, 3, 2}}, {}});
    cases.push_back(
        {"depthwise upwards", transposed({{4, 2, 1, 1, 1}, {4, 2, 1, 1, 1}}, 6, {6, 1, 4, 4}), {{1, 6, 4, 4}}, {}});
    cases.push_back(
        {"upwards and a summand", transposed({kTwo, kTwo}, 1, {8, 6, 2, 2}), {{1, 8, 4, 5}, {1, 6, 8, 10}}, {}});
    return cases;
}

Dense dense(std::int64_t out, std::int64_t in, bool bias = true) {
    return {weights({out, in}), bias ? weights({out}, 8) : Weights{}};
}

std::vector<Case> products() {
    return {{"a vector", dense(10, 33), {{1, 33}}, {}},
            {"a vector of no axis more", dense(10, 33), {{33}}, {}},
            {"tokens", dense(24, 16), {{1, 9, 16}}, {}},
            {"windows", dense(7, 5, false), {{2, 3, 4, 5}}, {}},
            {"tokens and a summand", dense(16, 16), {{1, 9, 16}, {1, 9, 16}}, {}},
            {"matrices", MatMul{}, {{3, 5}, {5, 4}}, {}},
            {"heads", MatMul{false, true, 0.25F}, {{1, 4, 9, 8}, {1, 4, 9, 8}}, {}},
            {"heads times values", MatMul{}, {{1, 4, 9, 9}, {1, 4, 9, 8}}, {}},
            {"turned left", MatMul{true, false, 1}, {{2, 6, 3}, {2, 6, 5}}, {}},
            {"both turned", MatMul{true, true, -2}, {{2, 6, 3}, {2, 5, 6}}, {}},
            {"one for all", MatMul{}, {{2, 3, 4, 5}, {5, 6}}, {}},
            {"stretched both ways", MatMul{}, {{2, 1, 4, 5}, {3, 5, 6}}, {}},
            {"a row", MatMul{}, {{1, 1, 8}, {1, 8, 9}}, {}},
            {"a column", MatMul{false, true, 1}, {{2, 7, 8}, {2, 1, 8}}, {}},
            {"six axes", MatMul{}, {{1, 2, 2, 2, 4, 4}, {1, 2, 2, 2, 4, 4}}, {}}};
}

Pooling pooling(PoolKind kind, std::vector<Window> windows, bool count = false, std::vector<int> surplus = {}) {
    return {kind, std::move(windows), count, std::move(surplus)};
}

std::vector<Case> poolings() {
    std::vector<Case> cases;
    for (const PoolKind kind : {PoolKind::kMaximum, PoolKind::kAverage, PoolKind::kL2}) {
        const std::string text = kind == PoolKind::kMaximum ? "largest" : kind == PoolKind::kAverage ? "average" : "L2";
        for (const std::int64_t channels : {3, 16, 20}) {
            const Shape x = {1, channels, 9, 8};
            cases.push_back({text, pooling(kind, {kTwo, kTwo}), {x}, {}});
            cases.push_back({text + " padded", pooling(kind, {kThree, kStrided}), {x}, {}});
            cases.push_back({text + " padding counted", pooling(kind, {kThree, kStrided}, true), {x}, {}});
            cases.push_back({text + " dilated", pooling(kind, {kDilated, kDilated}), {x}, {}});
            cases.push_back({text + " ceil", pooling(kind, {{2, 2, 1, 0, 1}, kTwo}, false, {1, 0}), {x}, {}});
            cases.push_back({text + " ceil counted", pooling(kind, {{3, 2, 1, 1, 2}, kThree}, true, {1, 0}), {x}, {}});
            cases.push_back({text + " of all", pooling(kind, {{9}, {8}}), {x}, {}});
            cases.push_back({text + " in time", pooling(kind, {kStrided}), {{1, channels, 13}}, {}});
            cases.push_back({text + " in volumes", pooling(kind, {kTwo, kTwo, kTwo}), {{1, channels, 4, 4, 6}}, {}});
        }
    }
    return cases;
}

std::vector<Case> functions() {
    std::vector<Case> cases;
    for (int i = 0; i <= static_cast<int>(Function::kGeluTanh); ++i) {
        const auto function = static_cast<Function>(i);
        const bool positive = function == Function::kSquareRoot || function == Function::kLogarithm ||
                              function == Function::kPower || function == Function::kReciprocal;
        const Elementwise e{function, 0.7F, function == Function::kClip ? 0.9F : 0.4F};
        for (const Shape& shape : {Shape{1, 20, 3, 5}, Shape{3, 7}})
            cases.push_back(
                {"function " + std::to_string(i), Unary{e}, {shape}, {}, positive ? 0.2 : -4, positive ? 3.0 : 4.0});
    }
    return cases;
}

std::vector<Case> binaries() {
    std::vector<Case> cases;
    for (int i = 0; i <= static_cast<int>(BinaryKind::kPrelu); ++i) {
        const auto kind = static_cast<BinaryKind>(i);
        const std::string text = "binary " + std::to_string(i);
        const bool positive = kind == BinaryKind::kPower || kind == BinaryKind::kDivide ||
                              kind == BinaryKind::kModulo || kind == BinaryKind::kRemainder;
        const double low = positive ? 0.3 : -1, high = positive ? 2 : 1;
        for (const std::int64_t channels : {16, 20}) {
            const Shape x = {1, channels, 3, 5};
            cases.push_back({text, Binary{kind}, {x, x}, {}, low, high});
            cases.push_back({text + " by channel", Binary{kind}, {x, {1, channels, 1, 1}}, {}, low, high});
            cases.push_back({text + " channel first", Binary{kind}, {{channels, 1, 1}, x}, {}, low, high});
        }
        cases.push_back({text + " rows", Binary{kind}, {{3, 1, 4}, {5, 1}}, {}, low, high});
        cases.push_back({text + " last axis", Binary{kind}, {{1, 9, 16}, {16}}, {}, low, high});
        cases.push_back({text + " number", Binary{kind}, {{1, 9, 16}, {1}}, {}, low, high});
    }
    cases.push_back({"select", Select{}, {{1, 4, 3, 3}, {1, 4, 3, 3}, {1, 4, 3, 3}}, {}});
    cases.push_back({"select stretched", Select{}, {{4, 1}, {1, 5}, {2, 4, 5}}, {}});
    return cases;
}

std::vector<Case> reductions() {
    std::vector<Case> cases;
    for (int i = 0; i <= static_cast<int>(ReduceKind::kArgMin); ++i) {
        const auto kind = static_cast<ReduceKind>(i);
        const std::string text = "reduce " + std::to_string(i);
        const bool index = kind == ReduceKind::kArgMax || kind == ReduceKind::kArgMin;
        const bool positive = kind == ReduceKind::kLogSum || kind == ReduceKind::kProduct;
        const double low = positive ? 0.8 : -1, high = positive ? 1.3 : 1;
        for (const std::vector<int>& axes :
             std::vector<std::vector<int>>{{1}, {2}, {3}, {2, 3}, {1, 3}, {1, 2}, {0, 2, 3}}) {
            if (index && axes.size() > 1) continue;
            cases.push_back({text, Reduce{kind, axes}, {{1, 20, 4, 5}}, {}, low, high});
        }
        cases.push_back({text + " sequence", Reduce{kind, {1}}, {{2, 9, 16}}, {}, low, high});
    }
    for (const bool logarithm : {false, true}) {
        for (int axis = 0; axis < 4; ++axis)
            cases.push_back({"softmax " + std::to_string(axis), Softmax{axis, logarithm}, {{2, 20, 4, 5}}, {}, -3, 3});
    }
    for (int i = 0; i <= static_cast<int>(NormKind::kL2); ++i) {
        const auto kind = static_cast<NormKind>(i);
        const std::string text = "norm " + std::to_string(i);
        cases.push_back({text, Normalise{kind, {2}, 1e-5F, weights({16}), weights({16}, 8)}, {{1, 9, 16}}, {}});
        cases.push_back({text + " bare", Normalise{kind, {2}, 1e-5F, {}, {}}, {{1, 9, 16}}, {}});
        cases.push_back({text + " scaled", Normalise{kind, {2}, 1e-5F, weights({1, 16}), {}}, {{1, 9, 16}}, {}});
        cases.push_back({text + " of channels",
                         Normalise{kind, {1}, 1e-5F, weights({20, 1, 1}), weights({20, 1, 1}, 8)},
                         {{1, 20, 4, 5}},
                         {}});
        cases.push_back({text + " of instances",
                         Normalise{kind, {2, 3}, 1e-5F, weights({1, 20, 1, 1}), weights({20, 1, 1}, 8)},
                         {{1, 20, 4, 5}},
                         {}});
        cases.push_back({text + " of groups",
                         Normalise{kind, {2, 3, 4}, 1e-5F, weights({4, 5, 1, 1}), weights({4, 5, 1, 1}, 8)},
                         {{1, 4, 5, 4, 5}},
                         {}});
        cases.push_back(
            {text + " of two axes", Normalise{kind, {1, 3}, 1e-5F, {}, weights({1}, 8)}, {{2, 6, 4, 5}}, {}});
        cases.push_back({text + " of the last two",
                         Normalise{kind, {2, 3}, 1e-5F, weights({4, 5}), weights({5}, 8)},
                         {{2, 6, 4, 5}},
                         {}});
    }
    for (const int size : {1, 3, 4, 5})
        cases.push_back(
            {"local response " + std::to_string(size), LocalResponse{size, 0.9F, 0.75F, 1.5F}, {{1, 20, 4, 5}}, {}});
    cases.push_back({"local response in time", LocalResponse{3, 0.9F, 0.5F, 1}, {{1, 7, 9}}, {}});
    return cases;
}

StridedView view(std::int64_t offset, std::vector<std::int64_t> strides) { return {offset, std::move(strides)}; }

std::vector<Case> movements() {
    std::vector<Case> cases = {{"flatten", Reshape{}, {{1, 20, 3, 4}}, {1, 240}},
                               {"split", Reshape{}, {{1, 16, 6}}, {1, 4, 4, 2, 3}},
                               {"other extents", Reshape{}, {{4, 6}}, {3, 8}},
                               {"flatten pixels", Reshape{}, {{1, 20, 1, 1}}, {20}},
                               {"channels last", view(0, {240, 4, 1, 12}), {{1, 20, 3, 4}}, {1, 3, 4, 20}},
                               {"tokens", view(0, {240, 1, 12}), {{1, 20, 12}}, {1, 12, 20}},
                               {"tokens of pixels", view(0, {240, 1, 12}), {{1, 20, 3, 4}}, {1, 12, 20}},
                               {"a slice", view(24, {240, 12, 4, 1}), {{1, 20, 3, 4}}, {1, 10, 3, 4}},
                               {"every other", view(0, {240, 12, 8, 2}), {{1, 20, 3, 4}}, {1, 20, 2, 2}},
                               {"backwards", view(239, {-12, -1}), {{1, 20, 3, 4}}, {20, 12}},
                               {"stretched", view(0, {0, 0, 1}), {{5}}, {2, 3, 5}},
                               {"a diagonal", view(0, {6}), {{5, 5}}, {5}},
                               {"across axes", view(0, {5}), {{4, 6}}, {4}},
                               {"overlapping windows", view(0, {2, 1}), {{20}}, {8, 4}},
                               {"pixels to channels", view(0, {16, 1, 4, 8, 2}), {{1, 4, 4, 4}}, {4, 2, 2, 2, 2}},
                               {"gather", Gather{1, {3, 0, 0, 5}, {2, 2}}, {{2, 6, 3}}, {}},
                               {"gather rows", Gather{0, {1, 1, 0}, {3}}, {{2, 6}}, {}},
                               {"gather pixels", Gather{3, {2, 1}, {2}}, {{1, 20, 3, 4}}, {}},
                               {"concatenate", Concat{1}, {{1, 16, 3, 4}, {1, 32, 3, 4}, {1, 16, 3, 4}}, {}},
                               {"concatenate odd", Concat{1}, {{1, 5, 3, 4}, {1, 20, 3, 4}}, {}},
                               {"concatenate rows", Concat{2}, {{1, 16, 3, 4}, {1, 16, 2, 4}}, {}},
                               {"concatenate one", Concat{0}, {{3, 4}}, {}},
                               {"concatenate tokens", Concat{1}, {{1, 1, 8}, {1, 9, 8}}, {}}};
    for (const PadKind kind : {PadKind::kConstant, PadKind::kReflect, PadKind::kEdge, PadKind::kWrap}) {
        const std::string text = "pad " + std::to_string(static_cast<int>(kind));
        cases.push_back({text, Pad{kind, {0, 0, 1, 2}, {0, 0, 2, 0}, 0.5F}, {{1, 16, 3, 4}}, {}});
        cases.push_back({text + " with zeros", Pad{kind, {0, 0, 1, 2}, {0, 0, 2, 0}, 0}, {{1, 20, 3, 4}}, {}});
        cases.push_back({text + " channels", Pad{kind, {0, 2, 0}, {0, 1, 0}, -2}, {{1, 5, 4}}, {}});
        cases.push_back({text + " nothing", Pad{kind, {0, 0}, {0, 0}, -2}, {{5, 4}}, {}});
    }
    for (const bool exclusive : {false, true}) {
        for (const bool reverse : {false, true}) {
            for (int axis = 0; axis < 3; ++axis)
                cases.push_back({"cumulative sum", CumulativeSum{axis, exclusive, reverse}, {{4, 5, 3}}, {}});
        }
    }
    const Taps rows{2, 2, {0, 1, 1, 2, 2, 0}, {0.25F, 0.75F, 0.5F, 0.5F, 0.9F, 0.1F}};
    const Taps columns{3, 1, {0, 0, 1, 2, 3, 3, 3}, {1, 1, 1, 1, 1, 1, 1}};
    cases.push_back({"resample", Resample{{rows, columns}}, {{1, 16, 3, 4}}, {}});
    cases.push_back({"resample odd", Resample{{columns, rows}}, {{1, 20, 3, 4}}, {}});
    cases.push_back({"resample rows", Resample{{rows}}, {{1, 5, 3, 4}}, {}});
    return cases;
}

Recurrent recurrent(RecurrentKind kind, Direction direction, std::int64_t inputs, int hidden) {
    const std::int64_t directions = direction == Direction::kBidirectional ? 2 : 1, rows = gate_count(kind) * hidden;
    Recurrent r;
    r.kind = kind;
    r.direction = direction;
    r.hidden = hidden;
    r.input_weights = weights({directions, rows, inputs}, 1);
    r.recurrent_weights = weights({directions, rows, hidden}, 2);
    r.bias = weights({directions, 2 * rows}, 3);
    const Elementwise sigmoid{Function::kSigmoid, 0, 0}, tanh{Function::kTanh, 0, 0};
    for (std::int64_t d = 0; d < directions; ++d) {
        if (kind == RecurrentKind::kRnn) r.activations.push_back(tanh);
        if (kind == RecurrentKind::kGru) r.activations.insert(r.activations.end(), {sigmoid, tanh});
        if (kind == RecurrentKind::kLstm) r.activations.insert(r.activations.end(), {sigmoid, tanh, tanh});
    }
    return r;
}

std::vector<Case> recurrents() {
    std::vector<Case> cases;
    for (const RecurrentKind kind : {RecurrentKind::kRnn, RecurrentKind::kGru, RecurrentKind::kLstm}) {
        for (const Direction direction : {Direction::kForward, Direction::kReverse, Direction::kBidirectional}) {
            const std::int64_t directions = direction == Direction::kBidirectional ? 2 : 1;
            const std::string text =
                "recurrent " + std::to_string(static_cast<int>(kind)) + std::to_string(static_cast<int>(direction));
            Recurrent r = recurrent(kind, direction, 6, 5);
            cases.push_back({text, r, {{7, 1, 6}}, {}});
            cases.push_back({text + " batch", r, {{4, 3, 6}}, {}});
            const Shape state = {directions, 1, 5};
            std::vector<Shape> with_state = {{7, 1, 6}, state};
            if (kind == RecurrentKind::kLstm) with_state.push_back(state);
            cases.push_back({text + " with a state", r, with_state, {}});
            r.linear_before_reset = true;
            r.clip = 0.4F;
            if (kind == RecurrentKind::kLstm) r.peepholes = weights({directions, 15}, 4);
            cases.push_back({text + " in every respect", r, with_state, {}});
            r.bias = {};
            cases.push_back({text + " without bias", r, {{4, 3, 6}}, {}});
        }
    }
    return cases;
}

void check_cases(const std::vector<Case>& cases) {
    for (const Case& c : cases) check_case(c);
}

}  // namespace

TEST_CASE("Convolutions on the emulated GPU", "[cuda]") { check_cases(convolutions()); }
TEST_CASE("Products on the emulated GPU", "[cuda]") { check_cases(products()); }
TEST_CASE("Poolings on the emulated GPU", "[cuda]") { check_cases(poolings()); }
TEST_CASE("Functions on the emulated GPU", "[cuda]") { check_cases(functions()); }
TEST_CASE("Operations of several elements on the emulated GPU", "[cuda]") { check_cases(binaries()); }
TEST_CASE("Reductions and normalisations on the emulated GPU", "[cuda]") { check_cases(reductions()); }
TEST_CASE("Movements on the emulated GPU", "[cuda]") { check_cases(movements()); }
TEST_CASE("Recurrent layers on the emulated GPU", "[cuda]") { check_cases(recurrents()); }
