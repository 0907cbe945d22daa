// What the formats of a report share: how a number looks, and which notes a table has. Internal to report_format.cpp
// and report_latex.cpp.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sim/study/report_format.hpp"

namespace laxity {

// What one format writes. A cell's look is that of its numbers, joined.
struct ReportStyle {
    std::string (*escaped)(std::string_view);
    std::string_view minus, plus_minus, none;
    std::array<std::string_view, 4> before, after;  // of a value, by Mark
};

extern const ReportStyle kTextStyle;

std::string shown(const ReportCell& cell, const ReportStyle& style);

// A title or a note: escaped, with the format's sign for kPlusMinus.
std::string prose(std::string_view text, const ReportStyle& style);

bool uses_mark(const ReportTable& table, Mark mark);

// What bold means, after `bold`, what the star of a difference means, after `star`, and then the notes of the table.
std::vector<std::string> notes_with_bold(const ReportTable& table, const ReportStyle& style, std::string_view bold,
                                         std::string_view star);

// Characters of UTF-8.
std::size_t width_of(std::string_view text);

// The form of LaTeX (report_latex.cpp).
std::string render_latex(const ReportTable& table);

}  // namespace laxity
