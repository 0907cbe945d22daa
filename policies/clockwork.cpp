// Clockwork (Gujarati et al., OSDI 2020): executions are predictable, so a request is admitted only if it will be in
// time, and what was admitted is carried out as planned, one inference at a time.
//
// The paper's and its controller's: the estimate is the 99th percentile of the last 10 measurements, which is their
// maximum; the request with the least deadline - estimate goes first; nothing is started that cannot end in time, and a
// request that cannot be served in time is refused at once. Our reading: the estimate is the sum of the stages' (a
// network is measured stage by stage); a request is admitted if, after the admitted work that goes before it, it ends
// by its deadline, and no admitted one behind it becomes late by it; a refusal takes effect when the policy is next
// asked. With exits=deepest, which is the early-exit port and ours, a request is admitted with the deepest exit for
// which that holds; with exits=last the network is a whole, as in the paper. Each refusal counts as a measurement at
// planning cost: one outlier may not lock a network out for good. Left out: batching, loading of models, clocks.
#include <algorithm>
#include <vector>

#include "policies/factories.hpp"
#include "policies/parts/eligibility.hpp"
#include "policies/parts/recent_cost.hpp"

namespace laxity {

namespace {

constexpr std::size_t kMeasurements = 10;  // the controller's

// O(N log N + N * L) per release for N active jobs with L exits, O(N) per decision.
class Clockwork final : public Policy {
public:
    Clockwork(const TaskSet& tasks, bool whole_networks)
        : recent_(tasks, kMeasurements), whole_networks_(whole_networks) {}

    void released(const View& view, const ActiveJob& job) override {
        if (job.slot >= promises_.size()) promises_.resize(job.slot + 1);
        list_admitted(view, job);
        Promise& promise = promises_[job.slot] = {};
        const int shallowest = whole_networks_ ? job.stages() : task_of(view, job).mandatory_stages;
        for (int depth = job.stages(); depth >= shallowest && promise.depth == 0; --depth) {
            const Duration work = recent_.between(job, 0, depth);
            if (can_promise(view, job, work)) promise = {depth, job.deadline - work};
        }
        if (promise.depth == 0) recent_.forget_a_little(job);
    }

    void stage_finished(const View& view, const ActiveJob& job) override { recent_.finished(view, job); }

    Action next(const View& view, int resource) override {
        const ActiveJob* first = nullptr;
        for (const ActiveJob* job : view.jobs()) {
            if (!ready_on(*job, resource)) continue;
            if (!can_keep_promise(view, *job)) return Action::stop(*job);
            if (first == nullptr || goes_before(*job, *first)) first = job;
        }
        if (first == nullptr) return Action::wait();
        recent_.started(view, *first);
        return Action::run(*first);
    }

private:
    // What a job was admitted with.
    struct Promise {
        int depth = 0;        // 0 = refused
        Time latest_start{};  // deadline - estimate
    };

    const Promise& promise_of(const ActiveJob& job) const { return promises_[job.slot]; }

    Duration work_left(const ActiveJob& job) const {
        const int depth = promise_of(job).depth;
        return job.depth < depth ? recent_.between(job, job.depth, depth) : Duration::zero();
    }

    // An inference that has begun is carried out before another one begins.
    bool goes_before(const ActiveJob& a, const ActiveJob& b) const {
        if ((a.depth > 0) != (b.depth > 0)) return a.depth > 0;
        const Time start_a = promise_of(a).latest_start, start_b = promise_of(b).latest_start;
        return start_a != start_b ? start_a < start_b : earlier_release(a, b);
    }

    // False once the job has what it was promised, was refused, or cannot end in time.
    bool can_keep_promise(const View& view, const ActiveJob& job) const {
        return job.depth < promise_of(job).depth && view.now() + work_left(job) <= job.deadline;
    }

    // An admitted job and when it will end, as planned.
    struct Planned {
        const ActiveJob* job;
        Time end;
    };

    // The jobs that compete with `job` for the resource of its first stage, in the order in which they go.
    void list_admitted(const View& view, const ActiveJob& job) {
        planned_.clear();
        for (const ActiveJob* other : view.jobs()) {
            const bool competes = other != &job && !other->running && other->next_resource() == job.next_resource();
            if (competes && work_left(*other) > Duration::zero()) planned_.push_back({other, {}});
        }
        std::sort(planned_.begin(), planned_.end(),
                  [&](const Planned& a, const Planned& b) { return goes_before(*a.job, *b.job); });
        Time end = free_at(view, job);
        for (Planned& planned : planned_) planned.end = end += work_left(*planned.job);
    }

    // When the resource of the job's first stage will have done what it is doing: the whole promise of a running job.
    Time free_at(const View& view, const ActiveJob& job) const {
        Time free = view.free_at(job.next_resource());
        const auto slots = view.tasks().resources[static_cast<std::size_t>(job.next_resource())].slots;
        for (const ActiveJob* other : view.jobs()) {
            if (!other->running || other->next_resource() != job.next_resource()) continue;
            const int depth = promise_of(*other).depth;
            if (other->depth + 1 < depth) free += recent_.between(*other, other->depth + 1, depth) / slots;
        }
        return free;
    }

    // `work` for the job, at its place in the order, is in time and makes nobody late who was in time without it.
    bool can_promise(const View& view, const ActiveJob& job, Duration work) const {
        const Time latest_start = job.deadline - work;
        Time start = free_at(view, job);
        for (const Planned& other : planned_) {
            const bool before = other.job->depth > 0 || promise_of(*other.job).latest_start <= latest_start;
            if (before) {
                start = other.end;
            } else if (other.end <= other.job->deadline && other.end + work > other.job->deadline) {
                return false;
            }
        }
        return start <= latest_start;
    }

    RecentCost recent_;
    bool whole_networks_;
    std::vector<Promise> promises_;  // by slot
    std::vector<Planned> planned_;   // of the release that is being considered
};

}  // namespace

std::unique_ptr<Policy> make_clockwork(const PolicyContext& context, const PolicyArguments& arguments) {
    return std::make_unique<Clockwork>(context.tasks, arguments.text("exits") == "last");
}

}  // namespace laxity
