#include "sim/study/sweep_doubts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>

#include "sim/results/statistics.hpp"

namespace laxity {

namespace {

constexpr double kFewestMisses = 10, kFewestJobs = 1000, kSteady = 1.25;

double sum_of(const Series& series) {
    double sum = 0;
    for (const SeedValue& seed : series) sum += seed.value;
    return sum;
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

std::string place(const RunTable& table, std::size_t point, std::size_t competitor) {
    std::string text;
    for (std::size_t axis = 0; axis < table.workload_axes().size(); ++axis) {
        text += table.workload_axes()[axis].name + "=" + table.points()[point][axis] + " ";
    }
    return text + table.competitors()[competitor].label;
}

// How badly a pair of point and policy is off, the greater the worse; nothing if it is not.
using Badness = std::function<std::optional<double>(std::size_t point, std::size_t competitor)>;

// A line for a kind of doubt; `what` says it of the worst pair, whose badness is put after it.
void add(const RunTable& table, const char* what, const Badness& badness, const char* advice,
         std::vector<std::string>& lines) {
    std::size_t count = 0, cells = 0;
    double worst = 0;
    std::string where;
    for (std::size_t point = 0; point < table.points().size(); ++point) {
        for (std::size_t competitor = 0; competitor < table.competitors().size(); ++competitor) {
            cells += table.runs(point, competitor) > 0;
            const auto bad = badness(point, competitor);
            if (!bad) continue;
            if (count++ == 0 || *bad > worst) worst = *bad, where = place(table, point, competitor);
        }
    }
    if (count == 0) return;
    lines.push_back(std::to_string(count) + " of " + std::to_string(cells) + " pairs of point and policy: " + what +
                    " (worst: " + where + ": " + number(std::fabs(worst)) + "): " + advice);
}

}  // namespace

std::vector<std::string> doubts(const RunTable& table) {
    std::vector<std::string> lines;
    if (!table.has_measure("jobs") || !table.has_measure("missed")) return lines;
    add(
        table, "fewer than 10 misses in all runs together",
        [&](std::size_t point, std::size_t competitor) -> std::optional<double> {
            const double missed = sum_of(table.values(point, competitor, "missed"));
            return missed > 0 && missed < kFewestMisses ? std::optional(-missed) : std::nullopt;
        },
        "the miss ratio is hardly known; more seeds or longer runs", lines);
    add(
        table, "runs of fewer than 1000 jobs",
        [&](std::size_t point, std::size_t competitor) -> std::optional<double> {
            std::optional<double> fewest;
            for (const SeedValue& seed : table.values(point, competitor, "jobs")) {
                if (seed.value < kFewestJobs) fewest = std::max(fewest.value_or(-kFewestJobs), -seed.value);
            }
            return fewest;
        },
        "fewer than 10 responses lie beyond the 99 % quantile", lines);
    if (!table.has_measure("backlog_trend")) return lines;
    add(
        table, "the backlog grew",
        [&](std::size_t point, std::size_t competitor) -> std::optional<double> {
            const Series trend = table.values(point, competitor, "backlog_trend");
            if (trend.empty()) return std::nullopt;
            const double mean = sum_of(trend) / static_cast<double>(trend.size());
            return mean > kSteady ? std::optional(mean) : std::nullopt;
        },
        "the last quarter of the jobs stayed so many times as long as the first; an unstable queue, or too short a run",
        lines);
    return lines;
}

std::vector<std::string> unreached(const RunTable& table, const std::vector<Precision>& until) {
    std::vector<std::string> lines;
    for (const Precision& precision : until) {
        const std::string what = precision.measure + " is not known to +-" + precision.text;
        add(
            table, what.c_str(),
            [&](std::size_t point, std::size_t competitor) -> std::optional<double> {
                std::vector<std::optional<double>> values;
                for (const SeedValue& seed : table.values(point, competitor, precision.measure))
                    values.emplace_back(seed.value);
                if (is_enough(precision, values)) return std::nullopt;
                std::vector<double> known;
                for (const auto& value : values) known.push_back(*value);
                return estimate(known).half_width.value_or(0);
            },
            "the half-width of its 95 % interval, with as many seeds as it may have; allow more with --max-seeds",
            lines);
    }
    return lines;
}

}  // namespace laxity
