#include "sim/bench/decision_cost.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "sim/bench/bench.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/results/log_histogram.hpp"
#include "traces/base/interrupt.hpp"
#include "workloads/philox.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kSeed = 20260102;

Workload crowded(int jobs) {
    Workload workload = one_poisson_task(1.6, 1);
    DeadlineRange& deadline = workload.tasks.front().deadline;
    deadline = {deadline.low * jobs / 10, deadline.high * jobs / 10};
    return workload;
}

template <class Work>
Duration timed(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
}

Duration cost_of_clock() {
    LogHistogram readings;
    for (int i = 0; i < 1000; ++i) readings.add(timed([] {}));
    return *readings.quantile(0.5);
}

// Times of one kind of event.
class EventTimes {
public:
    void add(Duration time) {
        histogram_.add(time);
        times_.push_back(time);
    }

    // A policy that never met this event has no times; its count of 0 says so.
    DecisionCost::Event summary() const {
        if (times_.empty()) return {};
        const Duration median = *histogram_.quantile(0.5);
        double sum_ns = 0;
        for (const Duration time : times_) sum_ns += static_cast<double>(std::min(time, 10 * median).count());
        return {times_.size(), static_cast<double>(median.count()),
                static_cast<double>(histogram_.quantile(0.99)->count()), sum_ns / static_cast<double>(times_.size())};
    }

private:
    LogHistogram histogram_;
    std::vector<Duration> times_;
};

// Passes everything on to a policy, but while `spotlight` is on, the policy is shown no job but the one in it: so that
// job gets to the depth that the situation wants, and yet the policy is told of nothing that it has not decided.
class Stagehand final : public Policy {
public:
    explicit Stagehand(std::unique_ptr<Policy> policy) : policy_(std::move(policy)) {}

    int choose_variant(const View& view, int task, Time deadline) override {
        return policy_->choose_variant(view, task, deadline);
    }
    void released(const View& view, const ActiveJob& job) override { policy_->released(view, job); }
    void stage_finished(const View& view, const ActiveJob& job) override { policy_->stage_finished(view, job); }
    void left(const View& view, const ActiveJob& job) override {
        if (shown_ == &job) shown_ = nullptr;
        policy_->left(view, job);
    }
    Action next(const View& view, int resource) override {
        if (!spotlight_) return policy_->next(view, resource);
        if (shown_ == nullptr) return Action::wait();
        ActiveJob* const only =
            const_cast<ActiveJob*>(shown_);  // as View's constructor has it; it hands out const ones
        const Time free_at = view.free_at(0);
        return policy_->next(View(view.now(), view.tasks(), {&only, 1}, {&free_at, 1}), resource);
    }

    void show_only(const ActiveJob& job) { spotlight_ = true, shown_ = &job; }
    void show_all() { spotlight_ = false; }

private:
    std::unique_ptr<Policy> policy_;
    bool spotlight_ = false;
    const ActiveJob* shown_ = nullptr;  // null once it has left
};

// What one job is and will do.
struct Part {
    const std::int64_t* durations = nullptr;  // by stage
    const Outcome* outcomes = nullptr;        // by exit
    int depth = 0;                            // at the event
    Duration due{};                           // deadline, from the event on
};

// Puts a policy into one situation after the other and times what it does there.
class DecisionTimer final : private JobListener, private Oracle {
public:
    DecisionTimer(const PolicySpec& spec, int jobs)
        : workload_(crowded(jobs)),
          tasks_(make_task_set(workload_)),
          replay_(workload_),
          plan_(deadline_monotonic_plan(tasks_)),
          policy_(make_policy(spec, {tasks_, spec.needs_oracle() ? this : nullptr, &plan_})),
          scheduler_(tasks_, policy_, *this),
          jobs_(static_cast<std::size_t>(jobs)),
          clock_(cost_of_clock()) {}

    DecisionCost measure(int situations) {
        for (int i = 0; i < situations; ++i) {
            time_stage_end();
            time_release();
        }
        return {release_.summary(), stage_end_.summary()};
    }

private:
    void time_stage_end() {
        set_up(jobs_);
        if (!await_stage_end()) return clear();
        bool counted = false;
        const Duration taken = timed([&] {
            counted = finish();
            expire();
            decide();
        });
        if (counted) stage_end_.add(net(taken));
        clear();
    }

    void time_release() {
        set_up(jobs_ - 1);
        if (await_stage_end()) {
            finish();
            expire();
        }
        const Part part = draw_part();
        expect(part);
        const Duration taken = timed([&] {
            scheduler_.release({0, number_++}, now_, now_ + part.due, now_);
            decide();
        });
        release_.add(net(taken));
        clear();
    }

