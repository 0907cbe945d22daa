// The threads that run the stages of a live run, and the bell by which they call its driver.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "profiler/device/device_worker.hpp"
#include "profiler/device/realtime.hpp"
#include "sim/core/scheduler.hpp"

namespace laxity {

// A DeviceWorker for each slot of each resource that some stage needs; slot i of the accelerator uses lane i of the
// executables. All members are for the driver's thread.
class LiveThreads {
public:
    // Where the threads of these tasks go. To be asked before the calling thread is pinned.
    static ThreadPlan plan(const TaskSet& tasks, Wait wait);

    // Starts them. Device, tasks and scheduler outlive the threads.
    LiveThreads(Device& device, const TaskSet& tasks, const Scheduler& scheduler, const ThreadPlan& plan);

    Doorbell& news() { return news_; }
    int tickets() const { return static_cast<int>(workers_.size()); }
    // Null for a resource without stages.
    DeviceWorker* worker(std::int32_t ticket) { return workers_[static_cast<std::size_t>(ticket)].get(); }
    bool has_completion() const;
    // A stage had ended by then, and its completion was not collected yet.
    bool ended_by(Doorbell::Clock::time_point time) const;
    bool in_flight() const;
    long preemptions() const;
    // How long the driver and the workers read the clock so far.
    Duration watched() const;
    // The next gap in one of the threads; nothing if there is none. `at` is since `began`, before which none ended.
    std::optional<StallRecord> next_gap(Doorbell::Clock::time_point began);
    // What was refused to the workers, each line once.
    const std::vector<std::string>& refusals() const { return refusals_; }

private:
    Doorbell news_;
    std::vector<std::unique_ptr<DeviceWorker>> workers_;  // by ticket
    std::vector<std::string> refusals_;
};

}  // namespace laxity
