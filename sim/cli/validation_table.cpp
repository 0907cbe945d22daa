#include "sim/cli/validation_table.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "traces/base/text.hpp"

namespace laxity {

namespace {

// A number for the table; "-" where there is none.
std::string cell_of(const char* format, const std::optional<double>& value) {
    if (!value) return "-";
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), format, *value);
    return text.data();
}

std::string interval_of(const std::optional<double>& low, const std::optional<double>& high) {
    return low && high ? cell_of("%+.4f", low) + " " + cell_of("%+.4f", high) : "-";
}

std::string name_of(const CellName& cell) { return cell.point + (cell.point.empty() ? "" : "  ") + cell.policy; }

void print_head(const CellResult& result, double seconds) {
    std::printf("%s: %zu repetition%s of %.4g s", name_of(result.cell).c_str(), result.repetitions,
                result.repetitions == 1 ? "" : "s", seconds);
    if (result.repeated > 0) std::printf(", %zu more live run%s", result.repeated, result.repeated == 1 ? "" : "s");
    if (result.contended > 0)
        std::printf(", %zu of %zu contended, mostly by %s", result.contended, result.repetitions,
                    result.contended_by.c_str());
    std::printf("; a stall touched %zu of %zu jobs\n", result.stalled_jobs, result.jobs);
    std::printf("  %-17s %10s %10s %11s %17s %9s %10s", "metric", "simulation", "live", "difference", "90 % interval",
                "drift", "two runs");
    std::printf("%s  %s\n", result.stalled_jobs > 0 ? "   unstalled" : "", "verdict");
}

// "two runs": how far apart two repetitions are on average, 2 / sqrt(pi) standard deviations.
std::optional<double> between_two_runs(const Equivalence& equivalence) {
    return equivalence.spread ? std::optional(1.128379 * *equivalence.spread) : std::nullopt;
}

void print_row(const CellResult& result, const ValidationRow& row, const ValidationTableOptions& options) {
    const Equivalence& e = row.equivalence;
    const std::string metric = row.metric + (row.unit == "ms" ? " (ms)" : "");
    std::printf("  %-17s %10s %10s %11s %17s %9s %10s", metric.c_str(), cell_of("%.4f", row.simulated).c_str(),
                cell_of("%.4f", row.live).c_str(), cell_of("%+.4f", e.difference.mean).c_str(),
                interval_of(e.low, e.high).c_str(), cell_of("%+.4f", row.drift).c_str(),
                cell_of("%.4f", between_two_runs(e)).c_str());
    if (result.stalled_jobs > 0) std::printf(" %11s", cell_of("%+.4f", row.unstalled_difference).c_str());
    std::printf("  %s\n", verdict_text(e, margin_of(options.margins, row.metric), row.unit, options.seconds).c_str());
}

// "3 of 3 in the same order (of 6 pairs)".
std::string order_text(std::size_t agreed, std::size_t significant, std::size_t pairs) {
    if (significant == 0) return "none of " + std::to_string(pairs) + " pairs told apart";
    return std::to_string(agreed) + " of " + std::to_string(significant) + " in the same order (of " +
           std::to_string(pairs) + " pairs)";
}

void print_point(const PointAgreement& point) {
    std::printf("  %s%s%s, tau %s\n", point.point.c_str(), point.point.empty() ? "" : ": ",
                order_text(point.agreed, point.significant, point.pairs.size()).c_str(),
                cell_of("%.2f", point.tau).c_str());
    if (point.loss && point.device_best != point.simulated_best)
        std::printf("    best on the device %s, in the simulation %s: taking that one loses %.2f points\n",
                    point.device_best.c_str(), point.simulated_best.c_str(), 100 * *point.loss);
    for (const PairAgreement& pair : point.pairs) {
        if (!pair.significant || pair.same_order.value_or(true)) continue;
        std::printf("    %s - %s: device %+.4f, simulation %+.4f\n", pair.a.c_str(), pair.b.c_str(), *pair.live.mean,
                    *pair.simulated.mean);
    }
}

// "drift -0.3 points, rest +0.1 points".
std::string parts_text(std::span<const BudgetLine> lines, const ValidationRow& row, const Margin& margin) {
    std::vector<std::string> parts;
    for (const BudgetLine& line : budget_of_row(lines, row)) {
        if (!line.summed || !line.value) continue;
        if (std::abs(*line.value) <= row.equivalence.margin.value_or(0) / 10) continue;
        parts.push_back(line.part + " " + margin.difference_text(*line.value, row.simulated, row.unit));
    }
    return parts.empty() ? "none" : joined(parts, ", ");
}

