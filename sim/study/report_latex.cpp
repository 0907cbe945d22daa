// A table of a report in LaTeX.
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "sim/study/report_style.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

const ReportStyle kLatexStyle = {latex_escaped,           "$-$", " $\\pm$ ", "--", {"", "\\textbf{", "\\textbf{", ""},
                                 {"", "}", "}", "$^{*}$"}};

// --- Characters ---

constexpr std::array<std::pair<char, const char*>, 17> kAscii = {{{'\\', "\\textbackslash{}"},
                                                                  {'~', "\\textasciitilde{}"},
                                                                  {'^', "\\textasciicircum{}"},
                                                                  {'<', "\\textless{}"},
                                                                  {'>', "\\textgreater{}"},
                                                                  {'|', "\\textbar{}"},
                                                                  {'`', "\\textasciigrave{}"},
                                                                  {'"', "{\\char34}"},
                                                                  {'[', "{[}"},
                                                                  {']', "{]}"},
                                                                  {'{', "\\{"},
                                                                  {'}', "\\}"},
                                                                  {'$', "\\$"},
                                                                  {'&', "\\&"},
                                                                  {'#', "\\#"},
                                                                  {'%', "\\%"},
                                                                  {'_', "\\_"}}};

// U+0391 to U+03A9 and U+03B1 to U+03C9: the commands of mathematics, or the letter of Latin that looks the same.
constexpr std::array kCapitalGreek = {
    "A",    "B", "\\Gamma", "\\Delta", "E", "Z",       "H", "\\Theta",   "I",     "K", "\\Lambda", "M",      "N",
    "\\Xi", "O", "\\Pi",    "P",       "",  "\\Sigma", "T", "\\Upsilon", "\\Phi", "X", "\\Psi",    "\\Omega"};
constexpr std::array kSmallGreek = {
    "\\alpha", "\\beta",   "\\gamma",   "\\delta",  "\\varepsilon", "\\zeta", "\\eta",  "\\theta", "\\iota",
    "\\kappa", "\\lambda", "\\mu",      "\\nu",     "\\xi",         "o",      "\\pi",   "\\rho",   "\\varsigma",
    "\\sigma", "\\tau",    "\\upsilon", "\\varphi", "\\chi",        "\\psi",  "\\omega"};

constexpr std::array<std::pair<char32_t, const char*>, 28> kSymbols = {{{0xA0, "~"},
                                                                        {0xB0, "$^{\\circ}$"},
                                                                        {0xB1, "$\\pm$"},
                                                                        {0xB2, "$^{2}$"},
                                                                        {0xB3, "$^{3}$"},
                                                                        {0xB5, "$\\mu$"},
                                                                        {0xB7, "$\\cdot$"},
                                                                        {0xD7, "$\\times$"},
                                                                        {0xF7, "$\\div$"},
                                                                        {0x2010, "-"},
                                                                        {0x2011, "-"},
                                                                        {0x2013, "\\textendash{}"},
                                                                        {0x2014, "\\textemdash{}"},
                                                                        {0x2018, "\\textquoteleft{}"},
                                                                        {0x2019, "\\textquoteright{}"},
                                                                        {0x201C, "\\textquotedblleft{}"},
                                                                        {0x201D, "\\textquotedblright{}"},
                                                                        {0x2022, "$\\bullet$"},
                                                                        {0x2026, "\\dots{}"},
                                                                        {0x2032, "$'$"},
                                                                        {0x2190, "$\\leftarrow$"},
                                                                        {0x2192, "$\\rightarrow$"},
                                                                        {0x2212, "$-$"},
                                                                        {0x221E, "$\\infty$"},
                                                                        {0x2248, "$\\approx$"},
                                                                        {0x2260, "$\\neq$"},
                                                                        {0x2264, "$\\leq$"},
                                                                        {0x2265, "$\\geq$"}}};

// Of Latin-1 and Latin Extended-A, what needs another encoding of fonts than LaTeX's first.
bool is_plain_letter(char32_t c) {
    constexpr std::u32string_view kOthers =
        U"\u00d0\u00de\u00f0\u00fe\u0104\u0105\u0110\u0111\u0118\u0119\u0126\u0127"
        U"\u012e\u012f\u0138\u0149\u014a\u014b\u0166\u0167\u0172\u0173\u017f"
        U"\u013f\u0140";
    return c >= 0xC0 && c <= 0x17F && kOthers.find(c) == std::u32string_view::npos;
}

std::string greek(char32_t c) {
    const bool capital = c >= 0x391 && c <= 0x3A9;
    if (!capital && (c < 0x3B1 || c > 0x3C9)) return {};
    const std::string_view name = capital ? kCapitalGreek[c - 0x391] : kSmallGreek[c - 0x3B1];
    return name.starts_with('\\') ? "$" + std::string(name) + "$" : std::string(name);
}

// One character beyond ASCII. `bytes` is its UTF-8.
std::string latex_of(char32_t c, std::string_view bytes) {
    const auto symbol = std::find_if(kSymbols.begin(), kSymbols.end(), [&](const auto& s) { return s.first == c; });
    if (symbol != kSymbols.end()) return symbol->second;
    if (is_plain_letter(c)) return std::string(bytes);
    if (const std::string letter = greek(c); !letter.empty()) return letter;
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "{[}U+%04X{]}", static_cast<unsigned>(c));
    return number.data();
}

// How many bytes the character at the start of well-formed UTF-8 has, and which it is.
std::pair<std::size_t, char32_t> first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    char32_t c = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) c = (c << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {length, c};
}

