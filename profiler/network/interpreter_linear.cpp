// Convolutions, products and poolings in double precision.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "profiler/network/interpreter_parts.hpp"

namespace laxity {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// Windows and extents of up to three axes, filled up to three with windows of one element.
struct Volume {
    std::array<Window, 3> windows{};
    std::array<std::int64_t, 3> input{1, 1, 1}, output{1, 1, 1};

    Volume(std::span<const Window> given, const Shape& from, const Shape& to) {
        const std::size_t missing = 3 - given.size();
        for (std::size_t i = 0; i < given.size(); ++i) {
            windows[missing + i] = given[i];
            input[missing + i] = from[static_cast<int>(i) + 2];
            output[missing + i] = to[static_cast<int>(i) + 2];
        }
    }
    std::int64_t input_area() const { return input[0] * input[1] * input[2]; }
    std::int64_t output_area() const { return output[0] * output[1] * output[2]; }
    std::int64_t kernel_area() const { return std::int64_t{windows[0].kernel} * windows[1].kernel * windows[2].kernel; }
    // Of output position o along `axis` and kernel position k, in the input; may lie outside it.
    std::int64_t position(std::size_t axis, std::int64_t o, std::int64_t k) const {
        const Window& w = windows[axis];
        return o * w.stride - w.pad_begin + k * w.dilation;
    }
    bool inside(std::size_t axis, std::int64_t i) const { return i >= 0 && i < input[axis]; }
};

// Calls body(output position, input position, kernel position) for every element of the input that a window covers.
template <class Body>
void for_each_tap(const Volume& v, const Body& body) {
    std::int64_t output = 0;
    for (std::int64_t a = 0; a < v.output[0]; ++a) {
        for (std::int64_t b = 0; b < v.output[1]; ++b) {
            for (std::int64_t c = 0; c < v.output[2]; ++c, ++output) {
                std::int64_t kernel = 0;
                for (std::int64_t i = 0; i < v.windows[0].kernel; ++i) {
                    const std::int64_t x = v.position(0, a, i);
                    for (std::int64_t j = 0; j < v.windows[1].kernel; ++j) {
                        const std::int64_t y = v.position(1, b, j);
                        for (std::int64_t k = 0; k < v.windows[2].kernel; ++k, ++kernel) {
                            const std::int64_t z = v.position(2, c, k);
                            if (v.inside(0, x) && v.inside(1, y) && v.inside(2, z))
                                body(output, (x * v.input[1] + y) * v.input[2] + z, kernel);
                        }
                    }
                }
            }
        }
    }
}

void add_bias(Tensor& result, const Weights& bias) {
    if (bias.empty()) return;
    const std::int64_t channels = result.shape[1], area = result.shape.elements(2, result.shape.rank());
    for (std::int64_t i = 0; i < result.shape.elements(); ++i)
        result.values[at(i)] += (*bias.values)[at(i / area % channels)];
}

void add_second(Tensor& result, std::span<const Tensor* const> inputs) {
    if (inputs.size() < 2) return;
    for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] += inputs[1]->values[i];
}

// One pair of channels: weights at `w`, input plane at `x`, output plane at `y`. A transposed convolution reads where
// the plain one writes.
void add_plane(const Volume& v, bool transposed, const float* w, const double* x, double* y) {
    if (transposed)
        for_each_tap(v, [&](std::int64_t o, std::int64_t i, std::int64_t k) { y[i] += x[o] * w[k]; });
    else
        for_each_tap(v, [&](std::int64_t o, std::int64_t i, std::int64_t k) { y[o] += x[i] * w[k]; });
}

}  // namespace

Tensor interpret_convolution(const Convolution& c, std::span<const Tensor* const> inputs, const Shape& shape) {
    const Tensor& x = *inputs[0];
    Tensor result{shape, std::vector<double>(at(shape.elements()), 0)};
    const Volume v = c.transposed ? Volume(c.windows, shape, x.shape) : Volume(c.windows, x.shape, shape);
    const std::int64_t in = x.shape[1], out = shape[1], in_part = in / c.groups, out_part = out / c.groups;
    const std::int64_t x_area = x.shape.elements(2, x.shape.rank()), y_area = shape.elements(2, shape.rank());
    for (std::int64_t n = 0; n < shape[0]; ++n) {
        for (std::int64_t o = 0; o < out; ++o) {
            const std::int64_t group = o / out_part;
            for (std::int64_t i = 0; i < in_part; ++i) {
                const std::int64_t channel = group * in_part + i;
                const std::int64_t pair = c.transposed ? channel * out_part + o % out_part : o * in_part + i;
                add_plane(v, c.transposed, c.weights.values->data() + pair * v.kernel_area(),
                          x.values.data() + (n * in + channel) * x_area, result.values.data() + (n * out + o) * y_area);
            }
        }
    }
    add_bias(result, c.bias);
    add_second(result, inputs);
    return result;
}

