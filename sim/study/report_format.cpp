#include "sim/study/report_format.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/study/report_style.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

std::string plain(std::string_view text) { return one_line(text); }

const ReportStyle kMarkdownStyle = {markdown_escaped,       "\u2212", " \u00b1 ", "\u2013", {"", "**", "**", ""},
                                    {"", "**", "**", "\\*"}};

std::string with_minus(std::string_view number, const ReportStyle& style) {
    std::string text;
    for (const char c : number) c == '-' ? text += style.minus : text += c;
    return text;
}

std::string shown(const ReportNumber& number, const ReportStyle& style) {
    if (number.value.empty()) return std::string(style.none);
    const auto mark = static_cast<std::size_t>(number.mark);
    std::string text =
        std::string(style.before[mark]) + with_minus(number.value, style) + std::string(style.after[mark]);
    if (!number.half_width.empty()) text += std::string(style.plus_minus) + number.half_width;
    return text;
}

// What the marks of text mean, each with its sign, and the notes.
std::vector<std::string> text_notes(const ReportTable& table) {
    std::vector<std::string> notes;
    const auto add = [&](Mark mark, const char* sign, const std::string& meaning) {
        if (uses_mark(table, mark) && !meaning.empty()) notes.push_back(sign + prose(meaning, kTextStyle));
    };
    add(Mark::kBest, "*: ", table.best_note);
    add(Mark::kTied, "~: ", table.tied_note);
    add(Mark::kEstablished, "*: ", table.established_note);
    for (const std::string& note : table.notes) notes.push_back(prose(note, kTextStyle));
    return notes;
}

using Lines = std::vector<std::vector<std::string>>;

// Header and rows. A number without a mark leaves room for it, so that points align.
Lines text_cells(const ReportTable& table) {
    const bool marked =
        uses_mark(table, Mark::kBest) || uses_mark(table, Mark::kTied) || uses_mark(table, Mark::kEstablished);
    const std::string room = marked ? " " : "";
    Lines lines = {{plain(table.corner)}};
    for (const std::string& column : table.columns) lines[0].push_back(plain(column) + room);
    for (const ReportRow& row : table.rows) {
        std::vector<std::string>& line = lines.emplace_back(1, plain(row.name));
        for (const ReportCell& cell : row.cells) {
            const bool has_room =
                !marked || (!cell.empty() && cell.back().mark != Mark::kNone && cell.back().half_width.empty());
            line.push_back(shown(cell, kTextStyle) + (has_room ? "" : room));
        }
    }
    return lines;
}

// Of the columns `first` and so many more, with what is between them.
std::size_t span_width(const std::vector<std::size_t>& widths, std::size_t first, std::size_t count) {
    return std::accumulate(widths.begin() + static_cast<std::ptrdiff_t>(first),
                           widths.begin() + static_cast<std::ptrdiff_t>(first + count), 2 * (count - 1));
}

// "  ---- old ----  ---- new ----"; makes room in the last column of a span for a title that is longer than it.
std::string span_line(const ReportTable& table, std::vector<std::size_t>& widths) {
    std::size_t column = 1;
    std::string line;
    for (const ColumnSpan& span : table.spans) {
        const std::string title = " " + plain(span.title) + " ";
        std::size_t width = span_width(widths, column, span.count);
        if (width_of(title) > width) {
            widths[column + span.count - 1] += width_of(title) - width;
            width = width_of(title);
        }
        const std::size_t rule = width - width_of(title);
        line += "  " + std::string(rule / 2, '-') + title + std::string(rule - rule / 2, '-');
        column += span.count;
    }
    return line.empty() ? line : std::string(widths[0], ' ') + line + "\n";
}

// The names to the left, the numbers to the right.
std::string render_text(const ReportTable& table) {
    const Lines lines = text_cells(table);
    std::vector<std::size_t> widths(lines[0].size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
    }
    std::string text = prose(table.title, kTextStyle) + "\n" + span_line(table, widths);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string gap(widths[i] - width_of(line[i]), ' ');
            text += i == 0 ? line[i] + gap : "  " + gap + line[i];
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    for (const std::string& note : text_notes(table)) text += "  " + note + "\n";
    return text;
}

// Markdown has no headings over columns: the study stands before each.
std::vector<std::string> markdown_columns(const ReportTable& table) {
    std::vector<std::string> names = table.columns;
    std::size_t column = 0;
    for (const ColumnSpan& span : table.spans) {
        for (std::size_t i = 0; i < span.count; ++i, ++column) names[column] = span.title + ": " + names[column];
    }
    return names;
}

std::string render_markdown(const ReportTable& table) {
    std::string text = "**" + prose(table.title, kMarkdownStyle) + "**\n\n| " + markdown_escaped(table.corner) + " |";
    for (const std::string& column : markdown_columns(table)) text += " " + markdown_escaped(column) + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < table.columns.size(); ++i) text += " ---: |";
    text += "\n";
    for (const ReportRow& row : table.rows) {
        const std::string emphasis = row.aside ? "*" : "";
        text += "| " + emphasis + markdown_escaped(row.name) + emphasis + " |";
        for (const ReportCell& cell : row.cells) text += " " + shown(cell, kMarkdownStyle) + " |";
        text += "\n";
    }
    const auto notes = notes_with_bold(table, kMarkdownStyle, "bold", "\\*");
    if (!notes.empty()) text += "\n";
    for (const std::string& note : notes) text += "- " + note + "\n";
    return text;
}

}  // namespace

const ReportStyle kTextStyle = {plain, "-", " +- ", "-", {"", "", "", ""}, {"", "*", "~", "*"}};

std::string shown(const ReportCell& cell, const ReportStyle& style) {
    std::string text;
    for (const ReportNumber& number : cell) text += (text.empty() ? "" : " / ") + shown(number, style);
    return text;
}

std::string prose(std::string_view text, const ReportStyle& style) {
    const std::size_t sign = text.find(kPlusMinus);
    if (sign == std::string_view::npos) return style.escaped(text);
    const std::string_view trimmed = style.plus_minus.substr(1, style.plus_minus.size() - 2);  // without its spaces
    return style.escaped(text.substr(0, sign)) + std::string(trimmed) + prose(text.substr(sign + 1), style);
}

bool uses_mark(const ReportTable& table, Mark mark) {
    const auto has = [&](const ReportNumber& number) { return number.mark == mark && !number.value.empty(); };
    for (const ReportRow& row : table.rows) {
        for (const ReportCell& cell : row.cells) {
            if (std::any_of(cell.begin(), cell.end(), has)) return true;
        }
    }
    return false;
}

std::vector<std::string> notes_with_bold(const ReportTable& table, const ReportStyle& style, std::string_view bold,
                                         std::string_view star) {
    std::vector<std::string> notes;
    const auto add = [&](bool used, std::string_view sign, const std::string& meaning) {
        if (used && !meaning.empty()) notes.push_back(std::string(sign) + ": " + prose(meaning, style));
    };
    add(uses_mark(table, Mark::kBest) || uses_mark(table, Mark::kTied), bold, table.bold_note);
    add(uses_mark(table, Mark::kEstablished), star, table.established_note);
    for (const std::string& note : table.notes) notes.push_back(prose(note, style));
    return notes;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

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

std::string render(const ReportTable& table, ReportFormat format) {
    if (format == ReportFormat::kMarkdown) return render_markdown(table);
    return format == ReportFormat::kLatex ? render_latex(table) : render_text(table);
}

}  // namespace laxity
