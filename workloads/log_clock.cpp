#include "workloads/log_clock.hpp"

#include <cmath>

#include "traces/base/number_text.hpp"
#include "traces/base/time_text.hpp"

namespace laxity {

namespace {

constexpr double kMostNs = 9e18;  // below 2^63

std::string quoted(std::string_view text) { return text.empty() ? "nothing" : "\"" + shortened(text) + "\""; }

constexpr std::string_view kFromAdvice =
    "\"from\": \"first\" counts from the first request, \"from\": TIME from that time";

std::string unit_advice(std::string_view text) {
    if (!strict_number(text)) return number_advice(text);
    return "is the \"unit\" right?";
}

}  // namespace

LogUnit::LogUnit(const JsonReader& object, std::string_view key, double full_ns) {
    const JsonReader reader = object.at(key);
    const std::string unit =
        full_ns > 0 ? reader.one_of({"ns", "us", "ms", "s", "full"}) : reader.one_of({"ns", "us", "ms", "s"});
    if (unit == "full") full_ns_ = full_ns;
    power_ = unit == "ns" ? 0 : unit == "us" ? 3 : unit == "ms" ? 6 : 9;
}

std::optional<std::int64_t> LogUnit::ns(std::string_view text) const {
    if (full_ns_ == 0) return scaled_integer(text, power_);
    const auto value = strict_number(text);
    if (!value || std::abs(*value * full_ns_) > kMostNs) return {};
    return nanoseconds_from(*value * full_ns_).count();
}

LogClock::LogClock(const JsonReader& object, double full_ns) : from_(object.find("from")), object_(object) {
    if (object.has("unit")) unit_.emplace(object, "unit", full_ns);
}

void LogClock::check_kind(const TableFile& table, std::size_t column, Kind kind) {
    if (kind_ == Kind::kUnknown) kind_ = kind;
    if (kind_ == kind) return;
    throw input_error(table.place(column), kind_ == Kind::kCalendar ? "a calendar time" : "a number",
                      quoted(table.field(column)), "as in the rows before");
}

std::int64_t LogClock::stamp(const TableFile& table, std::size_t column) {
    const std::string_view text = table.field(column);
    if (const auto ns = calendar_ns(text)) {
        check_kind(table, column, Kind::kCalendar);
        return *ns;
    }
    if (starts_as_date(text))
        throw input_error(table.place(column),
                          "a calendar time such as 2023-11-16 18:15:46.680590 or 2023-11-16T18:15Z", quoted(text),
                          "with at most nine digits of a fraction");
    if (strict_number(text) && !unit_) object_.at("unit");  // says that it is missing
    const auto ns = unit_ ? unit_->ns(text) : std::nullopt;
    if (!ns) throw input_error(table.place(column), "a time", quoted(text), unit_advice(text));
    check_kind(table, column, Kind::kNumbers);
    return *ns;
}

std::optional<std::int64_t> LogClock::number_ns(const JsonReader& from) const {
    if (!from.json().is_number()) return {};
    if (!unit_) object_.at("unit");
    return unit_->ns(from.json().dump());
}

std::optional<std::int64_t> LogClock::origin(const TableFile& table, std::size_t column, std::int64_t stamp) const {
    const std::string found = quoted(table.field(column));
    if (!from_) {
        if (kind_ == Kind::kCalendar)
            throw input_error(table.place(column), "a time since the start of the run, or a \"from\"", found,
                              kFromAdvice);
        if (stamp > kLongestLogNs)
            throw input_error(table.place(column), "a time in [0, 1e8 s], or a \"from\"", found, kFromAdvice);
        return 0;
    }
    const bool text = from_->json().is_string();
    if (text && from_->string() == "first") return {};
    const auto ns = text ? calendar_ns(from_->string()) : number_ns(*from_);
    if (!ns) from_->fail("\"first\", or a time: a number in the log's unit, or a calendar time");
    if (text != (kind_ == Kind::kCalendar))
        from_->fail(kind_ == Kind::kCalendar ? "a calendar time in quotes, as the log has"
                                             : "a number, as the log has");
    return ns;
}

}  // namespace laxity
