// The values of an axis, from text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace laxity {

// No axis and no study has more values or points than this.
inline constexpr std::size_t kMostValues = 1'000'000;

// What stands right of the `=` in `--axis load=0.5..2:0.25`, as JSON texts in their shortest form:
//   0.5,1,true,mean   a list; each is JSON, or a string where it doesn't parse; commas inside [], {} and "" don't
//   separate 0.5..2:0.25       from, to, step: 0.5, 0.75, ... 2, in exact decimals; a step must meet the end
//   1..10             with a step of 1
//   log 0.01..1:9     nine values, each by the same factor above the last, to six significant digits; both ends exact
// A list may hold ranges. Throws InputError that starts with `place` for a range that is malformed, empty or longer
// than kMostValues, and for an empty value.
std::vector<std::string> parse_axis_values(std::string_view text, const std::string& place);

// A number as JSON in its shortest form: 2, 0.5, 1e-09.
std::string number_text(double value);

// A JSON text in the form that parse_axis_values() gives it: 0.50 and 5e-1 become 0.5.
std::string canonical_value(const std::string& json);

// One value as it stands in a column of runs.csv: a string without its quotes and in one line, anything else as JSON.
std::string column_text(const std::string& json);

}  // namespace laxity
