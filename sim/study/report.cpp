#include "sim/study/report.hpp"

#include "sim/study/report_parts.hpp"

namespace laxity {

ComparisonSettings settings_of(const ReportSelection& selection, const ReportOptions& options) {
    return {options.level, options.quantile, selection.baseline, std::nullopt};
}

namespace {

std::vector<ReportTable> tables_apart(const std::vector<ReportSelection>& selections,
                                      std::vector<std::vector<ReportTable>> tables) {
    std::vector<ReportTable> all;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (ReportTable& table : tables[i]) {
            if (tables.size() > 1) table.title = selections[i].label + ": " + table.title;
            all.push_back(std::move(table));
        }
    }
    return all;
}

}  // namespace

std::string report(const std::vector<StudyFolder>& folders, const ReportOptions& options) {
    const bool csv = options.format == ReportFormat::kCsv;
    std::vector<ReportSelection> selections;
    for (const StudyFolder& folder : folders) selections.push_back(select_for_report(folder, options.selection, !csv));
    if (csv) return report_csv(selections, options);
    std::vector<std::vector<ReportTable>> tables;
    for (const ReportSelection& selection : selections) tables.push_back(report_tables(selection, options));
    const bool apart = options.apart || folders.size() == 1;
    std::string text;
    for (const ReportTable& table : (apart ? tables_apart : joined_tables)(selections, std::move(tables)))
        text += (text.empty() ? "" : "\n") + render(table, options.format);
    return text;
}

}  // namespace laxity
