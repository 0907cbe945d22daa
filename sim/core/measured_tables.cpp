#include "sim/core/measured_tables.hpp"

#include <map>

#include "sim/core/replay.hpp"

namespace laxity {

MeasuredTables::MeasuredTables(const Replay& replay, const ReplayParts& parts) : parts_(parts) {
    const Workload& workload = replay.workload();
    std::map<const Trace*, VariantTimes> known;
    for (int task = 0; task < static_cast<int>(workload.tasks.size()); ++task) {
        first_variant_.push_back(variants_.size());
        const auto count = static_cast<int>(workload.tasks[static_cast<std::size_t>(task)].variants.size());
        for (int variant = 0; variant < count; ++variant) {
            const ReplayTable& table = replay.table(task, variant);
            const auto [place, is_new] = known.try_emplace(table.measured.get());
            if (is_new) place->second = add_trace(table, workload.replay);
            variants_.push_back(place->second);
        }
    }
}

VariantTimes MeasuredTables::add_trace(const ReplayTable& table, const ReplayMode& mode) {
    const Trace& trace = *table.measured;
    VariantTimes times;
    times.trace = &trace;
    times.rows_ns = table.duration_ns.data();
    times.rows = table.rows;
    times.stages = trace.stages.size();
    times.unit = units_.size();
    for (const StageInfo& stage : trace.stages) units_.push_back({{}, stage.parameter_bytes + stage.activation_bytes});
    if (parts_.path != mode.parts.path) {
        ReplayMode asked = mode;
        asked.parts = parts_;
        rows_.push_back(std::make_unique<std::vector<std::int64_t>>(replayed_durations_ns(trace, asked)));
        times.rows_ns = rows_.back()->data();
    }
    if (mode.kind != ReplayMode::Kind::kRows) return times;
    const bool replay_stalls = parts_.stalls && trace.stalls.has_value();
    if (parts_.history && trace.history.measured()) {
        histories_.push_back(std::make_unique<HistoryTable>(trace, parts_.path, !replay_stalls));
        times.history = histories_.back().get();
        for (int stage = 0; stage < trace.stage_count(); ++stage)
            units_[times.unit + static_cast<std::size_t>(stage)].cells = times.history->cells(stage);
    }
    if (parts_.path)
        lateness_ns_.insert(lateness_ns_.end(), trace.release_lateness_ns.begin(), trace.release_lateness_ns.end());
    if (replay_stalls) stalls_.add(*trace.stalls);
    if (parts_.stalls && trace.driver_stalls) driver_stalls_.add(*trace.driver_stalls);
    return times;
}

}  // namespace laxity
