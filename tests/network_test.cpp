// Cutting at the exits, fusion, and networks that can't be cut.
#include "profiler/network/network.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/onnx_builder.hpp"
#include "tests/test_files.hpp"

using namespace laxity;

namespace {

Layer named(std::string name, LayerKind kind, std::vector<int> inputs, TensorShape shape) {
    Layer layer;
    layer.name = std::move(name);
    layer.kind = kind;
    layer.inputs = std::move(inputs);
    layer.shape = shape;
    return layer;
}

// Networks of layers without weights, which is all that cutting looks at.
class Sketch {
public:
    Sketch() { layers_.push_back(named("image", LayerKind::kInput, {}, {4, 1, 1})); }

    int relu(const std::string& name, int input) { return add(name, LayerKind::kActivation, {input}); }
    int sum(const std::string& name, int a, int b) { return add(name, LayerKind::kAdd, {a, b}); }
    Network cut(const std::vector<int>& exits) const { return Network({"sketch", "s.onnx", ""}, layers_, exits); }
    Layer& operator[](int i) { return layers_[static_cast<std::size_t>(i)]; }

    std::string refusal(const std::vector<int>& exits) const {
        return error_of([&] { cut(exits); });
    }

private:
    int add(const std::string& name, LayerKind kind, std::vector<int> inputs) {
        layers_.push_back(named(name, kind, std::move(inputs), {4, 1, 1}));
        return static_cast<int>(layers_.size()) - 1;
    }