Tensor interpret_dense(const Dense& dense, std::span<const Tensor* const> inputs, const Shape& shape) {
    const std::int64_t out = dense.weights.shape[0], in = dense.weights.shape[1];
    Tensor result{shape, std::vector<double>(at(shape.elements()), 0)};
    for (std::int64_t row = 0; row < shape.elements() / out; ++row) {
        for (std::int64_t o = 0; o < out; ++o) {
            double sum = dense.bias.empty() ? 0 : (*dense.bias.values)[at(o)];
            for (std::int64_t i = 0; i < in; ++i)
                sum += inputs[0]->values[at(row * in + i)] * (*dense.weights.values)[at(o * in + i)];
            result.values[at(row * out + o)] = sum;
        }
    }
    add_second(result, inputs);
    return result;
}

Tensor interpret_product(const MatMul& product, std::span<const Tensor* const> inputs, const Shape& shape) {
    const Tensor &a = *inputs[0], &b = *inputs[1];
    const int rank = shape.rank();
    const std::int64_t rows = shape[rank - 2], columns = shape[rank - 1];
    const std::int64_t inner = a.shape[a.shape.rank() - (product.transpose_a ? 2 : 1)];
    const Shape batch(shape.extents().first(static_cast<std::size_t>(rank - 2)));
    const auto offsets = [&](const Shape& of) {  // of the matrix for each element of the batch
        const Shape own(of.extents().first(static_cast<std::size_t>(of.rank() - 2)));
        return broadcast_strides(own, batch);
    };
    const std::vector<std::int64_t> a_strides = offsets(a.shape), b_strides = offsets(b.shape);
    Tensor result{shape, std::vector<double>(at(shape.elements()), 0)};
    if (shape.elements() == 0) return result;
    Odometer odometer(batch);
    double* y = result.values.data();
    do {
        std::int64_t from_a = 0, from_b = 0;
        for (std::size_t axis = 0; axis < a_strides.size(); ++axis) {
            from_a += odometer.index()[axis] * a_strides[axis];
            from_b += odometer.index()[axis] * b_strides[axis];
        }
        const double *p = a.values.data() + from_a * rows * inner, *q = b.values.data() + from_b * inner * columns;
        for (std::int64_t i = 0; i < rows; ++i) {
            for (std::int64_t j = 0; j < columns; ++j) {
                double sum = 0;
                for (std::int64_t k = 0; k < inner; ++k)
                    sum += p[product.transpose_a ? k * rows + i : i * inner + k] *
                           q[product.transpose_b ? j * inner + k : k * columns + j];
                *y++ = sum * product.scale;
            }
        }
    } while (odometer.next());
    return result;
}

namespace {

// By how many elements each average is divided.
std::vector<double> divisors(const Volume& v, const Pooling& pooling) {
    Volume counted = v;
    if (pooling.count_padding) {  // padding becomes input, but for what ceil mode added
        for (std::size_t i = 0; i < 3; ++i) {
            const std::size_t missing = 3 - pooling.windows.size();
            const bool surplus = i >= missing && i - missing < pooling.ceil_surplus.size();
            Window& w = counted.windows[i];
            counted.input[i] += w.pad_begin + w.pad_end - (surplus ? pooling.ceil_surplus[i - missing] : 0);
            w.pad_begin = 0;
        }
    }
    std::vector<double> counts(at(v.output_area()), 0);
    for_each_tap(counted, [&](std::int64_t o, std::int64_t, std::int64_t) { ++counts[at(o)]; });
    return counts;
}

}  // namespace

Tensor interpret_pooling(const Pooling& pooling, const Tensor& x, const Shape& shape) {
    const Volume v(pooling.windows, x.shape, shape);
    const bool maximum = pooling.kind == PoolKind::kMaximum;
    Tensor result{shape,
                  std::vector<double>(at(shape.elements()), maximum ? -std::numeric_limits<double>::infinity() : 0)};
    const std::vector<double> counts = divisors(v, pooling);
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
        const double* from = x.values.data() + plane * v.input_area();
        double* to = result.values.data() + plane * v.output_area();
        for_each_tap(v, [&](std::int64_t o, std::int64_t i, std::int64_t) {
            if (maximum)
                to[o] = std::max(to[o], from[i]);
            else
                to[o] += pooling.kind == PoolKind::kL2 ? from[i] * from[i] : from[i];
        });
        for (std::int64_t o = 0; o < v.output_area() && !maximum; ++o)
            to[o] = pooling.kind == PoolKind::kL2 ? std::sqrt(to[o]) : to[o] / counts[at(o)];
    }
    return result;
}

}  // namespace laxity
