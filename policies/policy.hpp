// A scheduling policy: who runs next. This is the whole contract; a policy is one .cpp that implements it, one row in
// registry.cpp and one row in tests/conformance_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "traces/base/time.hpp"
#include "traces/outcome.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

struct JobId {
    std::int32_t task = 0;     // index into TaskSet::tasks
    std::uint64_t number = 0;  // k-th release of that task, from 0

    friend bool operator==(const JobId&, const JobId&) = default;
};

// A job that has been released and has not left. Owned by the scheduler; a policy may keep the pointer from released()
// until left() has returned.
struct ActiveJob {
    JobId id;
    std::uint32_t slot = 0;  // small dense index, unique among active jobs and reused later: for a policy's own arrays
    std::int16_t variant = 0;
    std::int16_t depth = 0;  // stages finished
    bool running = false;    // its next stage is being executed
    const VariantPlan* plan = nullptr;
    Time release{};
    Time deadline{};                             // absolute
    Time started = kNever;                       // when its first stage started
    Time last_exit = kNever;                     // when its deepest stage finished
    std::int16_t answered = 0;                   // depth of the exit that it replied with (Action::reply); 0 = not yet
    Time answer_exit = kNever;                   // when that exit's stage finished
    std::array<Outcome, kMaxStages> outcomes{};  // of exits 0 .. depth-1; the rest is not known yet

    int stages() const { return plan->stages(); }
    // Confidence at exit `depth - 1`; 0 before the first stage.
    float confidence() const { return depth == 0 ? 0.0F : outcomes[static_cast<std::size_t>(depth - 1)].confidence; }
    Duration next_cost() const { return plan->cost[static_cast<std::size_t>(depth)]; }
    Duration remaining_cost() const { return plan->cost_between(depth, stages()); }
    int next_resource() const { return plan->resource[static_cast<std::size_t>(depth)]; }
    // What the next stage takes from the capacitor; 0 on mains power.
    std::int64_t next_energy_nj() const {
        return plan->energy_nj.empty() ? 0 : plan->energy_nj[static_cast<std::size_t>(depth)];
    }
    Duration relative_deadline() const { return deadline - release; }
};

// The order in which every tie is broken: earlier release, then lower task, then lower job number.
inline bool earlier_release(const ActiveJob& a, const ActiveJob& b) {
    if (a.release != b.release) return a.release < b.release;
    if (a.id.task != b.id.task) return a.id.task < b.id.task;
    return a.id.number < b.id.number;
}
// Deadline order, ties as above.
inline bool earlier_deadline(const ActiveJob& a, const ActiveJob& b) {
    return a.deadline != b.deadline ? a.deadline < b.deadline : earlier_release(a, b);
}

// What a policy sees at one instant. What a job's later exits would say, or how long its next stage will really take,
// is not reachable from here (INV-8).
class View {
public:
    // `energy_nj` is null on mains power.
    View(Time now, const TaskSet& tasks, std::span<ActiveJob* const> jobs, std::span<const Time> free_at,
         const std::int64_t* energy_nj = nullptr)
        : now_(now), tasks_(&tasks), jobs_(jobs), free_at_(free_at), energy_nj_(energy_nj) {}

    Time now() const { return now_; }
    const TaskSet& tasks() const { return *tasks_; }

    // All active jobs in deadline order (earlier_deadline), running ones included. None of them is past its
    // deadline, and none is at full depth but the job that stage_finished() reports.
    auto jobs() const { return std::span<const ActiveJob* const>(jobs_.data(), jobs_.size()); }

    // When the resource can take its next stage: now if a slot is free, else the earliest planned end of a running
    // stage, but never before now (a stage may overrun its planning cost).
    Time free_at(int resource) const {
        const Time t = free_at_[static_cast<std::size_t>(resource)];
        return t < now_ ? now_ : t;
    }

    // What the capacitor holds now (its capacity and eta are in tasks().energy). What the harvester will give is not
    // in reach. Without an energy section, on mains power, there is always enough.
    std::int64_t energy_nj() const {
        return energy_nj_ == nullptr ? std::numeric_limits<std::int64_t>::max() : *energy_nj_;
    }

private:
    Time now_;
    const TaskSet* tasks_;
    std::span<ActiveJob* const> jobs_;
    std::span<const Time> free_at_;
    const std::int64_t* energy_nj_;
};

struct Action {
    enum class Kind : std::uint8_t { kRun, kStop, kReply, kWait };
    Kind kind = Kind::kWait;
    const ActiveJob* job = nullptr;

    // Execute the job's next stage. It must not be running, and its next stage must be for the asked resource.
    static Action run(const ActiveJob& job) { return {Kind::kRun, &job}; }
    // The job leaves now with its deepest exit; the policy is asked again at once. It must not be running.
    static Action stop(const ActiveJob& job) { return {Kind::kStop, &job}; }
    // The job's deepest exit is its answer, now and for good; the job stays active and may compute on, which changes
    // nothing of its record but the time it leaves. A closed-loop client asks again. The policy is asked again at once.
    // The job must not be running, its mandatory part must be done, and it must not have replied before.
    static Action reply(const ActiveJob& job) { return {Kind::kReply, &job}; }
    // Leave the resource idle until the next event.
    static Action wait() { return {}; }
};

// One object per run; calls come from one thread. Decisions are a function of what was seen: no clock, no random
// device, no addresses. Notifications come in this order at one instant: stages finished, deadlines, releases; then
// next() for every resource with a free slot and at least one active job that is not running.
class Policy {
public:
    virtual ~Policy() = default;

    // Which variant serves a job that is being released; `task` indexes view.tasks().tasks. The job is not active yet.
    virtual int choose_variant(const View& view, int task, Time deadline) {
        (void)view, (void)task, (void)deadline;
        return 0;
    }
    // The job has become active.
    virtual void released(const View& view, const ActiveJob& job) { (void)view, (void)job; }
    // A stage finished in time and job.depth has grown; the job leaves right after this if it is at full depth. A stage
    // that ends after its job has left is not reported.
    virtual void stage_finished(const View& view, const ActiveJob& job) { (void)view, (void)job; }
    // The job leaves: full depth, deadline or stopped. It is no longer in view.jobs().
    virtual void left(const View& view, const ActiveJob& job) { (void)view, (void)job; }
    // A slot of `resource` (index into TaskSet::resources) is free: what now? Only jobs whose next_resource() is this
    // one may be run. A stage that the capacitor can't power is not started: the device is then off, and the policy is
    // asked again, with every job as it was, once there is enough (sim/core/energy_ledger.hpp).
    virtual Action next(const View& view, int resource) = 0;
    // After next() has answered wait(): ask again at the latest when the capacitor holds this much. 0 = no need.
    virtual std::int64_t awaited_energy_nj(const View& view, int resource) const {
        (void)view, (void)resource;
        return 0;
    }
};

// What only an oracle may ask: how the exits of a job will turn out. Handed to a policy at construction if its registry
// row says that it needs one; never available live.
class Oracle {
public:
    virtual ~Oracle() = default;
    virtual Outcome outcome(const ActiveJob& job, int exit) const = 0;
    virtual bool correct(const ActiveJob& job, int exit) const = 0;
};

}  // namespace laxity
