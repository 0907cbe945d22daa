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

RecordedParts only(bool RecordedParts::*part) {
    RecordedParts parts = RecordedParts::none();
    parts.*part = true;
    return parts;
}

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

    // The base with these parts as they were recorded.
    TimesOf with(const RecordedParts& parts) const {
        return [this, parts](std::uint64_t luck) {
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

    // A part of the base's difference: what goes away with these times.
    void add(const std::string& part, const Differences& with) {
        for (std::size_t metric = 0; metric < rest_.size(); ++metric) {
            const auto value = minus(base_.values[metric], with.values[metric]);
            rest_[metric] = minus(rest_[metric], value);
            push(metric, part, value, true);
        }
    }
    void add_drift(const Differences& users) { add_beyond_base("drift", users, true); }
    void add_rest() { add_values("rest", rest_, true); }
    // What is not summed.
    void add_history(const Differences& without) { add_beyond_base("history", without, false); }
    void add_replayed(const Differences& recorded) { add_values("replayed", recorded.values, false); }
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
    void push(std::size_t metric, const std::string& part, const std::optional<double>& value, bool summed) {
        const Comparison& of = base_.metrics[metric];
        by_part_.push_back({metric, {of.metric, of.unit, part, value, summed}});
    }
    void add_values(const std::string& part, const std::vector<std::optional<double>>& values, bool summed) {
        for (std::size_t metric = 0; metric < values.size(); ++metric) push(metric, part, values[metric], summed);
    }
    // How much further off than the base another simulation is.
    void add_beyond_base(const std::string& part, const Differences& other, bool summed) {
        for (std::size_t metric = 0; metric < rest_.size(); ++metric)
            push(metric, part, minus(other.values[metric], base_.values[metric]), summed);
    }

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
        budget.add(part.name, explainer.of(*pair.base.replay, explainer.with(only(part.recorded))));
    if (pair.users) budget.add_drift(explainer.of(*pair.users->replay, pair.users->times));
    budget.add_rest();
    budget.add_replayed(explainer.of(*pair.base.replay, explainer.with(RecordedParts())));
    if (pair.base.times_without_history)
        budget.add_history(explainer.of(*pair.base.replay, pair.base.times_without_history));
    return budget.rows();
}

}  // namespace laxity
