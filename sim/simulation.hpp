// A run in virtual time: stage durations and outcomes come from traces, arrivals from the workload's generators.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/metrics.hpp"
#include "sim/replay.hpp"
#include "sim/scheduler.hpp"
#include "sim/winner_tree.hpp"
#include "workloads/arrivals.hpp"

namespace laxity {

using PolicyFactory = std::function<std::unique_ptr<Policy>(const PolicyContext&)>;

// The driver of the scheduler core in virtual time. One object is one run; N of them run on N threads, sharing the
// (immutable) replay and task set.
//
// Events of an instant are processed in the order stage completions (by ticket), deadlines (by deadline order), releases
// (by task, then client), and then every resource with a free slot is offered to the policy. Arrivals sit in a winner
// tree with one leaf per open task and per client; a completion is one number per resource slot; deadlines need no event,
// the scheduler knows the earliest. Nothing is allocated per job in the steady state.
class Simulation final : private JobListener, private Oracle {
public:
    Simulation(const Replay& replay, const TaskSet& tasks, const PolicyFactory& policy, std::uint64_t seed);
    Simulation(const Replay& replay, const TaskSet& tasks, const PolicySpec& policy, std::uint64_t seed);
    ~Simulation() override;

    // Runs until the horizon's last job has left. `sink`, if given, receives every record. Call it once. Throws
    // Interrupted on Ctrl-C.
    const Metrics& run(RecordSink* sink = nullptr);

private:
    struct OpenTask;    // buffered arrivals and fates of one open-loop task
    struct SlotFate {   // what the scheduler's job in this slot will do
        const std::int64_t* durations = nullptr;  // by stage
        const Outcome* outcomes = nullptr;        // by exit
        std::uint32_t sample = 0;
        std::uint32_t source = 0;
        bool scored = true;
    };
    struct Source {
        std::int32_t task = 0;
        std::int32_t client = -1;  // -1 = the open-loop arrivals of the task
    };
    struct RunningStage {
        Time end = kNever;
        Time start{};
        Time deadline{};
        JobId id;
        std::int32_t stage = 0;
        Outcome outcome;
    };

    void add_sources(std::uint64_t seed);
    void complete_stages(Time now);
    void release_jobs(Time now);
    void release_one(std::uint32_t source, Time now);
    void dispatch(Time now);
    void start(const Dispatch& dispatch, Time now);
    void stop_arrivals();
    Time next_completion() const;
    void ask_again(std::uint32_t source, const ActiveJob& job, LeaveReason reason, bool missed, Time now);
    void count_idle(Duration step);
    void finish_run(Time end);

    void job_left(const ActiveJob& job, LeaveReason reason, Time now) override;
    Outcome outcome(const ActiveJob& job, int exit) const override;
    bool correct(const ActiveJob& job, int exit) const override;

    const Replay& replay_;
    const Workload& workload_;
    const TaskSet& tasks_;
    std::unique_ptr<Policy> policy_;
    Scheduler scheduler_;
    Metrics metrics_;
    RecordSink* sink_ = nullptr;

    std::vector<Source> sources_;
    WinnerTree arrivals_;
    std::vector<std::unique_ptr<OpenTask>> open_;        // by task; null if closed
    std::vector<JobFates> fates_;                        // by task
    std::vector<std::uint64_t> next_number_;             // by task
    std::vector<SlotFate> slots_;                        // by scheduler slot
    std::vector<RunningStage> running_;                  // by ticket
    std::map<std::string, Duration> idle_;               // by resource; kept only where invariants are checked
    std::uint64_t released_ = 0;
    bool arrivals_open_ = true;
};

}  // namespace laxity