// A character of ASCII; `before` is the one before it, with which it must make no ligature: -- is no dash.
std::string latex_of(char c, char before) {
    const auto special = std::find_if(kAscii.begin(), kAscii.end(), [&](const auto& a) { return a.first == c; });
    if (special != kAscii.end()) return special->second;
    const bool ligature = c == before && (c == '-' || c == '\'' || c == ',');
    return ligature ? std::string("{}") + c : std::string(1, c);
}

// --- Widths ---

// In points, of Computer Modern at 10 pt, roughly: enough to choose a float.
double points_of(char c) {
    if (c >= '0' && c <= '9') return 5;
    if (c >= 'A' && c <= 'Z') return 7.2;
    if (std::string_view("fijlrtI.,:;'|![]()").find(c) != std::string_view::npos) return 3.1;
    if (std::string_view("mwMW@%=+<>~").find(c) != std::string_view::npos) return 8;
    return c == ' ' || c == '-' ? 3.4 : 5.1;
}

double points_of(std::string_view text) {
    double width = 0;
    for (const char c : text) width += (c & 0xC0) == 0x80 ? 0 : points_of(c);
    return width;
}

// Of the whole tabular: its widest cells, and the space of booktabs' columns.
double points_of(const ReportTable& table) {
    constexpr double kBetween = 12;
    std::vector<double> widths = {points_of(table.corner)};
    for (const std::string& column : table.columns) widths.push_back(points_of(column));
    for (const ReportRow& row : table.rows) {
        widths[0] = std::max(widths[0], points_of(row.name));
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            widths[i + 1] = std::max(widths[i + 1], points_of(shown(row.cells[i], kTextStyle)));
    }
    double sum = 0;
    for (const double width : widths) sum += width + kBetween;
    return sum;
}

// The narrowest column of the usual classes (article in two columns: 229 pt) and what still reads well when it shrinks
// to it; then pages (IEEE, ACM and USENIX: 504 to 516 pt), and the least that can be read at all.
constexpr double kColumn = 225, kShrunkColumn = 300, kPage = 504, kReadable = 0.6;

constexpr const char* kShrink = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n";

// For whoever looks into the file: what to do where it gets too small.
std::string comment(double width) {
    if (width <= kColumn) return "% needs \\usepackage{booktabs}\n";
    std::string text = "% needs \\usepackage{booktabs,graphicx}\n";
    if (width * kReadable <= kPage) return text;
    std::array<char, 160> line{};
    std::snprintf(
        line.data(), line.size(),
        "%% in a page of 7 in letters of 10 pt become %.1f pt high; --metric, --where, --policies and --intervals "
        "decide on the width\n",
        10 * kPage / width);
    return text + line.data();
}

// --- Parts ---

// \\ before it would take a [ or * at its start for an argument.
std::string row_start(const std::string& escaped) { return escaped.starts_with('*') ? "{}" + escaped : escaped; }

std::string headings(const ReportTable& table) {
    std::string titles, rules;
    std::size_t column = 2;
    for (const ColumnSpan& span : table.spans) {
        titles += " & \\multicolumn{" + std::to_string(span.count) + "}{c}{" + latex_escaped(span.title) + "}";
        rules += "\\cmidrule(lr){" + std::to_string(column) + "-" + std::to_string(column + span.count - 1) + "}";
        column += span.count;
    }
    return titles.empty() ? titles : titles + " \\\\\n" + rules + "\n";
}

std::string tabular(const ReportTable& table) {
    std::string text = "\\begin{tabular}{l" + std::string(table.columns.size(), 'r') + "}\n\\toprule\n" +
                       headings(table) + latex_escaped(table.corner);
    for (const std::string& column : table.columns) text += " & " + latex_escaped(column);
    text += " \\\\\n\\midrule\n";
    for (const ReportRow& row : table.rows) {
        const std::string name = latex_escaped(row.name);
        text += row.aside ? "\\emph{" + name + "}" : row_start(name);
        for (const ReportCell& cell : row.cells) text += " & " + shown(cell, kLatexStyle);
        text += " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}";
}

std::string caption(const ReportTable& table) {
    std::string text = "\\caption{" + prose(table.title, kLatexStyle) + ".";
    for (std::string& note : notes_with_bold(table, kLatexStyle, "\\textbf{Bold}", "$^{*}$")) {
        if (note[0] >= 'a' && note[0] <= 'z') note[0] = static_cast<char>(note[0] - 'a' + 'A');  // a sentence each
        text += "\n  " + note + ".";
    }
    return text + "}\n";
}

}  // namespace

std::string render_latex(const ReportTable& table) {
    const double width = points_of(table);
    const std::string environment = width > kShrunkColumn ? "table*" : "table";
    const bool shrinks = width > kColumn;
    return comment(width) + "\\begin{" + environment + "}\n\\centering\n" + caption(table) + (shrinks ? kShrink : "") +
           tabular(table) + (shrinks ? "}" : "") + "\n\\end{" + environment + "}\n";
}

std::string latex_escaped(std::string_view text) {
    const std::string line = one_line(text);
    std::string escaped;
    char before = 0;
    for (std::string_view rest = line; !rest.empty();) {
        const char c = rest[0];
        if (static_cast<unsigned char>(c) < 0x80) {
            escaped += latex_of(c, before);
            rest.remove_prefix(1);
        } else {
            const auto [length, character] = first_character(rest);
            escaped += latex_of(character, rest.substr(0, length));
            rest.remove_prefix(length);
        }
        before = c;
    }
    return escaped;
}

}  // namespace laxity
