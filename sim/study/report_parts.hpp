// The two forms of a report. Internal to sim/study/report.cpp.
#pragma once

#include <string>
#include <vector>

#include "sim/study/report.hpp"

namespace laxity {

std::vector<ReportTable> report_tables(const ReportSelection& selection, const ReportOptions& options);
std::string report_csv(const std::vector<ReportSelection>& selections, const ReportOptions& options);

// What one policy was compared in, at one point or over several.
ComparisonSettings settings_of(const ReportSelection& selection, const ReportOptions& options);

}  // namespace laxity
