#include "traces/base/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

#include "traces/base/number_text.hpp"

namespace laxity {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends a decimal digit; false if that doesn't fit.
bool append(std::int64_t& value, int digit) {
    if (value > (kMost - digit) / 10) return false;
    value = 10 * value + digit;
    return true;
}

// The digits of a number in text, and the power of ten of the last of them.
struct Decimal {
    bool negative = false;
    std::string digits{};
    std::int64_t power = 0;
};

Decimal decimal_of(std::string_view text) {
    Decimal number{text.front() == '-'};
    const std::size_t e = text.find_first_of("eE");
    const std::string_view mantissa = text.substr(0, e);
    for (const char c : mantissa)
        if (is_digit(c)) number.digits += c;
    if (const std::size_t point = mantissa.find('.'); point != std::string_view::npos)
        number.power = -static_cast<std::int64_t>(mantissa.size() - point - 1);
    if (e != std::string_view::npos) number.power += strict_integer(text.substr(e + 1)).value_or(0);
    return number;
}

// Takes what is expected off the front of a text. After a failure everything fails.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            failed_ = failed_ || i >= rest_.size() || !is_digit(rest_[i]);
            value = failed_ ? 0 : 10 * value + (rest_[i] - '0');
        }
        if (!failed_) rest_.remove_prefix(count);
        return value;
    }

    bool skip(std::string_view what) {
        if (failed_ || !rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }

    void expect(std::string_view what) { failed_ = !skip(what) || failed_; }
    int below(int end, std::size_t count = 2) {
        const int value = digits(count);
        failed_ = failed_ || value >= end;
        return value;
    }
    std::size_t digits_ahead() const {
        return static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
    }
    void fail() { failed_ = true; }
    bool at_end() const { return rest_.empty(); }
    bool failed() const { return failed_; }

private:
    std::string_view rest_;
    bool failed_ = false;
};

std::chrono::sys_days read_date(Scanner& text) {
    const int year = text.digits(4);
    text.expect("-");
    const int month = text.digits(2);
    text.expect("-");
    const int day = text.digits(2);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || year < 1678 || year > 2261) text.fail();
    return text.failed() ? std::chrono::sys_days() : std::chrono::sys_days(date);
}

std::chrono::nanoseconds read_fraction(Scanner& text) {
    const std::size_t count = text.digits_ahead();
    if (count == 0 || count > 9) text.fail();
    std::int64_t ns = text.digits(std::min(count, std::size_t{9}));
    for (std::size_t i = count; i < 9; ++i) ns *= 10;
    return std::chrono::nanoseconds(ns);
}

std::chrono::nanoseconds read_clock(Scanner& text) {
    std::chrono::nanoseconds time = std::chrono::hours(text.below(24));
    text.expect(":");
    time += std::chrono::minutes(text.below(60));
    if (text.skip(":")) {
        time += std::chrono::seconds(text.below(60));
        if (text.skip(".")) time += read_fraction(text);
    }
    return time;
}

std::chrono::minutes read_offset(Scanner& text) {
    text.skip(" ");
    if (text.skip("Z") || text.skip("z") || text.skip("UTC")) return {};
    const bool west = text.skip("-");
    if (!west) text.expect("+");
    std::chrono::minutes offset = std::chrono::hours(text.below(24));
    if (text.skip(":") || text.digits_ahead() > 0) offset += std::chrono::minutes(text.below(60));
    text.skip(" UTC");
    return west ? -offset : offset;
}

}  // namespace

std::optional<std::int64_t> scaled_integer(std::string_view text, int power) {
    if (!strict_number(text)) return {};
    const Decimal number = decimal_of(text);
    std::int64_t value = 0, place = number.power + power + static_cast<std::int64_t>(number.digits.size());
    bool half = false;
    for (const char c : number.digits) {
        --place;
        if (place >= 0 && !append(value, c - '0')) return {};
        if (place == -1) half = c >= '5';
    }
    for (; place > 0 && value > 0; --place)
        if (!append(value, 0)) return {};
    if (half && value < kMost) ++value;
    return number.negative ? -value : value;
}

std::optional<std::int64_t> calendar_ns(std::string_view text) {
    Scanner scanner(text);
    std::chrono::sys_time<std::chrono::nanoseconds> time = read_date(scanner);
    if (!scanner.at_end()) {
        if (!scanner.skip("T") && !scanner.skip("t")) scanner.expect(" ");
        time += read_clock(scanner);
        if (!scanner.at_end()) time -= read_offset(scanner);
    }
    if (scanner.failed() || !scanner.at_end()) return {};
    return time.time_since_epoch().count();
}

bool starts_as_date(std::string_view text) {
    return text.size() > 4 && std::all_of(text.begin(), text.begin() + 4, is_digit) && text[4] == '-';
}

}  // namespace laxity
