// Executes layers one by one in double precision: what every operation means, written as plainly as it can be.
// Constants are folded by it, passes and devices are held against it; nothing is measured with it.
#pragma once

#include <span>
#include <vector>

#include "profiler/network/layer.hpp"
#include "profiler/network/network.hpp"

namespace laxity {

// Dense, row-major. Integers and truth values of ONNX are exact up to 2^53.
struct Tensor {
    Shape shape;
    std::vector<double> values;
};

// The operation's output, of shape `shape`, without the layer's activation. Inputs suit the operation (infer_shape).
Tensor evaluate(const Operation& operation, std::span<const Tensor* const> inputs, const Shape& shape);

// The scores of every exit for one input, which has the network's input shape. O(macs).
std::vector<std::vector<double>> interpret(const Network& network, std::span<const float> input);

// The same stage by stage, as a device does it: only what a stage reads and carries survives it, so that a cut that
// forgets a tensor is found.
class StagewiseInterpreter {
public:
    explicit StagewiseInterpreter(const Network& network) : network_(network) {}
    void load_input(std::span<const float> input);
    // Executes the next stage and returns its exit's scores.
    std::vector<double> run_stage();

private:
    const Network& network_;
    std::vector<Tensor> tensors_;  // by layer; empty if not alive
    int stage_ = 0;
};

}  // namespace laxity
