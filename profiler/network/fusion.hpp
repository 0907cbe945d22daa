// Makes fewer layers that compute the same, in the form that devices execute best.
#pragma once

#include <vector>

#include "profiler/network/network.hpp"

namespace laxity {

// Folds batch-norms (depthwise 1x1 convolutions) into the convolution or dense layer before them, additions into a
// convolution as its residual, activations into the layer before them, and reshapes into the dense layer after them.
// A layer is only changed where nothing else reads what it gave before. `layers` are in an order of execution; the
// result is not, and holds layers that nothing reads any more. `exits` are indices into `layers` and are updated.
// O(layers).
void fuse(std::vector<Layer>& layers, std::vector<int>& exits);

}  // namespace laxity
