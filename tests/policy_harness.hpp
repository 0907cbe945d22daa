// A small deterministic driver of the Scheduler for tests of policies: jobs, stage times and outcomes are written out
// (a Script), so a test can also change what a policy has not seen yet. It audits the policy on the way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/scheduler.hpp"
#include "tests/draws.hpp"

namespace laxity::test {

constexpr Duration ms(std::int64_t n) { return Duration(n * 1'000'000); }
constexpr Time at_ms(std::int64_t n) { return Time(ms(n)); }

// --- What happens: task sets and jobs, written out ---

inline VariantPlan make_variant(std::vector<Duration> cost, std::vector<double> accuracy = {},
                                std::vector<int> resource = {}) {
    VariantPlan plan;
    plan.name = "variant";
    plan.cost_to = {Duration::zero()};
    for (const Duration c : cost) plan.cost_to.push_back(plan.cost_to.back() + c);
    plan.cost = std::move(cost);
    plan.resource = resource.empty() ? std::vector<int>(plan.cost.size(), 0) : std::move(resource);
    plan.mean_accuracy = accuracy.empty() ? std::vector<double>(plan.cost.size(), 0.5) : std::move(accuracy);
    return plan;
}

inline TaskPlan make_task(const std::string& name, VariantPlan variant, int mandatory_stages = 1) {
    TaskPlan task;
    task.name = name;
    task.full = variant.cost_to.back();
    task.variants.push_back(std::move(variant));
    task.mandatory_stages = mandatory_stages;
    return task;
}

inline TaskSet make_tasks(std::vector<TaskPlan> tasks, std::vector<Resource> resources = {{"accelerator", 1}}) {
    return {std::move(resources), std::move(tasks)};
}

struct ScriptedJob {
    int task = 0;
    Time release{}, deadline{};
    std::vector<float> confidence;  // by exit; missing = 0.5
    std::vector<Duration> taken;    // what each stage really takes; missing = its planning cost
    std::vector<bool> correct;      // by exit; missing = false
};

// Jobs in order of release, ties by task. The k-th of a task has number k.
struct Script {
    TaskSet tasks;
    std::vector<ScriptedJob> jobs;
};

// --- What is seen: the run, event by event ---

struct Event {
    enum class Kind { kRelease, kStart, kEnd, kReply, kLeave };
    Time at{};
    Kind kind = Kind::kRelease;
    JobId job;
    int stage = -1;       // of kStart and kEnd
    int resource = -1;    // of kStart and kEnd
    int depth = 0;        // of kReply and kLeave
    int answered = 0;     // of kLeave: depth of the exit that the job had replied with; 0 = it had not
    bool counted = true;  // of kEnd: the job had not left
    bool missed = false;  // of kLeave
    Time last_exit{};     // of kLeave

    friend bool operator==(const Event&, const Event&) = default;
};

// What a policy answered, and when.
struct Decision {
    Time at{};
    int resource = 0;
    Action::Kind kind = Action::Kind::kWait;
    JobId job;

    friend bool operator==(const Decision&, const Decision&) = default;
};

struct Run {
    std::vector<Event> events;
    std::vector<Decision> decisions;

    friend bool operator==(const Run&, const Run&) = default;

    // The kLeave of a job.
    const Event& leave(JobId id) const {
        return *std::find_if(events.begin(), events.end(),
                             [&](const Event& event) { return event.kind == Event::Kind::kLeave && event.job == id; });
    }
    // The jobs in order of their starts, one entry per stage.
    std::vector<JobId> starts() const {
        std::vector<JobId> jobs;
        for (const Event& event : events) {
            if (event.kind == Event::Kind::kStart) jobs.push_back(event.job);
        }
        return jobs;
    }
};

// A policy broke the contract of policy.hpp; `property` names the invariant.
class ContractViolation : public std::logic_error {
public:
    ContractViolation(std::string broken, const std::string& what)
        : std::logic_error(what), property(std::move(broken)) {}
    std::string property;
};

// Stands between the scheduler and a policy, records what it decides and checks that it may.
class Auditor final : public Policy {
public:
    Auditor(std::unique_ptr<Policy> policy, std::vector<Decision>& decisions)
        : policy_(std::move(policy)), decisions_(decisions) {}

