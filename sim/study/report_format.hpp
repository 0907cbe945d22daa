// Tables of a report as plain text, Markdown or LaTeX.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace laxity {

enum class ReportFormat { kText, kCsv, kMarkdown, kLatex };

// What a number is, beside its value. How it looks: text `*`, `~`, `*`; in Markdown and LaTeX the first two are bold,
// as papers have it, and the last is a `*`. A table uses either the first two or the last.
enum class Mark {
    kNone,
    kBest,         // every other is established to be worse
    kTied,         // it, or it and others, cannot be told from the best
    kEstablished,  // a difference that is not zero
};

// In titles and notes: the sign for "plus or minus" of the format.
inline constexpr char kPlusMinus = '\x01';

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

// A heading over so many columns: the study that they are of.
struct ColumnSpan {
    std::string title;
    std::size_t count = 0;
};

// Names, titles and notes are any text: they are escaped for the format.
struct ReportTable {
    std::string title;
    std::string corner;                // what the columns are values of
    std::vector<ColumnSpan> spans;     // over all columns in turn, or none
    std::vector<std::string> columns;  // one per cell of a row
    std::vector<ReportRow> rows;
    // What a mark means; shown where the mark is used. `bold_note` is of the first two marks where both are bold.
    std::string best_note, tied_note, bold_note, established_note;
    std::vector<std::string> notes;
};

// Text: aligned columns. Markdown: a table with U+2212 for minus. LaTeX: a float for booktabs whose caption holds title
// and notes; a table that may be too wide for a column is a table* or shrinks to the width that there is (\resizebox of
// graphicx, measured by TeX), so that it fits in any class. Ends with a newline. `format` is not kCsv: that has a form
// of its own (sim/study/report.hpp).
std::string render(const ReportTable& table, ReportFormat format);

std::string markdown_escaped(std::string_view text);
// For LaTeX with any engine and font encoding: what these do not know is shown as its number, [U+4E2D].
std::string latex_escaped(std::string_view text);

}  // namespace laxity
