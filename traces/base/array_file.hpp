// Arrays of numbers as NumPy writes them: .npy, and .npz, which is a ZIP archive of them.
//
// Understood: bool, (u)int8 to (u)int64, float16, float32, float64; little- and big-endian; C and Fortran order;
// versions 1 to 3 of the format; members stored or deflated, ZIP64 too. Everything is checked before memory is taken:
// shape and type against the bytes that are there, a member's packed size against its size. Pickled objects, text and
// records are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace laxity {

enum class ElementType {
    kBool,
    kInt8,
    kInt16,
    kInt32,
    kInt64,
    kUint8,
    kUint16,
    kUint32,
    kUint64,
    kFloat16,
    kFloat32,
    kFloat64
};

std::size_t size_of(ElementType type);  // bytes
const char* name_of(ElementType type);  // "float32", as NumPy calls it
bool is_floating_point(ElementType type);

// Immutable, in C order (the last axis is contiguous) and little-endian, whatever the file had.
class Array {
public:
    Array(std::string name, ElementType type, std::vector<std::size_t> shape, std::vector<unsigned char> bytes);

    const std::string& name() const { return name_; }  // "exits.npz:scores", for messages
    ElementType type() const { return type_; }
    const std::vector<std::size_t>& shape() const { return shape_; }  // empty for a single number
    std::string shape_text() const;                                   // "[10, 3, 32, 32]"
    std::size_t elements() const { return bytes_.size() / size_of(type_); }
    std::span<const unsigned char> bytes() const { return bytes_; }

    // All elements in C order. Numbers become the nearest float or double; NaN and infinities stay.
    std::vector<float> floats() const;
    std::vector<double> doubles() const;
    // Throws InputError for an array of floating-point numbers, and names the element for one that exceeds 64 bits.
    std::vector<std::int64_t> integers() const;
    // Throws InputError that names the first element that is NaN or infinite.
    void check_finite() const;

    // "exits.npz:scores, element [3, 0, 7]" for an index in C order.
    std::string place(std::size_t element) const;

private:
    std::string name_;
    ElementType type_;
    std::vector<std::size_t> shape_;
    std::vector<unsigned char> bytes_;
};

inline constexpr std::size_t kMostArrayBytes = std::size_t{1} << 33;

// Whether a path names an array: it ends in .npy or .npz, or has a member ("FILE.npz:MEMBER").
bool is_array_path(const std::string& path);

// Reads FILE.npy, FILE.npz with a single member, or FILE.npz:MEMBER (with or without .npy). Throws InputError: no such
// file or member (those that are there are listed), not of this format, damaged, another type, more than `most` bytes.
Array read_array(const std::string& path, std::size_t most = kMostArrayBytes);

// Members of FILE.npz without their .npy, in the archive's order; none for a .npy file. Throws InputError.
std::vector<std::string> array_members(const std::string& path);

// Write FILE.npy, version 1.0, all of it or nothing. `shape` times up to the number of values. Throw RunError.
void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const float> values);
void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const double> values);
void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const std::int64_t> values);

}  // namespace laxity
