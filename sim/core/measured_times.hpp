// The times of stages as a trace has measured them: in the history of their lane, with the path around them, with
// decisions and stalls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/core/decision_times.hpp"
#include "sim/core/measured_tables.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/stage_times.hpp"
#include "workloads/arrivals.hpp"
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
//
// What is asked of every stage is inline, for the simulation knows this class.
class MeasuredTimes final : public StageTimes {
public:
    MeasuredTimes(const Replay& replay, std::uint64_t seed, const MeasuredTimesOptions& options = {});

    Duration occupies(const StageStart& start, StagePath* path) override;
    // The same for whoever asks for no parts.
    Duration occupies(const StageStart& start) { return execute(start, nullptr); }

    void ended(int ticket, Time now) override { lanes_[static_cast<std::size_t>(ticket)].history.end(now); }

    Duration lateness(Time due) override {
        return tables_->lateness_ns().empty() ? Duration::zero() : measured_lateness(due);
    }

private:
    // What ran on a lane, and what keeps it from running.
    struct Lane {
        LaneHistory history;
        StallProcess stalls;
        StallProcess driver;  // the same of every lane: there is one driver
    };
    // Which execution was drawn, and what it takes from its handing over until its end is noticed.
    struct Drawn {
        Duration total{};
        const HistoryTable* history = nullptr;  // none: row `place` of the trace
        std::size_t place = 0;
    };

    // Inline also where the compiler finds it too long: with draw_time() and the cache lines it needs, 3 ns a stage.
    [[gnu::always_inline]] inline Duration execute(const StageStart& start, StagePath* path) {
        const VariantTimes& variant = tables_->variant(start.job.id.task, start.job.variant);
        const Duration decision = decision_of(start);
        Lane& lane = lanes_[static_cast<std::size_t>(start.ticket)];
        const Drawn drawn = draw_time(start, variant, lane, start.now + decision);
        const Duration total = decision + drawn.total;
        const Duration prolonged = lane.stalls.prolongs(start.now, total);
        const Duration unnoticed = lane.driver.remains(start.now + total + prolonged);
        const Duration stalled = prolonged + unnoticed;
        if (path != nullptr) {
            *path = parts_of(drawn, variant, start.stage);
            path->decision = decision;
            path->latency += prolonged;
            path->notice += unnoticed;
            path->stalled = stalled;
        }
        return total + stalled;
    }

    Duration decision_of(const StageStart& start) const {
        if (!decisions_) return decision_cost_;
        return start.after_stage ? decisions_->after_stage_end(start.active) : decisions_->after_release(start.active);
    }

    [[gnu::always_inline]] inline Drawn draw_time(const StageStart& start, const VariantTimes& variant, Lane& lane,
                                                  Time handed_over) {
        const std::uint64_t number = start.job.id.number;
        const std::uint32_t row_block = luck_ == 0 ? start.row_block : mixed_block(start.row_block);
        if (keeps_history_) {
            const auto index = variant.unit + static_cast<std::size_t>(start.stage);
            const UnitTimes& unit = tables_->unit(index);
            const std::uint64_t job = (static_cast<std::uint64_t>(start.job.id.task) << 48) ^ number;
            const StageHistory before = lane.history.before(index, job, handed_over);
            lane.history.start(index, job, unit.bytes);
            if (unit.cells.byte_ranges > 0) {
                const HistoryTable::Cell cell = unit.cells.cell(before);
                const std::size_t place = cell.first + latency_row(row_block, number, cell.count);
                const std::uint32_t* const took_ns = unit.cells.took_ns;
                return {took_ns != nullptr ? Duration(took_ns[place]) : variant.history->took(place), variant.history,
                        place};
            }
        }
        const std::size_t row = latency_row(row_block, number, variant.rows);
        return {Duration(variant.rows_ns[row * variant.stages + static_cast<std::size_t>(start.stage)]), nullptr, row};
    }

    StagePath parts_of(const Drawn& drawn, const VariantTimes& variant, int stage) const;
    Duration measured_lateness(Time due) const;
    std::uint32_t mixed_block(std::uint32_t row_block) const;

    const std::shared_ptr<const MeasuredTables> tables_;
    const bool rows_;
    const std::optional<DecisionTimes> decisions_;
    const Duration decision_cost_;
    const std::uint64_t luck_;  // spread over 64 bits; 0 = as it is
    const std::uint64_t seed_;
    const bool keeps_history_;
    std::vector<Lane> lanes_;  // by ticket
};

std::unique_ptr<MeasuredTimes> make_measured_times(const Replay& replay, std::uint64_t seed,
                                                   const MeasuredTimesOptions& options = {});

}  // namespace laxity
