#include "policies/parts/traffic.hpp"

#include "tests/catch.hpp"
#include "tests/draws.hpp"

using namespace laxity;
using namespace laxity::test;
using namespace std::chrono_literals;

namespace {

// Arrivals every ms from 0, each due 2 ms later.
Traffic regular(int arrivals, double fast) {
    Traffic traffic(8ms, 0.02, fast);
    for (int i = 0; i < arrivals; ++i) traffic.arrived(Time(i * 1ms), 2ms);
    return traffic;
}

}  // namespace

TEST_CASE("the rate of regular arrivals, and how it fades", "[traffic]") {
    CHECK(regular(0, 0).rate(Time(1ms)) == 0);
    CHECK(regular(1, 0).rate(Time(1ms)) == 0);
    const Traffic traffic = regular(50, 0);
    CHECK(traffic.rate(Time(49ms)) == Approx(1e-6));
    CHECK(traffic.rate(Time(50ms)) == Approx(1e-6));          // the next is just due
    CHECK(traffic.rate(Time(149ms)) == Approx(1e-6 / 2.98));  // .98 * 1 ms + .02 * 100 ms
}

TEST_CASE("a second average follows a burst", "[traffic]") {
    Traffic slow = regular(200, 0), fast = regular(200, 0.1);
    for (int i = 1; i <= 10; ++i) {
        slow.arrived(Time(199ms + i * 100us), 2ms);
        fast.arrived(Time(199ms + i * 100us), 2ms);
    }
    const Time now(200ms);
    CHECK(slow.rate(now) < 1.25e-6);
    CHECK(fast.rate(now) > 2e-6);
    CHECK(fast.rate(now) < 1e-5);
}

TEST_CASE("what is due within a time follows from the deadlines seen", "[traffic]") {
    const Traffic fixed = regular(100, 0);
    CHECK(fixed.mean_deadline() == Approx(2e6));
    CHECK(fixed.due_within(1e6) == 0);
    CHECK(fixed.due_within(3e6) == Approx(1e6));
    CHECK(fixed.due_within(20e6) == Approx(18e6));  // beyond the horizon
    CHECK(fixed.share_due_by(1e6) == 0);
    CHECK(fixed.share_due_by(3e6) == Approx(1));

    // Uniform in [0, 4 ms]: E (x - D)^+ = x^2 / 8 ms.
    Traffic uniform(8ms, 0.0005, 0);
    Draws draw(3);
    for (int i = 0; i < 20000; ++i) uniform.arrived(Time(i * 1ms), Duration(draw.integer(0, 4'000'000)));
    for (const double x : {1e6, 2e6, 3.5e6}) CHECK(uniform.due_within(x) == Approx(x * x / 8e6).epsilon(0.05));
    CHECK(uniform.share_due_by(2e6) == Approx(0.5).epsilon(0.1));
}
