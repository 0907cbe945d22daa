// What a validation came to: a row for every cell and metric, from all its repetitions, and whether policies are put in
// the order that the device puts them in.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/live/agreement.hpp"
#include "sim/live/equivalence.hpp"
#include "sim/live/explain.hpp"
#include "sim/live/protocol.hpp"
#include "sim/live/validation.hpp"

namespace laxity {

// A point of the axes and a policy. The cells of a point follow each other.
struct CellName {
    std::string point;  // "/tasks/0/arrival/load=0.8", joined by "," with several axes; empty without one
    std::string policy;
};

// A live run and its simulations.
struct MeasuredAttempt {
    Attempt attempt;
    std::uint64_t seed = 0;
    std::vector<RepetitionMetric> metrics;
    std::vector<BudgetRow> budget;  // only if it was asked for
    std::size_t jobs = 0, stalled_jobs = 0;
    std::string contention;  // of the machine meanwhile, in words
};

struct ValidationRow {
    CellName cell;
    std::string metric, unit;
    std::optional<double> simulated, live;  // means over the repetitions that count
    Equivalence equivalence;                // of live - simulated
    // Half-width of the 95 % interval of the difference: from the repetitions, or with one by batch means.
    std::optional<double> ci95;
    std::optional<double> drift;
    std::optional<double> unstalled_simulated, unstalled_live, unstalled_difference;
};

struct CellResult {
    CellName cell;
    std::vector<ValidationRow> rows;  // by metric
    std::size_t repetitions = 0;      // that count
    std::size_t contended = 0;        // of them, for want of a better attempt
    std::string contended_by;         // the commonest cause of these (Steadiness::causes); empty if there are none
    std::size_t repeated = 0;         // attempts beyond the first
    std::size_t jobs = 0, stalled_jobs = 0;
};

// In the order of the cells; a cell that has not been measured has no rows. Looks at attempts that count only.
std::vector<CellResult> results_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts,
                                   const std::vector<Margin>& margins, const Steadiness& steadiness);

// Of the accuracy, point by point.
std::vector<PointAgreement> agreements_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts);

// One part of the difference of one metric in one cell, with its 90 % interval over the repetitions (none with one).
struct BudgetLine {
    CellName cell;
    std::string metric, unit, part;
    std::optional<double> value, low, high;
    bool summed = true;
};
std::vector<BudgetLine> budget_of(std::span<const CellName> cells, std::span<const MeasuredAttempt> attempts);
// Those of one row, in their order.
std::vector<BudgetLine> budget_of_row(std::span<const BudgetLine> lines, const ValidationRow& row);

// How far off the simulation is where every stage took what it took live ("replayed"), over the cells; in the metric's
// unit, or as a share of the simulated value.
struct ReplayedTotal {
    std::optional<double> mean_off, worst_off;
    bool relative = false;
};
ReplayedTotal replayed_total(std::span<const CellResult> results, std::span<const BudgetLine> lines,
                             const std::string& metric);

// How the whole stands.
struct ValidationTotals {
    std::size_t equal = 0, different = 0, cannot_tell = 0, unknown = 0;  // rows
    std::optional<double> mean_off, worst_off;  // |difference| of one metric over the cells, in its unit; or
    bool relative = false;                      // as a share of the simulated value
};
// Of one metric over all cells; relative where its margin is usually one (all but accuracy and miss_ratio).
ValidationTotals totals_of(std::span<const CellResult> results, const std::string& metric);

}  // namespace laxity
