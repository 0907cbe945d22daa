#include "sim/live/validation_results.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace laxity {

namespace {

using Chosen = std::vector<const MeasuredAttempt*>;  // by repetition

Chosen chosen_of(std::size_t cell, std::span<const MeasuredAttempt> attempts) {
    Chosen chosen;
    for (const MeasuredAttempt& attempt : attempts) {
        if (attempt.attempt.turn.cell == cell && attempt.attempt.counts) chosen.push_back(&attempt);
    }
    std::ranges::sort(chosen, {}, [](const MeasuredAttempt* a) { return a->attempt.turn.repetition; });
    return chosen;
}

using Value = std::optional<double> RepetitionMetric::*;

std::vector<double> values_of(const Chosen& chosen, std::size_t metric, Value value) {
    std::vector<double> values;
    for (const MeasuredAttempt* attempt : chosen) {
        if (attempt->metrics[metric].*value) values.push_back(*(attempt->metrics[metric].*value));
    }
    return values;
}

std::optional<double> mean_of(const Chosen& chosen, std::size_t metric, Value value) {
    return estimate(values_of(chosen, metric, value)).mean;
}

ValidationRow row_of(const CellName& cell, const Chosen& chosen, std::size_t metric,
                     const std::vector<Margin>& margins) {
    const RepetitionMetric& first = chosen.front()->metrics[metric];
    ValidationRow row;
    row.cell = cell;
    row.metric = first.metric;
    row.unit = first.unit;
    row.simulated = mean_of(chosen, metric, &RepetitionMetric::simulated);
    row.live = mean_of(chosen, metric, &RepetitionMetric::live);
    row.equivalence = judge_equivalence(values_of(chosen, metric, &RepetitionMetric::difference), row.simulated,
                                        margin_of(margins, row.metric));
    row.ci95 = chosen.size() > 1 ? row.equivalence.difference.half_width : first.ci95;
    row.drift = mean_of(chosen, metric, &RepetitionMetric::drift);
    row.unstalled_simulated = mean_of(chosen, metric, &RepetitionMetric::unstalled_simulated);
    row.unstalled_live = mean_of(chosen, metric, &RepetitionMetric::unstalled_live);
    row.unstalled_difference = mean_of(chosen, metric, &RepetitionMetric::unstalled_difference);
    return row;
}

// Of the contended ones; of equally common causes the first in the order of their names.
std::string commonest_cause(const Chosen& chosen, const Steadiness& steadiness) {
    std::map<std::string, std::size_t> counts;
    for (const MeasuredAttempt* attempt : chosen) {
        if (!attempt->attempt.contended) continue;
        for (const std::string& cause : steadiness.causes(attempt->attempt.disturbance)) ++counts[cause];
    }
    const auto most = std::ranges::max_element(counts, {}, [](const auto& cause) { return cause.second; });
    return most == counts.end() ? std::string() : most->first;
}

CellResult result_of(const CellName& cell, const Chosen& chosen, const std::vector<Margin>& margins,
                     const Steadiness& steadiness) {
    CellResult result;
    result.cell = cell;
    result.repetitions = chosen.size();
    result.contended_by = commonest_cause(chosen, steadiness);
    for (const MeasuredAttempt* attempt : chosen) {
        result.contended += attempt->attempt.contended;
        result.jobs += attempt->jobs;
        result.stalled_jobs += attempt->stalled_jobs;
    }
    if (chosen.empty()) return result;
    for (std::size_t metric = 0; metric < chosen.front()->metrics.size(); ++metric)
        result.rows.push_back(row_of(cell, chosen, metric, margins));
    return result;
}

constexpr std::size_t kAccuracy = 0;  // its place among the metrics

PolicyOutcome outcome_of(const CellName& cell, const Chosen& chosen) {
    PolicyOutcome outcome{cell.policy, {}, {}};
    for (const MeasuredAttempt* attempt : chosen) {
        const RepetitionMetric& accuracy = attempt->metrics[kAccuracy];
        const auto repetition = static_cast<std::uint64_t>(attempt->attempt.turn.repetition);
        if (accuracy.live) outcome.live.push_back({repetition, *accuracy.live});
        if (accuracy.simulated) outcome.simulated.push_back({repetition, *accuracy.simulated});
    }
    return outcome;
}

BudgetLine line_of(const CellName& cell, const Chosen& chosen, std::size_t row) {
    const BudgetRow& first = chosen.front()->budget[row];
    BudgetLine line{cell, first.metric, first.unit, first.part, {}, {}, {}, first.summed};
    std::vector<double> values;
    for (const MeasuredAttempt* attempt : chosen) {
        if (row < attempt->budget.size() && attempt->budget[row].value) values.push_back(*attempt->budget[row].value);
    }
    const Estimate mean = estimate(values, kEquivalenceLevel);
    line.value = mean.mean;
    if (mean.half_width) {
        line.low = *mean.mean - *mean.half_width;
        line.high = *mean.mean + *mean.half_width;
    }
    return line;
}

bool is_relative(const std::string& metric) { return metric != "accuracy" && metric != "miss_ratio"; }

// The size of a difference; as a share of the simulated value where a metric has no natural scale of its own.
std::optional<double> off_of(const std::optional<double>& difference, const std::optional<double>& simulated,
                             bool relative) {
    if (!difference) return std::nullopt;
    if (!relative) return std::abs(*difference);
    return simulated && *simulated != 0 ? std::optional(std::abs(*difference / *simulated)) : std::nullopt;
}

bool is_of(const BudgetLine& line, const ValidationRow& row) {
    return line.cell.point == row.cell.point && line.cell.policy == row.cell.policy && line.metric == row.metric;
}

void count(ValidationTotals& totals, EquivalenceVerdict verdict) {
    totals.equal += verdict == EquivalenceVerdict::kEqual;
    totals.different += verdict == EquivalenceVerdict::kDifferent;
    totals.cannot_tell += verdict == EquivalenceVerdict::kCannotTell;
    totals.unknown += verdict == EquivalenceVerdict::kUnknown;
}

}  // namespace

