#include "profiler/network/interpreter.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include "profiler/network/interpreter_parts.hpp"

namespace laxity {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

using Inputs = std::span<const Tensor* const>;

double combine(BinaryKind kind, double a, double b) {
    switch (kind) {
        case BinaryKind::kAdd:
            return a + b;
        case BinaryKind::kSubtract:
            return a - b;
        case BinaryKind::kMultiply:
            return a * b;
        case BinaryKind::kDivide:
            return a / b;
        case BinaryKind::kPower:
            return std::pow(a, b);
        case BinaryKind::kMinimum:
            return std::min(a, b);
        case BinaryKind::kMaximum:
            return std::max(a, b);
        case BinaryKind::kEqual:
            return a == b;
        case BinaryKind::kLess:
            return a < b;
        case BinaryKind::kLessOrEqual:
            return a <= b;
        case BinaryKind::kGreater:
            return a > b;
        case BinaryKind::kGreaterOrEqual:
            return a >= b;
        case BinaryKind::kAnd:
            return a != 0 && b != 0;
        case BinaryKind::kOr:
            return a != 0 || b != 0;
        case BinaryKind::kXor:
            return (a != 0) != (b != 0);
        case BinaryKind::kModulo:
            return a - std::floor(a / b) * b;
        case BinaryKind::kRemainder:
            return std::fmod(a, b);
        case BinaryKind::kPrelu:
            return a >= 0 ? a : a * b;
    }
    return 0;
}

// Calls `body(n, offset)` for element n of `shape` and where strides put it.
template <class Body>
void for_each(const Shape& shape, std::span<const std::int64_t> strides, std::int64_t start, const Body& body) {
    if (shape.elements() == 0) return;
    Odometer odometer(shape);
    std::size_t n = 0;
    do {
        std::int64_t offset = start;
        for (std::size_t axis = 0; axis < strides.size(); ++axis) offset += odometer.index()[axis] * strides[axis];
        body(n++, at(offset));
    } while (odometer.next());
}

std::vector<double> stretched(const Tensor& x, const Shape& shape) {
    std::vector<double> values(at(shape.elements()));
    for_each(shape, broadcast_strides(x.shape, shape), 0,
             [&](std::size_t n, std::size_t from) { values[n] = x.values[from]; });
    return values;
}

std::vector<double> stretched(const Weights& weights, const Shape& shape, double otherwise) {
    if (weights.empty()) return std::vector<double>(at(shape.elements()), otherwise);
    return stretched(Tensor{weights.shape, {weights.values->begin(), weights.values->end()}}, shape);
}

// For each element of `shape` the number of the one that it is reduced to.
std::vector<std::size_t> groups_of(const Shape& shape, std::span<const int> axes) {
    Shape reduced = shape;
    for (const int axis : axes) reduced = reduced.with(axis, 1);
    std::vector<std::size_t> groups(at(shape.elements()));
    for_each(shape, broadcast_strides(reduced, shape), 0, [&](std::size_t n, std::size_t group) { groups[n] = group; });
    return groups;
}

struct Evaluate {
    Inputs inputs;
    const Shape& shape;

    const Tensor& x() const { return *inputs[0]; }
    Tensor result(std::vector<double> values) const { return {shape, std::move(values)}; }

