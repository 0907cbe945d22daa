// Whole networks on the processor against the interpreter: what crosses cuts, is read twice, or is computed in place.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "profiler/cpu/cpu_device.hpp"
#include "profiler/network/graph_builder.hpp"
#include "profiler/network/interpreter.hpp"
#include "profiler/network/network.hpp"
#include "tests/catch.hpp"
#include "tests/draws.hpp"

using namespace laxity;

namespace {

std::vector<float> numbers(std::int64_t count, test::Draws& draws) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(draws.real(-1, 1));
    return values;
}

// Convolutions, residuals, channels that are scaled, concatenations, transposes and slices of what came before,
// wherever it lies; an exit every few layers.
class Grower {
public:
    explicit Grower(std::uint64_t seed) : draws_(seed), channels_(draws_.integer(0, 1) == 0 ? 16 : 12) {
        values_.push_back(builder_.input());
        values_.push_back(convolution(builder_.input()));
    }

    Network grow(int exits) {
        std::vector<int> ends;
        for (int exit = 0; exit < exits; ++exit) {
            for (std::int64_t i = draws_.integer(1, 6); i > 0; --i) values_.push_back(layer());
            ends.push_back(builder_.layer_of(head()));
        }
        std::vector<Layer> layers = builder_.take_layers();
        for (std::size_t i = 0; i < layers.size(); ++i) {
            Layer& each = layers[i];
            // Scores that are zeros but for one say little about rounding.
            const bool is_exit = std::find(ends.begin(), ends.end(), static_cast<int>(i)) != ends.end();
            const bool may = each.as<Convolution>() || each.as<Binary>() || (each.as<Dense>() && !is_exit);
            if (may && draws_.integer(0, 2) == 0) each.activation = Elementwise{Function::kRelu, 0, 0};
        }
        return Network({"grown", "", ""}, std::move(layers), ends);
    }

private:
    std::string name() { return "layer " + std::to_string(values_.size()); }
    Value any() {
        return values_[static_cast<std::size_t>(draws_.integer(1, static_cast<std::int64_t>(values_.size()) - 1))];
    }
    Weights weights(const Shape& shape) {
        std::vector<float> values = numbers(shape.elements(), draws_);
        for (float& value : values) value *= 0.3F;
        return make_weights(shape, std::move(values));
    }
    Value add(Operation operation, std::vector<Value> inputs, const Shape& wanted = {}) {
        return builder_.add(name(), std::move(operation), inputs, wanted);
    }
    Value convolution(const Value& x, std::optional<Value> summand = {}) {
        const std::int64_t in = builder_.shape(x)[1];
        Convolution c;
        c.windows = {{3, 1, 1, 1, 1}, {3, 1, 1, 1, 1}};
        c.weights = weights({channels_, in, 3, 3});
        c.bias = weights(Shape{channels_});
        std::vector<Value> inputs = {x};
        if (summand) inputs.push_back(*summand);
        return add(std::move(c), inputs);
    }
    // Of the same shape as everything else: [1][channels][6][6].
    Value layer() {
        switch (draws_.integer(0, 11)) {
            case 0:
                return convolution(any());
            case 1:
                return convolution(any(), any());
            case 2:
                return add(Binary{BinaryKind::kAdd}, {any(), any()});
            case 3:
                return add(Unary{{Function::kTanh, 0, 0}}, {any()});
            case 4:
                return add(Binary{BinaryKind::kMultiply}, {any(), add(Reduce{ReduceKind::kMean, {2, 3}}, {any()})});
            case 5: {
                const int axes[] = {0, 1, 3, 2};
                return transpose(builder_, name(), any(), axes);
            }
            case 6:
                return convolution(add(Concat{1}, {any(), any()}));
            case 7: {  // through tokens and back
                const int axes[] = {0, 2, 1};
                const Value rows = reshape(builder_, name(), any(), {1, channels_, 36});
                const Value tokens = transpose(builder_, name(), rows, axes);
                const Value mixed = add(Dense{weights({channels_, channels_}), {}}, {tokens, tokens});
                return reshape(builder_, name(), transpose(builder_, name(), mixed, axes), {1, channels_, 6, 6});
            }
            case 8: {  // halves of the channels, swapped
                const Value x = any();
                const std::int64_t half = channels_ / 2;
                return add(Concat{1},
                           {slice(builder_, name(), x, 1, half, 1, half), slice(builder_, name(), x, 1, 0, 1, half)});
            }
            case 9: {  // larger, and smaller again
                const Value padded = add(Pad{PadKind::kReflect, {0, 0, 1, 2}, {0, 0, 1, 0}, 0}, {any()});
                return slice(builder_, name(), slice(builder_, name(), padded, 2, 0, 1, 6), 3, 2, 1, 6);
            }
            case 10: {
                const Taps rows{2,
                                2,
                                {0, 1, 1, 2, 3, 3, 4, 5, 5, 5, 0, 2},
                                {.5F, .5F, .3F, .7F, 1, 0, .2F, .8F, .5F, .5F, .1F, .9F}};
                return add(Resample{{rows}}, {any()});
            }
            default:
                return add(Pooling{PoolKind::kMaximum, {{3, 1, 1, 1, 1}, {3, 1, 1, 1, 1}}, false, {}}, {any()});
        }
    }
    Value head() {
        const Value& last = values_.back();
        if (draws_.integer(0, 1) == 0) {
            const Value flat = reshape(builder_, name(), last, {1, channels_ * 36});
            return add(Dense{weights({5, channels_ * 36}), weights(Shape{5})}, {flat});
        }
        const Value mean = add(Reduce{ReduceKind::kMean, {2, 3}}, {last});
        return add(Dense{weights({5, channels_}), weights(Shape{5})},
                   {reshape(builder_, name(), mean, {1, channels_})});
    }

    test::Draws draws_;
    std::int64_t channels_;
    GraphBuilder builder_{Shape{1, 3, 6, 6}};
    std::vector<Value> values_;
};

void check_scores(std::span<const float> found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    const auto [least, most] = std::minmax_element(expected.begin(), expected.end());
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
    CHECK(worst <= 1e-5 * (*most - *least));
}

// Three jobs whose stages take turns in a random order, in two lanes.
void check_interleaved(const Network& network, std::uint64_t seed) {
    constexpr int kSlots = 3;
    const auto executable = open_cpu_device()->prepare(network, {.slots = kSlots, .lanes = 2, .temperature = {}});
    test::Draws draws(seed);
    std::array<std::vector<std::vector<double>>, kSlots> expected;
    std::array<int, kSlots> next;
    next.fill(executable->stages());
    for (int step = 0; step < 8 * executable->stages(); ++step) {
        const auto slot = static_cast<std::size_t>(draws.integer(0, kSlots - 1));
        const int number = static_cast<int>(slot);
        if (next[slot] == executable->stages()) {
            const std::vector<float> input = numbers(network.input_shape().elements(), draws);
            expected[slot] = interpret(network, input);
            executable->load_input(number, input);
            next[slot] = 0;
        }
        const int stage = next[slot]++;
        executable->run_stage(number, stage, static_cast<int>(draws.integer(0, 1)));
        INFO("slot " << slot << ", stage " << stage);
        check_scores(executable->logits(number, stage), expected[slot][static_cast<std::size_t>(stage)]);
    }
}

}  // namespace

TEST_CASE("Random networks on the processor", "[cpu]") {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        check_interleaved(Grower(seed).grow(3), seed);
    }
}
