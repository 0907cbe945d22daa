// Numbers inside JSON in little room.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace laxity {

// RFC 4648, with padding.
std::string base64(std::span<const std::byte> bytes);

// An array of numbers as this machine keeps them (little-endian on all that Laxity runs on), in base64: what a typed
// array of JavaScript is made from.
template <class Number>
std::string packed(std::span<const Number> numbers) {
    return base64(std::as_bytes(numbers));
}

}  // namespace laxity
