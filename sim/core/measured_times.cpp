#include "sim/core/measured_times.hpp"

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

constexpr std::uint32_t kDriver = 0xFFFFFFFF;  // the number of its stalls, as a lane's

// Those of the replay, unless other parts are asked for than its workload's.
std::shared_ptr<const MeasuredTables> tables_of(const Replay& replay, const std::optional<ReplayParts>& asked) {
    const ReplayParts parts = asked.value_or(replay.workload().replay.parts);
    if (replay.measured() && parts == replay.measured()->parts()) return replay.measured();
    return std::make_shared<const MeasuredTables>(replay, parts);
}

}  // namespace

MeasuredTimes::MeasuredTimes(const Replay& replay, std::uint64_t seed, const MeasuredTimesOptions& options)
    : tables_(tables_of(replay, options.parts)),
      rows_(replay.workload().replay.kind == ReplayMode::Kind::kRows),
      decisions_(options.decisions),
      decision_cost_(replay.workload().decision_cost),
      luck_(options.luck == 0 ? 0 : mixed(options.luck)),
      seed_(seed ^ luck_),
      keeps_history_(tables_->any_history()) {
    int slots = 0;
    for (const Resource& resource : replay.workload().resources) slots += resource.slots;
    for (int lane = 0; lane < slots; ++lane) {
        lanes_.push_back({LaneHistory(tables_->units()),
                          StallProcess(tables_->stalls(), seed_, static_cast<std::uint32_t>(lane)),
                          StallProcess(tables_->driver_stalls(), seed_, kDriver)});
    }
}

Duration MeasuredTimes::occupies(const StageStart& start, StagePath* path) { return execute(start, path); }

StagePath MeasuredTimes::parts_of(const Drawn& drawn, const VariantTimes& variant, int stage) const {
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

Duration MeasuredTimes::measured_lateness(Time due) const {
    const std::vector<std::int64_t>& measured = tables_->lateness_ns();
    const std::uint32_t bits = draw(seed_, Draw::kLateness, 0, static_cast<std::uint64_t>(to_ns(due)))[0];
    return Duration(measured[below(bits, static_cast<std::uint32_t>(measured.size()))]);
}

std::uint32_t MeasuredTimes::mixed_block(std::uint32_t row_block) const {
    return static_cast<std::uint32_t>(mixed(luck_ + row_block) >> 32);
}

std::unique_ptr<MeasuredTimes> make_measured_times(const Replay& replay, std::uint64_t seed,
                                                   const MeasuredTimesOptions& options) {
    return std::make_unique<MeasuredTimes>(replay, seed, options);
}

}  // namespace laxity
