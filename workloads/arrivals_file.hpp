// Reads the section "arrival" of a task. Internal to this folder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "traces/base/json_reader.hpp"
#include "workloads/task_scale.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// What a reader of arrivals must know of the task that they are for.
struct ArrivalTask {
    std::string name;
    std::vector<std::string> names;  // of all listed tasks: those that may share a log
    bool copied = false;             // the description is for several tasks
    std::size_t inputs = 0;          // samples of its replayed half
    TaskScale scale;
};

// Throws InputError.
Arrivals read_arrivals(const JsonReader& reader, const ArrivalTask& task);

}  // namespace laxity
