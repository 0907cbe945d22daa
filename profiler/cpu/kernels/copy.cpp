#include "profiler/cpu/kernels/copy.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "profiler/cpu/kernels/loops.hpp"

namespace laxity::cpu {

namespace {

using CopyLoops = Loops<2>;

void copy_row(const float* from, float* to, std::int64_t count, std::int64_t from_stride, std::int64_t to_stride) {
    if (from_stride == 1 && to_stride == 1) {
        std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) to[i * to_stride] = from[i * from_stride];
}

void run(const CopyLoops& loops, const float* from, float* to) {
    const auto [from_stride, to_stride] = loops.strides();
    loops.for_each_row([&](const CopyLoops::Offsets& offset) {
        copy_row(from + offset[0], to + offset[1], loops.row(), from_stride, to_stride);
    });
}

}  // namespace

Kernel copy_kernel(const Layout& from, const Layout& to) {
    return [loops = CopyLoops(from.shape(), {from.strides(), to.strides()})](std::span<float* const> tensors) {
        run(loops, tensors[0], tensors[1]);
    };
}

Kernel concat_kernel(const std::vector<Layout>& parts, int axis, const Shape& shape) {
    struct Part {
        CopyLoops loops;
        std::int64_t offset;
    };
    const std::vector<std::int64_t> strides = shape.strides();
    std::vector<Part> copies;
    std::int64_t offset = 0;
    for (const Layout& part : parts) {
        copies.push_back({CopyLoops(part.shape(), {part.strides(), strides}), offset});
        offset += part.shape()[axis] * strides[static_cast<std::size_t>(axis)];
    }
    return [copies = std::move(copies)](std::span<float* const> tensors) {
        for (std::size_t i = 0; i < copies.size(); ++i)
            run(copies[i].loops, tensors[i], tensors[copies.size()] + copies[i].offset);
    };
}

Kernel pad_kernel(const Layout& from, const std::vector<std::int64_t>& before, float value, const Shape& shape) {
    const std::vector<std::int64_t> strides = shape.strides();
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < before.size(); ++axis) offset += before[axis] * strides[axis];
    return [loops = CopyLoops(from.shape(), {from.strides(), strides}), count = shape.elements(), value,
            offset](std::span<float* const> tensors) {
        std::fill_n(tensors[1], count, value);
        run(loops, tensors[0], tensors[1] + offset);
    };
}

}  // namespace laxity::cpu
