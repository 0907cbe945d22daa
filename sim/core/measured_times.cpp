#include "sim/core/measured_times.hpp"

#include <utility>
#include <vector>

#include "sim/core/measured_tables.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/philox.hpp"

namespace laxity {

namespace {

// Spreads the bits of a number over all of them (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
// OOPSLA 2014).
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

// One lane: what ran there, and what keeps it from running.
struct Lane {
    LaneHistory history;
    StallProcess stalls;
    StallProcess driver;  // the same of every lane: there is one driver
};

constexpr std::uint32_t kDriver = 0xFFFFFFFF;  // the number of its stalls, as a lane's

// Which execution was drawn, and what it takes from its handing over until its end is noticed.
struct Drawn {
    Duration total{};
    const HistoryTable* history = nullptr;  // none: row `place` of the trace
    std::size_t place = 0;
};

class MeasuredTimes final : public StageTimes {
public:
    MeasuredTimes(std::shared_ptr<const MeasuredTables> tables, const Workload& workload, std::uint64_t seed,
                  std::uint64_t luck, std::optional<DecisionTimes> decisions)
        : tables_(std::move(tables)),
          rows_(workload.replay.kind == ReplayMode::Kind::kRows),
          decisions_(std::move(decisions)),
          decision_cost_(workload.decision_cost),
          luck_(luck == 0 ? 0 : mixed(luck)),
          seed_(seed ^ luck_),
          keeps_history_(tables_->any_history()) {
        int slots = 0;
        for (const Resource& resource : workload.resources) slots += resource.slots;
        for (int lane = 0; lane < slots; ++lane) {
            lanes_.push_back({LaneHistory(tables_->units()),
                              StallProcess(tables_->stalls(), seed_, static_cast<std::uint32_t>(lane)),
                              StallProcess(tables_->driver_stalls(), seed_, kDriver)});
        }
    }

    Duration occupies(const StageStart& start, StagePath* path) override {
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

    void ended(int ticket, Time now) override { lanes_[static_cast<std::size_t>(ticket)].history.end(now); }

    Duration lateness(Time due) override {
        const std::vector<std::int64_t>& measured = tables_->lateness_ns();
        if (measured.empty()) return Duration::zero();
        const std::uint32_t bits = draw(seed_, Draw::kLateness, 0, static_cast<std::uint64_t>(to_ns(due)))[0];
        return Duration(measured[below(bits, static_cast<std::uint32_t>(measured.size()))]);
    }

private:
    Duration decision_of(const StageStart& start) const {
        if (!decisions_) return decision_cost_;
        return start.after_stage ? decisions_->after_stage_end(start.active) : decisions_->after_release(start.active);
    }

    Drawn draw_time(const StageStart& start, const VariantTimes& variant, Lane& lane, Time handed_over) {
        const std::uint64_t number = start.job.id.number;
        const std::uint32_t row_block = luck_ == 0 ? start.row_block : mixed_block(start.row_block);
        if (keeps_history_) {
            const auto unit = variant.unit + static_cast<std::size_t>(start.stage);
            const std::uint64_t job = (static_cast<std::uint64_t>(start.job.id.task) << 48) ^ number;
            const StageHistory before = lane.history.before(unit, job, handed_over);
            lane.history.start(unit, job, tables_->bytes(unit));
            if (variant.history != nullptr && variant.history->measured(start.stage)) {
                const HistoryTable::Cell cell = variant.history->cell(start.stage, before);
                const std::size_t place = cell.first + latency_row(row_block, number, cell.count);
                return {variant.history->took(place), variant.history, place};
            }
        }
        const std::size_t row = latency_row(row_block, number, variant.rows);
        return {Duration(variant.rows_ns[row * variant.stages + static_cast<std::size_t>(start.stage)]), nullptr, row};
    }

    StagePath parts_of(const Drawn& drawn, const VariantTimes& variant, int stage) const {
        StagePath path;
        path.latency = drawn.total;
        if (drawn.history != nullptr && tables_->parts().path) {
            const Execution& execution = drawn.history->execution(drawn.place);
            path.submit = execution.submit;
            path.notice = execution.notice;
        } else if (drawn.history == nullptr && rows_) {
            path.notice = drawn.total - Duration(variant.trace->latency(drawn.place, stage));
        }
        path.latency -= path.submit + path.notice;
        return path;
    }

    std::uint32_t mixed_block(std::uint32_t row_block) const {
        return static_cast<std::uint32_t>(mixed(luck_ + row_block) >> 32);
    }

    const std::shared_ptr<const MeasuredTables> tables_;
    const bool rows_;
    const std::optional<DecisionTimes> decisions_;
    const Duration decision_cost_;
    const std::uint64_t luck_;  // spread over 64 bits; 0 = as it is
    const std::uint64_t seed_;
    const bool keeps_history_;
    std::vector<Lane> lanes_;  // by ticket
};

}  // namespace

std::unique_ptr<StageTimes> make_measured_times(const Replay& replay, std::uint64_t seed,
                                                const MeasuredTimesOptions& options) {
    const Workload& workload = replay.workload();
    const ReplayParts parts = options.parts.value_or(workload.replay.parts);
    auto tables = replay.measured();
    if (!tables || !(parts == tables->parts())) tables = std::make_shared<const MeasuredTables>(replay, parts);
    return std::make_unique<MeasuredTimes>(std::move(tables), workload, seed, options.luck, options.decisions);
}

}  // namespace laxity
