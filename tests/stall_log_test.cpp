#include "sim/live/stall_log.hpp"

#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

Time after(Duration time) { return Time(time); }

}  // namespace

TEST_CASE("a job is touched by every gap that lies between its release and its leaving, at least in part") {
    StallLog log;
    CHECK_FALSE(log.touches(after(0us), after(1s)));
    log.add({0, after(100us), 60us});
    CHECK(log.touches(after(0us), after(101us)));
    CHECK(log.touches(after(159us), after(300us)));
    CHECK(log.touches(after(120us), after(130us)));
    CHECK_FALSE(log.touches(after(0us), after(100us)));
    CHECK_FALSE(log.touches(after(160us), after(300us)));
}

TEST_CASE("gaps are found whatever the order in which threads tell of them") {
    StallLog log;
    log.add({1, after(500us), 100us});
    log.add({-1, after(0us), 10ms});  // the driver's own, over all the others
    log.add({0, after(100us), 60us});
    log.add({1, after(700us), 100us});
    CHECK(log.touches(after(9ms), after(10ms)));
    CHECK(log.touches(after(610us), after(620us)));
    CHECK(log.within(1, after(550us), after(750us)) == 100us);  // 50 of either
    CHECK(log.within(1, after(610us), after(690us)) == 0us);
    CHECK(log.within(0, after(0us), after(1s)) == 60us);
    CHECK(log.within(-1, after(9ms), after(20ms)) == 1ms);
    CHECK(log.within(2, after(0us), after(1s)) == 0us);
}
