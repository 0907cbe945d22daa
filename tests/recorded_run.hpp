// A folder of records, as `laxity simulate --out` writes them.
#pragma once

#include <filesystem>
#include <string>

#include "policies/registry.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/simulation.hpp"
#include "sim/results/records.hpp"
#include "workloads/workload.hpp"

namespace laxity::test {

// FOLDER/jobs.csv and stages.csv of a run of edf, made anew; the folder.
inline std::string write_records(const std::string& folder, const Workload& workload) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const TaskSet tasks = make_task_set(workload);
    JobsCsv jobs(folder + "/jobs.csv", tasks);
    StagesCsv stages(folder + "/stages.csv", tasks);
    RecordFan fan;
    fan.add(jobs);
    fan.add(stages);
    const Replay replay(workload);
    Simulation(replay, tasks, parse_policy("edf"), 1).run(&fan);
    fan.finish();
    return folder;
}

}  // namespace laxity::test