    // `count` jobs at their depths, the resource free, the policy about to be asked.
    void set_up(std::size_t count) {
        std::vector<Part> situation(count);
        Time event = now_;
        for (Part& part : situation) {
            part = draw_part();
            for (int stage = 0; stage < part.depth; ++stage) event += Duration(part.durations[stage]);
        }
        for (const Part& part : situation) {
            policy_.show_only(release(part, event + part.due));
            for (int stage = 0; stage < part.depth && await_stage_end(); ++stage) {
                finish();
                expire();
            }
        }
        policy_.show_all();
    }

    // Lets the policy start a stage, and time pass until it ends. False if it starts none.
    bool await_stage_end() {
        decide();
        if (!running_) return false;
        pass_running_stage();
        return true;
    }

    void pass_running_stage() {
        now_ += Duration(parts_[running_->slot].durations[running_->stage]);
        while (scheduler_.next_deadline() < now_) scheduler_.expire(scheduler_.next_deadline());
    }

    // All jobs leave, at their deadlines.
    void clear() {
        if (running_) {
            pass_running_stage();
            finish();
        }
        while (scheduler_.active_jobs() > 0) {
            now_ = std::max(now_, scheduler_.next_deadline());
            scheduler_.expire(now_);
        }
    }

    void expire() {
        if (scheduler_.next_deadline() <= now_) scheduler_.expire(now_);
    }

    void decide() { running_ = scheduler_.next(0, now_); }

    bool finish() {
        const Dispatch stage = *std::exchange(running_, std::nullopt);
        return scheduler_.stage_finished(stage.ticket, parts_[stage.slot].outcomes[stage.stage], now_);
    }

    const ActiveJob& release(const Part& part, Time deadline) {
        const std::uint32_t slot = expect(part);
        scheduler_.release({0, number_++}, now_, deadline, now_);
        return scheduler_.job(slot);
    }

    // The next release is this one.
    std::uint32_t expect(const Part& part) {
        const std::uint32_t slot = scheduler_.next_slot();
        if (slot >= parts_.size()) parts_.resize(slot + 1);
        parts_[slot] = part;
        return slot;
    }

    Part draw_part() {
        const PhiloxBlock bits = draw(kSeed, Draw::kOther, 0, drawn_++);
        const ReplayTable& table = replay_.table(0, 0);
        const auto samples = static_cast<std::uint32_t>(table.labels.size());
        const DeadlineRange& deadline = workload_.tasks.front().deadline;
        return {table.durations_of_row(below(bits[0], static_cast<std::uint32_t>(table.rows))),
                table.outcomes_of_sample(below(bits[1], samples)),
                static_cast<int>(below(bits[2], static_cast<std::uint32_t>(table.stages))),
                deadline.low + nanoseconds_from(unit_interval(bits[3]) *
                                                static_cast<double>((deadline.high - deadline.low).count()))};
    }

    Duration net(Duration taken) const { return std::max(taken - clock_, Duration::zero()); }

    void job_left(const ActiveJob&, LeaveReason, Time) override {}
    Outcome outcome(const ActiveJob& job, int exit) const override { return parts_[job.slot].outcomes[exit]; }
    bool correct(const ActiveJob& job, int exit) const override { return outcome(job, exit).prediction == 0; }

    const Workload workload_;
    const TaskSet tasks_;
    const Replay replay_;
    const Plan plan_;
    Stagehand policy_;
    Scheduler scheduler_;
    const std::size_t jobs_;
    const Duration clock_;
    std::vector<Part> parts_;  // by slot
    std::optional<Dispatch> running_;
    Time now_{};
    std::uint64_t number_ = 0;  // jobs released
    std::uint64_t drawn_ = 0;
    EventTimes release_, stage_end_;
};

}  // namespace

DecisionCost decision_cost(const PolicySpec& policy, int jobs, int situations) {
    return DecisionTimer(policy, jobs).measure(situations);
}

DecisionTimes::Point decision_point(int jobs, const DecisionCost& cost) {
    const auto mean = [](const DecisionCost::Event& event) {
        return event.count == 0 ? std::nullopt : std::optional(nanoseconds_from(event.mean_ns));
    };
    return {jobs, mean(cost.stage_end), mean(cost.release)};
}

DecisionTimes measure_decision_times(const PolicySpec& policy, const std::vector<int>& active_jobs, int situations) {
    std::vector<DecisionTimes::Point> points;
    for (const int jobs : active_jobs) {
        if (interrupted()) throw Interrupted();
        points.push_back(decision_point(jobs, decision_cost(policy, jobs, situations)));
    }
    return DecisionTimes(std::move(points));
}

}  // namespace laxity