    int choose_variant(const View& view, int task, Time deadline) override {
        return policy_->choose_variant(view, task, deadline);
    }
    void released(const View& view, const ActiveJob& job) override {
        active_.insert(&job);
        policy_->released(view, job);
    }
    void stage_finished(const View& view, const ActiveJob& job) override { policy_->stage_finished(view, job); }
    void left(const View& view, const ActiveJob& job) override {
        active_.erase(&job);
        policy_->left(view, job);
    }
    Action next(const View& view, int resource) override {
        const Action action = policy_->next(view, resource);
        check(view, action, resource);
        decisions_.push_back({view.now(), resource, action.kind, action.job == nullptr ? JobId{} : action.job->id});
        return action;
    }

private:
    void check(const View& view, const Action& action, int resource) const {
        if (action.kind == Action::Kind::kWait) return;
        const ActiveJob* job = action.job;
        if (job == nullptr || active_.count(job) == 0)
            throw ContractViolation("INV-1", "names a job that is not active");
        if (job->running) throw ContractViolation("INV-4", "names a job whose stage is still running");
        if (action.kind == Action::Kind::kReply) {
            const bool done = job->depth >= view.tasks().tasks[static_cast<std::size_t>(job->id.task)].mandatory_stages;
            if (job->answered != 0 || !done) throw ContractViolation("INV-5", "replies twice or without an answer");
        }
        if (action.kind != Action::Kind::kRun) return;
        if (view.now() < job->release) throw ContractViolation("INV-4", "runs a job before its release");
        if (job->next_resource() != resource) throw ContractViolation("INV-3", "runs a stage on the wrong resource");
    }

    std::unique_ptr<Policy> policy_;
    std::vector<Decision>& decisions_;
    std::set<const ActiveJob*> active_;
};

using PolicyMaker = std::function<std::unique_ptr<Policy>(const PolicyContext&)>;

// The policy that the command line would make of `spec`; it gets the oracle only if its row says that it needs one.
inline PolicyMaker maker_of(const std::string& spec) {
    return [parsed = parse_policy(spec)](const PolicyContext& context) {
        const Plan plan = deadline_monotonic_plan(context.tasks);  // for those that follow one
        return make_policy(parsed, {context.tasks, parsed.needs_oracle() ? context.oracle : nullptr, &plan});
    };
}
inline PolicyMaker maker_of(const std::string& spec, const Plan& plan) {
    return [parsed = parse_policy(spec), plan](const PolicyContext& context) {
        return make_policy(parsed, {context.tasks, nullptr, &plan});
    };
}

// Plays a script. Events of an instant come in the order of design and simulation: completions by ticket, deadlines,
// releases in script order, decisions by resource.
class ScriptDriver final : private JobListener, private Oracle {
public:
    ScriptDriver(const Script& script, const PolicyMaker& maker)
        : script_(script),
          auditor_(maker(PolicyContext{script.tasks, this}), run_.decisions),
          scheduler_(script.tasks, auditor_, *this),
          running_(static_cast<std::size_t>(scheduler_.tickets())) {}

    Run run() {
        Time now{};
        while ((now = next_event()) != kNever) {
            complete_stages(now);
            scheduler_.expire(now);
            release_jobs(now);
            start_stages(now);
        }
        return std::move(run_);
    }

private:
    struct RunningStage {
        Time end = kNever;
        JobId job;
        int stage = 0;
        Outcome outcome;
    };

    Time next_event() const {
        Time next = scheduler_.next_deadline();
        for (const RunningStage& stage : running_) next = std::min(next, stage.end);
        if (released_ < script_.jobs.size()) next = std::min(next, script_.jobs[released_].release);
        return next;
    }

