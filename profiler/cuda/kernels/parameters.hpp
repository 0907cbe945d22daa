// What the own kernels are told, by value. This text is compiled three times: by the host's compiler, as part of the
// kernels by NVRTC, and by the emulation. So it includes nothing.
#pragma once

namespace laxity::cuda::kernels {

using Index = long long;
constexpr int kRank = 8;  // kMaxRank
constexpr int kOperands = 8;

enum Element { kFloat, kHalf, kInteger /* 32 bits */ };

struct Operand {
    void* data = nullptr;  // null: there is none
    Index bytes = 0;       // for the emulation, which checks what is touched
    int element = kFloat;
};

// A function of one number; `function` is laxity::Function.
struct Map {
    int function = 0;
    float alpha = 0, beta = 0;
};

// At the start of every kernel's parameters. operand[0] is the output.
struct Common {
    Operand operand[kOperands];
    Map activation;   // of every element that is stored
    Index count = 0;  // pieces of work: elements, lines or blocks, as the kernel says
};

struct Axes {
    int rank = 0;
    Index extent[kRank] = {};
};

// out = second(first(combination of a, b, c)), each with strides of its own. Also copies of every kind.
enum Combination { kFirst, kSum, kBinary, kSelect };
struct ElementwiseParameters {
    Common common;
    Axes axes;
    int inputs = 1;
    int combination = kFirst;
    int binary = 0;  // laxity::BinaryKind
    Map function;
    Index stride[4][kRank] = {};  // of the output and of the inputs
    Index offset[4] = {};
};

// out [outer][indices][inner] of x [outer][extent][inner]; operand 2 has the indices.
struct GatherParameters {
    Common common;
    Index indices = 1, inner = 1, extent = 1;
};

struct PadParameters {
    Common common;
    Axes axes;  // of the output
    Index from[kRank] = {}, before[kRank] = {}, stride[kRank] = {};
    int kind = 0;  // laxity::PadKind
    float value = 0;
};

// A warp for each combination of `kept` indices goes over all of `reduced` ones.
struct ReduceParameters {
    Common common;
    Axes kept, reduced;
    Index kept_stride[kRank] = {}, reduced_stride[kRank] = {};
    Index elements = 1;  // reduced
    int kind = 0;        // laxity::ReduceKind
};

struct SoftmaxParameters {
    Common common;
    Index extent = 1, inner = 1;
    int logarithm = 0;
};

// Operands 2 and 3 are scale and bias, with strides by kept and by reduced axis.
struct NormaliseParameters {
    Common common;
    Axes kept, reduced;
    Index kept_stride[3][kRank] = {}, reduced_stride[3][kRank] = {};  // of x, scale, bias
    Index elements = 1;
    int kind = 0;  // laxity::NormKind
    float epsilon = 0;
};

struct LocalResponseParameters {
    Common common;
    Index channels = 1, inner = 1;
    int size = 1;
    float alpha = 0, beta = 0, bias = 0;
};

// Three axes; those that are not there have an extent of 1.
struct WindowParameters {
    Common common;
    Index channels = 1;  // of the output
    int from[3] = {1, 1, 1}, to[3] = {1, 1, 1};
    int kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, pad[3] = {}, pad_end[3] = {};
    int kind = 0;  // pooling: laxity::PoolKind
    int count_padding = 0;
    // Convolution: operand 2 weights, 3 bias, 4 summand.
    int group_inputs = 1, group_outputs = 1, transposed = 0;
};

// Operands 2 and 3: index and weight of `taps` taps by output.
struct TapsParameters {
    Common common;
    Index inner = 1, from = 1, to = 1;
    int taps = 1;
};

struct CumulativeSumParameters {
    Common common;
    Index extent = 1, inner = 1;
    int exclusive = 0, reverse = 0;
};

// A block for each direction and element of the batch goes through time. Operands: 1 x, 2 initial state, 3 initial cell,
// 4 input weights, 5 recurrent weights, 6 bias and peepholes one after the other, 7 scratch [block][hidden].
struct RecurrentParameters {
    Common common;
    int kind = 0;  // laxity::RecurrentKind
    int directions = 1, batch = 1, time = 1, inputs = 1, hidden = 1;
    int reverse_first = 0;
    int has_bias = 0, has_peepholes = 0, linear_before_reset = 0;
    float clip = 0;
    Map activation[6];
};

}  // namespace laxity::cuda::kernels
