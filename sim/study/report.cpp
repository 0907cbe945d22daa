#include "sim/study/report.hpp"

#include "sim/study/report_parts.hpp"

namespace laxity {

ComparisonSettings settings_of(const ReportSelection& selection, const ReportOptions& options) {
    return {options.level, options.quantile, selection.baseline, std::nullopt};
}

std::string report(const std::vector<StudyFolder>& folders, const ReportOptions& options) {
    std::vector<ReportSelection> selections;
    for (const StudyFolder& folder : folders) selections.push_back(select_for_report(folder, options.selection));
    if (options.format == ReportFormat::kCsv) return report_csv(selections, options);
    std::string text;
    for (const ReportSelection& selection : selections) {
        for (ReportTable& table : report_tables(selection, options)) {
            if (folders.size() > 1) table.title = selection.label + ": " + table.title;
            text += (text.empty() ? "" : "\n") + render(table, options.format);
        }
    }
    return text;
}

}  // namespace laxity