    Tensor operator()(const Input&) const { return {}; }
    Tensor operator()(const Constant& constant) const {
        return result({constant.value.values->begin(), constant.value.values->end()});
    }
    Tensor operator()(const Convolution& c) const { return interpret_convolution(c, inputs, shape); }
    Tensor operator()(const Dense& d) const { return interpret_dense(d, inputs, shape); }
    Tensor operator()(const MatMul& m) const { return interpret_product(m, inputs, shape); }
    Tensor operator()(const Recurrent& r) const { return interpret_recurrent(r, inputs, shape); }
    Tensor operator()(const Pooling& p) const { return interpret_pooling(p, x(), shape); }
    Tensor operator()(const Unary& u) const {
        std::vector<double> values = x().values;
        for (double& value : values) value = apply(u.function, value);
        return result(std::move(values));
    }
    Tensor operator()(const Binary& binary) const {
        std::vector<double> a = stretched(*inputs[0], shape);
        const std::vector<double> b = stretched(*inputs[1], shape);
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = combine(binary.kind, a[i], b[i]);
        return result(std::move(a));
    }
    Tensor operator()(const Select&) const {
        const std::vector<double> condition = stretched(*inputs[0], shape), other = stretched(*inputs[2], shape);
        std::vector<double> values = stretched(*inputs[1], shape);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = condition[i] != 0 ? values[i] : other[i];
        return result(std::move(values));
    }
    Tensor operator()(const Reduce& reduce) const;
    Tensor operator()(const Softmax& softmax) const;
    Tensor operator()(const Normalise& normalise) const;
    Tensor operator()(const LocalResponse& local) const;
    Tensor operator()(const Resample& resample) const;
    Tensor operator()(const Reshape&) const { return result(x().values); }
    Tensor operator()(const StridedView& view) const {
        std::vector<double> values(at(shape.elements()));
        for_each(shape, view.strides, view.offset,
                 [&](std::size_t n, std::size_t from) { values[n] = x().values[from]; });
        return result(std::move(values));
    }
    Tensor operator()(const Gather& gather) const;
    Tensor operator()(const Pad& pad) const;
    Tensor operator()(const Concat& concat) const;
    Tensor operator()(const CumulativeSum& sum) const;
};

double first_of(ReduceKind kind) {
    switch (kind) {
        case ReduceKind::kMaximum:
        case ReduceKind::kLogSumExp:  // holds the maximum meanwhile
        case ReduceKind::kArgMax:
            return -std::numeric_limits<double>::infinity();
        case ReduceKind::kMinimum:
        case ReduceKind::kArgMin:
            return std::numeric_limits<double>::infinity();
        case ReduceKind::kProduct:
            return 1;
        default:
            return 0;
    }
}

double accumulate(ReduceKind kind, double sum, double x) {
    switch (kind) {
        case ReduceKind::kMaximum:
        case ReduceKind::kLogSumExp:
            return std::max(sum, x);
        case ReduceKind::kMinimum:
            return std::min(sum, x);
        case ReduceKind::kProduct:
            return sum * x;
        case ReduceKind::kL1:
            return sum + std::abs(x);
        case ReduceKind::kL2:
        case ReduceKind::kSumSquare:
            return sum + x * x;
        default:
            return sum + x;
    }
}

// Where the extreme value of each group lies along the one axis that is reduced.
std::vector<double> extreme_index(const Tensor& x, int axis, bool largest) {
    const std::int64_t inner = x.shape.elements(axis + 1, x.shape.rank()), extent = x.shape[axis];
    std::vector<double> result(at(x.shape.elements() / std::max<std::int64_t>(extent, 1)));
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t start = i / at(inner) * at(extent * inner) + i % at(inner);
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < extent; ++k) {
            const double value = x.values[start + at(k * inner)], so_far = x.values[start + at(best * inner)];
            if (largest ? value > so_far : value < so_far) best = k;
        }
        result[i] = static_cast<double>(best);
    }
    return result;
}

Tensor Evaluate::operator()(const Reduce& reduce) const {
    if (reduce.kind == ReduceKind::kArgMax || reduce.kind == ReduceKind::kArgMin)
        return result(extreme_index(x(), reduce.axes[0], reduce.kind == ReduceKind::kArgMax));
    const std::vector<std::size_t> group = groups_of(x().shape, reduce.axes);
    std::vector<double> sums(at(shape.elements()), first_of(reduce.kind));
    for (std::size_t i = 0; i < group.size(); ++i)
        sums[group[i]] = accumulate(reduce.kind, sums[group[i]], x().values[i]);
    const double count = static_cast<double>(group.size()) / static_cast<double>(sums.size());
    if (reduce.kind == ReduceKind::kLogSumExp) {
        std::vector<double> exponentials(sums.size(), 0);
        for (std::size_t i = 0; i < group.size(); ++i)
            exponentials[group[i]] += std::exp(x().values[i] - sums[group[i]]);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += std::log(exponentials[i]);
    }
    for (double& sum : sums) {
        if (reduce.kind == ReduceKind::kMean) sum /= count;
        if (reduce.kind == ReduceKind::kL2) sum = std::sqrt(sum);
        if (reduce.kind == ReduceKind::kLogSum) sum = std::log(sum);
    }
    return result(std::move(sums));
}

Tensor Evaluate::operator()(const Softmax& softmax) const {
    const int axes[] = {softmax.axis};
    const std::vector<std::size_t> group = groups_of(shape, axes);
    const std::size_t groups = group.empty() ? 0 : *std::max_element(group.begin(), group.end()) + 1;
    std::vector<double> largest(groups, -std::numeric_limits<double>::infinity()), sums(groups, 0);
    for (std::size_t i = 0; i < group.size(); ++i) largest[group[i]] = std::max(largest[group[i]], x().values[i]);
    std::vector<double> values = x().values;
    for (std::size_t i = 0; i < group.size(); ++i) {
        values[i] -= largest[group[i]];
        sums[group[i]] += std::exp(values[i]);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        const double logarithm = values[i] - std::log(sums[group[i]]);
        values[i] = softmax.logarithm ? logarithm : std::exp(logarithm);
    }
    return result(std::move(values));
}

