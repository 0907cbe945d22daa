// Turns layers into steps, one operation a function. Internal to profiler/cuda.
//
// | operation                              | what runs it                                                       |
// |----------------------------------------|--------------------------------------------------------------------|
// | Convolution, 1 or 2 axes               | cuDNN, bias, residual and relu in one call where it can            |
// | Convolution, 3 axes or transposed      | own kernel                                                         |
// | Dense, MatMul                          | cuBLAS; a Dense's bias, residual and activation by one own kernel  |
// | Pooling, 1 or 2 axes, largest, average | cuDNN where its padding is the same on both sides, else own kernel |
// | Reshape, Constant                      | nothing                                                            |
// | all others                             | own kernels, one call each; Concat and Resample one a part or axis |
// | the exit's softmax and answer          | cuDNN                                                              |
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "profiler/cuda/error.hpp"
#include "profiler/cuda/kernels/parameters.hpp"
#include "profiler/cuda/own_kernels.hpp"
#include "profiler/cuda/program.hpp"

namespace laxity::cuda {

// A tensor on the device, dense and row-major. Several may share a storage; a constant has an address and no storage.
struct DeviceTensor {
    Shape shape;
    cudnnDataType_t type = CUDNN_DATA_FLOAT;
    int storage = -1;
    std::byte* constant = nullptr;

    std::size_t bytes() const;
};

// Where a step finds a tensor.
struct Source {
    int storage = -1;
    std::byte* constant = nullptr;

    std::byte* at(const Operands& operands) const {
        return storage < 0 ? constant : operands.storages[static_cast<std::size_t>(storage)];
    }
};

class Compiler {
public:
    Compiler(const Network& network, const std::vector<double>& temperature, const Options& options, Queue& queue);
    Program run();

private:
    const Layer& now() const { return network_.layer(current_); }
    int& tensor_of(int layer) { return tensor_of_[static_cast<std::size_t>(layer)]; }
    const DeviceTensor& tensor(int t) const { return tensors_[static_cast<std::size_t>(t)]; }
    int source(std::size_t i) { return tensor_of(now().inputs[i]); }
    const Shape& shape_of(std::size_t i) { return tensor(source(i)).shape; }
    Source at(int t) const { return {tensor(t).storage, tensor(t).constant}; }

    // ---- compiler.cpp
    void count_readers();
    void upload_constants();
    void compile_stage(const Stage& stage, double temperature);
    void compile_layer(int index);
    int compile_operation();
    int as_scores(int t);
    void answer(int scores, double temperature);
    void place();
    int new_tensor(const Shape& shape, cudnnDataType_t type);
    int new_tensor(const Shape& shape) { return new_tensor(shape, type_); }
    int new_constant(const Weights& weights, cudnnDataType_t type);
    int alias(int t, const Shape& shape);
    std::byte* upload(const void* values, std::size_t bytes);
    std::byte* upload(std::span<const float> values, cudnnDataType_t type);
    void emit(const std::vector<int>& tensors, std::function<void(const Operands&)> enqueue);
    void reserve(std::size_t workspace_bytes) {
        program_.workspace_bytes = std::max(program_.workspace_bytes, workspace_bytes);
    }
    [[noreturn]] void fail(const std::string& problem) const;

    // ---- compiler_libraries.cpp: each returns the output's tensor
    int compile(const laxity::Convolution& convolution);
    int compile(const Dense& dense);
    int compile(const MatMul& product);
    int compile(const Pooling& pooling);
    int padded(const laxity::Convolution& convolution, std::vector<Window>& windows);
    int library_convolution(const laxity::Convolution& convolution);

    // ---- compiler_kernels.cpp
    int compile(const Input&) { fail("is an input amid the network"); }
    int compile(const laxity::Constant&) { fail("is a constant amid a stage"); }
    int compile(const Unary& unary);
    int compile(const Binary& binary);
    int compile(const Select&);
    int compile(const Reduce& reduce);
    int compile(const Softmax& softmax);
    int compile(const Normalise& normalise);
    int compile(const LocalResponse& response);
    int compile(const Resample& resample);
    int compile(const Reshape&) { return alias(source(0), now().shape); }
    int compile(const StridedView& view);
    int compile(const Gather& gather);
    int compile(const Pad& pad);
    int compile(const Concat& concat);
    int compile(const CumulativeSum& sum);
    int compile(const Recurrent& recurrent);
    int own_convolution(const laxity::Convolution& convolution);
    int own_pooling(const Pooling& pooling);
    int pad_with(int t, const Pad& pad, const Shape& shape);
    // Inputs, each broadcast to the shape, combined.
    int elementwise(const std::vector<int>& inputs, kernels::ElementwiseParameters p, int to);
    // The layer's activation, after a call of a library's. Bias and residual may be -1.
    void finish(int to, int bias, int residual);
    void convert_elements(int from, int to);
    kernels::Map activation() const;

    // Puts the kernel's call behind the stage's others: operand i is tensor operands[i]; -1: there is none.
    template <class Parameters>
    void launch(const char* kernel, Parameters parameters, const std::vector<int>& operands, Team team = Team::kThread);
    CUfunction kernel(const char* name);

    const Network& network_;
    const std::vector<double>& temperature_;
    const Options& options_;
    Queue& queue_;
    cudnnDataType_t type_;
    Program program_;
    std::vector<DeviceTensor> tensors_;
    std::vector<int> tensor_of_;  // by layer
    std::vector<int> readers_;    // by layer
    StageProgram* stage_ = nullptr;
    int current_ = 0;      // layer
    int stage_exit_ = -1;  // layer
};

std::size_t bytes_of(cudnnDataType_t type);
Images images(const Shape& shape);  // of rank 3 or 4: batch, channels, and 1 or 2 axes

}  // namespace laxity::cuda
