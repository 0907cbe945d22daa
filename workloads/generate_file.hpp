// Reads the "generate" section of a workload. Internal to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "traces/base/json_reader.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// The tasks of the set that `seed` draws. Throws InputError, also where the method finds no utilisations in their
// bounds.
std::vector<Task> read_generated(const JsonReader& reader, const std::vector<Resource>& resources, std::uint64_t seed);

}  // namespace laxity