Tensor Evaluate::operator()(const Normalise& n) const {
    const std::vector<std::size_t> group = groups_of(shape, n.axes);
    const std::size_t groups = group.empty() ? 0 : *std::max_element(group.begin(), group.end()) + 1;
    const double count = static_cast<double>(group.size()) / static_cast<double>(groups);
    std::vector<double> mean(groups, 0), size(groups, 0), values = x().values;
    if (n.kind == NormKind::kMeanVariance) {
        for (std::size_t i = 0; i < group.size(); ++i) mean[group[i]] += values[i] / count;
        for (std::size_t i = 0; i < group.size(); ++i) values[i] -= mean[group[i]];
    }
    for (std::size_t i = 0; i < group.size(); ++i)
        size[group[i]] += n.kind == NormKind::kL1 ? std::abs(values[i]) : values[i] * values[i];
    for (double& each : size) {
        if (n.kind == NormKind::kL2) each = std::sqrt(each);
        each = n.kind == NormKind::kL1 || n.kind == NormKind::kL2 ? std::max(each, static_cast<double>(n.epsilon))
                                                                  : std::sqrt(each / count + n.epsilon);
    }
    const std::vector<double> scale = stretched(n.scale, shape, 1), bias = stretched(n.bias, shape, 0);
    for (std::size_t i = 0; i < group.size(); ++i) values[i] = values[i] / size[group[i]] * scale[i] + bias[i];
    return result(std::move(values));
}

Tensor Evaluate::operator()(const LocalResponse& local) const {
    const std::int64_t channels = shape[1], inner = shape.elements(2, shape.rank());
    const std::int64_t before = (local.size - 1) / 2, after = local.size - 1 - before;
    std::vector<double> values(x().values.size());
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        const std::int64_t channel = i / inner % channels;
        double sum = 0;
        for (std::int64_t c = std::max<std::int64_t>(0, channel - before); c <= std::min(channels - 1, channel + after);
             ++c) {
            const double neighbour = x().values[at(i + (c - channel) * inner)];
            sum += neighbour * neighbour;
        }
        values[at(i)] = x().values[at(i)] / std::pow(local.bias + local.alpha * sum / local.size, local.beta);
    }
    return result(std::move(values));
}

Tensor resample_axis(const Tensor& x, const Taps& taps) {
    const std::int64_t outputs = static_cast<std::int64_t>(taps.index.size()) / taps.count, extent = x.shape[taps.axis];
    const std::int64_t inner = x.shape.elements(taps.axis + 1, x.shape.rank());
    Tensor result{x.shape.with(taps.axis, outputs), {}};
    result.values.resize(at(result.shape.elements()));
    for (std::int64_t i = 0; i < result.shape.elements(); ++i) {
        const std::int64_t outer = i / (outputs * inner), output = i / inner % outputs, rest = i % inner;
        double sum = 0;
        for (std::int64_t tap = output * taps.count; tap < (output + 1) * taps.count; ++tap)
            sum += taps.weight[at(tap)] * x.values[at((outer * extent + taps.index[at(tap)]) * inner + rest)];
        result.values[at(i)] = sum;
    }
    return result;
}

Tensor Evaluate::operator()(const Resample& resample) const {
    Tensor current = x();
    for (const Taps& taps : resample.axes) current = resample_axis(current, taps);
    return current;
}

Tensor Evaluate::operator()(const Gather& gather) const {
    const std::int64_t extent = x().shape[gather.axis], count = gather.shape.elements();
    const std::int64_t inner = x().shape.elements(gather.axis + 1, x().shape.rank());
    std::vector<double> values(at(shape.elements()));
    for (std::int64_t i = 0; i < shape.elements(); ++i) {
        const std::int64_t outer = i / (count * inner), index = gather.indices[at(i / inner % count)];
        values[at(i)] = x().values[at((outer * extent + index) * inner + i % inner)];
    }
    return result(std::move(values));
}

