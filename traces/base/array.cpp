#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Bytes = std::vector<unsigned char>;

static_assert(std::endian::native == std::endian::little, "elements are kept as files have them");

struct TypeTraits {
    ElementType type;
    std::size_t size;
    const char* name;
};

constexpr std::array kTypes{
    TypeTraits{ElementType::kBool, 1, "bool"},       TypeTraits{ElementType::kInt8, 1, "int8"},
    TypeTraits{ElementType::kInt16, 2, "int16"},     TypeTraits{ElementType::kInt32, 4, "int32"},
    TypeTraits{ElementType::kInt64, 8, "int64"},     TypeTraits{ElementType::kUint8, 1, "uint8"},
    TypeTraits{ElementType::kUint16, 2, "uint16"},   TypeTraits{ElementType::kUint32, 4, "uint32"},
    TypeTraits{ElementType::kUint64, 8, "uint64"},   TypeTraits{ElementType::kFloat16, 2, "float16"},
    TypeTraits{ElementType::kFloat32, 4, "float32"}, TypeTraits{ElementType::kFloat64, 8, "float64"}};

const TypeTraits& traits_of(ElementType type) { return *std::ranges::find(kTypes, type, &TypeTraits::type); }

// IEEE 754's binary16.
float half_to_float(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const auto fraction = static_cast<float>(bits & 1023);
    float size = std::ldexp(1 + fraction / 1024, exponent - 15);
    if (exponent == 0) size = std::ldexp(fraction, -24);
    if (exponent == 31)
        size = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
    return (bits & 0x8000) != 0 ? -size : size;
}

template <class Stored, class Use>
void each(const Bytes& bytes, Use use) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(Stored)) {
        Stored value;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        use(value);
    }
}

// Calls use(value) for every element, as the type that it is stored in; float16 as float.
template <class Use>
void each_element(ElementType type, const Bytes& bytes, Use use) {
    switch (type) {
        case ElementType::kBool:
        case ElementType::kUint8:
            return each<std::uint8_t>(bytes, use);
        case ElementType::kInt8:
            return each<std::int8_t>(bytes, use);
        case ElementType::kInt16:
            return each<std::int16_t>(bytes, use);
        case ElementType::kInt32:
            return each<std::int32_t>(bytes, use);
        case ElementType::kInt64:
            return each<std::int64_t>(bytes, use);
        case ElementType::kUint16:
            return each<std::uint16_t>(bytes, use);
        case ElementType::kUint32:
            return each<std::uint32_t>(bytes, use);
        case ElementType::kUint64:
            return each<std::uint64_t>(bytes, use);
        case ElementType::kFloat16:
            return each<std::uint16_t>(bytes, [&](std::uint16_t half) { use(half_to_float(half)); });
        case ElementType::kFloat32:
            return each<float>(bytes, use);
        case ElementType::kFloat64:
            return each<double>(bytes, use);
    }
}

}  // namespace

std::size_t size_of(ElementType type) { return traits_of(type).size; }
const char* name_of(ElementType type) { return traits_of(type).name; }
bool is_floating_point(ElementType type) { return type >= ElementType::kFloat16; }

Array::Array(std::string name, ElementType type, std::vector<std::size_t> shape, Bytes bytes)
    : name_(std::move(name)), type_(type), shape_(std::move(shape)), bytes_(std::move(bytes)) {}

std::string Array::shape_text() const {
    std::vector<std::string> extents;
    for (const std::size_t extent : shape_) extents.push_back(std::to_string(extent));
    return "[" + joined(extents, ", ") + "]";
}

std::vector<float> Array::floats() const {
    std::vector<float> values;
    values.reserve(elements());
    each_element(type_, bytes_, [&](auto value) { values.push_back(static_cast<float>(value)); });
    return values;
}

std::vector<double> Array::doubles() const {
    std::vector<double> values;
    values.reserve(elements());
    each_element(type_, bytes_, [&](auto value) { values.push_back(static_cast<double>(value)); });
    return values;
}

std::vector<std::int64_t> Array::integers() const {
    if (is_floating_point(type_))
        throw input_error(name_, "integers", std::string("elements of type ") + name_of(type_),
                          "convert it with .astype(numpy.int64)");
    std::vector<std::int64_t> values;
    values.reserve(elements());
    each_element(type_, bytes_, [&](auto value) { values.push_back(static_cast<std::int64_t>(value)); });
    const auto wrapped = std::ranges::find_if(values, [](std::int64_t value) { return value < 0; });
    if (type_ == ElementType::kUint64 && wrapped != values.end())
        throw input_error(place(static_cast<std::size_t>(wrapped - values.begin())), "at most 2^63 - 1",
                          "a larger number");
    return values;
}

void Array::check_finite() const {
    if (!is_floating_point(type_)) return;
    std::size_t element = 0;
    each_element(type_, bytes_, [&](auto value) {
        if (!std::isfinite(static_cast<double>(value)))
            throw input_error(place(element), "a finite number",
                              std::isnan(static_cast<double>(value)) ? "NaN" : "infinity");
        ++element;
    });
}

std::string Array::place(std::size_t element) const {
    std::vector<std::string> index(shape_.size());
    for (std::size_t axis = shape_.size(); axis-- > 0; element /= shape_[axis])
        index[axis] = std::to_string(element % shape_[axis]);
    return name_ + ", element [" + joined(index, ", ") + "]";
}

}  // namespace laxity
