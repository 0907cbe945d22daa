#include "sim/core/stall_process.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

Stalls measured(Duration watched, std::vector<Duration> lengths) {
    Stalls stalls{50us, watched, {}};
    for (const Duration length : lengths) stalls.gaps.push_back({{}, length});
    return stalls;
}

}  // namespace

TEST_CASE("a lane that always works meets gaps at the rate and of the mean length that were measured") {
    StallLaw law;
    law.add(measured(6s, {1ms, 100us}));
    law.add(measured(4s, {3ms, 60us, 840us}));
    for (const std::uint32_t lane : {0U, 1U}) {
        StallProcess process(law, 7, lane);
        Time now{};
        Duration stalled{};
        while (now < Time(20'000s)) {
            const Duration more = process.prolongs(now, 200us);
            stalled += more;
            now += 200us + more;
        }
        const double share = static_cast<double>(stalled.count()) / static_cast<double>(now.time_since_epoch().count());
        CHECK(share == Approx(5e-3 / 10).epsilon(0.04));  // 10,000 gaps: their lengths scatter by 1 % of the mean
    }
}

TEST_CASE("gaps that pass while the lane idles cost nothing, and one that lasts when work begins costs its rest") {
    StallLaw law;
    law.add(measured(1s, {1ms}));
    // Where the first gap is: the longest work that it does not touch.
    const auto touches = [&](Duration work) { return StallProcess(law, 1, 0).prolongs(Time{}, work) > 0ns; };
    Duration low{}, high = 100s;
    while (high - low > 1ns) (touches((low + high) / 2) ? high : low) = (low + high) / 2;
    const Time gap{low};
    CHECK(StallProcess(law, 1, 0).prolongs(gap - 5us, 10us) == 1ms);
    CHECK(StallProcess(law, 1, 0).prolongs(gap + 400us, 10us) == 600us);
    CHECK(StallProcess(law, 1, 0).prolongs(gap + 1ms, 10us) == 0us);
    CHECK(StallProcess(law, 2, 0).prolongs(gap - 5us, 10us) == 0us);  // another seed, other gaps
}

TEST_CASE("a gap remains until its end, and nothing does before or after it") {
    StallLaw law;
    law.add(measured(1s, {1ms}));
    Time gap{};
    for (StallProcess process(law, 1, 0); process.remains(gap) == 0ns; gap += 100us) {
    }
    const Duration remains = StallProcess(law, 1, 0).remains(gap);
    CHECK((remains > 800us && remains <= 1ms));
    CHECK(StallProcess(law, 1, 0).remains(gap + remains - 1ns) == 1ns);
    CHECK(StallProcess(law, 1, 0).remains(gap + remains) == 0ns);
    CHECK(StallProcess(law, 1, 0).remains(gap - 1ms) == 0ns);
}

TEST_CASE("a law without gaps stalls nobody") {
    StallLaw law;
    law.add(measured(10s, {}));
    CHECK(law.empty());
    CHECK(StallProcess(law, 1, 0).prolongs(Time{}, 1'000'000s) == 0s);
    CHECK(StallProcess(law, 1, 0).remains(Time(1'000'000s)) == 0s);
}
