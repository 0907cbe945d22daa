// What a decision of a policy costs the host, by the number of active jobs.
#pragma once

#include <cstdint>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/decision_times.hpp"

namespace laxity {

// A decision is what the scheduler does between an event and the stage that follows it, with the event's notification:
// a policy may do its work in either. Measured on the real scheduler, so its own bookkeeping (tens of nanoseconds) is
// in; the cost of reading the clock is subtracted.
struct DecisionCost {
    struct Event {
        std::uint64_t count = 0;  // events timed
        double median_ns = 0;     // no meaning if count is 0
        double p99_ns = 0;        // likewise
        // Likewise: of all of them, none counted as more than ten times the median. What took longer was interrupted by
        // something that is no part of the decision, and would outweigh the others.
        double mean_ns = 0;
    };
    Event release;    // a job arrives at an idle resource: released(), then next() until it runs a stage or waits
    Event stage_end;  // a stage ends in time: stage_finished(), left() if the job leaves, then next() likewise
};

// Situations, the same for every policy: `jobs` active jobs of one task with four stages and informative confidences,
// released one after the other, each at a depth drawn evenly from those before its last stage. Relative to the event
// to come, deadlines are uniform on [0.5, 4] whole-network times at 10 jobs, and longer in proportion to the jobs: the
// jobs want about 1.6 times what they can have. One policy object meets `situations` of them for each of the two
// events. A policy that has dropped jobs meets its event with fewer. Stages take what the trace says. A policy that
// needs an oracle is given one, and one that follows a plan the deadline-monotonic plan.
DecisionCost decision_cost(const PolicySpec& policy, int jobs, int situations);

// The means, for simulations: measured with each of these numbers of active jobs (at least one, each once). Throws
// Interrupted at Ctrl-C, between two numbers.
DecisionTimes measure_decision_times(const PolicySpec& policy, const std::vector<int>& active_jobs, int situations);
// The point of that curve.
DecisionTimes::Point decision_point(int jobs, const DecisionCost& cost);

}  // namespace laxity
