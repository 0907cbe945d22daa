// The processor demand criterion for earliest deadline first where stages can't be preempted.
#pragma once

#include <optional>
#include <span>

#include "sim/bounds/recurrent_task.hpp"
#include "sim/bounds/response_time.hpp"

namespace laxity {

struct DemandTest {
    Answer in_time = Answer::kUndecided;
    // Only for kNo, and not where the utilisation alone is above 1: the interval whose demand does not fit.
    std::optional<std::int64_t> interval_ns;
    std::int64_t demand_ns = 0, blocking_ns = 0;  // within that interval
};

// Foreground work of jobs that are released and due within an interval of length t: the demand bound function
// h(t) = sum over the tasks with deadline <= t of releases_within(t - deadline) * wcet (Baruah, Rosier & Howell 1990).
std::int64_t demand_ns(std::span<const RecurrentTask> tasks, std::int64_t t);

// What a stage of a job that is due later, or one of the background, may take at the start of such an interval:
// B(t) = longest stage of a task with longest deadline > t, or of any task's background, less 1 ns.
std::int64_t demand_blocking_ns(std::span<const RecurrentTask> tasks, std::int64_t t);

// In time if utilisation <= 1 and h(t) + B(t) <= t for all t (Jeffay, Stanat & Martel, "On non-preemptive scheduling of
// periodic and sporadic tasks", RTSS 1991; George, Rivierre & Spuri, INRIA RR-2966, 1996, in integer time; with stages:
// Baruah, "The limited-preemption uniprocessor scheduling of sporadic task systems", ECRTS 2005). Only absolute
// deadlines matter, up to the longest relative deadline or, if longer, to the lesser of the length of the busy period
// that begins with B and (sum of U_i (T_i + J_i - D_i) + B) / (1 - U). They are visited from the last one downwards,
// skipping (QPA: Zhang & Burns, "Schedulability analysis for real-time systems with EDF scheduling", IEEE Trans.
// Computers 58(9), 2009), separately between any two relative deadlines, for within these B is constant and h(t) + B
// grows with t.
//
// Exact for sporadic arrivals where every task has one foreground stage of constant time, fixed deadlines, no jitter
// and no background; else sufficient. kUndecided where the interval to look at is longer than 1e17 ns or takes more
// than 1e7 steps.
DemandTest processor_demand_test(std::span<const RecurrentTask> tasks);

}  // namespace laxity
