#include "sim/bounds/response_time.hpp"

#include "workloads/philox.hpp"

namespace laxity {

namespace {

constexpr std::int64_t kMostJobs = 1'000'000;

// One task and what may delay it.
class Level {
public:
    Level(std::span<const RecurrentTask> tasks, std::size_t index) : task_(tasks[index]) {
        std::int64_t longest = 0;
        for (std::size_t j = 0; j < tasks.size(); ++j) {
            longest = std::max(longest, tasks[j].longest_background_ns);
            if (tasks[j].priority > task_.priority)
                longest = std::max(longest, tasks[j].longest_stage_ns());
            else if (j != index)
                before_.push_back(tasks[j]);
        }
        blocking_ns_ = blocking_by(longest);
    }

    ResponseBound bound() const {
        ResponseBound bound{Answer::kUndecided, blocking_ns_, std::nullopt};
        std::vector<RecurrentTask> busy = before_;
        busy.push_back(task_);
        if (compare_utilisation_with_one(busy) > 0) {
            bound.in_time = Answer::kNo;
            return bound;
        }
        const std::int64_t length = busy_length_ns(busy, blocking_ns_);
        const std::int64_t jobs = length < 0 ? kMostJobs : std::min(kMostJobs, task_.releases_before(length));
        const std::optional<std::int64_t> worst = worst_response(jobs);
        const bool all_seen = length >= 0 && task_.releases_before(length) <= kMostJobs;
        bound.in_time = !worst ? Answer::kNo : all_seen ? Answer::kYes : Answer::kUndecided;
        if (bound.in_time == Answer::kYes) bound.response_ns = worst;
        return bound;
    }

    std::span<const RecurrentTask> before() const { return before_; }
    std::int64_t blocking_ns() const { return blocking_ns_; }

private:
    // nullopt as soon as one of the jobs may be late.
    std::optional<std::int64_t> worst_response(std::int64_t jobs) const {
        const std::int64_t wcet = task_.wcet_ns(), last = task_.stages_ns.back();
        std::int64_t worst = 0, start = blocking_ns_ + wcet - last;
        for (std::int64_t k = 0; k < jobs; ++k, start += wcet) {
            const std::int64_t latest = task_.earliest_release_ns(k) + task_.deadline_ns - last;
            if (!settle(start, blocking_ns_ + k * wcet + wcet - last, latest)) return std::nullopt;
            worst = std::max(worst, start + last - task_.earliest_release_ns(k));
        }
        return worst;
    }

    // Raises `start` to the least fixed point; false if that is beyond `latest`.
    bool settle(std::int64_t& start, std::int64_t own_ns, std::int64_t latest) const {
        for (;;) {
            if (start > latest) return false;
            std::int64_t next = own_ns;
            for (const RecurrentTask& task : before_) next += task.releases_within(start) * task.wcet_ns();
            if (next == start) return true;
            start = next;
        }
    }

    const RecurrentTask& task_;
    std::vector<RecurrentTask> before_;  // of higher or equal priority
    std::int64_t blocking_ns_ = 0;
};

bool rate_monotonic(std::span<const RecurrentTask> tasks) {
    for (const RecurrentTask& a : tasks) {
        if (a.jitter_ns > 0 || a.deadline_ns < a.gap_ns) return false;
        for (const RecurrentTask& b : tasks)
            if (a.priority <= b.priority && a.gap_ns > b.gap_ns) return false;
    }
    return true;
}

}  // namespace

std::vector<ResponseBound> response_time_analysis(std::span<const RecurrentTask> tasks) {
    std::vector<ResponseBound> bounds;
    for (std::size_t i = 0; i < tasks.size(); ++i) bounds.push_back(Level(tasks, i).bound());
    return bounds;
}

UtilisationBounds utilisation_bounds(std::span<const RecurrentTask> tasks) {
    if (!rate_monotonic(tasks)) return {};
    constexpr double kRounding = 1e-12;  // on the safe side
    UtilisationBounds bounds{true, true};
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const Level level(tasks, i);
        const double own =
            tasks[i].utilisation() + static_cast<double>(level.blocking_ns()) / static_cast<double>(tasks[i].gap_ns);
        double sum = own, product = own + 1;
        for (const RecurrentTask& task : level.before()) {
            sum += task.utilisation();
            product *= task.utilisation() + 1;
        }
        const auto n = static_cast<double>(level.before().size() + 1);
        if (sum > n * (exact_exp(exact_log(2) / n) - 1) - kRounding) bounds.liu_layland = false;
        if (product > 2 - kRounding) bounds.hyperbolic = false;
    }
    return bounds;
}

}  // namespace laxity
