// Response-time analysis for fixed priorities where stages can't be preempted.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/bounds/recurrent_task.hpp"

namespace laxity {

enum class Answer { kYes, kNo, kUndecided };

struct ResponseBound {
    Answer in_time = Answer::kUndecided;
    std::int64_t blocking_ns = 0;
    std::optional<std::int64_t> response_ns;  // of the foreground, release to end; only if in time
};

// Limited preemption at fixed points: a job may be preempted between its stages only (Bril, Lukkien & Verhaegh,
// "Worst-case response time analysis of real-time tasks under fixed-priority scheduling with deferred preemption",
// Real-Time Systems 42, 2009; the blocking and the last stage as in Davis, Burns, Bril & Lukkien, "Controller Area
// Network (CAN) schedulability analysis: refuted, revisited and revised", Real-Time Systems 35, 2007; in integer time
// as George, Rivierre & Spuri, INRIA RR-2966, 1996). For task i, hp = the tasks of higher or equal priority but i:
//
//   B = longest stage of a lower priority, or of any task's background, less 1 ns
//   L = busy_length(hp and i, B): so long may jobs of i delay each other; releases_before(L) of them are looked at
//   s_k = the least s with s = B + k C + (C - F) + sum over hp of releases_within(s) C_j    F = i's last stage
//   response = the largest, over k, of s_k + F - earliest_release(k)
//
// s_k is when the last stage of job k starts at the latest: a higher priority that is released at that very moment goes
// first. Equal priorities count as higher ones, each time: an upper bound, since they go in the order of release.
//
// One bound a task. Exact for sporadic arrivals where times are constant, priorities differ and there are no jitter and
// no background; else sufficient: an upper bound. kUndecided where L is longer than the analysis looks, or has more
// than a million jobs of the task. Cost: pseudo-polynomial, some microseconds for ten tasks.
std::vector<ResponseBound> response_time_analysis(std::span<const RecurrentTask> tasks);

struct UtilisationBounds {
    std::optional<bool> liu_layland, hyperbolic;  // false says nothing: both are sufficient only
};

// The bounds for rate-monotonic priorities and deadlines that are at least the periods, with B as above, for every task
// i: U_1 + ... + U_i + B_i / T_i <= i (2^(1/i) - 1) (Liu & Layland 1973; with blocking: Sha, Rajkumar & Lehoczky 1990),
// and (U_1 + 1) ... (U_(i-1) + 1) (U_i + B_i / T_i + 1) <= 2 (Bini, Buttazzo & Buttazzo 2003). They hold with deferred
// preemption, for a set that could be preempted anywhere and meets its deadlines with B delays no later job of a task
// more than the first (Yao, Buttazzo & Bertogna, "Feasibility analysis under fixed priority scheduling with limited
// preemptions", Real-Time Systems 47, 2011). nullopt where the conditions don't hold, and where there is jitter.
UtilisationBounds utilisation_bounds(std::span<const RecurrentTask> tasks);

}  // namespace laxity
