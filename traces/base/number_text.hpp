// Numbers in text, read strictly and in every locale alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace laxity {

// A finite decimal number, the whole of `text`: "12", "-0.5", "2.5e-1"; a leading "+" too. Nothing else: no blanks, no
// decimal comma, no thousands separator, no hexadecimal digits, no NaN or infinity.
std::optional<double> strict_number(std::string_view text);

// The same without a point or exponent, within 64 bits.
std::optional<std::int64_t> strict_integer(std::string_view text);

// What to do about a text that is no number; empty if nothing helpful is known.
std::string number_advice(std::string_view text);

}  // namespace laxity
