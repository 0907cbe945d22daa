// What a network is made of: few kinds of operation with general semantics, each layer one of them.
//
// A layer reads tensors of any rank and gives one. What ONNX spreads over 150 operators is said here by some twenty
// structs, so that whoever adds a device implements twenty things, and whoever adds an ONNX operator expresses it in
// them. Axes are counted from 0 and never negative. Rounding is a device's own; what is computed is not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "profiler/network/shape.hpp"

namespace laxity {

// Numbers that never change, dense and in row-major order. Cheap to copy: layers that share weights share them.
struct Weights {
    Shape shape;
    std::shared_ptr<const std::vector<float>> values;  // null: there are none

    bool empty() const { return values == nullptr; }
    std::int64_t count() const { return empty() ? 0 : shape.elements(); }

    // By value; at once where both are the same numbers in memory.
    friend bool operator==(const Weights& a, const Weights& b) {
        return a.shape == b.shape && (a.values == b.values || (a.values && b.values && *a.values == *b.values));
    }
};
Weights make_weights(const Shape& shape, std::vector<float> values);

// The window of a convolution or pooling along one axis.
struct Window {
    int kernel = 1;
    int stride = 1;
    int dilation = 1;
    int pad_begin = 0;
    int pad_end = 0;

    std::int64_t extent() const { return std::int64_t{kernel - 1} * dilation + 1; }
    friend bool operator==(const Window&, const Window&) = default;
};

enum class Function : std::uint8_t {
    kIdentity,
    kNegate,
    kAbsolute,
    kReciprocal,
    kSquare,
    kSquareRoot,
    kExponential,
    kLogarithm,
    kErf,
    kSine,
    kCosine,
    kFloor,
    kCeil,
    kRound /* half to even */,
    kTruncate,
    kSign,
    kNot /* x == 0 */,
    kLinear,  // alpha x + beta
    kPower,   // x ^ alpha
    kClip,    // to [alpha, beta]
    kRelu,
    kLeakyRelu /* alpha below 0 */,
    kElu /* alpha */,
    kSelu /* alpha, gamma: beta holds gamma */,
    kCelu /* alpha */,
    kThresholdedRelu /* x > alpha ? x : 0 */,
    kShrink /* |x| > alpha: x -+ beta, else 0 */,
    kSigmoid,
    kTanh,
    kSoftplus,
    kSoftsign,
    kMish,
    kHardSigmoid,  // clip(alpha x + beta, 0, 1)
    kHardSwish,    // x clip(x / 6 + 1/2, 0, 1)
    kSwish,        // x sigmoid(alpha x)
    kGeluErf,      // x / 2 (1 + erf(x / sqrt 2))
    kGeluTanh,     // its approximation by tanh
};

// A function of one number, applied to each element. What alpha and beta mean, and whether they mean anything, is said
// beside each Function.
struct Elementwise {
    Function function = Function::kIdentity;
    float alpha = 0;
    float beta = 0;

    friend bool operator==(const Elementwise&, const Elementwise&) = default;
};
// In double precision: the definition of every Function.
double apply(const Elementwise& function, double x);

// ---- Operations. "x" is the first input, "n" its first axis. -------------------------------------------------------

struct Input {
    friend bool operator==(const Input&, const Input&) = default;
};  // the network's only one; shape [1][...]

struct Constant {  // what an operation reads that takes no weights of its own
    Weights value;

    friend bool operator==(const Constant&, const Constant&) = default;
};

// x [n][in][axis 1]..[axis s] with s = 1, 2 or 3 windows -> [n][out][...]. A second input, if there is one, has the
// shape of the output and is added to it (before the layer's activation).
struct Convolution {
    std::vector<Window> windows;
    int groups = 1;
    bool transposed = false;  // pads then crop the result, which is `output_padding` longer at the end of each axis
    std::vector<int> output_padding;  // empty unless transposed
    Weights weights;                  // [out][in / groups][kernel]..; transposed: [in][out / groups][kernel]..
    Weights bias;                     // [out], or empty

    friend bool operator==(const Convolution&, const Convolution&) = default;
};

// x [...][in] -> [...][out]: x * weights^T + bias. A second input of the output's shape is added.
struct Dense {
    Weights weights;  // [out][in]
    Weights bias;     // [out], or empty

