#include "profiler/measure/device_lane.hpp"

namespace laxity {

DeviceLane::DeviceLane(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options)
    : networks_(networks),
      news_(options.cores.spin),
      worker_(device, news_,
              {.core = options.cores.device, .spin = options.cores.spin, .raise_priority = options.raise_priority}) {}

LaneRun DeviceLane::run(const LaneStage& stage) {
    const ScheduledNetwork& network = networks_[stage.network];
    StageRequest request{.executable = network.executable, .slot = stage.slot, .stage = stage.stage};
    if (stage.stage == 0) request.input = network.data->image(stage.image % network.data->count());
    const Clock::time_point submitted = Clock::now();
    worker_.submit(request);
    const StageCompletion completion = *worker_.wait_until(Clock::time_point::max());
    seen_ = Clock::now();
    if (completion.failed) throw DeviceError(worker_.error());
    return {completion.started - submitted, completion.finished - completion.started, seen_ - completion.finished,
            false};
}

Time DeviceLane::wait_until(Time due) {
    news_.wait_until(origin_ + due.time_since_epoch(), [] { return false; });
    seen_ = Clock::now();
    return at(seen_);
}

}  // namespace laxity
