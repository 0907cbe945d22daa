// A run in real time: the same scheduler core and policy as in the simulation, with stages executed by a device.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "profiler/device/device.hpp"
#include "profiler/device/device_worker.hpp"
#include "sim/core/releases.hpp"
#include "sim/core/scheduler.hpp"
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

// One stage of one variant: what the trace said it takes, and what it took.
struct LiveStage {
    std::string variant;
    int stage = 0;
    Duration expected_p50{}, expected_p99{};  // of the trace
    LogHistogram measured;
};

// What only a live run knows.
struct LiveReport {
    std::string device;     // what executed the stages: "AMD EPYC 9R14, oneDNN 2.6.3"
    LogHistogram decision;  // time of one call of the policy, scheduler included
    LogHistogram lateness;  // of releases: noticed - due
    std::vector<LiveStage> stages;
    std::vector<std::string> refusals;  // what the operating system or the device did not permit
    std::string failure;                // why the run was cut short; empty if it was not
    bool interrupted = false;
    std::uint64_t thread_preemptions = 0;  // the threads that run stages lost their cores so often
    std::string contention;  // who else used the machine: "other processes 3.1 % of 2 cores, stolen 0.4 %"
    bool noisy = false;      // so much that the results say more about them

    // The report as one JSON object (times in ns and ms as the keys say).
    std::string json() const;
};

// The driver of the scheduler core in real time. It runs on a thread of its own (pinned and raised where permitted),
// never blocks on the device, and hands stages to a DeviceWorker for each slot of each resource. A stage ends for the
// scheduler when the driver has learnt of it, which is what the trace's latency and dispatch cost add up to. A deadline
// that passed before is processed before.
//
// Slot i of the accelerator uses lane i of the executables. A resource that no stage needs gets no thread.
class LiveRun final : private JobListener {
public:
    // All references outlive the run.
    LiveRun(const Workload& workload, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed,
            Device& device, std::vector<LiveTask> live_tasks, const Plan* plan = nullptr);

    // Before run(): keep the response times of every task as well.
    void keep_task_responses() { metrics_.keep_task_responses(); }
    // Blocks until the horizon's last job has left, Ctrl-C or a failure of the device. What was recorded is kept in any
    // case: jobs that were still active when the run was cut short are not recorded. Throws RunError if the sink can't
    // take a record.
    const Metrics& run(RecordSink* sink, const std::function<void(std::uint64_t jobs_left)>& progress = {});
    const LiveReport& report() const { return report_; }

private:
    using Clock = std::chrono::steady_clock;

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
        Executable* executable = nullptr;
        LiveStage* statistics = nullptr;
        Time start{};
        Time deadline{};
        StageForesight foresight;
    };

    void drive(RecordSink* sink);
    // Slots of a resource; none if it is not there or no stage needs it.
    int lanes_of(const std::string& resource) const;
    void settle(const ThreadPlan& threads, const MemoryLock& memory);
    void start_workers(const ThreadPlan& threads);
    bool sleeps_between_stages(Duration spin) const;
    void loop();
    bool finished() const;
    bool has_completion() const;
    bool in_flight() const;
    long thread_preemptions() const;
    void collect();
    void complete(const StageCompletion& completion, Time now);
    void release_due(Time now);
    void dispatch();
    void dispatch_to(int resource);
    void submit(const Dispatch& dispatch, Time now);
    std::int32_t take_device_slot(Executable& executable);
    void return_device_slot(Executable& executable, std::int32_t slot);
    Time now() const { return Time(std::chrono::duration_cast<Duration>(Clock::now() - start_)); }
    Clock::time_point at(Time time) const;

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
    RecordSink* sink_ = nullptr;
    Clock::time_point start_;
    std::vector<SlotState> slots_;       // by scheduler slot
    std::vector<RunningStage> running_;  // by ticket
    std::unique_ptr<Doorbell> news_;     // of the workers
    std::vector<std::unique_ptr<DeviceWorker>>
        workers_;  // by ticket, while it runs; null for a resource without stages
    std::vector<std::pair<Executable*, std::vector<std::int32_t>>> free_device_slots_;
    std::vector<std::vector<std::size_t>> first_stage_;  // [task][variant] -> index into report_.stages
    std::atomic<std::uint64_t> left_{0};
    std::atomic<bool> done_{false};
};

}  // namespace laxity
