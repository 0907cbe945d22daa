#include "profiler/network/simplify.hpp"

#include <map>
#include <utility>

#include "profiler/network/graph_editor.hpp"

namespace laxity {

namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool equal(const Layer& a, const Layer& b) {
    return a.operation == b.operation && a.shape == b.shape && a.activation == b.activation;
}

// Layers that read the same and do the same.
bool merge_equal(LayerGraph& graph) {
    GraphEditor editor(graph);
    std::map<std::pair<std::size_t, std::vector<int>>, std::vector<int>> seen;  // by kind and inputs
    bool changed = false;
    for (int i = 1; i < editor.count(); ++i) {
        if (!editor.alive(i)) continue;
        std::vector<int>& alike = seen[{editor.layer(i).operation.index(), editor.layer(i).inputs}];
        bool merged = false;
        for (std::size_t k = 0; k < alike.size() && !merged; ++k)
            merged = equal(editor.layer(alike[k]), editor.layer(i)) && editor.redirect(i, alike[k]);
        if (!merged) alike.push_back(i);
        changed |= merged;
    }
    return changed;
}

// Lists what the exits need, each layer after those it reads.
class Order {
public:
    explicit Order(const LayerGraph& graph) : graph_(graph), position_(graph.layers.size(), -1) {
        visit(0);
        for (const int exit : graph.exits) visit(exit);
    }
    LayerGraph apply() const {
        LayerGraph result;
        for (const int i : order_) {
            result.layers.push_back(graph_.layers[at(i)]);
            for (int& input : result.layers.back().inputs) input = position_[at(input)];
        }
        for (const int exit : graph_.exits) result.exits.push_back(position_[at(exit)]);
        return result;
    }
    bool drops() const { return order_.size() < graph_.layers.size(); }

private:
    // Without recursion: networks may be thousands of layers deep.
    void visit(int root) {
        std::vector<std::pair<int, std::size_t>> path{{root, 0}};
        while (!path.empty()) {
            auto& [layer, next] = path.back();
            const std::vector<int>& inputs = graph_.layers[at(layer)].inputs;
            if (position_[at(layer)] >= 0) {
                path.pop_back();
            } else if (next < inputs.size()) {
                path.emplace_back(inputs[next++], 0);
            } else {
                position_[at(layer)] = static_cast<int>(order_.size());
                order_.push_back(layer);
                path.pop_back();
            }
        }
    }

    const LayerGraph& graph_;
    std::vector<int> position_;
    std::vector<int> order_;
};

bool drop_unread(LayerGraph& graph) {
    const Order order(graph);
    const bool drops = order.drops();
    graph = order.apply();
    return drops;
}

}  // namespace

bool drop_dead(LayerGraph& graph) {
    const bool dropped = drop_unread(graph);
    const bool merged = merge_equal(graph);
    if (merged) drop_unread(graph);
    return dropped || merged;
}

void simplify(LayerGraph& graph) {
    drop_dead(graph);
    const auto run = [&](bool (*pass)(LayerGraph&)) {
        const bool changed = pass(graph);
        if (changed) drop_dead(graph);
        return changed;
    };
    // Activations are put into layers last: before, they would hide what a pattern is made of.
    bool changed = true;
    while (changed) {
        changed = run(recognise);
        changed |= run(simplify_movement);
        changed |= run(fold_linear);
    }
    while (run(fuse)) {
    }
}

}  // namespace laxity
