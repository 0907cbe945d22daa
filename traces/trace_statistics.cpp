#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "traces/trace.hpp"

namespace laxity {

namespace {

// Vigna's splitmix64, as one step from state `i`.
std::uint64_t splitmix64(std::uint64_t i) {
    i += 0x9E3779B97F4A7C15;
    i = (i ^ (i >> 30)) * 0xBF58476D1CE4E5B9;
    i = (i ^ (i >> 27)) * 0x94D049BB133111EB;
    return i ^ (i >> 31);
}

std::vector<std::uint32_t> half(std::size_t samples, bool calibration) {
    std::vector<std::uint32_t> indices;
    indices.reserve(samples / 2 + samples / 16);
    for (std::size_t i = 0; i < samples; ++i)
        if (in_calibration_half(i) == calibration) indices.push_back(static_cast<std::uint32_t>(i));
    return indices;
}

// To the nearest nanosecond, halves up. Sums fit: a trace has at most a million rows (load_trace), of 16 stages of less
// than 1e12 ns.
Duration rounded_mean(std::uint64_t sum, std::uint64_t count) {
    return Duration(static_cast<std::int64_t>(sum / count + (2 * (sum % count) >= count ? 1 : 0)));
}

}  // namespace

bool in_calibration_half(std::uint64_t sample) { return (splitmix64(sample) & 1) == 0; }

std::vector<std::uint32_t> calibration_half(std::size_t samples) { return half(samples, true); }

std::vector<std::uint32_t> replay_half(std::size_t samples) { return half(samples, false); }

std::int64_t quantile(std::vector<std::int64_t> values, double q) {
    assert(!values.empty() && q >= 0 && q <= 1);
    const auto count = static_cast<double>(values.size());
    const double share = std::ceil(q * count - 1e-9 * count);  // 0.07 * 100 is a little more than 7
    const auto rank = static_cast<std::ptrdiff_t>(std::clamp(share, 1.0, count)) - 1;
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return values[static_cast<std::size_t>(rank)];
}

std::vector<std::int64_t> stage_latencies(const Trace& trace, int stage) {
    std::vector<std::int64_t> column(trace.runs());
    for (std::size_t run = 0; run < column.size(); ++run) column[run] = trace.latency(run, stage);
    return column;
}

Duration latency_quantile(const Trace& trace, int stage, double q) {
    return Duration(quantile(stage_latencies(trace, stage), q));
}

Duration latency_mean(const Trace& trace, int stage) {
    std::uint64_t sum = 0;
    for (std::size_t run = 0; run < trace.runs(); ++run) sum += static_cast<std::uint64_t>(trace.latency(run, stage));
    return rounded_mean(sum, trace.runs());
}

double corun_slowdown(const Trace& trace, int stage, int side_by_side) {
    int below = 1, above = std::numeric_limits<int>::max();  // the measured counts around this one
    double at_below = 1, at_above = 1;
    for (const Corun& corun : trace.corun) {
        const double slowdown = corun.slowdown[static_cast<std::size_t>(stage)];
        if (corun.resources <= side_by_side && corun.resources > below) below = corun.resources, at_below = slowdown;
        if (corun.resources > side_by_side && corun.resources < above) above = corun.resources, at_above = slowdown;
    }
    const double count = side_by_side;
    if (trace.corun.empty() || below == side_by_side) return at_below;
    if (above == std::numeric_limits<int>::max()) return at_below * count / below;
    return at_below + (at_above - at_below) * (count - below) / (above - below);
}

Duration full_latency_mean(const Trace& trace) {
    std::uint64_t sum = 0;
    for (const std::int64_t ns : trace.latency_ns) sum += static_cast<std::uint64_t>(ns);
    return rounded_mean(sum, trace.runs());
}

double accuracy(const Trace& trace, std::span<const std::uint32_t> samples, int exit) {
    const auto right =
        std::count_if(samples.begin(), samples.end(), [&](std::uint32_t i) { return trace.correct(i, exit); });
    return static_cast<double>(right) / static_cast<double>(samples.size());
}

double mean_confidence(const Trace& trace, std::span<const std::uint32_t> samples, int exit) {
    double sum = 0;
    for (const std::uint32_t i : samples) sum += static_cast<double>(trace.outcome(i, exit).confidence);
    return sum / static_cast<double>(samples.size());
}

double calibration_error(const Trace& trace, std::span<const std::uint32_t> samples, int exit, int bins) {
    std::vector<double> excess(static_cast<std::size_t>(bins));  // sum of confidence - correctness
    for (const std::uint32_t i : samples) {
        const double confidence = static_cast<double>(trace.outcome(i, exit).confidence);
        const int bin = std::min(static_cast<int>(confidence * bins), bins - 1);
        excess[static_cast<std::size_t>(bin)] += confidence - (trace.correct(i, exit) ? 1 : 0);
    }
    double sum = 0;
    for (const double value : excess) sum += std::abs(value);
    return sum / static_cast<double>(samples.size());
}

}  // namespace laxity
