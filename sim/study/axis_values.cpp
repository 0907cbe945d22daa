#include "sim/study/axis_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// digits * 10^exponent: ranges are counted in these, so that 0.1..0.3:0.1 holds 0.3.
struct Decimal {
    std::int64_t digits = 0;
    int exponent = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr int kMostDigits = 15;  // a double holds any such decimal
constexpr int kLargestExponent = 30;

// Takes a decimal number off the front of the text; nothing if there is none. "1..2" begins with 1.
std::optional<Decimal> take_decimal(std::string_view& text) {
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative || (!text.empty() && text[0] == '+')) ++at;
    Decimal number;
    int count = 0;
    const auto take_digits = [&] {
        const std::size_t begin = at;
        for (; at < text.size() && is_digit(text[at]); ++at) {
            if (number.digits != 0 || text[at] != '0') ++count;
            if (count <= kMostDigits) number.digits = number.digits * 10 + (text[at] - '0');
        }
        return at - begin;
    };
    const std::size_t whole = take_digits();
    std::size_t fraction = 0;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
        ++at;
        fraction = take_digits();
    }
    if (whole + fraction == 0 || count > kMostDigits) return std::nullopt;
    int exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        const std::size_t sign = at + 1 < text.size() && text[at + 1] == '+' ? 2 : 1;
        const auto [end, error] = std::from_chars(text.data() + at + sign, text.data() + text.size(), exponent);
        if (error != std::errc()) return std::nullopt;
        at = static_cast<std::size_t>(end - text.data());
    }
    if (exponent < -kLargestExponent || exponent > kLargestExponent) return std::nullopt;
    number.exponent = exponent - static_cast<int>(fraction);
    if (negative) number.digits = -number.digits;
    text.remove_prefix(at);
    return number;
}

double value_of(const Decimal& number) {
    const std::string text = std::to_string(number.digits) + "e" + std::to_string(number.exponent);
    return std::strtod(text.c_str(), nullptr);
}

struct Range {
    Decimal from, to;
    std::optional<Decimal> step;
};

// The text as FROM..TO[:STEP]; nothing if it isn't one from beginning to end.
std::optional<Range> read_range(std::string_view text) {
    Range range;
    const auto from = take_decimal(text);
    if (!from || !text.starts_with("..")) return std::nullopt;
    text.remove_prefix(2);
    const auto to = take_decimal(text);
    if (!to) return std::nullopt;
    range.from = *from, range.to = *to;
    if (text.starts_with(":")) {
        text.remove_prefix(1);
        if (!(range.step = take_decimal(text))) return std::nullopt;
    }
    return text.empty() ? std::optional(range) : std::nullopt;
}

