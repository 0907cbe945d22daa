// Convolutions without oneDNN's convolutions: row by row, or as a matrix product over gathered columns.
#include <dnnl.h>

#include <algorithm>

#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/cpu/kernels/windows.hpp"

namespace laxity::cpu {

namespace {

// What both ways know of a convolution. A transposed one is a plain one from its output to its input.
struct Plan {
    std::int64_t batch, in, out, groups, in_area, out_area, kernel_area;
    std::vector<RowMeeting> meetings;
    std::int64_t stride;  // along the last axis

    Plan(const Convolution& c, const Shape& from, const Shape& to)
        : batch(from[0]),
          in(from[1]),
          out(to[1]),
          groups(c.groups),
          in_area(from.elements(2, from.rank())),
          out_area(to.elements(2, to.rank())),
          kernel_area(c.weights.shape.elements(2, c.weights.shape.rank())),
          meetings(meetings_of(c.transposed ? Volume(c.windows, to, from) : Volume(c.windows, from, to))),
          stride(c.windows.back().stride) {}
    std::int64_t in_part() const { return in / groups; }
    std::int64_t out_part() const { return out / groups; }
};

void begin_output(const Plan& p, const float* bias, float* to, bool add) {
    for (std::int64_t plane = 0; plane < p.batch * p.out; ++plane) {
        float* row = to + plane * p.out_area;
        const float b = bias[plane % p.out];
        if (add)
            for (std::int64_t i = 0; i < p.out_area; ++i) row[i] += b;
        else
            std::fill_n(row, p.out_area, b);
    }
}

void add_row(float weight, const float* __restrict from, float* __restrict to, std::int64_t count,
             std::int64_t from_stride, std::int64_t to_stride) {
    if (from_stride == 1 && to_stride == 1) {
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) to[i] += weight * from[i];
    } else {
        for (std::int64_t i = 0; i < count; ++i) to[i * to_stride] += weight * from[i * from_stride];
    }
}

void add_plane(const Plan& p, const float* weights, const float* from, float* to, bool transposed) {
    for (const RowMeeting& m : p.meetings) {
        if (transposed)
            add_row(weights[m.kernel], from + m.to, to + m.from, m.count, 1, p.stride);
        else
            add_row(weights[m.kernel], from + m.from, to + m.to, m.count, p.stride, 1);
    }
}

// The rows of one group's columns: [in channel][kernel element][output element].
void gather_columns(const Plan& p, const float* from, float* columns) {
    std::fill_n(columns, p.in_part() * p.kernel_area * p.out_area, 0.0F);
    for (std::int64_t i = 0; i < p.in_part(); ++i) {
        const float* plane = from + i * p.in_area;
        float* rows = columns + i * p.kernel_area * p.out_area;
        for (const RowMeeting& m : p.meetings) {
            float* row = rows + m.kernel * p.out_area + m.to;
            for (std::int64_t k = 0; k < m.count; ++k) row[k] = plane[m.from + k * p.stride];
        }
    }
}

}  // namespace

Kernel convolution_kernel(const Convolution& c, const Shape& from, const Shape& to, bool add) {
    return [p = Plan(c, from, to), transposed = c.transposed, add](std::span<float* const> tensors) {
        begin_output(p, tensors[2], tensors[3], add);
        for (std::int64_t plane = 0; plane < p.batch * p.out; ++plane) {
            const std::int64_t o = plane % p.out, group = o / p.out_part(), n = plane / p.out;
            for (std::int64_t i = 0; i < p.in_part(); ++i) {
                const std::int64_t channel = group * p.in_part() + i;
                const std::int64_t pair = transposed ? channel * p.out_part() + o % p.out_part() : o * p.in_part() + i;
                add_plane(p, tensors[1] + pair * p.kernel_area, tensors[0] + (n * p.in + channel) * p.in_area,
                          tensors[3] + plane * p.out_area, transposed);
            }
        }
    };
}

std::int64_t columns_elements(const Convolution& c, const Shape& from, const Shape& to) {
    const Plan p(c, from, to);
    return p.in_part() * p.kernel_area * p.out_area;
}

Kernel columns_kernel(const Convolution& c, const Shape& from, const Shape& to, bool add) {
    return [p = Plan(c, from, to), add](std::span<float* const> tensors) {
        begin_output(p, tensors[2], tensors[3], add);
        const std::int64_t depth = p.in_part() * p.kernel_area;
        for (std::int64_t part = 0; part < p.batch * p.groups; ++part) {
            const std::int64_t group = part % p.groups;
            gather_columns(p, tensors[0] + part * p.in_part() * p.in_area, tensors[4]);
            check(
                dnnl_sgemm('N', 'N', p.out_part(), p.out_area, depth, 1, tensors[1] + group * p.out_part() * depth,
                           depth, tensors[4], p.out_area, 1, tensors[3] + part * p.out_part() * p.out_area, p.out_area),
                "a convolution");
        }
    };
}

}  // namespace laxity::cpu
