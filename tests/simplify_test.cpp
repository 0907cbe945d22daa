#include "profiler/network/simplify.hpp"

#include <algorithm>
#include <cmath>

#include "profiler/network/interpreter.hpp"
#include "tests/catch.hpp"
#include "tests/random_network.hpp"

using namespace laxity;

namespace {

std::vector<std::vector<double>> scores(const LayerGraph& graph, std::uint64_t seed) {
    const Network network({"random", "random", ""}, graph.layers, graph.exits);
    test::Draws draws(seed);
    std::vector<float> input(static_cast<std::size_t>(network.input_shape().elements()));
    for (float& value : input) value = static_cast<float>(draws.real(-1, 1));
    return interpret(network, input);
}

}  // namespace

TEST_CASE("simplified networks compute the same") {
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        const LayerGraph before = test::RandomNetwork(seed).grow();
        LayerGraph after = before;
        simplify(after);
        const auto expected = scores(before, seed), found = scores(after, seed);
        REQUIRE(found.size() == expected.size());
        for (std::size_t exit = 0; exit < expected.size(); ++exit) {
            double most = 1;
            for (const double score : expected[exit]) most = std::max(most, std::abs(score));
            for (std::size_t i = 0; i < expected[exit].size(); ++i)
                REQUIRE(std::abs(found[exit][i] - expected[exit][i]) <= 1e-4 * most);
        }
    }
}

namespace {

// What is left of one value between the input [1][4][6] and the exit.
template <class Build>
std::vector<Layer> simplified(Build build) {
    GraphBuilder builder(Shape{1, 4, 6});
    const Value end = build(builder);
    LayerGraph graph{{}, {builder.layer_of(end)}};
    graph.layers = builder.take_layers();
    simplify(graph);
    return graph.layers;
}

Value number(double value) { return GraphBuilder::constant({{}, {value}}); }

}  // namespace

TEST_CASE("a GELU taken apart is one function") {
    const std::vector<Layer> layers = simplified([](GraphBuilder& b) {
        const Value x = b.input();
        const Value scaled = binary(b, "", BinaryKind::kDivide, x, number(std::sqrt(2.0)));
        const Value sum = binary(b, "", BinaryKind::kAdd, unary(b, "", {Function::kErf, 0, 0}, scaled), number(1));
        return binary(b, "", BinaryKind::kMultiply, binary(b, "", BinaryKind::kMultiply, x, sum), number(.5));
    });
    REQUIRE(layers.size() == 2);
    CHECK(layers[1].as<Unary>()->function.function == Function::kGeluErf);
}

TEST_CASE("a layer normalisation taken apart is one layer") {
    const std::vector<Layer> layers = simplified([](GraphBuilder& b) {
        const auto mean = [&](const Value& x) { return b.add("", Reduce{ReduceKind::kMean, {2}}, {{x}}); };
        const Value centred = binary(b, "", BinaryKind::kSubtract, b.input(), mean(b.input()));
        const Value variance = mean(binary(b, "", BinaryKind::kPower, centred, number(2)));
        const Value sum = binary(b, "", BinaryKind::kAdd, variance, number(.25));
        return binary(b, "", BinaryKind::kDivide, centred, unary(b, "", {Function::kSquareRoot, 0, 0}, sum));
    });
    REQUIRE(layers.size() == 2);
    REQUIRE(layers[1].as<Normalise>());
    CHECK(layers[1].as<Normalise>()->epsilon == .25F);
}

TEST_CASE("pads and constants beside a convolution go into it") {
    const std::vector<Layer> layers = simplified([](GraphBuilder& b) {
        Convolution convolution{
            {{3, 1, 1, 0, 0}}, 1, false, {}, make_weights({2, 4, 3}, std::vector<float>(24, 1)), {}};
        const Value padded = b.add("", Pad{PadKind::kConstant, {0, 0, 1}, {0, 0, 1}, 0}, {{b.input()}});
        const Value scale = GraphBuilder::constant({Shape{2, 1}, {2, 3}});
        const Value product =
            binary(b, "", BinaryKind::kMultiply, b.add("", std::move(convolution), {{padded}}), scale);
        return unary(b, "", {Function::kRelu, 0, 0}, binary(b, "", BinaryKind::kAdd, product, number(1)));
    });
    REQUIRE(layers.size() == 2);
    REQUIRE(layers[1].as<Convolution>());
    CHECK(layers[1].as<Convolution>()->windows[0] == Window{3, 1, 1, 1, 1});
    CHECK(layers[1].as<Convolution>()->weights.values->back() == 3);
    CHECK(layers[1].as<Convolution>()->bias == make_weights({2}, {1, 1}));
    CHECK(layers[1].activation == Elementwise{Function::kRelu, 0, 0});
}
