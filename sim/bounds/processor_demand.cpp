#include "sim/bounds/processor_demand.hpp"

#include <cmath>

namespace laxity {

namespace {

constexpr std::int64_t kMostSteps = 10'000'000;
constexpr double kLongestNs = 1e17;

// The last absolute deadline before t of jobs whose arrivals demand most; 0 if there is none.
std::int64_t deadline_before(std::span<const RecurrentTask> tasks, std::int64_t t) {
    std::int64_t last = 0;
    for (const RecurrentTask& task : tasks) {
        const std::int64_t room = t - 1 - task.deadline_ns;
        if (room < 0) continue;
        const std::int64_t k = task.releases_within(room) - 1;
        last = std::max(last, task.deadline_ns + task.earliest_release_ns(k));
    }
    return last;
}

std::int64_t background_ns(std::span<const RecurrentTask> tasks) {
    std::int64_t longest = 0;
    for (const RecurrentTask& task : tasks) longest = std::max(longest, task.longest_background_ns);
    return longest;
}

// (sum of U (T + J - D) + B) / (1 - U), rounded up with a margin; -1 if that says nothing.
std::int64_t utilisation_limit_ns(std::span<const RecurrentTask> tasks, std::int64_t blocking) {
    double utilisation = 0, sum = static_cast<double>(blocking);
    for (const RecurrentTask& task : tasks) {
        utilisation += task.utilisation();
        sum += task.utilisation() * static_cast<double>(task.gap_ns + task.jitter_ns - task.deadline_ns);
    }
    if (utilisation > 1 - 1e-6) return -1;  // rounding would be divided by next to nothing
    const double limit = std::max(0.0, sum) / (1 - utilisation) * (1 + 1e-9) + 1;
    return limit > kLongestNs ? -1 : static_cast<std::int64_t>(limit) + 1;
}

// Beyond this length nothing need be looked at; -1 if it is not known.
std::int64_t horizon_ns(std::span<const RecurrentTask> tasks, std::int64_t longest_deadline) {
    const std::int64_t blocking = blocking_by(background_ns(tasks));
    const bool relaxed = std::all_of(tasks.begin(), tasks.end(), [](const RecurrentTask& task) {
        return task.deadline_ns >= task.gap_ns + task.jitter_ns;
    });
    if (relaxed && blocking == 0) return longest_deadline;  // h(t) <= U t <= t
    const std::int64_t by_utilisation = utilisation_limit_ns(tasks, blocking);
    const std::int64_t busy = busy_length_ns(tasks, blocking);
    if (by_utilisation < 0 && busy < 0) return -1;
    const std::int64_t least = by_utilisation < 0 ? busy : busy < 0 ? by_utilisation : std::min(busy, by_utilisation);
    return std::max(least, longest_deadline);
}

// One search for an interval that is too short for its demand.
class Search {
public:
    explicit Search(std::span<const RecurrentTask> tasks) : tasks_(tasks) {}

    // Looks at the intervals in [from, to), within which B is constant.
    void between(std::int64_t from, std::int64_t to) {
        const std::int64_t blocking = demand_blocking_ns(tasks_, from);
        std::int64_t t = deadline_before(tasks_, to);
        while (t >= from && t > 0 && !found_ && steps_ < kMostSteps) {
            ++steps_;
            const std::int64_t needed = demand_ns(tasks_, t) + blocking;
            if (needed > t) found_ = t;
            t = needed < t ? needed : deadline_before(tasks_, t);
        }
    }

    DemandTest result() const {
        if (found_) return {Answer::kNo, found_, demand_ns(tasks_, *found_), demand_blocking_ns(tasks_, *found_)};
        return {steps_ < kMostSteps ? Answer::kYes : Answer::kUndecided, std::nullopt, 0, 0};
    }

private:
    std::span<const RecurrentTask> tasks_;
    std::optional<std::int64_t> found_;
    std::int64_t steps_ = 0;
};

}  // namespace

std::int64_t demand_ns(std::span<const RecurrentTask> tasks, std::int64_t t) {
    std::int64_t demand = 0;
    for (const RecurrentTask& task : tasks)
        if (t >= task.deadline_ns) demand += task.releases_within(t - task.deadline_ns) * task.wcet_ns();
    return demand;
}

std::int64_t demand_blocking_ns(std::span<const RecurrentTask> tasks, std::int64_t t) {
    std::int64_t longest = background_ns(tasks);
    for (const RecurrentTask& task : tasks)
        if (task.longest_deadline_ns > t) longest = std::max(longest, task.longest_stage_ns());
    return blocking_by(longest);
}

DemandTest processor_demand_test(std::span<const RecurrentTask> tasks) {
    if (compare_utilisation_with_one(tasks) > 0) return {Answer::kNo, std::nullopt, 0, 0};
    std::vector<std::int64_t> steps = {0};  // where B changes
    for (const RecurrentTask& task : tasks) steps.push_back(task.longest_deadline_ns);
    std::sort(steps.begin(), steps.end());
    const std::int64_t horizon = horizon_ns(tasks, steps.back());
    Search search(tasks);
    if (horizon >= 0) search.between(steps.back(), horizon + 1);
    for (std::size_t i = steps.size() - 1; i > 0; --i) search.between(steps[i - 1], steps[i]);
    DemandTest result = search.result();
    if (result.in_time == Answer::kYes && horizon < 0) result.in_time = Answer::kUndecided;
    return result;
}

}  // namespace laxity
