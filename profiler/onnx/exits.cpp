#include "profiler/onnx/exits.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

namespace laxity {

namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

using Layers = std::span<const Layer>;

std::set<int> needs(Layers layers, int of) {
    std::set<int> found = {of};
    for (int i = of; i >= 0; --i) {
        if (found.contains(i)) found.insert(layers[at(i)].inputs.begin(), layers[at(i)].inputs.end());
    }
    return found;
}

int wide_axes(const Shape& shape) {
    return static_cast<int>(
        std::count_if(shape.extents().begin(), shape.extents().end(), [](std::int64_t e) { return e > 1; }));
}

// The layer whose scores a softmax at the end turns into probabilities, or `layer` itself.
int without_softmax(Layers layers, int layer, bool& dropped) {
    int current = layer;
    while (layers[at(current)].as<Reshape>() != nullptr) current = layers[at(current)].inputs[0];
    const auto* softmax = layers[at(current)].as<Softmax>();
    const Shape& shape = layers[at(current)].shape;
    if (softmax == nullptr || shape[softmax->axis] != shape.elements()) return layer;
    dropped = true;
    return layers[at(current)].inputs[0];
}

// An output that several tensors were joined into: the concatenation, and for every element of the output which element
// of it it is.
struct Joined {
    int concat = -1;
    Tensor places;
};

std::optional<Joined> find_concat(Layers layers, int layer) {
    std::vector<int> chain;
    int current = layer;
    for (;;) {
        const Layer& its = layers[at(current)];
        if (its.as<Concat>() != nullptr) break;
        const bool passes = its.as<Reshape>() != nullptr || its.as<StridedView>() != nullptr || its.as<Softmax>() != nullptr;
        if (!passes || its.inputs.empty()) return {};
        chain.push_back(current);
        current = its.inputs[0];
    }
    Joined joined{current, {layers[at(current)].shape, {}}};
    joined.places.values.resize(at(joined.places.shape.elements()));
    std::iota(joined.places.values.begin(), joined.places.values.end(), 0.0);
    for (auto step = chain.rbegin(); step != chain.rend(); ++step) {
        const Layer& its = layers[at(*step)];
        if (its.as<Softmax>() != nullptr) continue;
        const Tensor* const inputs[] = {&joined.places};
        joined.places = evaluate(its.operation, inputs, its.shape);
    }
    return joined;
}

// The elements of each part, as places in the concatenation.
std::vector<std::vector<double>> parts_of(Layers layers, int concat) {
    const Layer& joined = layers[at(concat)];
    const int axis = joined.as<Concat>()->axis;
    const std::int64_t inner = joined.shape.elements(axis + 1, joined.shape.rank()),
                       outer = joined.shape.elements(0, axis);
    std::vector<std::vector<double>> parts;
    std::int64_t first = 0;
    for (const int input : joined.inputs) {
        const std::int64_t extent = layers[at(input)].shape[axis];
        std::vector<double>& part = parts.emplace_back();
        for (std::int64_t o = 0; o < outer; ++o) {
            for (std::int64_t i = 0; i < extent * inner; ++i)
                part.push_back(static_cast<double>((o * joined.shape[axis] + first) * inner + i));
        }
        first += extent;
    }
    return parts;
}

// The parts that the slices of an output along `axis` are, in the slices' order; nothing if they are no parts.
std::optional<std::vector<int>> slices_along(Layers layers, const Joined& joined, int axis) {
    const auto parts = parts_of(layers, joined.concat);
    const Shape& shape = joined.places.shape;
    const std::int64_t inner = shape.elements(axis + 1, shape.rank()), outer = shape.elements(0, axis);
    std::vector<int> exits;
    for (std::int64_t slice = 0; slice < shape[axis]; ++slice) {
        std::vector<double> places;
        for (std::int64_t o = 0; o < outer; ++o) {
            for (std::int64_t i = 0; i < inner; ++i)
                places.push_back(joined.places.values[at((o * shape[axis] + slice) * inner + i)]);
        }
        const auto part = std::find(parts.begin(), parts.end(), places);
        if (part == parts.end()) return {};
        exits.push_back(layers[at(joined.concat)].inputs[at(part - parts.begin())]);
    }
    return exits;
}

bool equal_parts(Layers layers, int concat) {
    const Layer& joined = layers[at(concat)];
    return joined.inputs.size() >= 2 && std::all_of(joined.inputs.begin(), joined.inputs.end(), [&](int input) {
               return layers[at(input)].shape.elements() == layers[at(joined.inputs[0])].shape.elements() &&
                      layers[at(input)].shape.elements() >= 2;
           });
}

// Whether each needs what none before it does, beyond a head of its own: exits of growing depth rather than features
// side by side.
bool grows(Layers layers, std::vector<int> exits) {
    std::stable_sort(exits.begin(), exits.end(),
                     [&](int a, int b) { return needs(layers, a).size() < needs(layers, b).size(); });
    std::vector<std::int64_t> sizes;
    for (const int exit : exits) sizes.push_back(static_cast<std::int64_t>(needs(layers, exit).size()));
    return std::adjacent_find(sizes.begin(), sizes.end(), [](auto a, auto b) { return b <= a; }) == sizes.end();
}

class Finder {
public:
    explicit Finder(OnnxGraph& graph) : graph_(graph) {}

