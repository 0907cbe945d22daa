#include "sim/cli/validation_table.hpp"

#include <array>
#include <cstdio>
#include <optional>

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
    std::printf(", %zu contended; a stall touched %zu of %zu jobs\n", result.contended, result.stalled_jobs,
                result.jobs);
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

void print_point(const PointAgreement& point) {
    std::printf(
        "  %s%s%zu of %zu pairs told apart by the device, %zu of them in the same order in the simulation; tau %s\n",
        point.point.c_str(), point.point.empty() ? "" : ": ", point.significant, point.pairs.size(), point.agreed,
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
    std::printf("order of the policies, by accuracy\n");
    for (const PointAgreement& point : agreements) print_point(point);
    const TotalAgreement total = total_of(agreements);
    std::printf(
        "  in all: %zu of %zu pairs that the device tells apart in the same order; same best at %zu of %zu points",
        total.agreed, total.significant, total.same_best, total.points);
    if (total.mean_loss)
        std::printf("; lost by taking the simulation's: %.2f points on average, %.2f at most", 100 * *total.mean_loss,
                    100 * *total.worst_loss);
    std::printf("\n");
}

void print_budget(std::span<const CellResult> results, std::span<const BudgetLine> lines) {
    if (lines.empty()) return;
    std::printf("parts of the differences (live - simulation on the given traces) that are not equal\n");
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows) {
            if (row.equivalence.verdict == EquivalenceVerdict::kEqual ||
                row.equivalence.verdict == EquivalenceVerdict::kUnknown)
                continue;
            std::printf("  %s, %s:", name_of(result.cell).c_str(), row.metric.c_str());
            const char* separator = " ";
            for (const BudgetLine& line : lines) {
                if (line.cell.point != result.cell.point || line.cell.policy != result.cell.policy) continue;
                if (line.metric != row.metric || !line.summed) continue;
                std::printf("%s%s %s", separator, line.part.c_str(), cell_of("%+.4f", line.value).c_str());
                separator = ", ";
            }
            std::printf("\n");
        }
    }
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
