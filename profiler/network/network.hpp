// An early-exit network as a device sees it: layers in the order of execution, cut into stages at the exits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "profiler/network/layer.hpp"

namespace laxity {

// A segment of the network that ends in an exit. It reads the network's input or what earlier stages left, and leaves
// what later ones read.
struct Stage {
    std::vector<int> layers;  // in the order of execution; no Constants
    std::vector<int> reads;   // layers of earlier stages (or the input, layer 0) whose outputs it reads, ascending
    std::vector<int>
        carried;   // all that is alive when it has ended: made by it or before, read by a later stage; ascending
    int exit = 0;  // layer whose output are the exit's scores: as many elements as there are classes
    std::int64_t macs = 0;
    std::int64_t parameter_bytes = 0;   // of all weights that it reads; those that stages share count in each
    std::int64_t activation_bytes = 0;  // of the carried tensors
};

struct NetworkOrigin {
    std::string name;
    std::string file;    // for messages
    std::string sha256;  // of the file; empty if it came from none
};

// Immutable and checked. Cutting: a layer belongs to the first exit that needs it, so exit k depends on the input only
// through what the stages before left. As many tensors as need be cross a cut.
class Network {
public:
    // `layers[0]` is the input, the others come in any order; those that no exit needs are dropped. `exits` are indices
    // into `layers`, shallow to deep: each needs at least one layer that those before it do not. Throws InputError that
    // names the layer if there is a cycle, an input that does not suit its operation, a shape that is not what the
    // operation gives, 0 or more than kMaxStages exits, exits with different numbers of scores or with fewer than 2, an
    // exit that needs nothing new, or one that does not depend on the input. O(layers * exits).
    Network(NetworkOrigin origin, std::vector<Layer> layers, const std::vector<int>& exits);

    const NetworkOrigin& origin() const { return origin_; }
    const std::string& name() const { return origin_.name; }
    const Shape& input_shape() const { return layers_.front().shape; }  // its first axis is the batch, 1
    int classes() const { return classes_; }
    std::int64_t parameters() const;                           // distinct weights of all stages
    std::span<const Layer> layers() const { return layers_; }  // each after all layers it reads; the input first
    std::span<const Stage> stages() const { return stages_; }
    const Layer& layer(int i) const { return layers_[static_cast<std::size_t>(i)]; }
    std::vector<Shape> input_shapes(const Layer& layer) const;

private:
    NetworkOrigin origin_;
    std::vector<Layer> layers_;
    std::vector<Stage> stages_;
    int classes_ = 0;
};

}  // namespace laxity
