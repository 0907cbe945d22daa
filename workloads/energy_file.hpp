// Reads the "energy" section of a workload. Internal to this folder.
#pragma once

#include "traces/base/json_reader.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// Checks, too, that the capacitor can power every stage of `tasks`. Throws InputError.
EnergyModel read_energy(const JsonReader& reader, const std::vector<Task>& tasks);

}  // namespace laxity
