// Kernels that stand in where oneDNN has only its reference code, which differs from processor to processor: called
// directly, against the interpreter.
#include <cmath>

#include "profiler/cpu/kernels/matmul.hpp"
#include "profiler/cpu/kernels/windows.hpp"
#include "profiler/network/interpreter.hpp"
#include "tests/catch.hpp"
#include "tests/draws.hpp"

using namespace laxity;

namespace {

std::vector<float> numbers(std::int64_t count, std::uint64_t seed) {
    test::Draws draws(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(draws.real(-1, 1));
    return values;
}

Tensor as_tensor(const Shape& shape, const std::vector<float>& values) {
    return {shape, {values.begin(), values.end()}};
}

void check_equal(const std::vector<float>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
    CHECK(worst < 1e-5);
}

struct ConvolutionCase {
    std::vector<Window> windows;
    int groups;
    bool transposed;
    Shape from, weights;
};

const Window kThree = {3, 1, 1, 1, 1}, kStrided = {3, 2, 1, 1, 0}, kDilated = {3, 1, 2, 2, 2}, kWide = {5, 3, 1, 4, 4};

const ConvolutionCase kConvolutions[] = {
    {{kThree, kThree}, 1, false, {1, 3, 7, 6}, {5, 3, 3, 3}},
    {{kStrided, kDilated}, 1, false, {2, 3, 7, 6}, {5, 3, 3, 3}},
    {{kThree, kStrided}, 3, false, {1, 6, 7, 6}, {12, 2, 3, 3}},
    {{kThree, kThree}, 6, false, {1, 6, 4, 5}, {6, 1, 3, 3}},
    {{kWide}, 1, false, {1, 4, 11}, {5, 4, 5}},
    {{kThree, kStrided, kDilated}, 2, false, {1, 4, 4, 5, 6}, {8, 2, 3, 3, 3}},
    {{kThree, kStrided}, 1, true, {2, 3, 4, 5}, {3, 5, 3, 3}},
    {{kWide, kDilated}, 2, true, {1, 4, 4, 5}, {4, 3, 5, 3}},
    {{kStrided}, 1, true, {1, 4, 6}, {4, 5, 3}},
};

void check_convolution(const ConvolutionCase& c, bool add) {
    Convolution layer;
    layer.windows = c.windows;
    layer.groups = c.groups;
    layer.transposed = c.transposed;
    layer.weights = make_weights(c.weights, numbers(c.weights.elements(), 1));
    const std::int64_t outputs = c.transposed ? c.weights[1] * c.groups : c.weights[0];
    layer.bias = make_weights(Shape{outputs}, numbers(outputs, 2));
    const Shape shapes[] = {c.from};
    const Shape to = infer_shape(layer, shapes);
    std::vector<float> x = numbers(c.from.elements(), 3), summand = numbers(to.elements(), 4), y = summand;
    std::vector<float> weights = *layer.weights.values, bias = *layer.bias.values;
    const Tensor given = as_tensor(c.from, x), second = as_tensor(to, summand);
    std::vector<const Tensor*> inputs = {&given};
    if (add) inputs.push_back(&second);
    const std::vector<double> expected = evaluate(layer, inputs, to).values;

    cpu::convolution_kernel(layer, c.from, to,
                            add)(std::vector<float*>{x.data(), weights.data(), bias.data(), y.data()});
    check_equal(y, expected);
    if (c.transposed) return;
    y = summand;
    std::vector<float> columns(static_cast<std::size_t>(cpu::columns_elements(layer, c.from, to)), 1e9F);
    cpu::columns_kernel(layer, c.from, to,
                        add)(std::vector<float*>{x.data(), weights.data(), bias.data(), y.data(), columns.data()});
    check_equal(y, expected);
}

}  // namespace

TEST_CASE("Our own convolutions", "[cpu]") {
    for (const ConvolutionCase& c : kConvolutions) {
        for (const bool add : {false, true}) {
            INFO(c.from.text() << " with " << c.weights.text());
            check_convolution(c, add);
        }
    }
}

TEST_CASE("Our own matrix products", "[cpu]") {
    for (const bool left : {false, true}) {
        for (const bool right : {false, true}) {
            const MatMul product{left, right, 0.5F};
            const Shape a = left ? Shape{2, 1, 5, 4} : Shape{2, 1, 4, 5}, b = right ? Shape{3, 6, 5} : Shape{3, 5, 6};
            const Shape to = {2, 3, 4, 6};
            std::vector<float> x = numbers(a.elements(), 1), y = numbers(b.elements(), 2);
            std::vector<float> result(static_cast<std::size_t>(to.elements()), 1e9F);
            const Tensor p = as_tensor(a, x), q = as_tensor(b, y);
            const Tensor* const inputs[] = {&p, &q};
            cpu::matmul_kernel(product, a, b, to)(std::vector<float*>{x.data(), y.data(), result.data()});
            check_equal(result, evaluate(product, inputs, to).values);
        }
    }
}

TEST_CASE("Our own dense layers", "[cpu]") {
    for (const bool add : {false, true}) {
        Dense layer{make_weights({7, 5}, numbers(35, 1)), make_weights({7}, numbers(7, 2))};
        std::vector<float> x = numbers(15, 3), summand = numbers(21, 4), y = summand;
        std::vector<float> weights = *layer.weights.values, bias = *layer.bias.values;
        const Tensor given = as_tensor({3, 5}, x), second = as_tensor({3, 7}, summand);
        std::vector<const Tensor*> inputs = {&given};
        if (add) inputs.push_back(&second);
        cpu::dense_kernel(3, 7, 5, add)(std::vector<float*>{x.data(), weights.data(), bias.data(), y.data()});
        check_equal(y, evaluate(layer, inputs, {3, 7}).values);
    }
}
