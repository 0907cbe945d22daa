#include "profiler/device/stall_watch.hpp"

#include "profiler/device/doorbell.hpp"
#include "tests/catch.hpp"

using namespace laxity;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

Clock::time_point at(std::chrono::nanoseconds time) { return Clock::time_point(time); }

}  // namespace

TEST_CASE("A long way between two readings is a gap, and 50 us are not yet long", "[stalls]") {
    StallWatch watch;
    watch.start(at(1000us));
    for (const auto reading : {1000us, 1001us, 1051us, 1052us, 1102us, 1202us}) watch.read(at(reading));
    watch.read(at(1300us));
    const auto first = watch.poll(), second = watch.poll();
    REQUIRE((first && second));
    CHECK((first->at == at(1102us) && first->length == 100us));
    CHECK((second->at == at(1202us) && second->end() == at(1300us)));
    CHECK_FALSE(watch.poll());
    CHECK(watch.watched() == 300us);
    CHECK(watch.lost() == 0);
}

TEST_CASE("What passes while nobody reads is no gap and not watched", "[stalls]") {
    StallWatch watch;
    watch.start(at(0us));
    watch.read(at(10us));
    watch.start(at(5ms));
    watch.read(at(5ms + 20us));
    CHECK_FALSE(watch.poll());
    CHECK(watch.watched() == 30us);
}

TEST_CASE("Gaps that nobody collects are counted, and the first are kept", "[stalls]") {
    StallWatch watch;
    watch.start(at(0us));
    const auto total = static_cast<int>(StallWatch::kCapacity) + 5;
    for (int i = 1; i <= total; ++i) watch.read(at(i * 60us));
    CHECK(watch.lost() == 5);
    Stalls stalls;
    collect_gaps(watch, at(60us), stalls);  // the first had ended by then
    REQUIRE(stalls.gaps.size() == StallWatch::kCapacity - 1);
    CHECK((stalls.gaps[0].at == Time{} && stalls.gaps[1].at == Time(60us) && stalls.gaps[0].length == 60us));
    CHECK(stalls.threshold == 50us);
    watch.read(at((total + 1) * 60us));
    collect_gaps(watch, at(60us), stalls);
    CHECK(stalls.gaps.size() == StallWatch::kCapacity);
}

TEST_CASE("A stage counts as stalled only far beyond its p99, by all beyond its p50", "[stalls]") {
    CHECK(stall_in_stage(350us, 180us, 200us) == 0us);  // 1.5 x 200 + 50
    CHECK(stall_in_stage(350us + 1ns, 180us, 200us) == 170us + 1ns);
    CHECK(stall_in_stage(10ms, 180us, 200us) == 10ms - 180us);
    CHECK(stall_in_stage(60us, 5us, 8us) == 0us);
}

TEST_CASE("A doorbell watches while it spins and not while it sleeps", "[stalls]") {
    Doorbell spins(1h), sleeps(0ns);
    for (Doorbell* bell : {&spins, &sleeps}) {
        const auto until = Clock::now() + 2ms;
        CHECK_FALSE(bell->wait_until(until, [] { return false; }));
        CHECK(bell->woke() >= until);
    }
    CHECK(spins.stalls().watched() > 0ns);
    CHECK(spins.stalls().watched() >= sleeps.stalls().watched());
}
