// A network compiled to oneDNN primitives. Internal to profiler/cpu.
#pragma once

#include <cstddef>
#include <dnnl.hpp>
#include <string>
#include <vector>

#include "profiler/network.hpp"

namespace laxity {

// Where activations live. Buffers 0 and 1 of a slot hold what is carried from stage to stage and its third one the
// exit's scores; all further buffers are scratch, shared by the slots, and hold nothing between stages.
inline constexpr int kCarriedBuffers = 2;
inline constexpr int kScoresBuffer = 2;
inline constexpr int kSlotBuffers = 3;

// An activation in the layout that a primitive gives it. Tensors of the same storage share memory: one is a view of the
// other, or was computed in its place.
struct Tensor {
    dnnl::memory::desc desc;
    int storage = -1;
};

struct Storage {
    std::size_t bytes = 0;
    int buffer = -1;
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

// Gives every storage a buffer: carried tensors and scores their slot's, the others scratch that is reused as soon as
// it is read for the last time. compile() calls it.
void place_storages(Program& program);

}  // namespace laxity
