#include "traces/base/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace laxity {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_plus(std::string_view text) {
    const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
    return plus ? text.substr(1) : text;
}

// "nan" and "infinity" are words to std::from_chars.
bool is_decimal(std::string_view text) {
    const auto allowed = [](char c) { return is_digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'; };
    return !text.empty() && std::ranges::all_of(text, allowed);
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

// "0,25" and "1,234.5", "1'000", "1 000".
bool has_separators(std::string_view text) {
    const auto allowed = [](char c) {
        return is_digit(c) || std::string_view("+-.,' _eE").find(c) != std::string_view::npos;
    };
    return std::ranges::any_of(text, is_digit) && std::ranges::all_of(text, allowed) &&
           text.find_first_of(",' _") != std::string_view::npos;
}

}  // namespace

std::optional<double> strict_number(std::string_view text) {
    const std::string_view digits = without_plus(text);
    if (!is_decimal(digits)) return {};
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value)) return {};
    return value;
}

std::optional<std::int64_t> strict_integer(std::string_view text) {
    const std::string_view digits = without_plus(text);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return {};
    return value;
}

std::string number_advice(std::string_view text) {
    const std::string word = lower(text);
    if (text.empty()) return "leave the row out, or give it a value";
    if (text.front() == ' ' || text.back() == ' ') return "remove the blanks";
    if (has_separators(text)) return "write a decimal point, not a comma, and no thousands separators";
    if (word.find("nan") != std::string::npos || word.find("inf") != std::string::npos || word == "null" ||
        word == "na")
        return "leave out rows without a value";
    if (word.starts_with("0x")) return "write it in decimal digits";
    return "";
}

}  // namespace laxity
