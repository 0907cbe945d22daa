// Tables of a report as plain text, Markdown or LaTeX.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laxity {

enum class ReportFormat { kText, kCsv, kMarkdown, kLatex };

// What a number is, beside its value. How it looks: text `*`, `~`, `*`; Markdown bold, ≈, *; LaTeX bold, and the others
// as superscripts. A table uses either the first two or the last.
enum class Mark {
    kNone,
    kBest,         // every other is established to be worse
    kTied,         // it, or it and others, cannot be told from the best
    kEstablished,  // a difference that is not zero
};

struct ReportNumber {
    std::string value;       // digits with '-', '+' and '.'; empty = there is none
    std::string half_width;  // the same; empty = not shown
    Mark mark = Mark::kNone;
};

using ReportCell = std::vector<ReportNumber>;  // shown as "a / b"

struct ReportRow {
    std::string name;
    bool aside = false;  // no policy: a bound
    std::vector<ReportCell> cells;
};

// Names, titles and notes are any text: they are escaped for the format.
struct ReportTable {
    std::string title;
    std::string corner;                // what the columns are values of
    std::vector<std::string> columns;  // one per cell of a row
    std::vector<ReportRow> rows;
    std::string best_note, tied_note, established_note;  // what a mark means; shown where the mark is used
    std::vector<std::string> notes;
};

// Text: aligned columns. Markdown: a table with U+2212 for minus. LaTeX: a float for booktabs whose caption holds title
// and notes. Ends with a newline. `format` is not kCsv: that has a form of its own (sim/study/report.hpp).
std::string render(const ReportTable& table, ReportFormat format);

std::string markdown_escaped(std::string_view text);
std::string latex_escaped(std::string_view text);

}  // namespace laxity
