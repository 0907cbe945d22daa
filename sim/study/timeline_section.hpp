// Recorded runs as the page of a report needs them.
#pragma once

#include <string>
#include <vector>

#include "sim/study/report_selection.hpp"

namespace laxity {

// More jobs than this make a page that no browser opens at once.
inline constexpr std::size_t kMostJobsOnPage = 2'000'000;

// The runs whose records (jobs.csv and stages.csv) a folder holds: its own, or those of a cell of `laxity validate`,
// simulation and live, each with a label of its own. None if it holds no records. Throws InputError for a whole
// validation: it says how to name one of its cells.
std::vector<StudyFolder> recorded_runs(const StudyFolder& folder);

// timeline_columns() of the run in this folder, with `manifest`, the text of its manifest.json ("" without one). Throws
// InputError as read_records() does, and for more than kMostJobsOnPage jobs.
std::string timeline_section(const StudyFolder& run);

}  // namespace laxity
