#include "profiler/network/fusion.hpp"

#include <algorithm>
#include <numeric>

namespace laxity {

namespace {

// Walks the layers in order; `stands_for_[i]` is the layer that gives what layer i gave.
class Fuser {
public:
    Fuser(std::vector<Layer>& layers, std::vector<int>& exits)
        : layers_(layers), exits_(exits), readers_(layers.size(), 0), stands_for_(layers.size()) {
        std::iota(stands_for_.begin(), stands_for_.end(), 0);
        for (const Layer& layer : layers_) {
            for (const int input : layer.inputs) ++readers(input);
        }
        for (const int exit : exits_) ++readers(exit);
    }

    void run() {
        for (int i = 0; i < static_cast<int>(layers_.size()); ++i) {
            for (int& input : layer(i).inputs) input = stands_for_[static_cast<std::size_t>(input)];
            fuse_layer(i);
        }
        for (int& exit : exits_) exit = stands_for_[static_cast<std::size_t>(exit)];
    }

private:
    Layer& layer(int i) { return layers_[static_cast<std::size_t>(i)]; }
    int& readers(int i) { return readers_[static_cast<std::size_t>(i)]; }

    void fuse_layer(int i);
    void replace(int i, int by);
    bool open(int i);
    void fold_scale(int i);
    void fold_activation(int i);
    void fold_addition(int i);
    void fold_reshape(int i);

    std::vector<Layer>& layers_;
    std::vector<int>& exits_;
    std::vector<int> readers_;
    std::vector<int> stands_for_;
};

bool is_scale(const Layer& layer) {
    const auto pointwise = [](const Window& w) {
        return w.kernel == 1 && w.stride == 1 && w.pad_begin == 0 && w.pad_end == 0;
    };
    return layer.kind == LayerKind::kConvolution && layer.inputs.size() == 1 && layer.groups == layer.shape.channels &&
           layer.weights.size() == layer.bias.size() && pointwise(layer.vertical) && pointwise(layer.horizontal);
}

// Layer i's only reader is about to become part of it: from now on layer `by` gives what i gave.
void Fuser::replace(int i, int by) {
    readers(by) = readers(i);
    stands_for_[static_cast<std::size_t>(i)] = by;
}

// Whether something can still be appended to layer i: only one reads it, and its activation, if any, is yet to come.
bool Fuser::open(int i) { return readers(i) == 1 && layer(i).activation.kind == ActivationKind::kNone; }

void Fuser::fuse_layer(int i) {
    switch (layer(i).kind) {
        case LayerKind::kConvolution:
            return fold_scale(i);
        case LayerKind::kActivation:
            return fold_activation(i);
        case LayerKind::kAdd:
            return fold_addition(i);
        case LayerKind::kDense:
        case LayerKind::kReshape:
            return fold_reshape(i);
        default:
            return;
    }
}

void Fuser::fold_scale(int i) {
    const Layer& scale = layer(i);
    if (!is_scale(scale)) return;
    const int before = scale.inputs[0];
    Layer& target = layer(before);
    if (!target.has_weights() || target.inputs.size() != 1 || !open(before)) return;
    const std::size_t per_channel = target.weights.size() / target.bias.size();
    for (std::size_t c = 0; c < target.bias.size(); ++c) {
        const auto row = target.weights.begin() + static_cast<std::ptrdiff_t>(c * per_channel);
        std::for_each(row, row + static_cast<std::ptrdiff_t>(per_channel), [&](float& w) { w *= scale.weights[c]; });
        target.bias[c] = target.bias[c] * scale.weights[c] + scale.bias[c];
    }
    target.activation = scale.activation;
    replace(i, before);
}

void Fuser::fold_activation(int i) {
    const int before = layer(i).inputs[0];
    const LayerKind kind = layer(before).kind;
    if ((!layer(before).has_weights() && kind != LayerKind::kAdd) || !open(before)) return;
    layer(before).activation = layer(i).activation;
    replace(i, before);
}

// The larger of the convolutions that are added takes the other summand as its residual.
void Fuser::fold_addition(int i) {
    const std::vector<int> summands = layer(i).inputs;
    int chosen = -1;
    for (const int s : summands) {
        const Layer& candidate = layer(s);
        if (candidate.kind != LayerKind::kConvolution || candidate.inputs.size() != 1 || !open(s)) continue;
        if (chosen < 0 || candidate.macs() > layer(chosen).macs()) chosen = s;
    }
    if (chosen < 0) return;
    layer(chosen).inputs.push_back(summands[0] == chosen ? summands[1] : summands[0]);
    layer(chosen).activation = layer(i).activation;
    replace(i, chosen);
}

// A dense layer reads the elements of any shape in the same order, and a vector is the same as a 1x1 image.
void Fuser::fold_reshape(int i) {
    int& input = layer(i).inputs[0];
    while (layer(input).kind == LayerKind::kReshape) {
        const int source = layer(input).inputs[0];
        if (--readers(input) > 0) ++readers(source);  // else the reshape is dead and its place is taken
        input = source;
    }
    if (layer(i).kind == LayerKind::kReshape && layer(i).shape == layer(input).shape) {
        const int before = input;
        readers(before) += readers(i) - 1;
        stands_for_[static_cast<std::size_t>(i)] = before;
    }
}

}  // namespace

void fuse(std::vector<Layer>& layers, std::vector<int>& exits) { Fuser(layers, exits).run(); }

}  // namespace laxity
