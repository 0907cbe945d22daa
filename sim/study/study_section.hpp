// A sweep as the page of a report needs it: every run's values, so that the page can show any paired difference.
#pragma once

#include <string>

#include "sim/study/report.hpp"

namespace laxity {

// JSON, an object:
//
//     label, level, runs   what the study is called; of intervals; number of runs
//     gaps                 lines: what is missing, as of a half-finished sweep or a shard
//     notes                lines: the gaps, and what is special about competitors
//     axes                 [{name, policy, parameter, zip}], of the workload, then of policies (`policy` not empty)
//     points               [[value of each axis of the workload, as text]]
//     competitors          [{label, policy, values: [of each axis of a policy, or ""], ranked, hash, base_hash}]
//     seeds                distinct lists of seeds; numbers, or text from 2^53 on
//     cells                [point * competitors + competitor]: which list its runs have; -1 without runs
//     measures             [{name, unit, share, better: higher | lower | "", help, values, best}]
//     bounds               {least, clairvoyant}: by point [mean, half its interval], null where undefined; or null
//     depths               {"" or task: [cell]}: jobs that left at depth 0, 1, ... over the seeds; null without runs
//     student_t            base64 of float64: half an interval in standard errors, by degrees of freedom from 1 on
//     initial              {metrics, axis, baseline, shown}: what to show first; "" = the page's choice, null = all
//     manifest             the text of manifest.json
//
// A competitor's `hash` and `base_hash` are of its label and of its policy's name: three bytes that style.js makes a
// style of. A row for the best of several has `chosen` instead of `values`: by point whose runs it shows, null =
// nobody's; its own cells are -1.
//
// `values` of a measure are a number if all runs have it; else base64 of float32 (seven digits), run by run in the
// order of cells and seeds; NaN = no value. `best` is by point: who stands out or cannot be told from the best, of all
// ranked (sim/study/comparison.hpp); null without a test.
//
// Throws InputError as select_for_report() does.
std::string study_section(const StudyFolder& folder, const ReportOptions& options);

}  // namespace laxity
