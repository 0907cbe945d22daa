// A law of stage times whose dependence on history is known, in virtual time: "the device" for tests of what measures
// such histories and of what simulates with them.
//
// A stage takes 15 % longer if at least 3 MB of others ran on its lane since it last did; a first stage takes 20 us
// longer after more than 1 ms of idling; if the law fades, every stage takes 8 % longer once it has been away for 3 ms,
// whatever ran meanwhile; then comes noise of +- 1 %, uniform and seeded. Whole passes through the
// network know only one of these, schedules drawn at random know all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "profiler/measure/random_schedule.hpp"
#include "sim/core/stage_times.hpp"
#include "traces/history.hpp"
#include "traces/trace.hpp"

namespace laxity::test {

inline constexpr std::int64_t kFakeCache = 3'000'000;  // bytes of others beyond which a stage finds its weights gone
inline constexpr double kFakeCold = 1.15;              // factor on its time then
inline constexpr Duration kFakeDoze{1'000'000};        // idle time beyond which a first stage
inline constexpr Duration kFakeWake{20'000};           // takes so much longer
inline constexpr Duration kFakeAway{3'000'000};        // time away beyond which a stage of a law that fades
inline constexpr double kFakeFaded = 1.08;             // takes so much longer
inline constexpr Duration kFakeSubmit{300};            // of every stage, before and after its latency
inline constexpr Duration kFakeNotice{200};

struct FakeNetwork {
    std::vector<Duration> time;     // of each stage, without history
    std::vector<StageInfo> stages;  // with its bytes

    std::int64_t bytes(int stage) const {
        const StageInfo& info = stages[static_cast<std::size_t>(stage)];
        return info.parameter_bytes + info.activation_bytes;
    }
};

// Six stages of 40 to 240 us, 3.4 MB in all: of whole passes, stages 0 to 2 always are cold and 3 to 5 never.
inline FakeNetwork fake_network() {
    constexpr std::int64_t kTimes[] = {40'000, 90'000, 150'000, 120'000, 240'000, 240'000};
    constexpr std::int64_t kBytes[] = {20'000, 80'000, 300'000, 600'000, 1'200'000, 1'200'000};
    FakeNetwork network;
    for (std::size_t k = 0; k < std::size(kTimes); ++k) {
        network.time.emplace_back(kTimes[k]);
        network.stages.push_back({"stage" + std::to_string(k), "accelerator", 1000, kBytes[k], 4096, {}});
    }
    return network;
}

// The law alone. `drift` is a slow factor on everything that a test may set.
class FakeLaw {
public:
    explicit FakeLaw(std::uint64_t seed = 1, double noise = 0.01) : bits_(seed), noise_(noise) {}

    static double expected_ns(const FakeNetwork& network, int stage, const StageHistory& before, bool fades = false) {
        const double cold = before.bytes >= kFakeCache ? kFakeCold : 1;
        const double wake = stage == 0 && before.idle > kFakeDoze ? static_cast<double>(kFakeWake.count()) : 0;
        const double faded = fades && before.away >= kFakeAway ? kFakeFaded : 1;
        return static_cast<double>(network.time[static_cast<std::size_t>(stage)].count()) * cold * faded + wake;
    }
    Duration latency(const FakeNetwork& network, int stage, const StageHistory& before) {
        const double uniform = static_cast<double>(bits_() >> 11) * 0x1p-53;
        return nanoseconds_from(expected_ns(network, stage, before, fades) * drift * (1 + noise_ * (2 * uniform - 1)));
    }
    double drift = 1;
    bool fades = false;

private:
    std::mt19937_64 bits_;
    double noise_;
};

// The networks beside each other on one lane: which unit of a LaneHistory is which stage.
inline std::size_t fake_unit(const std::vector<FakeNetwork>& networks, std::size_t network, int stage) {
    std::size_t unit = static_cast<std::size_t>(stage);
    for (std::size_t i = 0; i < network; ++i) unit += networks[i].stages.size();
    return unit;
}

inline FakeLaw fading(std::uint64_t seed) {
    FakeLaw law(seed);
    law.fades = true;
    return law;
}

// Runs a random schedule's stages in virtual time.
class FakeLane final : public ScheduleLane {
public:
    FakeLane(std::vector<FakeNetwork> networks, FakeLaw law)
        : networks_(std::move(networks)), law_(law), history_(fake_unit(networks_, networks_.size(), 0)) {}

    Time now() override { return now_; }
    LaneRun run(const LaneStage& stage) override {
        const FakeNetwork& network = networks_[stage.network];
        const std::size_t unit = fake_unit(networks_, stage.network, stage.stage);
        const StageHistory before = history_.before(unit, stage.job, now_);
        law_.drift = drift ? drift(now_) : 1;
        const Duration latency = law_.latency(network, stage.stage, before);
        history_.start(unit, stage.job, network.bytes(stage.stage));
        now_ += kFakeSubmit + latency + kFakeNotice;
        history_.end(now_);
        return {kFakeSubmit, latency, kFakeNotice, false};
    }
    Time wait_until(Time due) override { return now_ = std::max(now_, due) + Duration(150); }

    double (*drift)(Time now) = nullptr;  // of the law's factor

private:
    std::vector<FakeNetwork> networks_;
    FakeLaw law_;
    LaneHistory history_;
    Time now_{};
};

// The same law as the stage times of a simulation: task i runs network i, with one variant; a lane for each ticket.
class FakeStageTimes final : public StageTimes {
public:
    FakeStageTimes(std::vector<FakeNetwork> networks, FakeLaw law, std::size_t tickets = 1)
        : networks_(std::move(networks)),
          law_(law),
          lanes_(tickets, LaneHistory(fake_unit(networks_, networks_.size(), 0))) {}

    Duration occupies(const StageStart& start, StagePath* path) override {
        const auto task = static_cast<std::size_t>(start.job.id.task);
        const std::uint64_t job =
            static_cast<std::uint64_t>(start.job.id.number) << 8 | task;  // no two tasks' are equal
        const std::size_t unit = fake_unit(networks_, task, start.stage);
        LaneHistory& lane = lanes_[static_cast<std::size_t>(start.ticket)];
        const StageHistory before = lane.before(unit, job, start.now);
        lane.start(unit, job, networks_[task].bytes(start.stage));
        const StagePath parts{{}, kFakeSubmit, law_.latency(networks_[task], start.stage, before), kFakeNotice, {}};
        if (path != nullptr) *path = parts;
        executions.push_back({start.stage, before, parts.latency, parts.submit, parts.notice, false});
        return parts.total();
    }
    void ended(int ticket, Time now) override { lanes_[static_cast<std::size_t>(ticket)].end(now); }

    std::vector<Execution> executions;  // so far

private:
    std::vector<FakeNetwork> networks_;
    FakeLaw law_;
    std::vector<LaneHistory> lanes_;
};

}  // namespace laxity::test