std::vector<CellResult> results_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts,
                                   const std::vector<Margin>& margins, const Steadiness& steadiness) {
    std::vector<CellResult> results;
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
        CellResult& result =
            results.emplace_back(result_of(cells[cell], chosen_of(cell, attempts), margins, steadiness));
        for (const MeasuredAttempt& attempt : attempts)
            result.repeated += attempt.attempt.turn.cell == cell && attempt.attempt.turn.attempt > 1;
    }
    return results;
}

std::vector<PointAgreement> agreements_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts) {
    std::vector<PointAgreement> agreements;
    for (std::size_t first = 0, next = 0; first < cells.size(); first = next) {
        std::vector<PolicyOutcome> policies;
        for (next = first; next < cells.size() && cells[next].point == cells[first].point; ++next)
            policies.push_back(outcome_of(cells[next], chosen_of(next, attempts)));
        if (policies.size() > 1) agreements.push_back(agreement_at(cells[first].point, policies));
    }
    return agreements;
}

std::vector<BudgetLine> budget_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts) {
    std::vector<BudgetLine> lines;
    for (std::size_t cell = 0; cell < cells.size(); ++cell) {
        const Chosen chosen = chosen_of(cell, attempts);
        if (chosen.empty()) continue;
        for (std::size_t row = 0; row < chosen.front()->budget.size(); ++row)
            lines.push_back(line_of(cells[cell], chosen, row));
    }
    return lines;
}

ReplayedTotal replayed_total(std::span<const CellResult> results, std::span<const BudgetLine> lines,
                             const std::string& metric) {
    ReplayedTotal total{{}, {}, is_relative(metric)};
    std::vector<double> off;
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows) {
            if (row.metric != metric) continue;
            for (const BudgetLine& line : budget_of_row(lines, row)) {
                if (line.part != "replayed") continue;
                if (const auto value = off_of(line.value, row.simulated, total.relative)) off.push_back(*value);
            }
        }
    }
    total.mean_off = estimate(off).mean;
    if (!off.empty()) total.worst_off = *std::ranges::max_element(off);
    return total;
}

std::vector<BudgetLine> budget_of_row(std::span<const BudgetLine> lines, const ValidationRow& row) {
    std::vector<BudgetLine> mine;
    std::ranges::copy_if(lines, std::back_inserter(mine), [&](const BudgetLine& line) { return is_of(line, row); });
    return mine;
}

ValidationTotals totals_of(std::span<const CellResult> results, const std::string& metric) {
    ValidationTotals totals;
    totals.relative = is_relative(metric);
    std::vector<double> off;
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows) {
            if (row.metric != metric) continue;
            count(totals, row.equivalence.verdict);
            const auto value = off_of(row.equivalence.difference.mean, row.simulated, totals.relative);
            if (value) off.push_back(*value);
        }
    }
    totals.mean_off = estimate(off).mean;
    if (!off.empty()) totals.worst_off = *std::ranges::max_element(off);
    return totals;
}

}  // namespace laxity
