#include "sim/study/stopping.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/results/statistics.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

std::vector<double> defined(std::span<const std::optional<double>> values) {
    std::vector<double> known;
    for (const auto& value : values) {
        if (value) known.push_back(*value);
    }
    return known;
}

// Half-width that is asked for at this mean.
double allowed(const Precision& precision, double mean) {
    return precision.relative ? precision.half_width * std::fabs(mean) : precision.half_width;
}

}  // namespace

Precision parse_precision(const std::string& text, const std::string& place) {
    const std::size_t equals = text.find('=');
    Precision precision;
    if (equals != std::string::npos) {
        precision.measure = text.substr(0, equals);
        precision.text = text.substr(equals + 1);
        std::string number = precision.text;
        precision.relative = number.ends_with('%');
        if (precision.relative) number.pop_back();
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), precision.half_width);
        const bool whole = error == std::errc() && end == number.data() + number.size();
        if (precision.relative) precision.half_width /= 100;
        if (whole && precision.half_width > 0 && std::isfinite(precision.half_width)) return precision;
    }
    throw input_error(place, "MEASURE=HALF-WIDTH above 0, as accuracy=0.001 or response_p99_ms=2%",
                      "\"" + shortened(text) + "\"");
}

bool is_enough(const Precision& precision, std::span<const std::optional<double>> values) {
    const std::vector<double> known = defined(values);
    if (known.empty()) return true;
    if (known.size() < 2) return false;
    const Estimate mean = estimate(known);
    return *mean.half_width <= allowed(precision, *mean.mean);
}

std::uint64_t next_seeds(const Precision& precision, std::span<const std::optional<double>> values, std::uint64_t seeds,
                         std::uint64_t most) {
    const std::vector<double> known = defined(values);
    double wanted = static_cast<double>(seeds) * 2;
    if (known.size() >= 2) {
        const Estimate mean = estimate(known);
        const double factor = *mean.half_width / allowed(precision, *mean.mean);
        wanted = std::min(wanted, std::ceil(static_cast<double>(seeds) * factor * factor));
    }
    const auto next = std::max(seeds + 1, static_cast<std::uint64_t>(wanted));
    return std::min(next, most);
}

}  // namespace laxity
