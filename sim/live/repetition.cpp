#include "sim/live/repetition.hpp"

#include "sim/core/measured_times.hpp"
#include "sim/core/replay.hpp"

namespace laxity {

namespace {

MeasuredTimesOptions options_of(const Repetition& repetition, std::uint64_t luck) {
    return {luck, repetition.decisions, repetition.parts};
}

RecordList simulate(const Repetition& repetition, const Replay& replay, std::uint64_t luck,
                    const FirstSimulation& wanted) {
    RecordList records;
    RecordFan fan;
    fan.add(records);
    if (wanted.sink != nullptr) fan.add(*wanted.sink);
    Simulation simulation(replay, repetition.tasks, repetition.policy, repetition.seed, repetition.plan);
    simulation.use(options_of(repetition, luck));
    const Metrics& metrics = simulation.run(&fan);
    if (wanted.done) wanted.done(metrics);
    return records;
}

SimulatedWorld world_of(const Repetition& repetition, const Replay& replay) {
    const auto times = [&repetition, &replay](std::uint64_t luck) {
        return make_measured_times(replay, repetition.seed, options_of(repetition, luck));
    };
    const auto without_history = [&repetition, &replay](std::uint64_t luck) {
        MeasuredTimesOptions options = options_of(repetition, luck);
        options.parts = options.parts.value_or(ReplayParts());
        options.parts->history = false;
        return make_measured_times(replay, repetition.seed, options);
    };
    return {&replay, times, without_history};
}

std::vector<BudgetRow> budget_of(const Repetition& repetition, const Replay& measured, const Replay* own,
                                 const RecordList& live) {
    Explained pair{
        repetition.tasks, repetition.policy, repetition.seed, repetition.plan, live, world_of(repetition, measured)};
    if (own != nullptr) pair.users = world_of(repetition, *own);
    pair.lucks = repetition.lucks;
    return explain(pair);
}

}  // namespace

RepetitionResult compare_repetition(const Repetition& repetition, const RecordList& live,
                                    const FirstSimulation& first) {
    const bool windows = !repetition.measured.empty();
    const Replay own(repetition.workload);
    std::optional<Replay> measured;
    if (windows) measured.emplace(repetition.workload, repetition.measured);
    const Replay& base = windows ? *measured : own;

    RepetitionComparison comparison(live, repetition.tasks.resources);
    for (int luck = 0; luck < repetition.lucks; ++luck) {
        const auto number = static_cast<std::uint64_t>(luck);
        comparison.add(simulate(repetition, base, number, luck == 0 ? first : FirstSimulation()));
        if (windows) comparison.add_before_drift(simulate(repetition, own, number, {}));
    }
    RepetitionResult result{comparison.rows(), {}, comparison.jobs(), comparison.stalled_jobs()};
    if (repetition.explain) result.budget = budget_of(repetition, base, windows ? &own : nullptr, live);
    return result;
}

}  // namespace laxity
