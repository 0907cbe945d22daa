// What a decision of one policy takes, by the number of active jobs: measured by sim/bench/decision_cost.hpp, in this
// process or read from the decisions.csv that `laxity bench --decisions` wrote.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Piecewise linear between the counts that were measured, constant beyond them; O(1). The two events are those of
// DecisionCost: a stage ends, or a job arrives at an idle lane.
class DecisionTimes {
public:
    struct Point {
        int active = 1;                     // jobs, from 1
        std::optional<Duration> stage_end;  // none: the policy never met the event
        std::optional<Duration> release;
    };

    // In any order, each count once. An event that was never met with any count is taken to cost what the other does.
    // Throws std::invalid_argument if no point says anything.
    explicit DecisionTimes(std::vector<Point> points);

    Duration after_stage_end(std::size_t active) const { return at(stage_end_, active); }
    Duration after_release(std::size_t active) const { return at(release_, active); }

private:
    static Duration at(const std::vector<std::uint32_t>& curve_ns, std::size_t active) {
        return Duration(curve_ns[std::min(active, curve_ns.size() - 1)]);
    }

    std::vector<std::uint32_t> stage_end_, release_;  // ns, by active jobs
};

// All policies of a decisions.csv.
class DecisionFile {
public:
    // Throws InputError naming the file and its row. Means are used where the file has them, else medians.
    explicit DecisionFile(const std::string& path);

    // Throws InputError, with what is there, if the file has no rows of exactly that policy, parameters included.
    const DecisionTimes& of(const PolicySpec& policy) const;

private:
    std::string path_;
    std::map<std::string, DecisionTimes> policies_;  // by canonical text
};

}  // namespace laxity
