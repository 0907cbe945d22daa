// Functions of one number, and of several tensors element by element.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

using onnx::TensorProto;

struct NamedFunction {
    std::string_view name;
    Elementwise function;
};

constexpr NamedFunction kFunctions[] = {
    {"Abs", {Function::kAbsolute}},
    {"Ceil", {Function::kCeil}},
    {"Cos", {Function::kCosine}},
    {"Erf", {Function::kErf}},
    {"Exp", {Function::kExponential}},
    {"Floor", {Function::kFloor}},
    {"HardSwish", {Function::kHardSwish}},
    {"Log", {Function::kLogarithm}},
    {"Mish", {Function::kMish}},
    {"Neg", {Function::kNegate}},
    {"Not", {Function::kNot}},
    {"Reciprocal", {Function::kReciprocal}},
    {"Relu", {Function::kRelu}},
    {"Round", {Function::kRound}},
    {"Sigmoid", {Function::kSigmoid}},
    {"Sign", {Function::kSign}},
    {"Sin", {Function::kSine}},
    {"Softplus", {Function::kSoftplus}},
    {"Softsign", {Function::kSoftsign}},
    {"Sqrt", {Function::kSquareRoot}},
    {"Tanh", {Function::kTanh}},
};

struct NamedBinary {
    std::string_view name;
    BinaryKind kind;
};

constexpr NamedBinary kBinaries[] = {
    {"Add", BinaryKind::kAdd},
    {"And", BinaryKind::kAnd},
    {"Equal", BinaryKind::kEqual},
    {"Greater", BinaryKind::kGreater},
    {"GreaterOrEqual", BinaryKind::kGreaterOrEqual},
    {"Less", BinaryKind::kLess},
    {"LessOrEqual", BinaryKind::kLessOrEqual},
    {"Max", BinaryKind::kMaximum},
    {"Mean", BinaryKind::kAdd},
    {"Min", BinaryKind::kMinimum},
    {"Mul", BinaryKind::kMultiply},
    {"Or", BinaryKind::kOr},
    {"PRelu", BinaryKind::kPrelu},
    {"Pow", BinaryKind::kPower},
    {"Sub", BinaryKind::kSubtract},
    {"Sum", BinaryKind::kAdd},
    {"Xor", BinaryKind::kXor},
};

template <class Table>
const auto& row_of(const Table& table, const std::string& name) {
    return *std::find_if(std::begin(table), std::end(table), [&](const auto& row) { return row.name == name; });
}

Value two(const OnnxNode& node) { return node.add(row_of(kBinaries, node.type()).kind, node.value(0), node.value(1)); }

OnnxValues function(const OnnxNode& node, Function which, float alpha = 0, float beta = 0) {
    return single(node, node.add(Elementwise{which, alpha, beta}, node.value(0)));
}

}  // namespace

OnnxValues import_unary(const OnnxNode& node) {
    return single(node, node.add(row_of(kFunctions, node.type()).function, node.value(0)));
}

OnnxValues import_leaky_relu(const OnnxNode& node) {
    return function(node, Function::kLeakyRelu, node.real("alpha", 0.01F));
}
OnnxValues import_elu(const OnnxNode& node) { return function(node, Function::kElu, node.real("alpha", 1)); }
OnnxValues import_selu(const OnnxNode& node) {
    return function(node, Function::kSelu, node.real("alpha", 1.67326319217681884765625F),
                    node.real("gamma", 1.05070102214813232421875F));
}
OnnxValues import_celu(const OnnxNode& node) {
    const float alpha = node.real("alpha", 1);
    if (alpha == 0) throw Refusal("expected alpha other than 0");
    return function(node, Function::kCelu, alpha);
}
OnnxValues import_thresholded_relu(const OnnxNode& node) {
    return function(node, Function::kThresholdedRelu, node.real("alpha", 1));
}
OnnxValues import_hard_sigmoid(const OnnxNode& node) {
    return function(node, Function::kHardSigmoid, node.real("alpha", 0.2F), node.real("beta", 0.5F));
}
OnnxValues import_shrink(const OnnxNode& node) {
    return function(node, Function::kShrink, node.real("lambd", 0.5F), node.real("bias", 0));
}
OnnxValues import_gelu(const OnnxNode& node) {
    const std::string form = node.text("approximate", "none");
    if (form != "none" && form != "tanh") throw Refusal("expected approximate to be none or tanh, found " + form);
    return function(node, form == "tanh" ? Function::kGeluTanh : Function::kGeluErf);
}

// Bounds are attributes before operator set 11 and inputs from then on.
OnnxValues import_clip(const OnnxNode& node) {
    constexpr float kMost = std::numeric_limits<float>::max();
    if (node.opset() < 11) return function(node, Function::kClip, node.real("min", -kMost), node.real("max", kMost));
    Value x = node.value(0);
    const bool low = node.has_input(1), high = node.has_input(2);
    if ((!low || node.input(1).is_constant()) && (!high || node.input(2).is_constant())) {
        const auto bound = [&](std::size_t i, float otherwise) {
            return node.has_input(i) && !node.constant(i, "the bound").values.empty()
                       ? static_cast<float>(node.constant(i, "the bound").values[0])
                       : otherwise;
        };
        return function(node, Function::kClip, bound(1, -kMost), bound(2, kMost));
    }
    if (low) x = node.add(BinaryKind::kMaximum, x, node.value(1));
    if (high) x = node.add(BinaryKind::kMinimum, x, node.value(2));
    return single(node, x);
}

