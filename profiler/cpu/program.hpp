// A network compiled to what the processor executes: oneDNN's primitives and kernels of our own, on tensors that have
// their places. Internal to profiler/cpu.
#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "profiler/cpu/layout.hpp"
#include "profiler/network/network.hpp"
#include "profiler/network/placement.hpp"

namespace laxity::cpu {

// Tensors of the same storage share memory: one is a view of the other, or was computed in its place. One without a
// storage never changes: weights, or what the network computes with that does not depend on its input.
struct Tensor {
    Layout layout;
    int storage = -1;
    std::shared_ptr<const void> owner;  // of the memory of a constant
    const float* constant = nullptr;

    bool is_constant() const { return constant != nullptr; }
};

// Code of our own. Gets the first element of each of its step's tensors, in their order; several lanes may run one at
// the same time, so it keeps nothing between calls, and it allocates nothing.
using Kernel = std::function<void(std::span<float* const>)>;

struct Argument {
    int name = 0;  // DNNL_ARG_..., of a primitive
    int tensor = -1;
};

struct Step {
    std::string layer;
    std::string implementation;  // oneDNN's name of its own, or that of our kernel
    dnnl::primitive primitive;   // empty if a kernel is what runs
    Kernel kernel;
    std::vector<Argument> arguments;
    dnnl::memory::desc scratchpad;  // of a primitive
};

struct StageProgram {
    std::vector<Step> steps;
    std::vector<int> reads;    // tensors that are there when it begins
    std::vector<int> carried;  // and that must be there when the next one does
    int scores = -1;           // plain and dense
};

struct Program {
    std::vector<Tensor> tensors;
    std::vector<Storage> storages;
    std::vector<StageProgram> stages;
    int input = -1;  // tensor; plain and dense
    ArenaBytes arenas;
    std::size_t scratchpad_bytes = 0;  // the largest that a primitive wants; shared by all
    // Layers for which oneDNN has only its reference code or none, and that take time: "conv7 (convolution): ..."
    std::vector<std::string> slow;
};

// Chooses primitives, kernels and layouts, reorders the weights into them once, and places all activations. Every
// network runs. Throws DeviceError if memory runs out.
Program compile(const Network& network, const dnnl::engine& engine);

}  // namespace laxity::cpu
