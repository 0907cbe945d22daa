// A run in virtual time: stage durations and outcomes come from traces, arrivals from the workload's generators.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/core/measured_times.hpp"
#include "sim/core/releases.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/core/stage_times.hpp"
#include "sim/results/metrics.hpp"

namespace laxity {

using PolicyFactory = std::function<std::unique_ptr<Policy>(const PolicyContext&)>;

// The driver of the scheduler core in virtual time. One object is one run; N of them run on N threads, sharing the
// (immutable) replay and task set.
//
// Events of an instant are processed in the order stage completions (by ticket), deadlines (by deadline order),
// releases (by task, then client), and then every resource with a free slot is offered to the policy. A completion is
// one number per resource slot; deadlines need no event, the scheduler knows the earliest. Nothing is allocated per job
// in the steady state. With StageTimes, a driver that waits while nothing runs is late (StageTimes::lateness).
//
// Co-running: on a resource with several slots, a stage runs `slowdown` times as long as alone while k stages are side
// by side there (the trace's table; without one they don't disturb each other). Whenever k changes, what a stage has
// done meanwhile is rounded down to whole nanoseconds of its time alone, and the rest of its run up: it ends late by
// less than 1 + `slowdown` ns for each change, and never early. The cost of a decision is stretched like the rest.
class Simulation final : private JobListener, private Oracle {
public:
    // `replay` and `tasks` outlive the simulation.
    Simulation(const Replay& replay, const TaskSet& tasks, const PolicyFactory& policy, std::uint64_t seed);
    // `plan` is what plan_for() of sim/plan/planning.hpp returned for this policy and workload.
    Simulation(const Replay& replay, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
               const Plan* plan = nullptr);

    // Before run(): keep the response times of every task as well.
    void keep_task_responses() { metrics_.keep_task_responses(); }
    // Before run(): stages take what this says, and neither the rows of the trace nor the workload's cost of a decision
    // are looked at.
    void use(std::unique_ptr<StageTimes> times) { times_ = std::move(times), measured_ = nullptr; }
    // Before run(): likewise, with make_measured_times(). Without either, that is done with no options where a trace
    // has measured more than rows, or the workload names costs of decisions.
    void use(MeasuredTimesOptions options);
    // Runs until the horizon's last job has left and the last stage has ended. `sink`, if given, receives every record.
    // Call it once. Throws Interrupted on Ctrl-C.
    const Metrics& run(RecordSink* sink = nullptr);

private:
    struct SlotFate {                             // what the scheduler's job in this slot will do
        const std::int64_t* durations = nullptr;  // by stage; without StageTimes
        const Outcome* outcomes = nullptr;        // by exit
        std::uint32_t row_block = 0;
        std::uint32_t sample = 0;
        std::uint32_t source = 0;
        bool scored = true;
    };
    struct RunningStage {
        Time end = kNever;
        Time start{};
        Time deadline{};
        JobId id;
        std::int32_t stage = 0;
        Outcome outcome;
        StageForesight foresight;  // only where records are made
        StagePath path;            // likewise, with StageTimes
        std::size_t active = 0;    // likewise
        // Only where stages slow each other down: `left` to do at `since`, in time alone, at `pace` times that.
        Duration left{};
        Time since{};
        double pace = 1;
        const double* slowdown = nullptr;  // VariantPlan::slowdown of the stage
    };

    void complete_stages(Time now);
    static PathRecord path_of(const RunningStage& stage, int ticket, Time now);
    void release_jobs(Time now);
    void dispatch(Time now);
    void start(const Dispatch& dispatch, Time now);
    Time next_completion() const;
    Time next_step(Time completion);
    void share_resources(Time now);
    // Apart, so that runs without StageTimes keep their registers.
    [[gnu::noinline]] Duration time_of(const Dispatch& dispatch, RunningStage& stage, Time now);
    void set_pace(RunningStage& stage, double pace, Time now);
    void count_idle(Duration step);
    void finish_run(Time end);

    void job_left(const ActiveJob& job, LeaveReason reason, Time now) override;
    void job_replied(const ActiveJob& job, Time now) override;
    Outcome outcome(const ActiveJob& job, int exit) const override;
    bool correct(const ActiveJob& job, int exit) const override;

    const Replay& replay_;
    const TaskSet& tasks_;
    std::unique_ptr<Policy> policy_;
    std::optional<EnergyLedger> energy_;  // none: mains power
    Scheduler scheduler_;
    Releases releases_;
    Metrics metrics_;
    RecordSink* sink_ = nullptr;
    Duration decision_cost_;
    std::uint64_t seed_;
    const DecisionTimes* decisions_ = nullptr;  // of the policy, where the workload names a file of them
    std::unique_ptr<StageTimes> times_;         // none: the rows of the trace
    MeasuredTimes* measured_ = nullptr;         // times_, if it is of this class: called without a detour
    bool after_stage_ = false;                  // a stage has ended at this step
    Time stalled_until_{};                      // end of the last of the stages into which a stall fell
    std::vector<SlotFate> slots_;               // by scheduler slot
    std::vector<RunningStage> running_;         // by ticket
    std::vector<std::uint8_t> shared_;          // by resource: stages side by side slow each other down
    bool any_shared_ = false;
    std::map<std::string, Duration> idle_;  // by resource; kept only where invariants are checked
};

}  // namespace laxity
