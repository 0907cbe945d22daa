#include "sim/live/equivalence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

constexpr std::size_t kMostRepetitions = 1'000'000;  // more is as good as never

std::string short_text(double value) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

// "40 s", "25 min", "3.5 h".
std::string length_text(double seconds) {
    constexpr double kMinute = 60, kHour = 3600;
    if (seconds < 2 * kMinute) return short_text(std::ceil(seconds)) + " s";
    if (seconds < 2 * kHour) return short_text(std::ceil(seconds / kMinute)) + " min";
    return short_text(std::ceil(10 * seconds / kHour) / 10) + " h";
}

// What would settle it.
std::string more_text(const Equivalence& result, const std::string& margin, double seconds) {
    constexpr double kDay = 86'400;  // nobody runs one cell for longer
    if (result.difference.count < 2) return ": one repetition";
    if (!result.repetitions_more) return ": at the margin of " + margin;
    const double more = static_cast<double>(*result.repetitions_more) * seconds;
    return more > kDay ? " at this spread" : ": run " + length_text(more) + " more";
}

// The half-width that `count` repetitions of this spread would have.
double half_width(double spread, std::size_t count) {
    return student_t(count - 1, kEquivalenceLevel) * spread / std::sqrt(static_cast<double>(count));
}

// The interval of so many repetitions would lie within the margin, or outside, about the same mean. Half-widths shrink
// with the number, so that this is false and then true.
std::optional<std::size_t> repetitions_more(double mean, double spread, std::size_t count, double margin) {
    const double wanted = std::abs(std::abs(mean) - margin);
    if (half_width(spread, kMostRepetitions) > wanted) return std::nullopt;
    std::size_t low = count, high = kMostRepetitions;  // not enough, enough
    while (high - low > 1) {
        const std::size_t middle = low + (high - low) / 2;
        (half_width(spread, middle) <= wanted ? high : low) = middle;
    }
    return high - count;
}

double spread_of(std::span<const double> values, double mean) {
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

EquivalenceVerdict verdict_of(double low, double high, double margin) {
    if (low >= -margin && high <= margin) return EquivalenceVerdict::kEqual;
    return low > margin || high < -margin ? EquivalenceVerdict::kDifferent : EquivalenceVerdict::kCannotTell;
}

std::string known_metrics(const std::vector<Margin>& margins) {
    std::vector<std::string> names;
    for (const Margin& margin : margins) names.push_back(margin.metric);
    return joined(names, ", ");
}

}  // namespace

std::optional<double> Margin::of(std::optional<double> simulated) const {
    if (!relative) return value;
    return simulated ? std::optional(value * std::abs(*simulated)) : std::nullopt;
}

std::string Margin::text(const std::string& unit) const {
    if (relative) return short_text(100 * value) + " %";
    return unit == "1" ? short_text(100 * value) + " points" : short_text(value) + " " + unit;
}

std::string Margin::difference_text(double difference, std::optional<double> simulated, const std::string& unit) const {
    const auto signed_text = [](double number) {
        std::array<char, 32> text;
        std::snprintf(text.data(), text.size(), "%+.3g", number);
        return std::string(text.data());
    };
    if (relative && simulated && *simulated != 0) return signed_text(100 * difference / std::abs(*simulated)) + " %";
    return unit == "1" ? signed_text(100 * difference) + " points" : signed_text(difference) + " " + unit;
}

std::vector<Margin> default_margins() {
    return {{"accuracy", 0.003},          {"miss_ratio", 0.003},        {"mean_depth", 0.01, true},
            {"response_p50", 0.02, true}, {"response_p95", 0.03, true}, {"response_p99", 0.03, true},
            {"utilisation", 0.01, true}};
}

void change_margin(std::vector<Margin>& margins, const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string metric = text.substr(0, equals);
    std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
    const auto margin = std::ranges::find(margins, metric, &Margin::metric);
    if (margin == margins.end())
        throw input_error("--margin", "METRIC=VALUE with one of " + known_metrics(margins), "\"" + text + "\"");
    const bool relative = number.ends_with('%');
    if (relative) number.pop_back();
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !std::isfinite(value) || value < 0)
        throw input_error("--margin " + metric, "a number from 0, or one with % of the simulated value",
                          "\"" + text + "\"", "as accuracy=0.002 (0.2 points) or response_p99=5%");
    *margin = {metric, relative ? value / 100 : value, relative};
}

const Margin& margin_of(const std::vector<Margin>& margins, const std::string& metric) {
    return *std::ranges::find(margins, metric, &Margin::metric);
}

Equivalence judge_equivalence(std::span<const double> differences, std::optional<double> simulated,
                              const Margin& margin) {
    Equivalence result;
    result.difference = estimate(differences);
    result.margin = margin.of(simulated);
    if (!result.difference.mean || !result.margin) return result;
    result.verdict = EquivalenceVerdict::kCannotTell;
    if (differences.size() < 2) return result;
    const double mean = *result.difference.mean;
    const double half = *estimate(differences, kEquivalenceLevel).half_width;
    result.low = mean - half;
    result.high = mean + half;
    result.spread = spread_of(differences, mean);
    result.established = std::abs(mean) > *result.difference.half_width;
    result.verdict = verdict_of(*result.low, *result.high, *result.margin);
    if (result.verdict == EquivalenceVerdict::kCannotTell)
        result.repetitions_more = repetitions_more(mean, *result.spread, differences.size(), *result.margin);
    return result;
}

std::string verdict_name(EquivalenceVerdict verdict) {
    switch (verdict) {
        case EquivalenceVerdict::kUnknown:
            return "";
        case EquivalenceVerdict::kEqual:
            return "equal";
        case EquivalenceVerdict::kDifferent:
            return "different";
        case EquivalenceVerdict::kCannotTell:
            return "cannot tell";
    }
    return "";
}

std::string verdict_text(const Equivalence& result, const Margin& margin, const std::string& unit, double seconds) {
    std::string text = verdict_name(result.verdict);
    switch (result.verdict) {
        case EquivalenceVerdict::kUnknown:
            return "-";
        case EquivalenceVerdict::kEqual:
            text += " within " + margin.text(unit);
            break;
        case EquivalenceVerdict::kDifferent:
            return text + " by more than " + margin.text(unit);
        case EquivalenceVerdict::kCannotTell:
            text += more_text(result, margin.text(unit), seconds);
    }
    return text + (result.established ? "; surely not 0" : "");
}

}  // namespace laxity
