// A network compiled to cuDNN and cuBLAS calls. Internal to profiler/cuda.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "profiler/cuda/handles.hpp"
#include "profiler/cuda/options.hpp"
#include "profiler/cuda/own_kernels.hpp"
#include "profiler/network/network.hpp"
#include "profiler/network/placement.hpp"

namespace laxity::cuda {

// What calls that run one after the other share: a stream, handles bound to it, and scratch memory.
struct Queue {
    explicit Queue(int priority);
    // Makes the workspace at least that large.
    void reserve(std::size_t bytes);

    Stream stream;
    CudnnHandle cudnn;
    CublasHandle cublas;
    Buffer cublas_workspace;  // else cuBLAS would allocate one, which a capture forbids
    Buffer workspace;
};

// A stage's answer as the device writes it and the host reads it. On the device more room follows, if cuDNN wants more
// than one number's for the class.
struct DeviceOutcome {
    float confidence;
    std::uint32_t padding[3];  // the class is aligned as any number is
    std::uint32_t prediction;
};

// Where a step finds what it works on.
struct Operands {
    const Queue& queue;
    std::span<std::byte* const> storages;  // device addresses, by storage
    std::byte* outcome;                    // a DeviceOutcome on the device
};

// Some calls, put into the queue without waiting for them.
struct Step {
    std::string layer;
    std::vector<int> storages;  // that it reads or writes
    std::function<void(const Operands&)> enqueue;
};

struct StageProgram {
    std::vector<Step> steps;
    std::vector<int> reads, carried;  // storages
    int scores = -1;                  // 32-bit floats, one per class
};

struct Program {
    std::vector<Storage> storages;
    std::vector<StageProgram> stages;
    int input = -1;  // storage
    ArenaBytes arena_bytes;
    std::size_t workspace_bytes = 0;        // the most that a step uses
    std::size_t outcome_bytes = sizeof(DeviceOutcome);
    std::size_t weight_bytes = 0;
    std::vector<Buffer> weights;               // the steps point into them
    std::shared_ptr<const OwnKernels> kernels;  // the steps call them; null if none does
    std::vector<std::string> implementations;  // "stem: IMPLICIT_PRECOMP_GEMM, fused", for the trace
};

// Chooses an implementation for every layer by timing those that cuDNN offers in `queue`, uploads the weights, and
// places all activations. The softmax at the exit's temperature, its largest element and the class of that are the end
// of every stage. Throws InputError that names the layer if cuDNN can't execute it, OutOfMemory, or DeviceError.
Program compile(const Network& network, const std::vector<double>& temperature, const Options& options, Queue& queue);

// Bytes of one element of an activation.
std::size_t element_bytes(Precision precision);
// Writes the floats as elements of that precision.
void convert(std::span<const float> from, Precision precision, std::byte* to);

}  // namespace laxity::cuda
