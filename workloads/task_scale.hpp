// What the times and loads of a task are relative to. Internal to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "traces/base/json_reader.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct TaskScale {
    int largest = 0;                 // the variant that takes longest
    double full_ns = 0;              // its mean whole-network time; of a pipeline, its inference's
    double accelerator_work_ns = 0;  // the part of it on the accelerator
    int accelerator_slots = 0;
};

TaskScale task_scale(const std::vector<Variant>& variants, bool pipeline, const std::vector<Resource>& resources);

// The mean gap between releases, from exactly one of "load", "rate" (per second) and `gap_key` (a time).
double mean_gap_ns(const JsonReader& arrival, std::string_view gap_key, const TaskScale& scale);

}  // namespace laxity