void print_parts(const CellResult& result, std::span<const BudgetLine> lines, const std::vector<Margin>& margins) {
    bool named = false;
    for (const ValidationRow& row : result.rows) {
        const EquivalenceVerdict verdict = row.equivalence.verdict;
        if (verdict == EquivalenceVerdict::kEqual || verdict == EquivalenceVerdict::kUnknown) continue;
        if (!named) std::printf("  %s\n", name_of(result.cell).c_str());
        named = true;
        std::printf("    %s: %s\n", row.metric.c_str(), parts_text(lines, row, margin_of(margins, row.metric)).c_str());
    }
}

void print_replayed(const CellResult& result, std::span<const BudgetLine> lines, const std::vector<Margin>& margins) {
    std::vector<std::string> metrics;
    for (const ValidationRow& row : result.rows) {
        for (const BudgetLine& line : budget_of_row(lines, row)) {
            if (line.part != "replayed" || !line.value) continue;
            const Margin& margin = margin_of(margins, row.metric);
            metrics.push_back(row.metric + " " + margin.difference_text(*line.value, row.simulated, row.unit));
        }
    }
    if (!metrics.empty()) std::printf("  %s: %s\n", name_of(result.cell).c_str(), joined(metrics, ", ").c_str());
}

std::string share_text(const std::optional<double>& value, bool relative) {
    return value ? cell_of("%.3f", 100 * *value) + (relative ? " %" : " points") : "-";
}

// "accuracy 0.020 points, response_p99 0.310 %", of one of the totals.
std::string replayed_totals(std::span<const CellResult> results, std::span<const BudgetLine> lines,
                            const std::vector<Margin>& margins, std::optional<double> ReplayedTotal::*of) {
    std::vector<std::string> metrics;
    for (const Margin& margin : margins) {
        const ReplayedTotal total = replayed_total(results, lines, margin.metric);
        if (total.*of) metrics.push_back(margin.metric + " " + share_text(total.*of, total.relative));
    }
    return metrics.empty() ? "-" : joined(metrics, ", ");
}

std::string percent_of(const ValidationTotals& totals, const std::optional<double>& value) {
    return value ? cell_of("%.2f", 100 * *value) + (totals.relative ? " %" : " points") : "-";
}

}  // namespace

void print_cells(std::span<const CellResult> results, const ValidationTableOptions& options) {
    for (const CellResult& result : results) {
        if (result.rows.empty()) continue;
        print_head(result, options.seconds);
        for (const ValidationRow& row : result.rows) print_row(result, row, options);
    }
}

void print_agreement(std::span<const PointAgreement> agreements) {
    if (agreements.empty()) return;
    std::printf("order of the policies by accuracy: of the pairs that the device tells apart\n");
    for (const PointAgreement& point : agreements) print_point(point);
    const TotalAgreement total = total_of(agreements);
    std::printf("  in all: %s; same best at %zu of %zu points",
                order_text(total.agreed, total.significant, total.pairs).c_str(), total.same_best, total.points);
    if (total.mean_loss)
        std::printf("; the simulation's best loses %.2f points on average, %.2f at most", 100 * *total.mean_loss,
                    100 * *total.worst_loss);
    std::printf("\n");
}

void print_budget(std::span<const CellResult> results, std::span<const BudgetLine> lines,
                  const std::vector<Margin>& margins) {
    if (lines.empty()) return;
    std::printf(
        "parts of the differences that are not equal (live - simulation on the given traces), above a tenth of the "
        "margin\n");
    for (const CellResult& result : results) print_parts(result, lines, margins);
    std::printf("given the device's own stage times, the simulation is off by (live - simulation)\n");
    for (const CellResult& result : results) print_replayed(result, lines, margins);
    std::printf("  on average: %s\n", replayed_totals(results, lines, margins, &ReplayedTotal::mean_off).c_str());
    std::printf("  at most: %s\n", replayed_totals(results, lines, margins, &ReplayedTotal::worst_off).c_str());
}

void print_totals(std::span<const CellResult> results, const std::vector<Margin>& margins) {
    std::printf("over all cells  %14s %14s   equal  different  cannot tell\n", "mean |diff.|", "at most");
    for (const Margin& margin : margins) {
        const ValidationTotals totals = totals_of(results, margin.metric);
        std::printf("  %-13s %14s %14s %7zu %10zu %12zu\n", margin.metric.c_str(),
                    percent_of(totals, totals.mean_off).c_str(), percent_of(totals, totals.worst_off).c_str(),
                    totals.equal, totals.different, totals.cannot_tell);
    }
}

}  // namespace laxity
