// A device's thread as the lane of a random schedule: stages go through the queues that live runs use.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "profiler/device/device_worker.hpp"
#include "profiler/measure/random_schedule.hpp"

namespace laxity {

// Owns a DeviceWorker while it exists. The calling thread is the driver; both it and the worker's watch for stalls
// while they spin.
class DeviceLane final : public ScheduleLane {
public:
    DeviceLane(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options);

    // The last moment at which the driver looked at the clock: what it then does at once happens at that moment.
    Time now() override { return at(seen_); }
    LaneRun run(const LaneStage& stage) override;
    Time wait_until(Time due) override;

    // Adds what the threads and stages say of stalls, and what the worker was refused. A stage counts as stalled by the
    // rule of stall_in_stage(), with the quantiles of this schedule.
    void finish(ScheduleResult& result);

private:
    using Clock = std::chrono::steady_clock;
    struct Ended {  // an execution, in the order in which they ran
        std::uint32_t network = 0;
        std::int32_t stage = 0;
        Clock::time_point at;
        Duration latency{};
    };

    Time at(Clock::time_point moment) const { return Time(moment - origin_); }
    // Whether a new gap of this thread lies within.
    bool gap_within(StallWatch& watch, Stalls& stalls, Clock::time_point from, Clock::time_point to);
    void find_stalled_stages(std::size_t network, ScheduleResult& result);

    std::span<const ScheduledNetwork> networks_;
    Doorbell news_;
    DeviceWorker worker_;
    Clock::time_point origin_ = Clock::now();
    Clock::time_point seen_ = origin_;
    std::vector<std::vector<Duration>> typical_;  // by network and stage: moving averages of the latency
    std::vector<Ended> ended_;
    Stalls stalls_, driver_stalls_;
};

}  // namespace laxity
