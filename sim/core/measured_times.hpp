// The times of stages as a trace has measured them: in the history of their lane, with the path around them, with
// decisions and stalls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/core/decision_times.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/stage_times.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct MeasuredTimesOptions {
    // Another number draws other times from the same measurements while arrivals, inputs and deadlines stay; 0 is the
    // luck of a run that asks for none.
    std::uint64_t luck = 0;
    // What decisions take, instead of what the workload says (replay.decisions, decision_cost_ns).
    std::optional<DecisionTimes> decisions{};
    // What is replayed, instead of what the workload says (replay.history, .path, .stalls).
    std::optional<ReplayParts> parts{};
};

// The times of one run with this seed; `replay` outlives them. What a trace has not measured it does not add: a trace
// without history gives its rows, one without stalls has none. With all parts of a trace that has none of them, the
// times are those of a simulation without StageTimes. With modes "mean" and "quantile" every stage is constant, and
// only decisions take time besides.
//
// A job draws, within the cell of histories in which its stage falls, the execution that its row block and number
// choose (latency_row()): the same under every policy that brings it there, and consecutive jobs take consecutive
// executions. Lateness is a function of (seed, luck, moment), stalls of (seed, luck, lane).
std::unique_ptr<StageTimes> make_measured_times(const Replay& replay, std::uint64_t seed,
                                                const MeasuredTimesOptions& options = {});

}  // namespace laxity