    std::vector<OnnxExit> run(const std::vector<std::string>& names, bool chosen) {
        for (const std::string& text : names) {
            const auto [name, axis] = exit_name(text);
            add(name, axis, chosen);
        }
        if (!chosen) drop_single_numbers();
        if (exits_.size() == 1 && !(chosen && !split_)) split_only();
        drop_softmax();
        check_sizes();
        if (!chosen) order();
        return exits_;
    }

private:
    Layers layers() const { return graph_.builder().layers(); }
    const Shape& shape(const OnnxExit& exit) const { return layers()[at(exit.layer)].shape; }
    void remark(const std::string& text) { graph_.context().remark(text); }

    void add(const std::string& name, int axis, bool chosen);
    void drop_single_numbers();
    void split_only();
    void split(const OnnxExit& whole, const std::vector<int>& parts);
    void drop_softmax();
    void check_sizes() const;
    void order();

    OnnxGraph& graph_;
    std::vector<OnnxExit> exits_;
    bool split_ = false;
};

void Finder::add(const std::string& name, int axis, bool chosen) {
    const OnnxValue& value = *graph_.find(name);
    if (value.is_constant() || value.value.layer == 0) {
        if (chosen) graph_.fail("'" + name + "' is not computed from the input, so it is no exit");
        remark("the output '" + name + "' is not computed from the input and is no exit");
        return;
    }
    if (!chosen && (value.is_integer() || value.type == onnx::TensorProto::BOOL)) {
        remark("the output '" + name + "' holds no scores and is no exit");
        return;
    }
    const OnnxExit exit{name, value.value.layer};
    if (axis < 0) {
        exits_.push_back(exit);
        return;
    }
    if (axis >= shape(exit).rank())
        graph_.fail("'" + name + "' has no axis " + std::to_string(axis) + ": its shape is " + shape(exit).text());
    const auto joined = find_concat(layers(), exit.layer);
    const auto parts = joined ? slices_along(layers(), *joined, axis) : std::nullopt;
    if (parts) return split(exit, *parts);
    if (joined && equal_parts(layers(), joined->concat)) return split(exit, layers()[at(joined->concat)].inputs);
    graph_.fail("the slices of '" + name + "' along axis " + std::to_string(axis) +
                " are not computed one by one, so they are no exits");
}

void Finder::split(const OnnxExit& whole, const std::vector<int>& parts) {
    split_ = true;
    for (std::size_t i = 0; i < parts.size(); ++i)
        exits_.push_back({whole.name + "[" + std::to_string(i) + "]", parts[i]});
    remark("the output '" + whole.name + "' holds " + std::to_string(parts.size()) + " exits");
}

void Finder::drop_single_numbers() {
    const auto scores = [&](const OnnxExit& exit) { return shape(exit).elements() > 1; };
    if (std::none_of(exits_.begin(), exits_.end(), scores)) return;
    for (const OnnxExit& exit : exits_) {
        if (!scores(exit)) remark("the output '" + exit.name + "' is a single number (a confidence?) and no exit");
    }
    std::erase_if(exits_, [&](const OnnxExit& exit) { return !scores(exit); });
}

// A single output may be several exits that were stacked or concatenated.
void Finder::split_only() {
    if (split_) return;
    const OnnxExit whole = exits_[0];
    const Shape output = shape(whole);
    const auto joined = find_concat(layers(), whole.layer);
    if (wide_axes(output) == 1) {
        if (!joined || !equal_parts(layers(), joined->concat)) return;
        const std::vector<int> parts = layers()[at(joined->concat)].inputs;
        if (!grows(layers(), parts)) {
            graph_.fail("the output '" + whole.name + "' joins " + std::to_string(parts.size()) +
                            " parts of the same size, and it cannot be told whether they are exits",
                        "say --exits " + whole.name + ":" + std::to_string(std::max(1, output.rank() - 1)) +
                            " if they are, or --exits " + whole.name + " if it is one");
        }
        exits_.clear();
        return split(whole, parts);
    }
    for (int axis = 0; joined && axis < output.rank(); ++axis) {
        if (output[axis] < 2) continue;
        const auto parts = slices_along(layers(), *joined, axis);
        if (!parts || !grows(layers(), *parts)) continue;
        exits_.clear();
        return split(whole, *parts);
    }
    graph_.fail("the output '" + whole.name + "' has the shape " + output.text() +
                    ", which is neither the scores of one exit nor those of several that are computed one by one",
                "export one output per exit, or name the tensors that hold the scores with --exits NAME,...");
}

void Finder::drop_softmax() {
    bool dropped = false;
    for (OnnxExit& exit : exits_) exit.layer = without_softmax(layers(), exit.layer, dropped);
    if (dropped) remark("a softmax at the end of an exit is left out: devices compute it");
}

void Finder::check_sizes() const {
    if (exits_.empty())
        graph_.fail("has no output that holds scores", "name the tensors that do with --exits NAME,...");
    for (const OnnxExit& exit : exits_) {
        if (wide_axes(shape(exit)) > 1 || shape(exit)[0] != 1)
            graph_.fail(
                "'" + exit.name + "' has the shape " + shape(exit).text() + ", but an exit gives one score per class",
                "name the tensors that hold the scores with --exits NAME,...");
        if (shape(exit).elements() != shape(exits_[0]).elements())
            graph_.fail("'" + exit.name + "' gives " + std::to_string(shape(exit).elements()) + " scores, but '" +
                            exits_[0].name + "' gives " + std::to_string(shape(exits_[0]).elements()),
                        "name those that are exits with --exits NAME,...");
    }
}

// As they are written where each needs more than the one before it, else by how much they need.
void Finder::order() {
    std::vector<std::pair<std::size_t, std::size_t>> size(exits_.size());
    for (std::size_t i = 0; i < exits_.size(); ++i) size[i] = {needs(layers(), exits_[i].layer).size(), i};
    if (std::is_sorted(size.begin(), size.end(), [](auto a, auto b) { return a.first < b.first; })) return;
    // A head may be larger than the stage that follows it; what counts then is the deepest layer that an exit shares
    // with none before it.
    std::vector<std::set<int>> all;
    for (const OnnxExit& exit : exits_) all.push_back(needs(layers(), exit.layer));
    const auto depth = [&](std::size_t i) {
        std::size_t shared = 0;
        for (std::size_t k = 0; k < all.size(); ++k) {
            if (k == i) continue;
            std::vector<int> both;
            std::set_intersection(all[i].begin(), all[i].end(), all[k].begin(), all[k].end(), std::back_inserter(both));
            shared = std::max(shared, both.size());
        }
        return shared;
    };
    std::vector<std::size_t> shared(exits_.size());
    for (std::size_t i = 0; i < exits_.size(); ++i) shared[i] = depth(i);
    std::stable_sort(size.begin(), size.end(), [&](auto a, auto b) {
        return shared[a.second] != shared[b.second] ? shared[a.second] < shared[b.second] : a.first < b.first;
    });
    std::vector<OnnxExit> ordered;
    for (const auto& [count, i] : size) ordered.push_back(exits_[i]);
    const bool changed = !std::equal(ordered.begin(), ordered.end(), exits_.begin(),
                                     [](const OnnxExit& a, const OnnxExit& b) { return a.name == b.name; });
    if (changed) remark("the outputs are ordered by what they need, from shallow to deep");
    exits_ = std::move(ordered);
}

}  // namespace

std::vector<OnnxExit> find_exits(OnnxGraph& graph, const std::vector<std::string>& names, bool chosen) {
    return Finder(graph).run(names, chosen);
}

std::pair<std::string, int> exit_name(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon + 1 == text.size() || text.size() - colon > 2 ||
        text.find_first_not_of("0123456789", colon + 1) != std::string::npos)
        return {text, -1};
    return {text.substr(0, colon), text[colon + 1] - '0'};
}

}  // namespace laxity
