// Kernels that slide a window over up to three axes: for convolutions and poolings that oneDNN has no fast code for.
// Internal to profiler/cpu.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// Windows and extents, filled up to three axes with windows of one element.
struct Volume {
    std::array<Window, 3> windows{};
    std::array<std::int64_t, 3> input{1, 1, 1}, output{1, 1, 1};

    Volume(std::span<const Window> given, const Shape& from, const Shape& to);
    std::int64_t input_area() const { return input[0] * input[1] * input[2]; }
    std::int64_t output_area() const { return output[0] * output[1] * output[2]; }
    std::int64_t kernel_area() const { return std::int64_t{windows[0].kernel} * windows[1].kernel * windows[2].kernel; }
    // Where output element o sees kernel element k along an axis; may lie outside the input.
    std::int64_t position(std::size_t axis, std::int64_t o, std::int64_t k) const {
        return o * windows[axis].stride - windows[axis].pad_begin + k * windows[axis].dilation;
    }
    bool inside(std::size_t axis, std::int64_t i) const { return i >= 0 && i < input[axis]; }
};

// Rows of the last axis that meet: elements count o of the output from `to` on, of the input from `from` on with the
// window's stride between them, and the element of the kernel.
struct RowMeeting {
    std::int64_t to, from, count, kernel;
};
std::vector<RowMeeting> meetings_of(const Volume& volume);

// Tensors: from (dense), weights as the layer has them, bias, to (dense). If `add` the output is added to what it
// holds; transposed convolutions too.
Kernel convolution_kernel(const Convolution& convolution, const Shape& from, const Shape& to, bool add);
// The same for plain convolutions as one matrix product a group. Its last tensor is scratch of `columns_elements`.
Kernel columns_kernel(const Convolution& convolution, const Shape& from, const Shape& to, bool add);
std::int64_t columns_elements(const Convolution& convolution, const Shape& from, const Shape& to);

// Tensors: from (dense), to (dense).
Kernel pooling_kernel(const Pooling& pooling, const Shape& from, const Shape& to);

}  // namespace laxity::cpu
