// The shape that each operation gives, and what it asks of its inputs.
#include <algorithm>
#include <string>

#include "profiler/network/layer.hpp"
#include "profiler/network/shape_error.hpp"

namespace laxity {

namespace {

using Shapes = std::span<const Shape>;

[[noreturn]] void fail(const std::string& expected, const std::string& found) {
    throw ShapeError("expected " + expected + ", found " + found);
}

void check(bool good, const std::string& expected, const std::string& found) {
    if (!good) fail(expected, found);
}

void check_count(Shapes inputs, std::size_t fewest, std::size_t most) {
    if (inputs.size() >= fewest && inputs.size() <= most) return;
    fail(std::to_string(fewest) + (most > fewest ? " to " + std::to_string(most) : "") + " inputs",
         std::to_string(inputs.size()));
}

void check_axis(int axis, const Shape& x) {
    check(axis >= 0 && axis < x.rank(), "an axis of " + x.text(), std::to_string(axis));
}

void check_axes(std::span<const int> axes, const Shape& x) {
    check(!axes.empty(), "at least one axis", "none");
    for (std::size_t i = 0; i < axes.size(); ++i) {
        check_axis(axes[i], x);
        check(i == 0 || axes[i] > axes[i - 1], "ascending axes", std::to_string(axes[i]));
    }
}

void check_bias(const Weights& bias, std::int64_t outputs) {
    if (!bias.empty()) check(bias.shape == Shape{outputs}, "a bias of " + std::to_string(outputs), bias.shape.text());
}

void check_second(Shapes inputs, const Shape& output) {
    if (inputs.size() == 2) check(inputs[1] == output, "a summand of " + output.text(), inputs[1].text());
}

void check_window(const Window& window) {
    check(window.kernel > 0 && window.stride > 0 && window.dilation > 0 && window.pad_begin >= 0 && window.pad_end >= 0,
          "a window with extents above 0",
          "kernel " + std::to_string(window.kernel) + ", stride " + std::to_string(window.stride) + ", dilation " +
              std::to_string(window.dilation));
}

// Of what a window slides over; at least 1.
std::int64_t positions(const Window& window, std::int64_t extent) {
    check_window(window);
    const std::int64_t room = extent + window.pad_begin + window.pad_end - window.extent();
    check(room >= 0, "at least " + std::to_string(window.extent()) + " elements for a window",
          std::to_string(extent + window.pad_begin + window.pad_end));
    return room / window.stride + 1;
}

void check_spatial(const Shape& x, std::size_t windows) {
    check(windows >= 1 && windows <= 3 && x.rank() == static_cast<int>(windows) + 2,
          "1 to 3 windows over a tensor with that many axes after batch and channels",
          std::to_string(windows) + " over " + x.text());
}

struct Infer {
    Shapes inputs;
    const Shape& wanted;

    const Shape& x() const { return inputs[0]; }