    std::vector<Layer> layers_;
};

std::vector<std::string> names(const Network& network, const Stage& stage) {
    std::vector<std::string> names;
    for (const int i : stage.layers) names.push_back(network.layers()[static_cast<std::size_t>(i)].name);
    std::sort(names.begin(), names.end());
    return names;
}

const std::string& name(const Network& network, int layer) {
    return network.layers()[static_cast<std::size_t>(layer)].name;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A chain with side exits is cut behind what the exits share", "[network]") {
    Sketch s;
    const int a = s.relu("a", 0), head0 = s.relu("head0", a);
    const int b = s.relu("b", a), b2 = s.sum("b2", a, b), head1 = s.relu("head1", b2);
    const int c = s.relu("c", b2);
    const Network network = s.cut({head0, head1, c});
    REQUIRE(network.stages().size() == 3);
    CHECK(names(network, network.stages()[0]) == Names{"a", "head0"});
    CHECK(names(network, network.stages()[1]) == Names{"b", "b2", "head1"});
    CHECK(names(network, network.stages()[2]) == Names{"c"});
    CHECK(name(network, network.stages()[0].carried) == "a");
    CHECK(name(network, network.stages()[1].input) == "a");
    CHECK(name(network, network.stages()[1].carried) == "b2");
    CHECK(network.stages()[2].carried == -1);
    CHECK(network.stages()[0].activation_bytes == 16);
    CHECK(network.stages()[2].activation_bytes == 0);
    CHECK(network.classes() == 4);
}

TEST_CASE("Layers may come in any order and unneeded ones are dropped", "[network]") {
    Sketch s;
    const int late = s.relu("late", 2), early = s.relu("early", 0);
    REQUIRE(early == 2);
    s.relu("unneeded", early);
    const Network network = s.cut({late});
    CHECK(names(network, network.stages()[0]) == Names{"early", "late"});
    CHECK(name(network, network.stages()[0].layers[0]) == "early");
}

TEST_CASE("An exit's scores may be what is carried, and a stage may hand on its input", "[network]") {
    Sketch s;
    const int a = s.relu("a", 0), b = s.relu("b", a);
    const Network chain = s.cut({a, b});
    CHECK(name(chain, chain.stages()[0].carried) == "a");
    // A cascade: the deeper exit starts again from the image.
    const int c = s.relu("c", s.relu("d", 0));
    const Network cascade = s.cut({a, c});
    CHECK(name(cascade, cascade.stages()[0].carried) == "image");
    CHECK(names(cascade, cascade.stages()[1]) == Names{"c", "d"});
}

TEST_CASE("Networks that can't be cut are refused by name and reason", "[network]") {
    Sketch s;
    const int a = s.relu("a", 0), head0 = s.relu("head0", a), b = s.relu("b", a), head1 = s.relu("head1", b);
    SECTION("a skip across a stage") {
        const int c = s.sum("c", a, b);
        CHECK(s.refusal({head0, head1, c}) ==
              "s.onnx: 'c' in stage 2 reads 'b' of stage 1, but only the output of 'a' is carried there; exactly one "
              "tensor may cross from stage to stage");
    }
    SECTION("an exit's inside read by a later one") {
        const int c = s.sum("c", head0, b);
        CHECK(s.refusal({s.relu("h", head0), c}).find("'c' in stage 1 reads 'head0' of stage 0") != std::string::npos);
    }
    SECTION("exits out of order") {
        CHECK(s.refusal({head1, head0}).find("'head0' is exit 1 but not as deep as exit 0; list the graph's outputs") !=
              std::string::npos);
    }
    SECTION("the same exit twice") {
        CHECK(s.refusal({head0, head0}).find("'head0' is exit 1 and an earlier exit at once") != std::string::npos);
    }
    SECTION("different numbers of classes") {
        s[head1].shape = {5, 1, 1};
        CHECK(s.refusal({head0, head1}).find("'head1' gives 5 scores, but the first exit gives 4") !=
              std::string::npos);
    }
    SECTION("an exit that is an image") {
        s[head1].shape = {4, 2, 2};
        CHECK(s.refusal({head0, head1}).find("one score per class, not 4x2x2") != std::string::npos);
    }
    SECTION("a single class") {
        s[head0].shape = {1, 1, 1};
        CHECK(s.refusal({head0}).find("at least 2 classes") != std::string::npos);
    }
    SECTION("no exits, and too many") {
        CHECK(s.refusal({}).find("1 to 16 outputs, one per exit, found 0") != std::string::npos);
        CHECK(s.refusal(std::vector<int>(17, head0)).find("found 17") != std::string::npos);
    }
    SECTION("a cycle") {
        s[a].inputs = {b};
        CHECK(s.refusal({head0}).find("has a cycle") != std::string::npos);
    }
    SECTION("links to nowhere") {
        s[a].inputs = {99};
        CHECK(s.refusal({head0}).find("'a' reads a layer that does not exist") != std::string::npos);
        CHECK(s.refusal({-1}).find("an exit is no layer") != std::string::npos);
    }
    SECTION("weights that don't match") {
        s[a].kind = LayerKind::kDense;
        s[a].weights.resize(15);
        s[a].bias.resize(4);
        CHECK(s.refusal({head0}).find("'a' has weights that do not match its shape") != std::string::npos);
    }
    SECTION("a second input") {
        s[a].kind = LayerKind::kInput;
        CHECK(s.refusal({head0}).find("'a' must not be an input") != std::string::npos);
    }
}

TEST_CASE("A residual network is fused to one layer per convolution", "[network]") {
    OnnxBuilder builder({1, 3, 8, 8});
    builder.convolution("input", "stem", 3, 16).node("Relu", {"stem"}, "x0").head("x0", 16);
    builder.convolution("x0", "first", 16, 16).node("Relu", {"first"}, "h").convolution("h", "second", 16, 16);
    builder.node("Add", {"second", "x0"}, "sum").node("Relu", {"sum"}, "x1").head("x1", 16);
    const Network network = builder.import();
    REQUIRE(network.stages().size() == 2);
    CHECK(network.stages()[0].layers.size() == 3);  // stem, mean, classifier
    CHECK(network.stages()[1].layers.size() == 4);
    const Layer& carried = network.layers()[static_cast<std::size_t>(network.stages()[0].carried)];
    CHECK(carried.name == "the stem");
    CHECK(carried.activation.kind == ActivationKind::kRelu);
}

TEST_CASE("Nothing is fused into a layer that something else reads", "[network]") {
    OnnxBuilder builder({1, 3, 8, 8});
    builder.convolution("input", "conv", 3, 16)
        .node("Relu", {"conv"}, "x")
        .head("conv", 16)
        .convolution("x", "y", 16, 16)
        .head("y", 16);
    const Network network = builder.import();
    const Layer& carried = network.layers()[static_cast<std::size_t>(network.stages()[0].carried)];
    CHECK(carried.name == "the conv");
    CHECK(carried.activation.kind == ActivationKind::kNone);
}
