#include "profiler/measure/device_lane.hpp"

#include <algorithm>

namespace laxity {

namespace {

constexpr std::size_t kExecutionsExpected = 1 << 16;  // more are no error
constexpr int kAveraged = 8;                          // executions that the typical latency looks back on

}  // namespace

DeviceLane::DeviceLane(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options)
    : networks_(networks),
      news_(options.cores.spin),
      worker_(device, news_,
              {.core = options.cores.device, .spin = options.cores.spin, .raise_priority = options.raise_priority}) {
    for (const ScheduledNetwork& network : networks) typical_.emplace_back(network.stages.size());
    ended_.reserve(kExecutionsExpected);
    stalls_.threshold = driver_stalls_.threshold = StallWatch::kThreshold;
    origin_ = seen_ = Clock::now();
}

LaneRun DeviceLane::run(const LaneStage& stage) {
    const ScheduledNetwork& network = networks_[stage.network];
    StageRequest request{.executable = network.executable, .slot = stage.slot, .stage = stage.stage};
    if (stage.stage == 0) request.input = network.data->image(stage.image % network.data->count());
    Duration& typical = typical_[stage.network][static_cast<std::size_t>(stage.stage)];
    const Clock::time_point submitted = Clock::now();
    worker_.submit(request);
    const StageCompletion done = *worker_.wait_until(Clock::time_point::max(), submitted + typical);
    seen_ = news_.woke();
    if (done.failed) throw DeviceError(worker_.error());
    const Duration latency = done.finished - done.started;
    typical += typical == Duration(0) ? latency : (latency - typical) / kAveraged;
    ended_.push_back({static_cast<std::uint32_t>(stage.network), stage.stage, done.finished, latency});
    const bool late_start = gap_within(worker_.stalls(), stalls_, submitted, done.started);
    const bool late_notice = gap_within(news_.stalls(), driver_stalls_, done.finished, seen_);
    return {done.started - submitted, latency, seen_ - done.finished, late_start || late_notice};
}

Time DeviceLane::wait_until(Time due) {
    news_.wait_until(origin_ + due.time_since_epoch(), [] { return false; });
    seen_ = news_.woke();
    return at(seen_);
}

bool DeviceLane::gap_within(StallWatch& watch, Stalls& stalls, Clock::time_point from, Clock::time_point to) {
    bool within = false;
    const std::size_t known = stalls.gaps.size();
    collect_gaps(watch, origin_, stalls);
    for (std::size_t i = known; i < stalls.gaps.size(); ++i) {
        const StallGap& gap = stalls.gaps[i];
        within |= gap.at < at(to) && gap.at + gap.length > at(from);
    }
    return within;
}

void DeviceLane::find_stalled_stages(std::size_t network, ScheduleResult& result) {
    std::vector<Execution>& executions = result.executions[network];
    std::vector<Duration> p50, p99;
    for (std::size_t stage = 0; stage < networks_[network].stages.size(); ++stage) {
        std::vector<std::int64_t> latencies;
        for (const Execution& execution : executions)
            if (static_cast<std::size_t>(execution.stage) == stage) latencies.push_back(execution.latency.count());
        if (latencies.empty()) latencies.push_back(0);
        p50.emplace_back(quantile(latencies, 0.5));
        p99.emplace_back(quantile(latencies, 0.99));
    }
    std::size_t i = 0;
    for (const Ended& ended : ended_) {
        if (ended.network != network) continue;
        const auto stage = static_cast<std::size_t>(ended.stage);
        const Duration stalled = stall_in_stage(ended.latency, p50[stage], p99[stage]);
        if (stalled > Duration(0)) {
            executions[i].stalled = true;
            stalls_.gaps.push_back({at(ended.at) - stalled, stalled});
        }
        ++i;
    }
}

void DeviceLane::finish(ScheduleResult& result) {
    collect_gaps(worker_.stalls(), origin_, stalls_);
    collect_gaps(news_.stalls(), origin_, driver_stalls_);
    stalls_.watched = worker_.stalls().watched();
    driver_stalls_.watched = news_.stalls().watched();
    for (const Ended& ended : ended_) stalls_.watched += ended.latency;
    for (std::size_t network = 0; network < networks_.size(); ++network) find_stalled_stages(network, result);
    for (Stalls* stalls : {&stalls_, &driver_stalls_}) {
        for (StallGap& gap : stalls->gaps) gap.at = std::max(gap.at, Time{});  // it may have begun before the schedule
        std::ranges::sort(stalls->gaps, {}, &StallGap::at);
    }
    result.stalls = std::move(stalls_);
    result.driver_stalls = std::move(driver_stalls_);
    result.refusals = worker_.refusals();
}

}  // namespace laxity
