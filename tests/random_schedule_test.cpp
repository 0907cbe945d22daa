#include "profiler/measure/random_schedule.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/fake_history.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

constexpr Duration kSecond{1'000'000'000};
constexpr Duration kMilli{1'000'000};

ScheduleResult drawn(const std::vector<FakeNetwork>& networks, const ScheduleOptions& options, int slots = 6) {
    FakeLane lane(networks, FakeLaw(options.seed));
    std::vector<std::vector<StageInfo>> stages;
    for (const FakeNetwork& network : networks) stages.push_back(network.stages);
    return draw_schedule(lane, stages, std::vector<int>(networks.size(), slots), options);
}

// Checks the contract between a schedule and its lane at every call.
class CheckingLane final : public ScheduleLane {
public:
    explicit CheckingLane(std::size_t networks, std::size_t slots)
        : job_(networks, std::vector<std::uint64_t>(slots)), depth_(networks, std::vector<int>(slots)) {}
    Time now() override { return now_; }
    LaneRun run(const LaneStage& stage) override {
        auto& job = job_.at(stage.network).at(static_cast<std::size_t>(stage.slot));
        int& depth = depth_.at(stage.network).at(static_cast<std::size_t>(stage.slot));
        if (stage.stage == 0) {
            CHECK(jobs.insert(stage.job).second);
            job = stage.job, depth = 0;
        }
        CHECK(job == stage.job);
        CHECK(depth++ == stage.stage);
        now_ += Duration(100'000);
        return {{}, Duration(100'000), {}, false};
    }
    Time wait_until(Time due) override {
        CHECK(due > now_);
        CHECK(due <= now_ + Duration(100'000'000));
        idle += due - now_;
        return now_ = due;
    }
    std::set<std::uint64_t> jobs;
    Duration idle{};

private:
    Time now_{};
    std::vector<std::vector<std::uint64_t>> job_;
    std::vector<std::vector<int>> depth_;
};

}  // namespace

TEST_CASE("a schedule runs every job's stages in order, in a slot of its own", "[schedule]") {
    const std::vector<std::vector<StageInfo>> stages(2, fake_network().stages);
    CheckingLane lane(2, 4);
    const ScheduleResult result =
        draw_schedule(lane, stages, std::vector<int>{4, 2}, {.length = 10 * kSecond, .jobs_in_flight = 5});
    CHECK(lane.now() >= at_ns(10'000'000'000));
    CHECK(lane.jobs.size() > 10'000);
    CHECK(lane.idle > kSecond);
    CHECK(lane.idle < 5 * kSecond);
    CHECK(result.executions[0].size() > 20'000);
    CHECK(result.executions[1].size() > 10'000);
}

TEST_CASE("schedules cover the histories that a scheduler makes", "[schedule]") {
    const auto result = drawn({fake_network()}, {.length = 10 * kSecond});
    const std::vector<Execution>& all = result.executions.front();
    for (int stage = 0; stage < 6; ++stage) {
        const auto count = [&](const auto& is) {
            return std::ranges::count_if(all, [&](const Execution& e) { return e.stage == stage && is(e.before); });
        };
        INFO("stage " << stage);
        CHECK(count([](const StageHistory&) { return true; }) > 2000);
        CHECK(count([](const StageHistory& h) { return h.bytes >= kFakeCache; }) > 500);
        CHECK(count([](const StageHistory& h) { return h.bytes < kFakeCache; }) > 500);
        CHECK(count([](const StageHistory& h) { return h.continued; }) > (stage == 0 ? -1 : 1000));
        CHECK(count([](const StageHistory& h) { return !h.continued; }) > 500);
        CHECK(count([](const StageHistory& h) { return h.idle > Duration(100'000); }) > (stage == 0 ? 500 : 5));
        // As low loads have it: away for long, though no more than a pass of others has run, or a cache full.
        const auto away = [&](std::int64_t ms, std::int64_t bytes) {
            return count([=](const StageHistory& h) { return h.away > ms * kMilli && h.bytes < bytes; });
        };
        CHECK(away(2, 3'500'000) > 100);
        CHECK(away(10, 3'500'000) > 30);
        CHECK(away(30, std::numeric_limits<std::int64_t>::max()) >
              20);  // a third of the time is idle: there is no room for more
    }
    const auto longer = [](std::int64_t ns) { return [ns](const Execution& e) { return e.before.idle.count() > ns; }; };
    CHECK(std::ranges::count_if(all, longer(10'000'000)) > 50);
    CHECK(result.release_lateness_ns.size() > 500);
    CHECK(std::ranges::all_of(result.release_lateness_ns, [](std::int64_t late) { return late == 150; }));
}

TEST_CASE("a schedule is a function of its seed, and ends where it should", "[schedule]") {
    const auto first = drawn({fake_network()}, {.length = kSecond, .seed = 3});
    const auto again = drawn({fake_network()}, {.length = kSecond, .seed = 3});
    const auto other = drawn({fake_network()}, {.length = kSecond, .seed = 4});
    const auto latencies = [](const ScheduleResult& result) {
        std::vector<Duration> all;
        for (const Execution& e : result.executions[0]) all.push_back(e.latency);
        return all;
    };
    CHECK(latencies(first) == latencies(again));
    CHECK(latencies(first) != latencies(other));
    CHECK(drawn({fake_network()}, {.length = kSecond, .most_executions = 17}).executions[0].size() == 17);
    CHECK_THROWS_AS(drawn({}, {.length = kSecond}), std::invalid_argument);
    CHECK_THROWS_AS(drawn({fake_network()}, {.length = kSecond}, 0), std::invalid_argument);
}

TEST_CASE("what a schedule says of the history before a stage is what the device has seen", "[schedule]") {
    const auto result = drawn({fake_network(), fake_network()}, {.length = 5 * kSecond});
    for (const std::vector<Execution>& executions : result.executions) {
        for (const Execution& e : executions) {
            const double expected = FakeLaw::expected_ns(fake_network(), e.stage, e.before);
            REQUIRE(std::abs(static_cast<double>(e.latency.count()) - expected) <= 0.0101 * expected);
        }
    }
}

TEST_CASE("a schedule knows for how long a stage was away, whatever its clock says at first", "[schedule]") {
    FakeLane lane({fake_network()}, FakeLaw(1));
    lane.wait_until(at_ns(7'000'000'000));
    const std::vector<std::vector<StageInfo>> stages = {fake_network().stages};
    const auto all = draw_schedule(lane, stages, std::vector<int>{6}, {.length = kSecond}).executions.front();
    CHECK(all.front().before.away == Duration::zero());
    CHECK(std::ranges::all_of(all, [](const Execution& e) { return e.before.away >= e.before.idle; }));
    CHECK(std::ranges::all_of(all, [](const Execution& e) { return e.before.away <= kSecond; }));
}

TEST_CASE("a schedule runs on a device, and leaves off where it fails", "[schedule]") {
    FakeExecutable executable(3, 4, 2);
    FakeDevice device;
    const Dataset data{"two", "test", {1, 1, 2}, 2, {0, 1}, {0, 1, 1, 0}, {}};
    int stages = 0;
    const ScheduledNetwork network{&executable, &data, executable.stage_info()};
    const ScheduleOptions options{.length = 100 * kSecond, .most_executions = 200, .raise_priority = false};
    executable.on_stage = [&](int, int) { ++stages; };
    const ScheduleResult result = run_schedule(device, {&network, 1}, options);
    CHECK(stages == 200);
    CHECK(result.executions[0].size() == 200);
    CHECK(result.failure.empty());
    CHECK(result.refusals.size() == 1);
    executable.on_stage = [&](int, int) {
        if (++stages == 300) throw DeviceError("out of coffee");
    };
    const ScheduleResult cut = run_schedule(device, {&network, 1}, options);
    CHECK(cut.failure == "out of coffee");
    CHECK(cut.executions[0].size() == 99);
}
