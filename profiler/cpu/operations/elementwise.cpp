// Functions of one element and of several.
#include "profiler/cpu/kernels/elementwise.hpp"

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/eltwise.hpp"
#include "profiler/cpu/operations.hpp"

namespace laxity::cpu {

int compile(ProgramBuilder& b, const Unary& u) { return b.apply(u.function, b.input(0)); }

namespace {

std::optional<dnnl::algorithm> algorithm_of(BinaryKind kind) {
    using dnnl::algorithm;
    switch (kind) {
        case BinaryKind::kAdd:
            return algorithm::binary_add;
        case BinaryKind::kSubtract:
            return algorithm::binary_sub;
        case BinaryKind::kMultiply:
            return algorithm::binary_mul;
        case BinaryKind::kDivide:
            return algorithm::binary_div;
        case BinaryKind::kMinimum:
            return algorithm::binary_min;
        case BinaryKind::kMaximum:
            return algorithm::binary_max;
        case BinaryKind::kEqual:
            return algorithm::binary_eq;
        case BinaryKind::kLess:
            return algorithm::binary_lt;
        case BinaryKind::kLessOrEqual:
            return algorithm::binary_le;
        case BinaryKind::kGreater:
            return algorithm::binary_gt;
        case BinaryKind::kGreaterOrEqual:
            return algorithm::binary_ge;
        default:
            return {};
    }
}

bool commutes(BinaryKind kind) {
    return kind == BinaryKind::kAdd || kind == BinaryKind::kMultiply || kind == BinaryKind::kMinimum ||
           kind == BinaryKind::kMaximum;
}

// As many axes as the output, the leading ones of 1.
int of_rank(ProgramBuilder& b, int tensor, int rank) {
    const Shape& own = b.shape(tensor);
    std::vector<std::int64_t> extents(static_cast<std::size_t>(rank - own.rank()), 1);
    extents.insert(extents.end(), own.extents().begin(), own.extents().end());
    return b.reshaped(tensor, Shape(extents));
}

// Strides to read a plain tensor as one of the layer's shape.
std::vector<std::int64_t> stretched(const ProgramBuilder& b, int tensor) {
    const Shape& to = b.layer().shape;
    const Layout& from = b.layout(tensor);
    const int missing = to.rank() - from.shape().rank();
    std::vector<std::int64_t> strides(static_cast<std::size_t>(to.rank()), 0);
    for (int axis = missing; axis < to.rank(); ++axis) {
        if (from.shape()[axis - missing] > 1)
            strides[static_cast<std::size_t>(axis)] = from.strides()[static_cast<std::size_t>(axis - missing)];
    }
    return strides;
}

struct Operands {
    int first, second;
};

// One number for each channel.
bool is_by_channel(const Shape& second, const Shape& shape) {
    return second.rank() == shape.rank() && second[1] == shape[1] && second.elements() == shape[1];
}

// The second operand as oneDNN can stretch it to the first: in the same blocks, or dense. -1 if there is no such way.
int stretchable(ProgramBuilder& b, Operands operands) {
    const Layout first = b.layout(operands.first);
    const Shape& shape = first.shape();
    if (b.shape(operands.second) == shape) return b.converted(operands.second, first);
    const int second = of_rank(b, operands.second, shape.rank());
    if (!first.is_blocked()) return b.dense(second);
    if (!is_by_channel(b.shape(second), shape)) return -1;
    const auto blocked = blocked_like(first, b.shape(second));
    return blocked ? b.converted(second, *blocked) : -1;
}

// oneDNN's; -1 if it has nothing fast. It stretches the second operand only.
int compile_primitive(ProgramBuilder& b, const Binary& o, Operands operands) {
    const auto kind = algorithm_of(o.kind);
    const Shape& shape = b.layer().shape;
    if (!kind || shape.rank() == 0) return -1;
    const bool swap = !(b.shape(operands.first) == shape) ||
                      (b.layout(operands.second).is_blocked() && b.shape(operands.second) == shape);
    if (swap && commutes(o.kind)) std::swap(operands.first, operands.second);
    const Layout first = b.layout(operands.first);
    if (!(first.shape() == shape) || (!first.is_blocked() && !first.is_dense())) return -1;
    const int second = stretchable(b, operands);
    if (second < 0) return -1;
    for (const bool activation : {true, false}) {
        const Fused fused{activation && b.can_fuse_activation()};
        const auto description = describe<dnnl::binary>(b.engine(), b.attributes(fused), *kind, first.desc(),
                                                        b.layout(second).desc(), first.desc());
        if (!is_fast(description)) continue;
        const int to = b.new_tensor(Layout(shape, description.dst_desc()));
        b.emit<dnnl::binary>(description,
                             {{DNNL_ARG_SRC_0, operands.first}, {DNNL_ARG_SRC_1, second}, {DNNL_ARG_DST, to}}, fused);
        return to;
    }
    return -1;
}

// a >= 0 ? a : a b of a blocked tensor with a factor for each channel; -1 for any other, or if oneDNN has nothing fast.
int compile_prelu(ProgramBuilder& b, const Binary& o) {
    const int given = b.input(0);
    const Layout from = b.layout(given);
    if (o.kind != BinaryKind::kPrelu || !from.is_blocked() || !(from.shape() == b.layer().shape)) return -1;
    const int factors = stretchable(b, {given, b.input(1)});
    if (factors < 0) return -1;
    const auto description =
        describe_prelu(b.engine(), ProgramBuilder::plain_attributes(), from.desc(), b.layout(factors).desc());
    if (!is_fast(description)) return -1;
    const int to = b.new_tensor(from);
    b.emit<dnnl::prelu_forward>(description, {{DNNL_ARG_SRC, given}, {DNNL_ARG_WEIGHTS, factors}, {DNNL_ARG_DST, to}});
    return to;
}

// With a number that is known: a function of the other operand.
std::optional<Elementwise> as_function(const ProgramBuilder& b, const Binary& o) {
    const auto number = b.constant_number(b.input(1));
    if (!number || !(b.shape(b.input(0)) == b.layer().shape)) return {};
    switch (o.kind) {
        case BinaryKind::kAdd:
            return Elementwise{Function::kLinear, 1, *number};
        case BinaryKind::kSubtract:
            return Elementwise{Function::kLinear, 1, -*number};
        case BinaryKind::kMultiply:
            return Elementwise{Function::kLinear, *number, 0};
        case BinaryKind::kPower:
            return Elementwise{Function::kPower, *number, 0};
        case BinaryKind::kPrelu:
            return Elementwise{Function::kLeakyRelu, *number, 0};
        default:
            return {};
    }
}

}  // namespace

int compile(ProgramBuilder& b, const Binary& o) {
    if (const auto function = as_function(b, o)) return b.apply(*function, b.input(0));
    int to = compile_primitive(b, o, {b.input(0), b.input(1)});
    if (to < 0) to = compile_prelu(b, o);
    if (to >= 0) return to;
    const int first = b.plain(b.input(0)), second = b.plain(b.input(1)), own = b.new_tensor(b.layer().shape);
    b.emit("binary", binary_kernel(o.kind, b.layer().shape, {stretched(b, first), stretched(b, second)}),
           {first, second, own});
    return own;
}

int compile(ProgramBuilder& b, const Select&) {
    const int condition = b.plain(b.input(0)), first = b.plain(b.input(1)), second = b.plain(b.input(2));
    const int to = b.new_tensor(b.layer().shape);
    b.emit("select",
           select_kernel(b.layer().shape, {stretched(b, condition), stretched(b, first), stretched(b, second)}),
           {condition, first, second, to});
    return to;
}

}  // namespace laxity::cpu
