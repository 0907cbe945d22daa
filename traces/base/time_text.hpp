// Times in text, to the nanosecond: never through a double, which at seconds since 1970 is a quarter of a microsecond
// coarse.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace laxity {

// A decimal number (as strict_number() takes it) times 10^power, rounded to the nearest whole one, halves away from zero:
// ("1.5e-3", 9) is 1500000. Nothing if the text is no number, or the result doesn't fit.
std::optional<std::int64_t> scaled_integer(std::string_view text, int power);

// Nanoseconds from 1970-01-01T00:00Z to a calendar time, of the years 1678 to 2261, as in ISO 8601: 2023-11-16,
// 2023-11-16T18:15, "2023-11-16 18:15:46.680590 +01:00". T or a blank before the hour; up to nine digits of a
// fraction; Z, UTC, +hh:mm, +hhmm or +hh for the offset, which is 0 if left out. Nothing if the text is none.
std::optional<std::int64_t> calendar_ns(std::string_view text);

// Whether the text starts as a calendar time (YYYY-), so that an error can say what is wrong with it.
bool starts_as_date(std::string_view text);

}  // namespace laxity
