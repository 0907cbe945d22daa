// A workload file for tests of studies.
#pragma once

#include <fstream>
#include <string>

namespace laxity::test {

// Two tasks with synthetic traces; `jobs` of them, of which 100 are warm-up.
inline std::string write_two_tasks(int jobs = 2000) {
    std::ofstream("two_tasks.json") << R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "camera", "variants": [{"synthetic": {"stages": [1, 2, 2], "unit": "ms", "accuracy": [0.6, 0.8, 0.9]}}],
         "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"uniform": [0.5, 4], "unit": "full"}, "weight": 1},
        {"name": "radar", "variants": [{"synthetic": {"stages": [2, 1], "unit": "ms", "accuracy": [0.7, 0.9]}}],
         "arrival": {"process": "poisson", "load": 0.3}, "deadline": {"uniform": [1, 3], "unit": "full"}, "weight": 2}],
        "horizon": {"jobs": )" << jobs
                                    << R"(, "warmup_jobs": 100}})";
    return "two_tasks.json";
}

}  // namespace laxity::test