// Index into an axis of `extent` for a padded position, or -1 for the constant.
std::int64_t padded_index(PadKind kind, std::int64_t index, std::int64_t extent) {
    if (index >= 0 && index < extent) return index;
    switch (kind) {
        case PadKind::kConstant:
            return -1;
        case PadKind::kReflect:
            return index < 0 ? -index : 2 * (extent - 1) - index;
        case PadKind::kEdge:
            return std::clamp<std::int64_t>(index, 0, extent - 1);
        case PadKind::kWrap:
            return (index + extent) % extent;
    }
    return -1;
}

Tensor Evaluate::operator()(const Pad& pad) const {
    const std::vector<std::int64_t> strides = x().shape.strides();
    std::vector<double> values(at(shape.elements()), pad.value);
    if (values.empty()) return result(std::move(values));
    Odometer odometer(shape);
    std::size_t n = 0;
    do {
        std::int64_t from = 0;
        for (std::size_t axis = 0; axis < strides.size() && from >= 0; ++axis) {
            const std::int64_t index =
                padded_index(pad.kind, odometer.index()[axis] - pad.before[axis], x().shape[static_cast<int>(axis)]);
            from = index < 0 ? -1 : from + index * strides[axis];
        }
        if (from >= 0) values[n] = x().values[at(from)];
        ++n;
    } while (odometer.next());
    return result(std::move(values));
}

Tensor Evaluate::operator()(const Concat& concat) const {
    const std::int64_t inner = shape.elements(concat.axis + 1, shape.rank()), outer = shape.elements(0, concat.axis);
    std::vector<double> values;
    values.reserve(at(shape.elements()));
    for (std::int64_t i = 0; i < outer; ++i) {
        for (const Tensor* part : inputs) {
            const std::int64_t size = part->shape[concat.axis] * inner;
            const auto from = part->values.begin() + i * size;
            values.insert(values.end(), from, from + size);
        }
    }
    return result(std::move(values));
}

Tensor Evaluate::operator()(const CumulativeSum& sum) const {
    const std::int64_t extent = shape[sum.axis], inner = shape.elements(sum.axis + 1, shape.rank());
    std::vector<double> values(x().values.size());
    for (std::int64_t line = 0; line < shape.elements() / std::max<std::int64_t>(extent, 1); ++line) {
        double total = 0;
        for (std::int64_t k = 0; k < extent; ++k) {
            const std::int64_t position = sum.reverse ? extent - 1 - k : k;
            const std::size_t i = at((line / inner * extent + position) * inner + line % inner);
            values[i] = sum.exclusive ? total : total + x().values[i];
            total += x().values[i];
        }
    }
    return result(std::move(values));
}

void execute(const Layer& layer, Tensor& result, std::span<const Tensor> tensors) {
    std::vector<const Tensor*> inputs;
    for (const int input : layer.inputs) inputs.push_back(&tensors[static_cast<std::size_t>(input)]);
    result = evaluate(layer.operation, inputs, layer.shape);
    if (layer.activation) {
        for (double& value : result.values) value = apply(*layer.activation, value);
    }
}

}  // namespace

Tensor evaluate(const Operation& operation, std::span<const Tensor* const> inputs, const Shape& shape) {
    return std::visit(Evaluate{inputs, shape}, operation);
}

std::vector<std::vector<double>> interpret(const Network& network, std::span<const float> input) {
    std::vector<std::vector<double>> scores;
    StagewiseInterpreter interpreter(network);
    interpreter.load_input(input);
    for (std::size_t k = 0; k < network.stages().size(); ++k) scores.push_back(interpreter.run_stage());
    return scores;
}

void StagewiseInterpreter::load_input(std::span<const float> input) {
    assert(static_cast<std::int64_t>(input.size()) == network_.input_shape().elements());
    tensors_.assign(network_.layers().size(), {});
    tensors_[0] = {network_.input_shape(), {input.begin(), input.end()}};
    stage_ = 0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        if (layer.as<Constant>() != nullptr) execute(layer, tensors_[i], tensors_);
    }
}

std::vector<double> StagewiseInterpreter::run_stage() {
    const Stage& stage = network_.stages()[static_cast<std::size_t>(stage_++)];
    for (const int i : stage.layers) execute(network_.layer(i), tensors_[static_cast<std::size_t>(i)], tensors_);
    std::vector<double> scores = tensors_[static_cast<std::size_t>(stage.exit)].values;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
        const bool kept = std::binary_search(stage.carried.begin(), stage.carried.end(), static_cast<int>(i));
        if (!kept && network_.layers()[i].as<Constant>() == nullptr) tensors_[i] = {};
    }
    return scores;
}

}  // namespace laxity