// A range written by somebody who meant one: a number of whatever size, then two dots.
bool looks_like_range(std::string_view text) {
    const std::string_view first = text.substr(0, text.find(".."));
    return first.size() < text.size() &&
           first.find_first_of("0123456789") == (first.find_first_of("+-") == 0 ? 1 : 0) &&
           first.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

// Digits at a smaller exponent; nothing if they don't fit.
std::optional<std::int64_t> scaled(const Decimal& number, int exponent) {
    std::int64_t digits = number.digits;
    for (int i = number.exponent; i > exponent && digits != 0; --i) {
        if (std::abs(digits) > std::numeric_limits<std::int64_t>::max() / 100) return std::nullopt;
        digits *= 10;
    }
    return digits;
}

class RangeReader {
public:
    RangeReader(std::string_view text, const std::string& place) : text_(text), place_(place) {}

    std::vector<std::string> linear() const {
        const Range range = read();
        const Decimal step = range.step.value_or(Decimal{1, 0});
        const int exponent = std::min({range.from.exponent, range.to.exponent, step.exponent});
        const auto from = scaled(range.from, exponent), to = scaled(range.to, exponent), by = scaled(step, exponent);
        if (!from || !to || !by) fail("numbers of at most " + std::to_string(kMostDigits) + " digits between them");
        if (*by == 0) fail("a step other than 0");
        if ((*to - *from) / *by < 0 || (*to != *from && (*to > *from) != (*by > 0))) {
            fail("a range that holds a value", "its step leads away from its end");
        }
        if ((*to - *from) % *by != 0) {
            fail(range.step ? "a step that meets the end"
                            : "a step, FROM..TO:STEP, since steps of 1 do not meet the end");
        }
        const std::int64_t count = (*to - *from) / *by + 1;
        check_count(static_cast<double>(count));
        std::vector<std::string> values;
        for (std::int64_t i = 0; i < count; ++i) values.push_back(number_text(value_of({*from + i * *by, exponent})));
        return values;
    }

    // The factor's powers come from the C library, whose last bit is not the same everywhere: rounded, it does not
    // show.
    std::vector<std::string> logarithmic() const {
        const Range range = read();
        if (!range.step) fail("log FROM..TO:COUNT", "no count");
        const double from = value_of(range.from), to = value_of(range.to), count = value_of(*range.step);
        if (!(from > 0 && to > 0)) fail("both ends above 0");
        if (count < 2 || count != std::floor(count)) fail("a count from 2");
        check_count(count);
        std::vector<std::string> values;
        for (double i = 0; i < count; ++i) {
            const double exact = i == 0 ? from : i == count - 1 ? to : from * std::pow(to / from, i / (count - 1));
            const bool end = i == 0 || i == count - 1;
            values.push_back(end ? number_text(exact) : number_text(rounded(exact)));
        }
        return values;
    }

private:
    static double rounded(double value) {
        std::array<char, 40> digits{};
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size() - 1, value, std::chars_format::scientific, 5)
                .ptr;
        *end = 0;
        return std::strtod(digits.data(), nullptr);
    }

    Range read() const {
        const auto range = read_range(text_);
        if (!range) fail("FROM..TO:STEP or log FROM..TO:COUNT, of decimal numbers");
        return *range;
    }

    void check_count(double count) const {
        if (count > static_cast<double>(kMostValues)) {
            fail("at most " + std::to_string(kMostValues) + " values", number_text(count));
        }
    }

    [[noreturn]] void fail(std::string_view expected, std::string_view found = {}) const {
        throw input_error(place_ + ": \"" + shortened(text_) + "\"", expected, found);
    }

    std::string_view text_;
    const std::string& place_;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Cuts at the commas that stand outside of brackets and quotes.
std::vector<std::string_view> split_list(std::string_view text) {
    std::vector<std::string_view> items;
    std::size_t begin = 0;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
            continue;
        }
        if (c == '"') quoted = true;
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') --depth;
        if (c == ',' && depth == 0) {
            items.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    items.push_back(text.substr(begin));
    return items;
}

}  // namespace

std::string number_text(double value) {
    if (value == std::floor(value) && std::fabs(value) < 1e15) return std::to_string(static_cast<std::int64_t>(value));
    return Json(value).dump();
}

std::vector<std::string> parse_axis_values(std::string_view text, const std::string& place) {
    constexpr std::string_view kLog = "log ";
    std::vector<std::string> values;
    for (const std::string_view raw : split_list(text)) {
        const std::string_view item = trimmed(raw);
        if (item.empty()) throw input_error(place, "values separated by commas", "an empty one");
        std::vector<std::string> some;
        if (item.starts_with(kLog)) {
            some = RangeReader(trimmed(item.substr(kLog.size())), place).logarithmic();
        } else if (looks_like_range(item)) {
            some = RangeReader(item, place).linear();
        } else {
            some = {Json::accept(item) ? canonical_value(std::string(item)) : Json(one_line(item)).dump()};
        }
        values.insert(values.end(), some.begin(), some.end());
        if (values.size() > kMostValues) {
            throw input_error(place, "at most " + std::to_string(kMostValues) + " values",
                              std::to_string(values.size()));
        }
    }
    return values;
}

std::string canonical_value(const std::string& json) {
    const Json value = Json::parse(json);
    return value.is_number() ? number_text(value.get<double>()) : value.dump();
}

std::string column_text(const std::string& json) {
    const Json value = Json::parse(json, nullptr, false);
    return value.is_string() ? one_line(value.get<std::string>()) : json;
}

}  // namespace laxity
