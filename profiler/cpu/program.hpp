// A network compiled to oneDNN primitives. Internal to profiler/cpu.
#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <string>
#include <vector>

#include "profiler/network/network.hpp"
#include "profiler/network/placement.hpp"

namespace laxity {

// An activation in the layout that a primitive gives it. Tensors of the same storage share memory: one is a view of the
// other, or was computed in its place.
struct Tensor {
    dnnl::memory::desc desc;
    int storage = -1;
};

// What a primitive reads or writes: a tensor, or memory that never changes (weights).
struct Argument {
    int name = 0;           // DNNL_ARG_...
    int tensor = -1;        // -1: memory that never changes
    dnnl::memory constant;  // weights
};

struct Step {
    std::string layer;
    dnnl::primitive primitive;
    std::vector<Argument> arguments;
    dnnl::memory::desc scratchpad;
};

struct StageProgram {
    std::vector<Step> steps;
    int input = -1;    // tensors
    int carried = -1;  // -1 for the last stage
    int scores = -1;
};

struct Program {
    std::vector<Tensor> tensors;
    std::vector<Storage> storages;
    std::vector<StageProgram> stages;
    std::vector<std::size_t> buffer_bytes;  // by buffer, those of a slot first
    std::size_t scratchpad_bytes = 0;       // the largest that a primitive wants; shared by all
};

// Chooses primitives and layouts, reorders the weights into them once, and places all activations. Throws InputError
// that names the layer if oneDNN has only its reference implementation for it, which is 100 times slower.
Program compile(const Network& network, const dnnl::engine& engine);

}  // namespace laxity
