// Activations go into the layer before them, additions into a convolution or dense layer.
#include <utility>

#include "profiler/network/graph_editor.hpp"

namespace laxity {

namespace {

bool takes_activation(const Layer& layer) {
    return !layer.activation && !layer.as<Input>() && !layer.as<Constant>() && !layer.as<Reshape>() &&
           !layer.as<StridedView>();
}

bool takes_summand(const Layer& layer) {
    return !layer.activation && layer.inputs.size() == 1 && (layer.as<Convolution>() || layer.as<Dense>());
}

bool fuse_activation(GraphEditor& editor, int i) {
    const Unary* unary = plain<Unary>(editor.layer(i));
    if (unary == nullptr) return false;
    const int before = editor.layer(i).inputs[0];
    if (!editor.used_once(before) || !takes_activation(editor.layer(before))) return false;
    Layer merged = editor.layer(before);
    merged.activation = unary->function;
    editor.replace(i, std::move(merged));
    return true;
}

bool fuse_summand(GraphEditor& editor, int i, std::size_t into) {
    const Layer& sum = editor.layer(i);
    const int target = sum.inputs[into], other = sum.inputs[1 - into];
    if (!editor.used_once(target) || !takes_summand(editor.layer(target))) return false;
    if (!(editor.layer(target).shape == sum.shape && editor.layer(other).shape == sum.shape)) return false;
    Layer merged = editor.layer(target);
    merged.inputs.push_back(other);
    editor.replace(i, std::move(merged));
    return true;
}

// Of two that could take the other's result, the one that is executed later anyway does.
bool fuse_addition(GraphEditor& editor, int i) {
    if (!is_binary(editor.layer(i), BinaryKind::kAdd)) return false;
    const std::size_t later = editor.layer(i).inputs[1] > editor.layer(i).inputs[0] ? 1 : 0;
    return fuse_summand(editor, i, later) || fuse_summand(editor, i, 1 - later);
}

}  // namespace

bool fuse(LayerGraph& graph) {
    GraphEditor editor(graph);
    bool changed = false;
    for (int i = 1; i < editor.count(); ++i) {
        if (editor.alive(i)) changed |= fuse_addition(editor, i) || fuse_activation(editor, i);
    }
    return changed;
}

}  // namespace laxity
