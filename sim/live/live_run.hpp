// A run in real time: the same scheduler core and policy as in the simulation, with stages executed by a device.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "policies/registry.hpp"
#include "profiler/device/device.hpp"
#include "profiler/device/device_worker.hpp"
#include "profiler/device/realtime.hpp"
#include "sim/core/releases.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/live/activation_slots.hpp"
#include "sim/live/live_account.hpp"
#include "sim/live/live_report.hpp"
#include "sim/live/live_threads.hpp"
#include "sim/results/metrics.hpp"

namespace laxity {

// What a task needs to be served for real. Owned by the caller.
struct LiveTask {
    std::vector<Executable*> variants;  // with a lane for each slot of the accelerator
    // Called by the driver just before the first stage of a job is submitted: the floats to load into the slot of its
    // variant; none if the executable fetches them itself, as a pipeline does.
    std::function<std::span<const float>(int variant, std::int32_t slot, std::uint32_t sample)> input;
    const std::vector<std::int32_t>* labels = nullptr;  // by sample
};

// The driver of the scheduler core in real time. It runs on a thread of its own (pinned and raised where permitted),
// never blocks on the device, and hands stages to a DeviceWorker for each slot of each resource. A stage ends for the
// scheduler when the driver has learnt of it, which is what the trace's latency and dispatch cost add up to. A deadline
// that passed before is processed before.
//
// It goes in steps (sim/live/scheduler_step.hpp), each at one time: that at which the driver noticed that something was
// there to do. What has to be written down of a step is kept until its stages are on their way.
class LiveRun final : private JobListener {
public:
    // All references outlive the run.
    LiveRun(const Workload& workload, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
            Device& device, std::vector<LiveTask> live_tasks, const Plan* plan = nullptr);

    // Before run(): how threads that own their cores wait for each other; they spin if nobody says.
    void use(Wait wait) { wait_ = wait; }
    // Before run(): keep the response times of every task as well.
    void keep_task_responses() { metrics_.keep_task_responses(); }
    // Blocks until the horizon's last job has left, Ctrl-C or a failure of the device. What was recorded is kept in any
    // case: jobs that were still active when the run was cut short are not recorded. Throws RunError if the sink can't
    // take a record.
    const Metrics& run(RecordSink* sink, const std::function<void(std::uint64_t jobs_left)>& progress = {});
    const LiveReport& report() const { return report_; }

private:
    using Clock = std::chrono::steady_clock;
    struct World;  // as take_step() sees this run

    struct SlotState {  // of the scheduler's job in this slot
        std::uint32_t sample = 0;
        std::uint32_t source = 0;
        bool scored = true;
        std::int32_t device_slot = -1;
        Executable* executable = nullptr;
    };
    struct RunningStage {
        JobId id;
        std::int32_t stage = 0;
        std::int32_t device_slot = -1;
        Executable* executable = nullptr;  // null: nothing runs
        LiveStage* statistics = nullptr;
        Time start{};   // of the step
        Time handed{};  // to the worker
        Time deadline{};
        std::size_t active = 0;
        StagePath path;  // from its completion on
        StageForesight foresight;
    };

    void drive(RecordSink* sink, const ThreadPlan& threads);
    void settle(const ThreadPlan& threads, const MemoryLock& memory);
    bool sleeps_between_stages(Duration spin) const;
    void loop();
    void wind_down();
    bool finished() const;
    Time next_event();
    Time wait_until(Time time);
    Clock::time_point expected_end() const;
    void step(Time time);

    // What World does.
    std::optional<Outcome> ended(std::int32_t ticket, Time time);
    void told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time);
    void release(const Release& release, Time time);
    std::optional<Dispatch> next(int resource, Time time);
    void submit(const Dispatch& dispatch, Time time);

    StagePath path_of(std::int32_t ticket, const StageCompletion& completion, Time noticed);
    void collect_stalls();
    bool stage_stalls(Time now) const;
    Time now() const { return time_of(Clock::now()); }
    Time time_of(Clock::time_point time) const { return Time(std::chrono::duration_cast<Duration>(time - start_)); }
    Clock::time_point at(Time time) const { return start_ + (time - Time{}); }

    void job_left(const ActiveJob& job, LeaveReason reason, Time now) override;
    void job_replied(const ActiveJob& job, Time now) override;

    const Workload& workload_;
    const TaskSet& tasks_;
    std::unique_ptr<Policy> policy_;
    Device& device_;
    std::vector<LiveTask> live_tasks_;
    std::optional<EnergyLedger> energy_;  // driven by real time; none: mains power
    Scheduler scheduler_;
    Releases releases_;
    Metrics metrics_;
    LiveReport report_;
    LiveAccount account_{metrics_, report_};
    ActivationSlots activations_;
    Wait wait_ = Wait::kSpin;
    bool parks_ = false;  // the driver
    Clock::time_point start_;
    Time last_{};                                        // when the driver last looked
    Time handed_{};                                      // when the last decision was made
    std::vector<SlotState> slots_;                       // by scheduler slot
    std::vector<RunningStage> running_;                  // by ticket
    std::unique_ptr<LiveThreads> threads_;               // while it runs
    std::vector<std::vector<std::size_t>> first_stage_;  // [task][variant] -> index into report_.stages
};

}  // namespace laxity
