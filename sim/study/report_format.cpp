#include "sim/study/report_format.hpp"

#include <algorithm>
#include <array>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

// What one format writes. A cell's look is that of its numbers, joined.
struct Style {
    std::string (*escaped)(std::string_view);
    std::string_view minus, plus_minus, none;
    std::array<std::string_view, 4> before, after;  // of a value, by Mark
};

constexpr std::array kMarks = {Mark::kBest, Mark::kTied, Mark::kEstablished};

std::string plain(std::string_view text) { return one_line(text); }

const Style kTextStyle = {plain, "-", " +- ", "-", {"", "", "", ""}, {"", "*", "~", "*"}};
const Style kMarkdownStyle = {markdown_escaped, "\u2212",           " \u00b1 ",
                              "\u2013",         {"", "**", "", ""}, {"", "**", "<sup>\u2248</sup>", "\\*"}};
const Style kLatexStyle = {
    latex_escaped, "$-$", " $\\pm$ ", "--", {"", "\\textbf{", "", ""}, {"", "}", "$^{\\approx}$", "$^{*}$"}};

std::string with_minus(std::string_view number, const Style& style) {
    std::string text;
    for (const char c : number) c == '-' ? text += style.minus : text += c;
    return text;
}

std::string shown(const ReportNumber& number, const Style& style) {
    if (number.value.empty()) return std::string(style.none);
    const auto mark = static_cast<std::size_t>(number.mark);
    std::string text =
        std::string(style.before[mark]) + with_minus(number.value, style) + std::string(style.after[mark]);
    if (!number.half_width.empty()) text += std::string(style.plus_minus) + number.half_width;
    return text;
}

std::string shown(const ReportCell& cell, const Style& style) {
    std::string text;
    for (const ReportNumber& number : cell) text += (text.empty() ? "" : " / ") + shown(number, style);
    return text;
}

bool uses(const ReportTable& table, Mark mark) {
    for (const ReportRow& row : table.rows) {
        for (const ReportCell& cell : row.cells) {
            const auto has = [&](const ReportNumber& number) { return number.mark == mark && !number.value.empty(); };
            if (std::any_of(cell.begin(), cell.end(), has)) return true;
        }
    }
    return false;
}

// The explanations of the marks that are used, after their `signs`, and then the notes; not escaped but for the signs.
std::vector<std::string> notes_of(const ReportTable& table, const Style& style, std::array<std::string_view, 3> signs) {
    const std::array meanings = {&table.best_note, &table.tied_note, &table.established_note};
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < kMarks.size(); ++i) {
        if (!uses(table, kMarks[i]) || meanings[i]->empty()) continue;
        notes.push_back(std::string(signs[i]) + ": " + style.escaped(*meanings[i]));
    }
    for (const std::string& note : table.notes) notes.push_back(style.escaped(note));
    return notes;
}

std::size_t width_of(std::string_view text) {  // in characters of UTF-8
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The names to the left, the numbers to the right; a number without a mark leaves room for it, so that points align.
std::string render_text(const ReportTable& table) {
    const bool marked = std::any_of(kMarks.begin(), kMarks.end(), [&](Mark mark) { return uses(table, mark); });
    const std::string room = marked ? " " : "";
    std::vector<std::vector<std::string>> lines = {{plain(table.corner)}};
    for (const std::string& column : table.columns) lines[0].push_back(plain(column) + room);
    for (const ReportRow& row : table.rows) {
        std::vector<std::string>& line = lines.emplace_back(1, plain(row.name));
        for (const ReportCell& cell : row.cells) {
            const bool has_room = !marked || (cell.back().mark != Mark::kNone && cell.back().half_width.empty());
            line.push_back(shown(cell, kTextStyle) + (has_room ? "" : room));
        }
    }
    std::vector<std::size_t> widths(lines[0].size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string text = plain(table.title) + "\n";
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string gap(widths[i] - width_of(line[i]), ' ');
            text += i == 0 ? line[i] + gap : "  " + gap + line[i];
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    for (const std::string& note : notes_of(table, kTextStyle, {"*", "~", "*"})) text += "  " + note + "\n";
    return text;
}

std::string render_markdown(const ReportTable& table) {
    std::string text = "**" + markdown_escaped(table.title) + "**\n\n| " + markdown_escaped(table.corner) + " |";
    for (const std::string& column : table.columns) text += " " + markdown_escaped(column) + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < table.columns.size(); ++i) text += " ---: |";
    text += "\n";
    for (const ReportRow& row : table.rows) {
        const std::string emphasis = row.aside ? "*" : "";
        text += "| " + emphasis + markdown_escaped(row.name) + emphasis + " |";
        for (const ReportCell& cell : row.cells) text += " " + shown(cell, kMarkdownStyle) + " |";
        text += "\n";
    }
    const auto notes = notes_of(table, kMarkdownStyle, {"bold", "\u2248", "\\*"});
    if (!notes.empty()) text += "\n";
    for (const std::string& note : notes) text += "- " + note + "\n";
    return text;
}

std::string render_latex(const ReportTable& table) {
    std::string text = "\\begin{table}\n\\centering\n\\caption{" + latex_escaped(table.title) + ".";
    for (std::string& note : notes_of(table, kLatexStyle, {"\\textbf{Bold}", "$^{\\approx}$", "$^{*}$"})) {
        if (note[0] >= 'a' && note[0] <= 'z') note[0] = static_cast<char>(note[0] - 'a' + 'A');  // a sentence each
        text += "\n  " + note + ".";
    }
    text += "}\n\\begin{tabular}{l" + std::string(table.columns.size(), 'r') + "}\n\\toprule\n" +
            latex_escaped(table.corner);
    for (const std::string& column : table.columns) text += " & " + latex_escaped(column);
    text += " \\\\\n\\midrule\n";
    for (const ReportRow& row : table.rows) {
        text += row.aside ? "\\emph{" + latex_escaped(row.name) + "}" : latex_escaped(row.name);
        for (const ReportCell& cell : row.cells) text += " & " + shown(cell, kLatexStyle);
        text += " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
}

}  // namespace

std::string markdown_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : one_line(text)) {
        if (c == '<') {
            escaped += "&lt;";
        } else if (c == '>') {
            escaped += "&gt;";
        } else if (c == '&') {
            escaped += "&amp;";
        } else {
            if (std::string_view("\\`*_[]|~#").find(c) != std::string_view::npos) escaped += '\\';
            escaped += c;
        }
    }
    return escaped;
}

std::string latex_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : one_line(text)) {
        switch (c) {
            case '\\':
                escaped += "\\textbackslash{}";
                break;
            case '~':
                escaped += "\\textasciitilde{}";
                break;
            case '^':
                escaped += "\\textasciicircum{}";
                break;
            case '<':
                escaped += "\\textless{}";
                break;
            case '>':
                escaped += "\\textgreater{}";
                break;
            case '|':
                escaped += "\\textbar{}";
                break;
            case '"':
                escaped += "{\\char34}";
                break;
            case '{':
            case '}':
            case '$':
            case '&':
            case '#':
            case '%':
            case '_':
                escaped += '\\';
                [[fallthrough]];
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string render(const ReportTable& table, ReportFormat format) {
    if (format == ReportFormat::kMarkdown) return render_markdown(table);
    return format == ReportFormat::kLatex ? render_latex(table) : render_text(table);
}

}  // namespace laxity