    Shape operator()(const Input&) const {
        check_count(inputs, 0, 0);
        return wanted;
    }
    Shape operator()(const Constant& constant) const {
        check_count(inputs, 0, 0);
        return constant.value.shape;
    }
    Shape operator()(const Convolution& convolution) const;
    Shape operator()(const Dense& dense) const;
    Shape operator()(const MatMul& product) const;
    Shape operator()(const Unary&) const {
        check_count(inputs, 1, 1);
        return x();
    }
    Shape operator()(const Binary&) const {
        check_count(inputs, 2, 2);
        return broadcast(inputs);
    }
    Shape operator()(const Select&) const {
        check_count(inputs, 3, 3);
        return broadcast(inputs);
    }
    Shape operator()(const Reduce& reduce) const;
    Shape operator()(const Softmax& softmax) const {
        check_count(inputs, 1, 1);
        check_axis(softmax.axis, x());
        return x();
    }
    Shape operator()(const Normalise& normalise) const;
    Shape operator()(const LocalResponse& local) const {
        check_count(inputs, 1, 1);
        check(x().rank() >= 3 && local.size > 0, "a tensor with channels", x().text());
        return x();
    }
    Shape operator()(const Pooling& pooling) const;
    Shape operator()(const Resample& resample) const;
    Shape operator()(const Reshape&) const {
        check_count(inputs, 1, 1);
        check(wanted.elements() == x().elements(), std::to_string(x().elements()) + " elements of " + x().text(),
              wanted.text());
        return wanted;
    }
    Shape operator()(const StridedView& view) const;
    Shape operator()(const Gather& gather) const;
    Shape operator()(const Pad& pad) const;
    Shape operator()(const Concat& concat) const;
    Shape operator()(const CumulativeSum& sum) const {
        check_count(inputs, 1, 1);
        check_axis(sum.axis, x());
        return x();
    }
    Shape operator()(const Recurrent& recurrent) const;

private:
    Shape transposed_convolution(const Convolution& convolution) const;
};

Shape Infer::operator()(const Convolution& c) const {
    check_count(inputs, 1, 2);
    check_spatial(x(), c.windows.size());
    check(c.weights.shape.rank() == x().rank(), "weights with as many axes as " + x().text(), c.weights.shape.text());
    check(c.groups > 0, "at least one group", std::to_string(c.groups));
    for (std::size_t i = 0; i < c.windows.size(); ++i) {
        check(c.weights.shape[static_cast<int>(i) + 2] == c.windows[i].kernel, "weights of the window's extent",
              c.weights.shape.text());
    }
    if (c.transposed) return transposed_convolution(c);
    const std::int64_t outputs = c.weights.shape[0];
    check(c.weights.shape[1] * c.groups == x()[1] && outputs % c.groups == 0,
          "weights for " + std::to_string(x()[1]) + " channels in " + std::to_string(c.groups) + " groups",
          c.weights.shape.text());
    check_bias(c.bias, outputs);
    Shape output = x().with(1, outputs);
    for (std::size_t i = 0; i < c.windows.size(); ++i) {
        const int axis = static_cast<int>(i) + 2;
        output = output.with(axis, positions(c.windows[i], x()[axis]));
    }
    check_second(inputs, output);
    return output;
}

Shape Infer::transposed_convolution(const Convolution& c) const {
    const std::int64_t outputs = c.weights.shape[1] * c.groups;
    check(c.weights.shape[0] == x()[1] && x()[1] % c.groups == 0,
          "weights for " + std::to_string(x()[1]) + " channels in " + std::to_string(c.groups) + " groups",
          c.weights.shape.text());
    check_bias(c.bias, outputs);
    Shape output = x().with(1, outputs);
    for (std::size_t i = 0; i < c.windows.size(); ++i) {
        const Window& w = c.windows[i];
        check_window(w);
        const int axis = static_cast<int>(i) + 2;
        const std::int64_t extra = i < c.output_padding.size() ? c.output_padding[i] : 0;
        const std::int64_t extent = (x()[axis] - 1) * w.stride + w.extent() - w.pad_begin - w.pad_end + extra;
        check(extent > 0, "something left after the crop", std::to_string(extent));
        output = output.with(axis, extent);
    }
    check_second(inputs, output);
    return output;
}

Shape Infer::operator()(const Dense& dense) const {
    check_count(inputs, 1, 2);
    check(dense.weights.shape.rank() == 2, "weights of two axes", dense.weights.shape.text());
    check(x().rank() >= 1 && x()[x().rank() - 1] == dense.weights.shape[1],
          std::to_string(dense.weights.shape[1]) + " elements along the last axis", x().text());
    check_bias(dense.bias, dense.weights.shape[0]);
    const Shape output = x().with(x().rank() - 1, dense.weights.shape[0]);
    check_second(inputs, output);
    return output;
}

Shape Infer::operator()(const MatMul& product) const {
    check_count(inputs, 2, 2);
    const Shape &a = inputs[0], &b = inputs[1];
    check(a.rank() >= 2 && b.rank() >= 2, "two matrices", a.text() + " and " + b.text());
    const auto extent = [](const Shape& shape, int from_last) { return shape[shape.rank() - from_last]; };
    const std::int64_t rows = extent(a, product.transpose_a ? 1 : 2), inner = extent(a, product.transpose_a ? 2 : 1);
    const std::int64_t other = extent(b, product.transpose_b ? 1 : 2), columns = extent(b, product.transpose_b ? 2 : 1);
    check(inner == other, "matrices that can be multiplied", a.text() + " and " + b.text());
    const Shape batches[] = {Shape(a.extents().first(static_cast<std::size_t>(a.rank() - 2))),
                             Shape(b.extents().first(static_cast<std::size_t>(b.rank() - 2)))};
    const Shape batch = broadcast(batches);
    std::vector<std::int64_t> extents(batch.extents().begin(), batch.extents().end());
    extents.insert(extents.end(), {rows, columns});
    return Shape(extents);
}

Shape Infer::operator()(const Reduce& reduce) const {
    check_count(inputs, 1, 1);
    check_axes(reduce.axes, x());
    const bool index = reduce.kind == ReduceKind::kArgMax || reduce.kind == ReduceKind::kArgMin;
    check(!index || reduce.axes.size() == 1, "one axis", std::to_string(reduce.axes.size()));
    Shape output = x();
    for (const int axis : reduce.axes) output = output.with(axis, 1);
    return output;
}

Shape Infer::operator()(const Normalise& normalise) const {
    check_count(inputs, 1, 1);
    check_axes(normalise.axes, x());
    for (const Weights* weights : {&normalise.scale, &normalise.bias}) {
        if (weights->empty()) continue;
        const Shape both[] = {x(), weights->shape};
        check(broadcast(both) == x(), "weights that stretch to " + x().text(), weights->shape.text());
    }
    return x();
}

Shape Infer::operator()(const Pooling& pooling) const {
    check_count(inputs, 1, 1);
    check_spatial(x(), pooling.windows.size());
    Shape output = x();
    for (std::size_t i = 0; i < pooling.windows.size(); ++i) {
        const int axis = static_cast<int>(i) + 2;
        output = output.with(axis, positions(pooling.windows[i], x()[axis]));
    }
    return output;
}

Shape Infer::operator()(const Resample& resample) const {
    check_count(inputs, 1, 1);
    Shape output = x();
    for (const Taps& taps : resample.axes) {
        check_axis(taps.axis, x());
        check(taps.count > 0 && !taps.index.empty() && taps.index.size() == taps.weight.size() &&
                  taps.index.size() % static_cast<std::size_t>(taps.count) == 0,
              "taps for every output", std::to_string(taps.index.size()));
        for (const std::int32_t index : taps.index)
            check(index >= 0 && index < x()[taps.axis], "taps inside " + x().text(), std::to_string(index));
        output = output.with(taps.axis, static_cast<std::int64_t>(taps.index.size()) / taps.count);
    }
    return output;
}

Shape Infer::operator()(const StridedView& view) const {
    check_count(inputs, 1, 1);
    check(view.strides.size() == static_cast<std::size_t>(wanted.rank()), "a stride per axis of " + wanted.text(),
          std::to_string(view.strides.size()));
    if (wanted.elements() == 0) return wanted;
    std::int64_t lowest = view.offset, highest = view.offset;
    for (int axis = 0; axis < wanted.rank(); ++axis) {
        const std::int64_t reach = view.strides[static_cast<std::size_t>(axis)] * (wanted[axis] - 1);
        (reach < 0 ? lowest : highest) += reach;
    }
    check(lowest >= 0 && highest < x().elements(), "a view inside " + x().text(),
          std::to_string(lowest) + " to " + std::to_string(highest));
    return wanted;
}

Shape Infer::operator()(const Gather& gather) const {
    check_count(inputs, 1, 1);
    check_axis(gather.axis, x());
    check(static_cast<std::int64_t>(gather.indices.size()) == gather.shape.elements(), "an index per element",
          std::to_string(gather.indices.size()));
    for (const std::int64_t index : gather.indices)
        check(index >= 0 && index < x()[gather.axis], "indices inside " + x().text(), std::to_string(index));
    std::vector<std::int64_t> extents;
    for (int axis = 0; axis < x().rank(); ++axis) {
        if (axis == gather.axis)
            extents.insert(extents.end(), gather.shape.extents().begin(), gather.shape.extents().end());
        else
            extents.push_back(x()[axis]);
    }
    check(extents.size() <= kMaxRank, "at most " + std::to_string(kMaxRank) + " axes", std::to_string(extents.size()));
    return Shape(extents);
}

Shape Infer::operator()(const Pad& pad) const {
    check_count(inputs, 1, 1);
    const auto rank = static_cast<std::size_t>(x().rank());
    check(pad.before.size() == rank && pad.after.size() == rank, "padding for every axis of " + x().text(),
          std::to_string(pad.before.size()));
    Shape output = x();
    for (int axis = 0; axis < x().rank(); ++axis) {
        const std::int64_t before = pad.before[static_cast<std::size_t>(axis)],
                           after = pad.after[static_cast<std::size_t>(axis)];
        const std::int64_t most = pad.kind == PadKind::kReflect ? x()[axis] - 1 : x()[axis];
        check(before >= 0 && after >= 0, "padding of at least 0", std::to_string(std::min(before, after)));
        check(pad.kind == PadKind::kConstant ||
                  (pad.kind == PadKind::kEdge ? x()[axis] > 0 : std::max(before, after) <= most),
              "padding of at most " + std::to_string(most), std::to_string(std::max(before, after)));
        output = output.with(axis, x()[axis] + before + after);
    }
    return output;
}

Shape Infer::operator()(const Concat& concat) const {
    check_count(inputs, 1, 65536);
    check_axis(concat.axis, x());
    std::int64_t extent = 0;
    for (const Shape& input : inputs) {
        check(input.rank() == x().rank() && input.with(concat.axis, 0) == x().with(concat.axis, 0),
              "parts that differ from " + x().text() + " along axis " + std::to_string(concat.axis) + " only",
              input.text());
        extent += input[concat.axis];
    }
    return x().with(concat.axis, extent);
}

Shape Infer::operator()(const Recurrent& r) const {
    const bool lstm = r.kind == RecurrentKind::kLstm;
    check_count(inputs, 1, lstm ? 3 : 2);
    check(x().rank() == 3, "time, batch and features", x().text());
    const std::int64_t directions = r.direction == Direction::kBidirectional ? 2 : 1, hidden = r.hidden;
    const std::int64_t rows = gate_count(r.kind) * hidden;
    const auto suits = [](const Weights& weights, const Shape& shape) {
        return weights.empty() || weights.shape == shape;
    };
    check(!r.input_weights.empty() && suits(r.input_weights, {directions, rows, x()[2]}), "weights for " + x().text(),
          r.input_weights.shape.text());
    check(!r.recurrent_weights.empty() && suits(r.recurrent_weights, {directions, rows, hidden}),
          "weights for a state of " + std::to_string(hidden), r.recurrent_weights.shape.text());
    check(suits(r.bias, {directions, 2 * rows}) && suits(r.peepholes, {directions, 3 * hidden}),
          "as many biases as rows of weights", r.bias.shape.text());
    const std::size_t functions = lstm ? 3 : r.kind == RecurrentKind::kGru ? 2 : 1;
    check(r.activations.size() == functions * static_cast<std::size_t>(directions),
          std::to_string(functions) + " functions a direction", std::to_string(r.activations.size()));
    const Shape state = {directions, x()[1], hidden};
    for (std::size_t i = 1; i < inputs.size(); ++i)
        check(inputs[i] == state, "a state of " + state.text(), inputs[i].text());
    return {state.elements() * (x()[0] + (lstm ? 2 : 1))};
}

}  // namespace

Shape infer_shape(const Operation& operation, std::span<const Shape> inputs, const Shape& wanted) {
    return std::visit(Infer{inputs, wanted}, operation);
}

}  // namespace laxity
