// The section "replay" of a workload file: how long simulated stages take.
#pragma once

#include "traces/base/json_reader.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// A mode ("rows", "mean", "quantile:Q"), or an object with the mode and what is replayed beside it. A file that it
// names is relative to the workload's folder and must be there. Throws InputError with file and JSON pointer.
ReplayMode read_replay(const JsonReader& reader);

// Makes the section an object, in a workload that has none or only a mode, so that a part of it can be set.
void open_replay_section(nlohmann::ordered_json& workload);

}  // namespace laxity
