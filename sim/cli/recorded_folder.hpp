// The folder of a recorded live run, read back: what was run, and what came of it.
#pragma once

#include <memory>
#include <string>

#include "policies/registry.hpp"
#include "sim/plan/planning.hpp"
#include "sim/results/records.hpp"
#include "workloads/task_set.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct RecordedFolder {
    std::string directory;
    std::string configuration;  // the workload, as JSON text
    Workload workload;
    TaskSet tasks;
    PolicySpec policy;
    std::uint64_t seed = 1;
    bool cut_short = false;            // by Ctrl-C or a failure of the device
    std::unique_ptr<const Plan> plan;  // that the run followed, if its policy needs one
    RecordList records;                // with paths, steps and stalls

    // The last step that the driver made.
    Time last_step() const { return records.steps.back().time; }
};

// Reads DIR/manifest.json (workload, inputs), summary.json (policy, seed), the records, and plan.json where there must
// be one. Throws InputError if the folder holds no live run, one without steps.csv, or one whose traces or other inputs
// are not what they were; the workload's own file may have changed, for the manifest has it.
RecordedFolder read_recorded_folder(const std::string& directory);

}  // namespace laxity
