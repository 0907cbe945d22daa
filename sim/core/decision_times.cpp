#include "sim/core/decision_times.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "sim/results/csv.hpp"
#include "sim/results/decision_columns.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Knot = std::pair<int, double>;  // active jobs, ns

std::uint32_t whole_ns(double ns) {
    return static_cast<std::uint32_t>(std::min<double>(std::llround(ns), std::numeric_limits<std::uint32_t>::max()));
}

// By active jobs from 0 to the last knot.
std::vector<std::uint32_t> curve_through(const std::vector<Knot>& knots) {
    if (knots.empty()) return {};
    std::vector<std::uint32_t> curve;
    std::size_t next = 0;  // the first knot that is not below the count
    for (int active = 0; active <= knots.back().first; ++active) {
        while (knots[next].first < active) ++next;
        const Knot& right = knots[next];
        if (next == 0 || right.first == active) {
            curve.push_back(whole_ns(right.second));
            continue;
        }
        const Knot& left = knots[next - 1];
        const double share = static_cast<double>(active - left.first) / (right.first - left.first);
        curve.push_back(whole_ns(left.second + share * (right.second - left.second)));
    }
    return curve;
}

std::vector<Knot> knots_of(const std::vector<DecisionTimes::Point>& points,
                           std::optional<Duration> DecisionTimes::Point::*event) {
    std::vector<Knot> knots;
    for (const DecisionTimes::Point& point : points)
        if (point.*event) knots.emplace_back(point.active, static_cast<double>((point.*event)->count()));
    return knots;
}

// A policy that is not known any more keeps its text: nobody will ask for it.
std::string canonical(const std::string& policy) {
    try {
        return normalised(parse_policy(policy));
    } catch (const InputError&) {
        return policy;
    }
}

}  // namespace

DecisionTimes::DecisionTimes(std::vector<Point> points) {
    std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.active < b.active; });
    stage_end_ = curve_through(knots_of(points, &Point::stage_end));
    release_ = curve_through(knots_of(points, &Point::release));
    if (stage_end_.empty() && release_.empty()) throw std::invalid_argument("no time of any decision");
    if (stage_end_.empty()) stage_end_ = release_;
    if (release_.empty()) release_ = stage_end_;
}

DecisionFile::DecisionFile(const std::string& path) : path_(path) {
    CsvReader csv(path, kDecisionColumns, "`laxity bench --decisions --out DIR` writes one",
                  kDecisionColumnsWithoutMean);
    const bool has_mean = csv.header() == kDecisionColumns;
    std::map<std::string, std::map<int, DecisionTimes::Point>> points;
    while (csv.next()) {
        const std::string policy = canonical(csv.text()), event = csv.text();
        const int active = static_cast<int>(csv.integer(1, kMostActiveJobs));
        if (event != "release" && event != "stage_end")
            throw input_error(path, "the events release and stage_end", "\"" + shortened(event) + "\"");
        csv.integer(0);
        const std::optional<double> median = csv.optional_number(), tail = csv.optional_number();
        const std::optional<double> time = has_mean ? csv.optional_number() : median;
        (void)tail;
        if (!time) continue;
        if (*time < 0 || *time > 1e9)
            throw input_error(path, "times of decisions from 0 to 1e9 ns", std::to_string(*time));
        DecisionTimes::Point& point = points[policy][active];
        point.active = active;
        (event == "release" ? point.release : point.stage_end) = nanoseconds_from(*time);
    }
    for (const auto& [policy, by_active] : points) {
        std::vector<DecisionTimes::Point> list;
        for (const auto& [active, point] : by_active) list.push_back(point);
        policies_.emplace(policy, DecisionTimes(std::move(list)));
    }
}

const DecisionTimes& DecisionFile::of(const PolicySpec& policy) const {
    const auto place = policies_.find(normalised(policy));
    if (place != policies_.end()) return place->second;
    std::string there;
    for (const auto& [name, times] : policies_) there += (there.empty() ? "" : ", ") + name;
    throw input_error(path_, "rows of the policy " + policy.text, there.empty() ? "none at all" : there,
                      "measure it with `laxity bench --decisions --policy '" + policy.text + "' --out DIR`");
}

}  // namespace laxity
