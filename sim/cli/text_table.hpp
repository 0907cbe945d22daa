// Tables and numbers for people to read.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace laxity {

// `digits` after the point, the same in every locale.
inline std::string fixed(double value, int digits) {
    std::array<char, 400> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits);
    return {buffer.data(), end.ptr};
}

inline std::string percent(double share) { return fixed(100 * share, 2); }

// Rows of cells in aligned columns, two spaces apart.
class TextTable {
public:
    using Row = std::vector<std::string>;

    // Titles over units ("" = none). `sides` has a letter for each column: 'l' aligns to the left, 'r' to the right.
    TextTable(std::string sides, Row titles, Row units)
        : sides_(std::move(sides)), rows_{std::move(titles), std::move(units)} {}

    void add(Row row) { rows_.push_back(std::move(row)); }

    void print(std::ostream& out) const {
        std::vector<std::size_t> widths;
        for (const Row& row : rows_) {
            widths.resize(std::max(widths.size(), row.size()));
            for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], length(row[i]));
        }
        for (const Row& row : rows_)
            if (const std::string text = line(row, widths); !text.empty()) out << text << '\n';
    }

private:
    static std::size_t length(std::string_view text) {  // in characters of UTF-8
        return static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    }

    std::string line(const Row& row, const std::vector<std::size_t>& widths) const {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string gap(widths[i] - length(row[i]), ' ');
            if (i > 0) text += "  ";
            text += sides_[i] == 'l' ? row[i] + gap : gap + row[i];
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }

    std::string sides_;
    std::vector<Row> rows_;
};

}  // namespace laxity