    friend bool operator==(const Dense&, const Dense&) = default;
};

// a [..batch][m][k] (transposed: [k][m]) times b [..batch][k][n] (transposed: [n][k]), times scale; batch axes are
// broadcast. Both have a rank of at least 2.
struct MatMul {
    bool transpose_a = false;
    bool transpose_b = false;
    float scale = 1;

    friend bool operator==(const MatMul&, const MatMul&) = default;
};

struct Unary {
    Elementwise function;

    friend bool operator==(const Unary&, const Unary&) = default;
};

enum class BinaryKind : std::uint8_t {
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kPower,
    kMinimum,
    kMaximum,
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kAnd,
    kOr,
    kXor,
    kModulo /* sign of the divisor */,
    kRemainder /* fmod: sign of the dividend */,
    kPrelu,  // a >= 0 ? a : a b
};
struct Binary {  // of two inputs, broadcast; comparisons give 1 or 0
    BinaryKind kind = BinaryKind::kAdd;

    friend bool operator==(const Binary&, const Binary&) = default;
};

struct Select {
    friend bool operator==(const Select&, const Select&) = default;
};  // inputs condition, a, b, broadcast: condition != 0 ? a : b

enum class ReduceKind : std::uint8_t {
    kSum,
    kMean,
    kMaximum,
    kMinimum,
    kProduct,
    kL1,
    kL2,
    kSumSquare,
    kLogSum,
    kLogSumExp,
    kArgMax,
    kArgMin
};
// Over `axes` (ascending, at least one). Reduced axes keep an extent of 1: a Reshape drops them. Arg: exactly one axis,
// the first of equals.
struct Reduce {
    ReduceKind kind = ReduceKind::kMean;
    std::vector<int> axes;

    friend bool operator==(const Reduce&, const Reduce&) = default;
};

struct Softmax {
    int axis = 0;
    bool logarithm = false;

    friend bool operator==(const Softmax&, const Softmax&) = default;
};

enum class NormKind : std::uint8_t {
    kMeanVariance,    // (x - mean) / sqrt(variance + epsilon); variance of the population
    kRootMeanSquare,  // x / sqrt(mean(x^2) + epsilon)
    kL1,
    kL2,  // x / max(norm, epsilon)
};
// Over `axes` (ascending), then times scale plus bias, each broadcast to x, or empty. Layer, instance and group
// normalisation (after a Reshape that makes the groups an axis).
struct Normalise {
    NormKind kind = NormKind::kMeanVariance;
    std::vector<int> axes;
    float epsilon = 1e-5F;
    Weights scale;
    Weights bias;

    friend bool operator==(const Normalise&, const Normalise&) = default;
};

// Across channels (axis 1): x / (bias + alpha / size * sum of squares of `size` neighbours) ^ beta; neighbours as ONNX
// LRN has them: from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2).
struct LocalResponse {
    int size = 1;
    float alpha = 1e-4F;
    float beta = 0.75F;
    float bias = 1;

    friend bool operator==(const LocalResponse&, const LocalResponse&) = default;
};

enum class PoolKind : std::uint8_t { kMaximum, kAverage, kL2 /* root of the sum of squares */ };
// x [n][channels][axis 1]..[axis s], 1 to 3 windows. pad_end may exceed what a window covers whole: that is ceil mode,
// whose surplus the output's shape says. An average is over what lies inside the input, or with `count_padding` over
// what lies inside input and `counted_padding` (ONNX: what ceil mode adds does not count).
struct Pooling {
    PoolKind kind = PoolKind::kMaximum;
    std::vector<Window> windows;
    bool count_padding = false;
    std::vector<int> ceil_surplus;  // by window: how much of pad_end comes from ceil mode; empty: none

    friend bool operator==(const Pooling&, const Pooling&) = default;
};

// Along one axis each output is a weighted sum of few inputs: nearest, linear and cubic resizing in every coordinate
// convention of ONNX.
struct Taps {
    int axis = 0;
    int count = 1;                    // taps per output
    std::vector<std::int32_t> index;  // [output][count]
    std::vector<float> weight;        // [output][count]

    friend bool operator==(const Taps&, const Taps&) = default;
};
struct Resample {  // one entry an axis that changes, applied one after the other
    std::vector<Taps> axes;

