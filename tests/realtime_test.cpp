#include "profiler/device/realtime.hpp"

#include "tests/catch.hpp"

using namespace laxity;

namespace {

constexpr std::chrono::microseconds kSpins{50};
constexpr std::chrono::nanoseconds kSleeps{0};

std::vector<int> cores_of(const std::vector<ThreadPlace>& places) {
    std::vector<int> cores;
    for (const ThreadPlace& place : places) cores.push_back(place.core);
    return cores;
}

}  // namespace

TEST_CASE("One slot gets the last core and the driver the first, and both spin", "[realtime]") {
    const ThreadPlan plan = plan_threads({2, 5, 7}, 1, 0);
    CHECK_FALSE(plan.shared);
    CHECK((plan.driver.core == 2 && plan.driver.spin == kSpins));
    CHECK((plan.accelerators[0].core == 7 && plan.accelerators[0].spin == kSpins));
}

TEST_CASE("With enough cores every thread has its own", "[realtime]") {
    const ThreadPlan plan = plan_threads({0, 1, 2, 3}, 2, 1);
    CHECK_FALSE(plan.shared);
    CHECK(cores_of(plan.accelerators) == std::vector<int>{3, 2});
    CHECK(cores_of(plan.hosts) == std::vector<int>{1});
    CHECK(plan.hosts[0].spin == kSpins);
}

TEST_CASE("With too few cores the host goes to the driver's, and who shares does not spin", "[realtime]") {
    const ThreadPlan plan = plan_threads({0, 1}, 1, 1);
    CHECK(plan.shared);
    CHECK((plan.driver.core == 0 && plan.driver.spin == kSleeps));
    CHECK((plan.hosts[0].core == 0 && plan.hosts[0].spin == kSleeps));
    CHECK((plan.accelerators[0].core == 1 && plan.accelerators[0].spin == kSpins));
    CHECK(cores_of(plan_threads({0, 1}, 3, 0).accelerators) == std::vector<int>{1, 0, 1});
}

TEST_CASE("On a single core nothing is pinned and nothing spins", "[realtime]") {
    const ThreadPlan plan = plan_threads({3}, 1, 1);
    CHECK(plan.shared);
    CHECK((plan.driver.core == -1 && plan.accelerators[0].core == -1 && plan.hosts[0].core == -1));
    CHECK((plan.driver.spin == kSleeps && plan.accelerators[0].spin == kSleeps));
}
