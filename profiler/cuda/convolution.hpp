// One convolution on cuDNN, and the choice of its implementation. Internal to profiler/cuda.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "profiler/cuda/options.hpp"
#include "profiler/cuda/program.hpp"
#include "profiler/device/device.hpp"

namespace laxity::cuda {

// y = relu?(x * weights + bias + residual?), with descriptors of all operands.
struct Convolution {
    std::string layer;
    TensorDescriptor from, to, bias;
    FilterDescriptor filter;
    ConvolutionDescriptor window;
    ActivationDescriptor activation;  // a relu or the identity
    bool residual = false;
    bool adds_input = false;  // the residual is what it convolves
    bool relu = false;
    std::byte* weight_data = nullptr;
    std::byte* bias_data = nullptr;
    std::size_t from_bytes = 0, to_bytes = 0;
};

// How to execute it.
struct Implementation {
    cudnnConvolutionFwdAlgo_t algorithm = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
    cudnnMathType_t math = CUDNN_FMA_MATH;
    std::size_t workspace_bytes = 0;
    bool fused = false;  // in one call; else the bias, the residual and the relu are calls of their own

    std::string text() const;  // "IMPLICIT_PRECOMP_GEMM, fused"
};

struct ConvolutionOperands {
    const std::byte* from;
    const std::byte* residual;  // null if there is none
    std::byte* to;
};

void enqueue(const Convolution& convolution, const Implementation& implementation, const Queue& queue,
             const ConvolutionOperands& operands);

// cuDNN can't do it. what() goes on after the layer's name.
class NoImplementation : public DeviceError {
public:
    using DeviceError::DeviceError;
};

// The fastest of the deterministic implementations that fit in the workspace limit, each timed in `queue`, whose
// workspace grows to what the trials need. One that fails is passed over as long as the device lives. Throws
// NoImplementation if there is none.
Implementation choose_implementation(const Convolution& convolution, const Options& options, Queue& queue);

}  // namespace laxity::cuda
