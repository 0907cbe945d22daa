#include "profiler/cpu/kernels/windows.hpp"

#include <algorithm>

namespace laxity::cpu {

namespace {

// Output elements along the last axis whose window has kernel element k inside the input.
std::array<std::int64_t, 2> range_inside(const Volume& v, std::int64_t k) {
    const std::int64_t start = v.position(2, 0, k), stride = v.windows[2].stride;
    const std::int64_t first = start >= 0 ? 0 : (-start + stride - 1) / stride;
    const std::int64_t last = v.input[2] - 1 - start;  // position of the last one at most this far
    return {first, last < 0 ? first : std::min(v.output[2], last / stride + 1)};
}

void add_row_meetings(const Volume& v, std::int64_t row, std::int64_t to, std::int64_t kernel_row,
                      std::vector<RowMeeting>& meetings) {
    for (std::int64_t k = 0; k < v.windows[2].kernel; ++k) {
        const auto [first, end] = range_inside(v, k);
        if (end <= first) continue;
        meetings.push_back({to + first, row * v.input[2] + v.position(2, first, k), end - first,
                            kernel_row * v.windows[2].kernel + k});
    }
}

}  // namespace

Volume::Volume(std::span<const Window> given, const Shape& from, const Shape& to) {
    const std::size_t missing = 3 - given.size();
    for (std::size_t i = 0; i < given.size(); ++i) {
        windows[missing + i] = given[i];
        input[missing + i] = from[static_cast<int>(i) + 2];
        output[missing + i] = to[static_cast<int>(i) + 2];
    }
}

std::vector<RowMeeting> meetings_of(const Volume& v) {
    std::vector<RowMeeting> meetings;
    for (std::int64_t a = 0; a < v.output[0]; ++a) {
        for (std::int64_t b = 0; b < v.output[1]; ++b) {
            const std::int64_t to = (a * v.output[1] + b) * v.output[2];
            for (std::int64_t i = 0; i < v.windows[0].kernel; ++i) {
                const std::int64_t x = v.position(0, a, i);
                if (!v.inside(0, x)) continue;
                for (std::int64_t j = 0; j < v.windows[1].kernel; ++j) {
                    const std::int64_t y = v.position(1, b, j);
                    if (v.inside(1, y))
                        add_row_meetings(v, x * v.input[1] + y, to, i * v.windows[1].kernel + j, meetings);
                }
            }
        }
    }
    return meetings;
}

}  // namespace laxity::cpu
