// What the readers of a workload's sections share. Internal to this folder.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "traces/base/json_reader.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Letters, digits, ".", "_" and "-": names go into result files and onto command lines.
std::string read_name(const JsonReader& reader);

inline constexpr double kLongestNs = 1e15;  // no stated time in a workload exceeds 1e6 s

// Nanoseconds in the unit that `object` names with its key "unit". `full_ns` is 0 where the unit "full" has no meaning.
double unit_ns(const JsonReader& object, double full_ns);

// The number as a time in `unit` nanoseconds, from `lowest_ns` to kLongestNs.
double read_ns(const JsonReader& reader, double unit, double lowest_ns);
Duration read_time(const JsonReader& reader, double unit);
Duration read_time_or_zero(const JsonReader& object, std::string_view key, double unit);  // 0 if the key is missing

// The one key of `keys` that is there.
std::string only_one(const JsonReader& reader, std::initializer_list<std::string_view> keys);

// The path that the key "file" names, relative to the file of the reader. It must be there: `what` says what it holds.
std::string read_file_path(const JsonReader& object, std::string_view what);

}  // namespace laxity
