// An early-exit network as a device sees it: layers in the order of execution, cut into stages at the exits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace laxity {

// One tensor of one input (the batch is always 1). A vector has height = width = 1.
struct TensorShape {
    int channels = 0;
    int height = 1;
    int width = 1;

    std::int64_t area() const { return std::int64_t{height} * width; }
    std::int64_t elements() const { return channels * area(); }
    std::string text() const;  // "16x14x14"

    friend bool operator==(const TensorShape&, const TensorShape&) = default;
};

enum class LayerKind : std::uint8_t {
    kInput,
    kConvolution,  // + bias [+ residual] [+ activation]; a batch-norm that stands alone is a depthwise 1x1 one
    kDense,        // of all elements of its input in channel, height, width order; + bias [+ activation]
    kAdd,          // of two tensors of the same shape [+ activation]
    kConcat,       // along the channels
    kMaxPool,
    kAveragePool,
    kActivation,
    kReshape,  // the same elements in channel, height, width order under another shape
};

enum class ActivationKind : std::uint8_t { kNone, kRelu, kClip, kSigmoid, kHardSwish };

struct Activation {
    ActivationKind kind = ActivationKind::kNone;
    float low = 0;  // of kClip
    float high = 0;
};

// Window of a convolution or pooling, along one axis.
struct Window {
    int kernel = 1;
    int stride = 1;
    int dilation = 1;
    int pad_begin = 0;
    int pad_end = 0;

    int extent() const { return (kernel - 1) * dilation + 1; }
};

struct Layer {
    std::string name;  // the operator's name in the file, for messages
    LayerKind kind = LayerKind::kInput;
    std::vector<int> inputs;      // layers whose outputs it reads; a convolution's second one is the residual it adds
    TensorShape shape;            // of its output
    Window vertical, horizontal;  // of convolutions and poolings
    int groups = 1;
    bool count_padding = false;  // kAveragePool: padding counts as zeros
    std::vector<float> weights;  // convolution: [out][in / groups][kernel height][kernel width]; dense: [out][in]
    std::vector<float> bias;     // [out]
    Activation activation;       // applied last

    bool has_weights() const { return kind == LayerKind::kConvolution || kind == LayerKind::kDense; }
    // Multiply-accumulates of one execution; 0 without weights.
    std::int64_t macs() const { return static_cast<std::int64_t>(weights.size()) * shape.area(); }
};

// A segment of the network: it reads one activation, ends in an exit and hands one activation on.
struct Stage {
    std::vector<int> layers;  // in the order of execution
    int input = 0;            // layer whose output it reads: the network's input, or what the stage before carries
    int carried = -1;         // layer whose output the next stage reads; -1 for the last stage
    int exit = 0;             // layer whose output are the exit's scores, one per class
    std::int64_t macs = 0;
    std::int64_t parameter_bytes = 0;
    std::int64_t activation_bytes = 0;  // of the carried activation
};

struct NetworkOrigin {
    std::string name;
    std::string file;    // for messages
    std::string sha256;  // of the file; empty if it came from none
};

// Immutable and checked. Cutting: the activation carried past exit k is the deepest tensor that exit k depends on and
// that dominates every deeper exit. Each layer belongs to the first exit that needs it, so exit k depends on the
// input only through what stage k - 1 carries.
class Network {
public:
    // `layers[0]` is the input, the others come in any order; those that no exit needs end up in no stage. `exits` are
    // indices into `layers`, shallow to deep. Throws InputError that names the layer if there is a
    // cycle, a wrong number of inputs or of scores, exits out of order, or a tensor besides the carried one that
    // crosses a cut. O(layers * exits).
    Network(NetworkOrigin origin, std::vector<Layer> layers, const std::vector<int>& exits);

    const NetworkOrigin& origin() const { return origin_; }
    const std::string& name() const { return origin_.name; }
    TensorShape input_shape() const { return layers_.front().shape; }
    int classes() const { return classes_; }
    std::int64_t parameters() const;                           // weights and biases, after batch-norms were folded
    std::span<const Layer> layers() const { return layers_; }  // each after all layers it reads
    std::span<const Stage> stages() const { return stages_; }

private:
    NetworkOrigin origin_;
    std::vector<Layer> layers_;
    std::vector<Stage> stages_;
    int classes_ = 0;
};

}  // namespace laxity
