#include "profiler/network/graph_editor.hpp"

#include <algorithm>
#include <utility>

namespace laxity {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

// In the order of execution, backwards: whether a layer lives is known before what it reads is counted.
GraphEditor::GraphEditor(LayerGraph& graph) : graph_(graph), uses_(graph.layers.size(), 0) {
    for (const int exit : graph.exits) ++uses_[at(exit)];
    for (int i = count() - 1; i > 0; --i) {
        if (uses_[at(i)] == 0) continue;
        for (const int input : layer(i).inputs) ++uses_[at(input)];
    }
}

bool GraphEditor::is_exit(int i) const {
    return std::find(graph_.exits.begin(), graph_.exits.end(), i) != graph_.exits.end();
}

void GraphEditor::use(const Layer& layer) {
    for (const int input : layer.inputs) {
        if (uses_[at(input)]++ == 0 && input != 0) use(this->layer(input));
    }
}

void GraphEditor::release(int i) {
    if (--uses_[at(i)] > 0 || i == 0) return;
    for (const int input : layer(i).inputs) release(input);
}

void GraphEditor::replace(int i, Layer layer) {
    use(layer);
    const std::vector<int> before = std::exchange(graph_.layers[at(i)], std::move(layer)).inputs;
    for (const int input : before) release(input);
}

bool GraphEditor::redirect(int from, int to) {
    if (is_exit(from) && is_exit(to)) return false;
    const auto move = [&](int& reader) {
        if (reader != from) return;
        reader = to;
        ++uses_[at(to)];
        release(from);
    };
    for (int i = 0; i < count(); ++i) {
        if (!alive(i)) continue;
        for (int& input : graph_.layers[at(i)].inputs) move(input);
    }
    for (int& exit : graph_.exits) move(exit);
    return true;
}

int GraphEditor::add(Layer layer) {
    graph_.layers.push_back(std::move(layer));
    uses_.push_back(0);
    return count() - 1;
}

const Elementwise* function_of(const Layer& layer, Function function) {
    const Unary* unary = plain<Unary>(layer);
    return unary != nullptr && unary->function.function == function ? &unary->function : nullptr;
}

bool is_binary(const Layer& layer, BinaryKind kind) {
    const Binary* binary = plain<Binary>(layer);
    return binary != nullptr && binary->kind == kind;
}

std::optional<double> uniform(const Layer& layer) {
    const Constant* constant = layer.as<Constant>();
    if (constant == nullptr || constant->value.count() == 0) return std::nullopt;
    const std::vector<float>& values = *constant->value.values;
    const bool same = std::all_of(values.begin(), values.end(), [&](float value) { return value == values[0]; });
    return same ? std::optional<double>(values[0]) : std::nullopt;
}

}  // namespace laxity
