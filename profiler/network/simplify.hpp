// Makes fewer layers that compute the same, in the form that devices execute best.
#pragma once

#include <vector>

#include "profiler/network/layer.hpp"

namespace laxity {

struct LayerGraph {
    std::vector<Layer> layers;  // in an order of execution; layer 0 is the input
    std::vector<int> exits;     // into `layers`
};

// Runs the passes below, in an order that suits them, until none finds anything. A layer is only merged with another
// where nothing else reads what it gave before. Every pass keeps the graph's meaning but for rounding.
void simplify(LayerGraph& graph);

// ---- The passes, each returns whether it changed something ----------------------------------------------------------

// Drops layers that no exit needs, and merges equal ones.
bool drop_dead(LayerGraph& graph);
// Sees what exporters took apart: layer normalisation from means and powers, GELU by erf or tanh, swish, hard swish,
// mish, softmax, root mean square, batch normalisation from its four operations.
bool recognise(LayerGraph& graph);
// Joins reshapes and views in a row, drops those that change nothing, moves transposes into matrix products, pads of
// zeros into convolutions and poolings, flattens before global poolings.
bool simplify_movement(LayerGraph& graph);
// Folds multiplications and additions of constants into the convolution, dense layer, matrix product or normalisation
// before or after them; products with constant matrices become dense layers.
bool fold_linear(LayerGraph& graph);
// Puts activations into the layer before them and additions into a convolution or dense layer as its second input.
bool fuse(LayerGraph& graph);

}  // namespace laxity
