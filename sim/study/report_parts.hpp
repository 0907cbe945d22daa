// The parts of a report. Internal to sim/study/report.cpp.
#pragma once

#include <string>
#include <vector>

#include "sim/study/report.hpp"

namespace laxity {

std::vector<ReportTable> report_tables(const ReportSelection& selection, const ReportOptions& options);
// Tables of one title from several studies as one: their columns side by side, under the name of the study; a row for
// each policy that one of them has, without numbers where it is not. A table that only one has stays its own.
std::vector<ReportTable> joined_tables(const std::vector<ReportSelection>& selections,
                                       std::vector<std::vector<ReportTable>> tables);
std::string report_csv(const std::vector<ReportSelection>& selections, const ReportOptions& options);

// What one policy was compared in, at one point or over several.
ComparisonSettings settings_of(const ReportSelection& selection, const ReportOptions& options);

}  // namespace laxity
