// What the traces of a workload have measured beside the rows of whole passes, laid out for many runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/history_table.hpp"
#include "sim/core/stall_process.hpp"
#include "workloads/workload.hpp"

namespace laxity {

class Replay;
struct ReplayTable;

// The times of one variant's stages.
struct VariantTimes {
    const HistoryTable* history = nullptr;  // none: rows
    const Trace* trace = nullptr;
    const std::int64_t* rows_ns = nullptr;  // [row][stage], with dispatch if the path is replayed
    std::size_t rows = 1;
    std::size_t stages = 0;
    std::size_t unit = 0;  // of its first stage: units are numbered over the distinct traces
};

// One stage of one network, in one cache line.
struct alignas(64) UnitTimes {
    HistoryTable::StageCells cells;
    std::int64_t bytes = 0;  // weights and activations
};

// Immutable, shared by all runs and threads. Lateness and stalls are those of all measurements together, for they are
// the machine's and not a network's.
class MeasuredTables {
public:
    // The replay outlives the tables. Other parts than the workload's may be asked for.
    MeasuredTables(const Replay& replay, const ReplayParts& parts);

    const ReplayParts& parts() const { return parts_; }
    bool more_than_rows() const {
        return !histories_.empty() || !lateness_ns_.empty() || !stalls_.empty() || !driver_stalls_.empty();
    }
    bool any_history() const { return !histories_.empty(); }
    const VariantTimes& variant(std::int32_t task, int variant) const {
        return variants_[first_variant_[static_cast<std::size_t>(task)] + static_cast<std::size_t>(variant)];
    }
    std::size_t units() const { return units_.size(); }
    const UnitTimes& unit(std::size_t unit) const { return units_[unit]; }
    const std::vector<std::int64_t>& lateness_ns() const { return lateness_ns_; }
    const StallLaw& stalls() const { return stalls_; }                // of a lane
    const StallLaw& driver_stalls() const { return driver_stalls_; }  // of the thread that schedules

private:
    VariantTimes add_trace(const ReplayTable& table, const ReplayMode& mode);

    ReplayParts parts_;
    std::vector<VariantTimes> variants_;      // task after task
    std::vector<std::size_t> first_variant_;  // by task
    std::vector<UnitTimes> units_;
    std::vector<std::unique_ptr<HistoryTable>> histories_;
    std::vector<std::unique_ptr<std::vector<std::int64_t>>> rows_;  // where they are not the replay's
    std::vector<std::int64_t> lateness_ns_;
    StallLaw stalls_, driver_stalls_;
};

}  // namespace laxity
