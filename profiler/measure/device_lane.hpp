// A device's thread as the lane of a random schedule: stages go through the queues that live runs use.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "profiler/device/device_worker.hpp"
#include "profiler/measure/random_schedule.hpp"

namespace laxity {

// Owns a DeviceWorker while it exists. The calling thread is the driver.
class DeviceLane final : public ScheduleLane {
public:
    DeviceLane(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options);

    // The last moment at which the driver looked at the clock: what it then does at once happens at that moment.
    Time now() override { return at(seen_); }
    LaneRun run(const LaneStage& stage) override;
    Time wait_until(Time due) override;
    const std::vector<std::string>& refusals() const { return worker_.refusals(); }

private:
    using Clock = std::chrono::steady_clock;
    Time at(Clock::time_point moment) const { return Time(moment - origin_); }

    std::span<const ScheduledNetwork> networks_;
    Doorbell news_;
    DeviceWorker worker_;
    Clock::time_point origin_ = Clock::now();
    Clock::time_point seen_ = origin_;
};

}  // namespace laxity
