// The columns of decisions.csv, which `laxity bench --decisions` writes and simulations read.
#pragma once

namespace laxity {

// A row per policy, kind of event (release | stage_end) and number of active jobs. Of an event that a policy never met,
// the times are empty.
inline constexpr const char* kDecisionColumns =
    "policy,event,active_jobs,decisions,decision_p50_ns,decision_p99_ns,decision_mean_ns";
// As it was written before there was a mean.
inline constexpr const char* kDecisionColumnsWithoutMean =
    "policy,event,active_jobs,decisions,decision_p50_ns,decision_p99_ns";

inline constexpr int kMostActiveJobs = 10'000;

}  // namespace laxity
