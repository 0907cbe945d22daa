// What the readers of a workload's sections share. Internal to this folder.
#pragma once

#include <string>

#include "traces/base/json_reader.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Letters, digits, ".", "_" and "-": names go into result files and onto command lines.
std::string read_name(const JsonReader& reader);

// Nanoseconds in the unit that `object` names with its key "unit". `full_ns` is 0 where the unit "full" has no meaning.
double unit_ns(const JsonReader& object, double full_ns);

}  // namespace laxity
