// A task as schedulability tests see it, and what both tests ask of it. Times are integer nanoseconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

// Each job is a sequence of stages that can't be preempted. The foreground is what is promised by the deadline;
// whatever else the policy runs for this task is in the background: it starts only where no foreground stage is ready.
struct RecurrentTask {
    std::string name;
    std::vector<std::int64_t> stages_ns;     // worst-case times of the foreground stages, at least one
    std::int64_t longest_background_ns = 0;  // longest background stage; 0 = none
    std::int64_t gap_ns = 1;                 // least time between nominal releases
    std::int64_t jitter_ns = 0;              // a release comes up to so much after its nominal time; at most the gap
    std::int64_t deadline_ns = 1;            // relative, the shortest of any job
    std::int64_t longest_deadline_ns = 1;
    std::int64_t priority = 0;  // less goes first; jobs of equal ones in the order of their release

    std::int64_t wcet_ns() const { return std::accumulate(stages_ns.begin(), stages_ns.end(), std::int64_t{0}); }
    std::int64_t longest_stage_ns() const { return *std::max_element(stages_ns.begin(), stages_ns.end()); }
    double utilisation() const { return static_cast<double>(wcet_ns()) / static_cast<double>(gap_ns); }

    // Most releases in a closed interval of this length, length >= 0.
    std::int64_t releases_within(std::int64_t length_ns) const { return (length_ns + jitter_ns) / gap_ns + 1; }
    // The same of a half-open interval, length > 0.
    std::int64_t releases_before(std::int64_t length_ns) const { return (length_ns + jitter_ns + gap_ns - 1) / gap_ns; }
    // Earliest release of job k if that of job 0 is at 0 and as late as its jitter allows.
    std::int64_t earliest_release_ns(std::int64_t k) const { return std::max<std::int64_t>(0, k * gap_ns - jitter_ns); }
};

// What a busy interval may begin with: a stage that is not of the interval's own work started at least one nanosecond
// before it, so that of a stage of c ns at most c - 1 are left.
inline std::int64_t blocking_by(std::int64_t longest_stage_ns) {
    return std::max<std::int64_t>(0, longest_stage_ns - 1);
}

// How the sum of wcet / gap compares with 1, exactly: -1, 0 or 1.
int compare_utilisation_with_one(std::span<const RecurrentTask> tasks);

// The length of the longest interval that is busy with these tasks after `blocking_ns` of other work: the least w with
// w = blocking + sum of releases_before(w) * wcet. -1 if it is longer than the tests look (1e17 ns, or 1e5 steps of the
// iteration), which is only where the utilisation is (almost) 1. Precondition: utilisation at most 1.
std::int64_t busy_length_ns(std::span<const RecurrentTask> tasks, std::int64_t blocking_ns);

}  // namespace laxity
