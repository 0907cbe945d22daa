// The traces of a workload, laid out for replaying: what a stage took and what an exit said. Immutable, shared by all
// runs of a sweep.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/decision_times.hpp"
#include "traces/trace.hpp"
#include "workloads/workload.hpp"

namespace laxity {

class MeasuredTables;

// One trace.
struct ReplayTable {
    int stages = 0;
    std::size_t rows = 1;
    // [row][stage]: latency and, with the path, dispatch cost; constant rows for quantile and mean
    std::vector<std::int64_t> duration_ns;
    std::shared_ptr<const Trace> measured;  // whose times these are
    std::vector<Outcome> outcomes;          // [sample][exit]
    std::vector<std::int32_t> labels;       // [sample]

    const std::int64_t* durations_of_row(std::size_t row) const {
        return &duration_ns[row * static_cast<std::size_t>(stages)];
    }
    const Outcome* outcomes_of_sample(std::size_t sample) const {
        return &outcomes[sample * static_cast<std::size_t>(stages)];
    }
};

// How long the stages take that are replayed, row-major [row][stage]: latency and, with the path, dispatch cost of
// every measured run, or a single row for quantile and mean. Histories and stalls are not in it.
std::vector<std::int64_t> replayed_durations_ns(const Trace& trace, const ReplayMode& mode);

class Replay {
public:
    // Keeps a reference to the workload.
    explicit Replay(const Workload& workload);
    // The same with the times of stages (rows, dispatch, history, lateness, stalls) taken from another measurement of
    // the same network, for the traces of the workload that `measured` names. Arrivals, deadlines, outcomes and
    // planning costs stay the workload's. Throws std::invalid_argument if a measurement has another number of stages.
    Replay(const Workload& workload, const std::map<const Trace*, std::shared_ptr<const Trace>>& measured);

    const Workload& workload() const { return *workload_; }
    const ReplayTable& table(int task, int variant) const {
        return *tables_[static_cast<std::size_t>(task)][static_cast<std::size_t>(variant)];
    }

    // What is replayed beside the rows; null if the traces or the workload have nothing but rows.
    const std::shared_ptr<const MeasuredTables>& measured() const { return measured_; }
    // What decisions take, by policy; null if the workload names no file.
    const DecisionFile* decisions() const { return decisions_ ? &*decisions_ : nullptr; }

private:
    const Workload* workload_;
    std::map<const Trace*, std::unique_ptr<ReplayTable>> by_trace_;
    std::shared_ptr<const MeasuredTables> measured_;
    std::optional<DecisionFile> decisions_;
    std::vector<std::vector<const ReplayTable*>> tables_;  // [task][variant]
};

}  // namespace laxity
