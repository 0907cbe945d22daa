// How long a dispatched stage occupies its slot, where the rows of a trace alone do not say: with the history of its
// lane, with what a decision costs, with stalls, or as a live run recorded it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "policies/policy.hpp"
#include "sim/results/path_record.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// What is known of a stage when it is dispatched.
struct StageStart {
    const ActiveJob& job;
    int stage = 0;
    int ticket = 0;               // the lane
    std::size_t active = 0;       // jobs
    std::uint32_t row_block = 0;  // the job's luck: JobFate::row_block
    Time now{};                   // of the decision
    bool after_stage = false;  // a stage has ended at this step; else the decision came from a release (or a deadline)
};

// Asked by the simulation of every stage, in the order of virtual time. One object serves one run.
class StageTimes {
public:
    virtual ~StageTimes() = default;
    // From the decision until the driver knows of the end, at least 1 ns. If `path` is not null, it receives the parts,
    // which sum to what is returned.
    virtual Duration occupies(const StageStart& start, StagePath* path) = 0;
    // The stage of this ticket has ended, as the driver notices now.
    virtual void ended(int ticket, Time now) = 0;
    // Nothing runs, and the driver waits for this moment, at which a release or a deadline is due: how late it notices.
    // The step then happens at due + lateness, with whatever else has come meanwhile, as in a live run.
    virtual Duration lateness(Time due) { return (void)due, Duration::zero(); }
};

}  // namespace laxity
