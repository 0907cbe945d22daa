// DARIS (2025, arXiv 2504.08795), as far as one accelerator without partitions goes: a job's deadline is shared out
// over its stages in proportion to their maximum recent execution times (MRET, the largest of the last w measured), and
// stages go by class and virtual deadline:
//
//     VD_k = release + D * sum_{j <= k} MRET_j / sum_j MRET_j
//
// The paper's: MRET in place of a worst case, virtual deadlines per stage, classes of priority before deadlines. Our
// reading: the order (class, virtual deadline), a task's weight as its class, w = 10, and a stage that was not measured
// yet counts with its planning cost. Left out: partitions of the GPU and migration between them, the admission test
// (skip=true is near it) and the eight priority levels within a class.
#include <memory>
#include <utility>

#include "policies/factories.hpp"
#include "policies/parts/least_first.hpp"
#include "policies/parts/recent_cost.hpp"

namespace laxity {

namespace {

class ByVirtualDeadline {
public:
    ByVirtualDeadline(const TaskSet& tasks, const RecentCost& recent) : tasks_(&tasks), recent_(&recent) {}

    bool operator()(const ActiveJob& a, const ActiveJob& b) const {
        const double class_a = weight(a), class_b = weight(b);
        if (class_a != class_b) return class_a > class_b;
        const Time deadline_a = virtual_deadline(a), deadline_b = virtual_deadline(b);
        return deadline_a != deadline_b ? deadline_a < deadline_b : earlier_release(a, b);
    }

private:
    double weight(const ActiveJob& job) const { return tasks_->tasks[static_cast<std::size_t>(job.id.task)].weight; }

    // Of the job's next stage, rounded down to a nanosecond.
    Time virtual_deadline(const ActiveJob& job) const {
        const auto part = static_cast<double>(recent_->between(job, 0, job.depth + 1).count());
        const auto whole = static_cast<double>(recent_->between(job, 0, job.stages()).count());
        if (whole == 0) return job.deadline;
        const auto relative = static_cast<double>(job.relative_deadline().count());
        return job.release + Duration(static_cast<std::int64_t>(relative * part / whole));
    }

    const TaskSet* tasks_;
    const RecentCost* recent_;
};

// O(N) per decision for N active jobs, O(w) per finished stage.
class Daris final : public LeastFirst<ByVirtualDeadline> {
public:
    Daris(const TaskSet& tasks, std::unique_ptr<RecentCost> recent, bool skip)
        : LeastFirst(ByVirtualDeadline(tasks, *recent), skip), recent_(std::move(recent)) {}

    void stage_finished(const View& view, const ActiveJob& job) override { recent_->finished(view, job); }

    Action next(const View& view, int resource) override {
        const Action action = LeastFirst::next(view, resource);
        if (action.kind == Action::Kind::kRun) recent_->started(view, *action.job);
        return action;
    }

private:
    std::unique_ptr<RecentCost> recent_;
};

}  // namespace

std::unique_ptr<Policy> make_daris(const PolicyContext& context, const PolicyArguments& arguments) {
    auto recent = std::make_unique<RecentCost>(context.tasks, static_cast<std::size_t>(arguments.integer("window")));
    return std::make_unique<Daris>(context.tasks, std::move(recent), arguments.boolean("skip"));
}

}  // namespace laxity
