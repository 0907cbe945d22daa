#include "sim/live/explain.hpp"

#include <array>
#include <cstdint>

#include "sim/core/simulation.hpp"
#include "sim/live/recorded_times.hpp"

namespace laxity {

namespace {

// A part, and the switch that takes it from the record.
struct Part {
    const char* name;
    bool RecordedParts::*recorded;
};

constexpr std::array kParts = {Part{"stage times", &RecordedParts::latency}, Part{"idle", &RecordedParts::idle},
                               Part{"path", &RecordedParts::path}, Part{"decisions", &RecordedParts::decision},
                               Part{"stalls", &RecordedParts::stalls}};

using TimesOf = std::function<std::unique_ptr<StageTimes>(std::uint64_t luck)>;

// live - simulation by metric, averaged over lucks.
struct Differences {
    std::vector<Comparison> metrics;            // names and units
    std::vector<std::optional<double>> values;  // by metric
};

class Explainer {
public:
    explicit Explainer(const Explained& pair) : pair_(pair), recording_(std::make_shared<Recording>(pair.live)) {}

    Differences of(const Replay& replay, const TimesOf& times) const {
        Differences mean;
        for (int luck = 0; luck < pair_.lucks; ++luck)
            add(mean, compared(simulated(replay, times(static_cast<std::uint64_t>(luck)))));
        for (auto& value : mean.values)
            if (value) *value /= pair_.lucks;
        return mean;
    }

    // The base with this one part as it was recorded.
    TimesOf with(bool RecordedParts::*part) const {
        return [this, part](std::uint64_t luck) {
            RecordedParts parts = RecordedParts::none();
            parts.*part = true;
            return std::make_unique<RecordedTimes>(recording_, parts, pair_.base.times(luck));
        };
    }

private:
    RecordList simulated(const Replay& replay, std::unique_ptr<StageTimes> times) const {
        RecordList records;
        Simulation simulation(replay, pair_.tasks, pair_.policy, pair_.seed, pair_.plan);
        simulation.use(std::move(times));
        simulation.run(&records);
        return records;
    }

    std::vector<Comparison> compared(const RecordList& simulated) const {
        return pair_.compare ? pair_.compare(simulated) : compare_runs(simulated, pair_.live, pair_.tasks.resources);
    }

    // A metric that one luck has no number for has none in all.
    static void add(Differences& sum, std::vector<Comparison> rows) {
        const bool first = sum.metrics.empty();
        if (first) sum.values.assign(rows.size(), 0.0);
        for (std::size_t metric = 0; metric < rows.size(); ++metric) {
            auto& value = sum.values[metric];
            const auto& added = rows[metric].difference;
            value = value && added ? std::optional(*value + *added) : std::nullopt;
        }
        if (first) sum.metrics = std::move(rows);
    }

    const Explained& pair_;
    std::shared_ptr<const Recording> recording_;
};

std::optional<double> minus(const std::optional<double>& a, const std::optional<double>& b) {
    return a && b ? std::optional(*a - *b) : std::nullopt;
}

// The lines of one part, by metric.
class Budget {
public:
    explicit Budget(const Differences& base) : base_(base), rest_(base.values) {}

    // What goes from the first to the second.
    void add(const std::string& part, const Differences& from, const Differences& to, bool of_base = true) {
        for (std::size_t metric = 0; metric < base_.metrics.size(); ++metric) {
            const auto value = minus(from.values[metric], to.values[metric]);
            if (of_base) rest_[metric] = minus(rest_[metric], value);
            by_part_.push_back({metric, {base_.metrics[metric].metric, base_.metrics[metric].unit, part, value}});
        }
    }
    void add_rest() {
        for (std::size_t metric = 0; metric < base_.metrics.size(); ++metric)
            by_part_.push_back(
                {metric, {base_.metrics[metric].metric, base_.metrics[metric].unit, "rest", rest_[metric]}});
    }
    void leave_out_last() {
        for (std::size_t i = by_part_.size() - base_.metrics.size(); i < by_part_.size(); ++i)
            by_part_[i].second.summed = false;
    }
    // Metric by metric.
    std::vector<BudgetRow> rows() const {
        std::vector<BudgetRow> rows;
        for (std::size_t metric = 0; metric < base_.metrics.size(); ++metric) {
            for (const auto& [of, row] : by_part_)
                if (of == metric) rows.push_back(row);
        }
        return rows;
    }

private:
    const Differences& base_;
    std::vector<std::optional<double>> rest_;  // by metric
    std::vector<std::pair<std::size_t, BudgetRow>> by_part_;
};

}  // namespace

std::vector<BudgetRow> explain(const Explained& pair) {
    const Explainer explainer(pair);
    const Differences base = explainer.of(*pair.base.replay, pair.base.times);
    Budget budget(base);
    for (const Part& part : kParts)
        budget.add(part.name, base, explainer.of(*pair.base.replay, explainer.with(part.recorded)));
    if (pair.users) budget.add("drift", explainer.of(*pair.users->replay, pair.users->times), base, false);
    budget.add_rest();
    if (pair.base.times_without_history) {
        budget.add("history", explainer.of(*pair.base.replay, pair.base.times_without_history), base, false);
        budget.leave_out_last();
    }
    return budget.rows();
}

}  // namespace laxity
