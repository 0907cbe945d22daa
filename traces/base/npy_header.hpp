// The header of a .npy file (NEP 1). Internal to array_file.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "traces/base/array_file.hpp"

namespace laxity {

struct NpyHeader {
    ElementType type{};
    std::vector<std::size_t> shape;
    bool fortran_order = false, big_endian = false;
    std::size_t data = 0;  // where the elements start
};

// `start` is the file's beginning, at least its header where that is below kMostHeaderBytes. `name` is for messages.
// Throws InputError.
inline constexpr std::size_t kMostHeaderBytes = 65536 + 12;
NpyHeader parse_npy_header(std::span<const unsigned char> start, const std::string& name);

// Of an array in C order.
std::string npy_header(ElementType type, std::span<const std::size_t> shape);

}  // namespace laxity
