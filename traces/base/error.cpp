#include "traces/base/error.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace laxity {

namespace {

// Length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned low, unsigned high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1, 0x80, 0xBF) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
        return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
        return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        const bool printable = length > 1 || (length == 1 && byte >= 0x20 && byte != 0x7F);
        if (printable) {
            line.append(text.substr(0, length));
        } else {
            constexpr char kHex[] = "0123456789abcdef";
            line += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
        }
        text.remove_prefix(printable ? length : 1);
    }
    return line;
}

std::string shortened(std::string_view text, std::size_t limit) {
    std::string line = one_line(text.substr(0, limit + 4));
    if (text.size() <= limit && line.size() <= limit) return line;
    std::size_t end = limit - 3;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;  // not within a character
    return line.substr(0, end) + "...";
}

InputError input_error(std::string_view place, std::string_view expected, std::string_view found,
                       std::string_view advice) {
    std::string text = std::string(place) + ": expected " + std::string(expected);
    if (!found.empty()) text += ", found " + std::string(found);
    if (!advice.empty()) text += "; " + std::string(advice);
    return InputError(one_line(text));
}

RunError run_error(std::string_view place, std::string_view problem, std::string_view advice) {
    std::string text = std::string(place) + ": " + std::string(problem);
    if (!advice.empty()) text += "; " + std::string(advice);
    return RunError(one_line(text));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace laxity
