// A report on one or several sweeps: tables for a paper or a terminal, or one long CSV for figures.
#pragma once

#include <string>
#include <vector>

#include "sim/study/report_format.hpp"
#include "sim/study/report_selection.hpp"

namespace laxity {

struct ReportOptions {
    SelectionRequest selection;
    double level = kUsualLevel;
    double quantile = 0.5;   // over the seeds
    bool quantiles = false;  // whether tables show it
    bool intervals = false;  // whether every mean in a table has its interval; otherwise a note has the widest
    bool apart = false;      // tables of several folders one after the other; otherwise in one, side by side
    ReportFormat format = ReportFormat::kText;
};

// The whole report; the same text for the same folders. Throws InputError as select_for_report() does.
//
// Tables, of each combination of the further axes:
//
//     means                       a row per policy, a column per value of the axis, their mean; bounds below, if any
//     regret                      bound - accuracy, in points
//     difference to a baseline    paired by seed, its interval (of each alone), a mark where Holm's p says it is real
//     quantile over the seeds     with its interval from order statistics
//
// and, with further axes, the same over the whole grid. Where the axis is a policy's parameter, its values are the
// columns, and a policy with it is one row. Of several folders the tables of one title are one, side by side, unless
// they are to stay apart; tests and marks are within a folder.
//
// Marks of the means, one stated rule: the best, and all that are not established to be worse, by paired t tests
// corrected after Holm, are bold; text has * for one that stands alone and ~ for several. See Ranking in
// sim/study/comparison.hpp.
//
// CSV, a row per point, policy and measure, then the same over the whole grid (scope "grid", axes of the workload
// empty); what is not defined is empty; ratios are shares, not percent; numbers have twelve digits:
//   study, scope, AXES OF THE WORKLOAD, policy, AXES OF POLICIES, kind (policy | best | bound), chosen (of a best row),
//   metric, points, n, mean, low, high, q, quantile, quantile_low, quantile_high, quantile_level, baseline, difference,
//   difference_low, difference_high, p, p_holm, variance_reduction, group ("best" or empty), to_best, to_best_low,
//   to_best_high, p_best, regret_least, regret_least_low, regret_least_high, regret_clairvoyant,
//   regret_clairvoyant_low, regret_clairvoyant_high
// An axis whose name is one of these is called "axis:NAME".
std::string report(const std::vector<StudyFolder>& folders, const ReportOptions& options);

}  // namespace laxity
