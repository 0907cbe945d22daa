// What a study will cost, before it is run.
#pragma once

#include <cstdint>
#include <string>

#include "sim/study/shard.hpp"
#include "sim/study/study.hpp"

namespace laxity {

struct StudyForecast {
    std::uint64_t points = 0, contenders = 0, cells = 0, runs = 0, jobs = 0;  // with --until: the fewest
    std::uint64_t most_runs = 0;  // with --until: if every point needs all seeds; else the same as runs
    double seconds = 0;           // for `runs`, on as many threads as were asked for
    double seconds_of_plans = 0;  // part of it: plans that policies follow, one per point and policy
};

// Measures runs of each policy, shortened to a few hundred jobs and to the whole length, at points spread over the
// grid, on all threads at once as the sweep will run, for about `budget_s` seconds, and scales them up.
StudyForecast forecast(const Study& study, const Shard& shard, int threads, double budget_s = 3);

}  // namespace laxity