    void complete_stages(Time now) {
        for (std::size_t ticket = 0; ticket < running_.size(); ++ticket) {
            RunningStage& stage = running_[ticket];
            if (stage.end != now) continue;
            stage.end = kNever;
            Event event{now, Event::Kind::kEnd, stage.job, stage.stage};
            event.resource = scheduler_.resource_of(static_cast<std::int32_t>(ticket));
            const std::size_t place = run_.events.size();
            run_.events.push_back(event);  // before the kLeave that it may cause
            run_.events[place].counted =
                scheduler_.stage_finished(static_cast<std::int32_t>(ticket), stage.outcome, now);
        }
    }

    void release_jobs(Time now) {
        for (; released_ < script_.jobs.size() && script_.jobs[released_].release == now; ++released_) {
            const ScriptedJob& job = script_.jobs[released_];
            const JobId id{job.task, next_number_[job.task]++};
            jobs_[{id.task, id.number}] = &job;
            run_.events.push_back({now, Event::Kind::kRelease, id});
            scheduler_.release(id, job.release, job.deadline, now);
        }
    }

    void start_stages(Time now) {
        for (int resource = 0; resource < static_cast<int>(script_.tasks.resources.size()); ++resource) {
            while (const auto dispatch = scheduler_.next(resource, now)) start(*dispatch, resource, now);
        }
    }

    void start(const Dispatch& dispatch, int resource, Time now) {
        const ActiveJob& job = scheduler_.job(dispatch.slot);
        const ScriptedJob& script = script_of(job);
        const auto stage = static_cast<std::size_t>(dispatch.stage);
        const Duration taken = stage < script.taken.size() ? script.taken[stage] : job.plan->cost[stage];
        running_[static_cast<std::size_t>(dispatch.ticket)] = {now + taken, job.id, dispatch.stage,
                                                               outcome(job, dispatch.stage)};
        Event event{now, Event::Kind::kStart, job.id, dispatch.stage};
        event.resource = resource;
        run_.events.push_back(event);
    }

    const ScriptedJob& script_of(const ActiveJob& job) const { return *jobs_.at({job.id.task, job.id.number}); }

    void job_left(const ActiveJob& job, LeaveReason, Time now) override {
        Event event{now, Event::Kind::kLeave, job.id};
        event.depth = job.depth;
        event.answered = job.answered;
        event.missed = job.depth < script_.tasks.tasks[static_cast<std::size_t>(job.id.task)].mandatory_stages;
        event.last_exit = job.last_exit;
        run_.events.push_back(event);
    }

    void job_replied(const ActiveJob& job, Time now) override {
        Event event{now, Event::Kind::kReply, job.id};
        event.depth = job.depth;
        run_.events.push_back(event);
    }

    Outcome outcome(const ActiveJob& job, int exit) const override {
        const auto& confidence = script_of(job).confidence;
        const auto place = static_cast<std::size_t>(exit);
        return {0, place < confidence.size() ? confidence[place] : 0.5F};
    }

    bool correct(const ActiveJob& job, int exit) const override {
        const auto& right = script_of(job).correct;
        const auto place = static_cast<std::size_t>(exit);
        return place < right.size() && right[place];
    }

    const Script& script_;
    Run run_;
    Auditor auditor_;
    Scheduler scheduler_;
    std::vector<RunningStage> running_;  // by ticket
    std::size_t released_ = 0;
    std::map<int, std::uint64_t> next_number_;                                   // by task
    std::map<std::pair<std::int32_t, std::uint64_t>, const ScriptedJob*> jobs_;  // by id
};

inline Run play(const Script& script, const PolicyMaker& maker) { return ScriptDriver(script, maker).run(); }
inline Run play(const Script& script, const std::string& policy) { return play(script, maker_of(policy)); }

}  // namespace laxity::test