    friend bool operator==(const Resample&, const Resample&) = default;
};

struct Reshape {
    friend bool operator==(const Reshape&, const Reshape&) = default;
};  // the same elements in row-major order under the layer's shape

// The output's element at index i is x's at offset + sum i[axis] * strides[axis], counted in elements of dense x:
// transposes, slices with any step, expansions (stride 0), diagonals. Always inside x.
struct StridedView {
    std::int64_t offset = 0;
    std::vector<std::int64_t> strides;  // by axis of the output

    friend bool operator==(const StridedView&, const StridedView&) = default;
};

struct Gather {  // output [..before axis][indices][..after axis]; indices checked, >= 0
    int axis = 0;
    std::vector<std::int64_t> indices;  // row-major, of shape `shape`
    Shape shape;

    friend bool operator==(const Gather&, const Gather&) = default;
};

enum class PadKind : std::uint8_t { kConstant, kReflect /* without the edge */, kEdge, kWrap };
struct Pad {
    PadKind kind = PadKind::kConstant;
    std::vector<std::int64_t> before, after;  // by axis, >= 0: cropping is a StridedView
    float value = 0;

    friend bool operator==(const Pad&, const Pad&) = default;
};

struct Concat {  // of one or more inputs
    int axis = 0;

    friend bool operator==(const Concat&, const Concat&) = default;
};

struct CumulativeSum {
    int axis = 0;
    bool exclusive = false;
    bool reverse = false;

    friend bool operator==(const CumulativeSum&, const CumulativeSum&) = default;
};

enum class RecurrentKind : std::uint8_t { kRnn, kGru, kLstm };
int gate_count(RecurrentKind kind);  // 1, 3 or 4
enum class Direction : std::uint8_t { kForward, kReverse, kBidirectional };
// x [time][n][in], optionally followed by the initial state [directions][n][hidden], and for LSTM by the initial cell.
// Gates as ONNX orders them (LSTM i o f c, GRU z r h), equations as its operators define them.
// Output: one tensor of rank 1 that packs Y [time][directions][n][hidden], Y_h [directions][n][hidden] and, for LSTM,
// Y_c [directions][n][hidden] one after the other; Views and Reshapes take them out.
struct Recurrent {
    RecurrentKind kind = RecurrentKind::kLstm;
    Direction direction = Direction::kForward;
    int hidden = 0;
    Weights input_weights;                 // [directions][gates * hidden][in]
    Weights recurrent_weights;             // [directions][gates * hidden][hidden]
    Weights bias;                          // [directions][2 * gates * hidden] (input's, then the state's), or empty
    Weights peepholes;                     // LSTM: [directions][3 * hidden] (i o f), or empty
    std::vector<Elementwise> activations;  // per direction: RNN f; GRU f g; LSTM f g h
    bool linear_before_reset = false;      // GRU
    float clip = 0;                        // 0: none

    friend bool operator==(const Recurrent&, const Recurrent&) = default;
};

using Operation =
    std::variant<Input, Constant, Convolution, Dense, MatMul, Unary, Binary, Select, Reduce, Softmax, Normalise,
                 LocalResponse, Pooling, Resample, Reshape, StridedView, Gather, Pad, Concat, CumulativeSum, Recurrent>;

std::string operation_name(const Operation& operation);  // "convolution", for messages and tables

struct Layer {
    std::string name;  // the operator's name in the file, for messages
    Operation operation;
    std::vector<int> inputs;  // layers whose outputs it reads, in the order that the operation states
    Shape shape;              // of its output
    // Applied last to every element. Only passes put one here (simplify.hpp); devices run it with any operation but
    // Input, Constant, Reshape and StridedView.
    std::optional<Elementwise> activation;

    template <class Kind>
    const Kind* as() const {
        return std::get_if<Kind>(&operation);
    }
};

// The shape that the operation gives for inputs of these shapes. Throws ShapeError (one line, without a name: the
// caller knows it) if they do not suit it. For Reshape, StridedView and Pooling with ceil_surplus, `wanted` is the output's
// shape, checked.
Shape infer_shape(const Operation& operation, std::span<const Shape> inputs, const Shape& wanted = {});

// Multiply-accumulates of one execution: of convolutions, dense layers, matrix products and recurrent layers; 0 of
// others.
std::int64_t macs(const Layer& layer, std::span<const Shape> inputs);
// All weights of an operation, some of which may be empty; a Constant's value is one.
std::vector<const Weights*> weights_of(const Operation& operation);
// How many numbers they hold, each of 4 bytes.
std::int64_t parameters(const Layer& layer);

}  // namespace laxity
