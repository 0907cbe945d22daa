// Rewrites a graph of layers in place, for the passes of simplify.hpp.
#pragma once

#include <optional>
#include <vector>

#include "profiler/network/simplify.hpp"

namespace laxity {

// Knows at any time how often each layer's output is read. A pass replaces the last layer of what it recognised by one
// that reads what the first one read; layers between them die if nothing else reads them, and stop reading at once, so
// that "nothing else reads it" holds for the next pattern. Dead layers stay in the list until drop_dead. What replaces
// a layer reads only layers before it, or added ones: drop_dead brings all into an order of execution.
class GraphEditor {
public:
    explicit GraphEditor(LayerGraph& graph);

    int count() const { return static_cast<int>(graph_.layers.size()); }
    const Layer& layer(int i) const { return graph_.layers[static_cast<std::size_t>(i)]; }
    const Layer& input(const Layer& layer, std::size_t i) const { return this->layer(layer.inputs[i]); }
    bool alive(int i) const { return i == 0 || uses_[static_cast<std::size_t>(i)] > 0; }
    bool is_exit(int i) const;
    // Exactly one layer reads it, once, and it is no exit: it may be merged into that reader.
    bool used_once(int i) const { return uses_[static_cast<std::size_t>(i)] == 1 && !is_exit(i); }

    void replace(int i, Layer layer);
    // All readers of `from` read `to`, which has the same shape. False, and nothing done, if both are exits.
    bool redirect(int from, int to);
    // A new layer at the end; it lives when something that reads it is put into the graph.
    int add(Layer layer);

private:
    void use(const Layer& layer);
    void release(int i);

    LayerGraph& graph_;
    std::vector<int> uses_;  // reads by living layers and exits
};

// ---- What patterns ask ----------------------------------------------------------------------------------------------

// The layer's operation, if it is of this kind and nothing follows it yet.
template <class Kind>
const Kind* plain(const Layer& layer) {
    return layer.activation ? nullptr : layer.as<Kind>();
}
// The function of a plain Unary of this kind.
const Elementwise* function_of(const Layer& layer, Function function);
bool is_binary(const Layer& layer, BinaryKind kind);
// The number that a Constant consists of, if it is one.
std::optional<double> uniform(const Layer& layer);

}  // namespace laxity