OnnxValues import_binary(const OnnxNode& node) { return single(node, two(node)); }
OnnxValues import_comparison(const OnnxNode& node) { return single(two(node), TensorProto::BOOL); }

// Integers are rounded toward zero.
OnnxValues import_divide(const OnnxNode& node) {
    const Value quotient = node.add(BinaryKind::kDivide, node.value(0), node.value(1));
    if (!node.input(0).is_integer()) return single(node, quotient);
    if (node.input(1).is_constant()) {
        const auto& divisors = node.constant(1, "the divisor").values;
        if (std::find(divisors.begin(), divisors.end(), 0.0) != divisors.end()) throw Refusal("divides integers by 0");
    }
    return single(node, node.add(Elementwise{Function::kTruncate}, quotient));
}

OnnxValues import_modulo(const OnnxNode& node) {
    const auto kind = node.integer("fmod", 0) != 0 ? BinaryKind::kRemainder : BinaryKind::kModulo;
    return single(node, node.add(kind, node.value(0), node.value(1)));
}

OnnxValues import_variadic(const OnnxNode& node) {
    const BinaryKind kind = row_of(kBinaries, node.type()).kind;
    Value sum = node.value(0);
    for (std::size_t i = 1; i < node.input_count(); ++i) sum = node.add(kind, sum, node.value(i));
    if (node.type() == "Mean" && node.input_count() > 1)
        sum = node.add(Elementwise{Function::kLinear, 1 / static_cast<float>(node.input_count()), 0}, sum);
    return single(node, sum);
}

OnnxValues import_where(const OnnxNode& node) {
    return single(node.add(Select{}, {node.value(0), node.value(1), node.value(2)}), node.input(1).type);
}

namespace {

OnnxValues cast(const OnnxNode& node, int to) {
    const OnnxValue& x = node.input(0);
    if (to == TensorProto::STRING || to == TensorProto::UNDEFINED) throw Refusal("casts to " + type_name(to));
    if (to == TensorProto::BOOL && x.type != TensorProto::BOOL) {
        const Value zero = node.add(Elementwise{Function::kNot}, x.value);
        return single(node.add(Elementwise{Function::kNot}, zero), to);
    }
    const bool rounds = is_integer_type(to) && !x.is_integer() && x.type != TensorProto::BOOL;
    return single(rounds ? node.add(Elementwise{Function::kTruncate}, x.value) : x.value, to);
}

}  // namespace

OnnxValues import_cast(const OnnxNode& node) { return cast(node, static_cast<int>(node.integer("to", 0))); }
OnnxValues import_cast_like(const OnnxNode& node) { return cast(node, node.input(1).type); }

OnnxValues import_identity(const OnnxNode& node) {
    OnnxValues outputs = {node.input(0)};
    if (node.type() == "Dropout" && node.outputs() > 1) {  // the mask: everything is kept
        const Shape shape = node.shape(0);
        outputs.push_back(
            {GraphBuilder::constant({shape, std::vector<double>(static_cast<std::size_t>(shape.elements()), 1)}),
             TensorProto::BOOL});
    }
    return outputs;
}

namespace {

// The scale or zero point of a quantised tensor, stretched along the axis that it is given for.
Value per_axis(const OnnxNode& node, std::size_t i) {
    const Shape x = node.shape(0), own = node.shape(i);
    if (own.elements() == 1) return node.reshaped(node.value(i), Shape{});
    if (own.rank() != 1) throw Refusal("is quantised in blocks", "quantise per tensor or per channel");
    const int axis = node.axis(node.integer("axis", 1), x.rank());
    std::vector<std::int64_t> extents(static_cast<std::size_t>(x.rank() - axis), 1);
    extents[0] = own[0];
    return node.reshaped(node.value(i), Shape(extents));
}

int zero_point_type(const OnnxNode& node) {
    return node.has_input(2) ? node.input(2).type : static_cast<int>(node.integer("output_dtype", 0));
}

}  // namespace

OnnxValues import_dequantize(const OnnxNode& node) {
    node.context().remark("quantised numbers are computed in float32, at their scales");
    Value x = node.value(0);
    if (node.has_input(2)) x = node.add(BinaryKind::kSubtract, x, per_axis(node, 2));
    return single(node.add(BinaryKind::kMultiply, x, per_axis(node, 1)), node.input(1).type);
}

// Rounds to the grid of the integers, so that what follows computes with what a quantised network would.
OnnxValues import_quantize(const OnnxNode& node) {
    node.context().remark("quantised numbers are computed in float32, at their scales");
    const int type = zero_point_type(node) != 0 ? zero_point_type(node) : TensorProto::UINT8;
    float low = 0, high = 255;
    if (type == TensorProto::INT8) low = -128, high = 127;
    if (type == TensorProto::INT16) low = -32768, high = 32767;
    if (type == TensorProto::UINT16) high = 65535;
    if (type != TensorProto::UINT8 && high == 255)
        throw Refusal("quantises to " + type_name(type), "quantise to int8 or uint8");
    Value x = node.add(BinaryKind::kDivide, node.value(0), per_axis(node, 1));
    x = node.add(Elementwise{Function::kRound}, x);
    if (node.has_input(2)) x = node.add(BinaryKind::kAdd, x, per_axis(node, 2));
    return single(node.add(Elementwise{Function::kClip, low, high}, x), type);
}

}  // namespace laxity
