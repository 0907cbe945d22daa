#include "profiler/device/realtime.hpp"

#include "tests/catch.hpp"

using namespace laxity;

namespace {

constexpr std::chrono::nanoseconds kSpins = kSpinForever;
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

TEST_CASE("Who parks on a core of its own spins a little before it sleeps", "[realtime]") {
    const ThreadPlan plan = plan_threads({0, 1}, 1, 0, Wait::kPark);
    CHECK(plan.driver.wait == Wait::kPark);
    CHECK((plan.driver.spin > kSleeps && plan.driver.spin < std::chrono::milliseconds(1)));
    CHECK(plan.accelerators[0].spin == plan.driver.spin);
    CHECK(plan.wait() == "park");
    CHECK_FALSE(why_parked(Wait::kPark, plan));
}

TEST_CASE("A plan says how its threads wait, and why some do not spin", "[realtime]") {
    const ThreadPlan roomy = plan_threads({0, 1, 2}, 1, 1), tight = plan_threads({0, 1}, 1, 1);
    CHECK(roomy.wait() == "spin");
    CHECK_FALSE(why_parked(Wait::kSpin, roomy));
    CHECK(tight.wait() == "scheduler park, accelerator spin, host park");
    CHECK_THAT(*why_parked(Wait::kSpin, tight),
               ContainsSubstring("the 3 threads") && ContainsSubstring("park instead"));
    CHECK_THAT(*why_parked(Wait::kPark, tight), ContainsSubstring("the 3 threads") && !ContainsSubstring("instead"));
    CHECK(plan_threads({0, 1, 2}, 3, 0).wait() == "scheduler park, accelerator mixed");  // one shares the driver's
    CHECK(plan_threads({3}, 1, 0).wait() == "park");
    CHECK(why_parked(Wait::kSpin, CorePlan{}));
    CHECK_FALSE(why_parked(Wait::kPark, CorePlan{}));
}

TEST_CASE("Who looks on stays off the cores of stages", "[realtime]") {
    CHECK(onlooker_cores({0, 1, 2, 3}, plan_threads({0, 1, 2, 3}, 1, 0)) == std::vector<int>{1, 2});
    CHECK(onlooker_cores({0, 1}, plan_threads({0, 1}, 1, 0)) == std::vector<int>{0});
    CHECK(onlooker_cores({3}, plan_threads({3}, 1, 0)).empty());
}

TEST_CASE("A thread that was kept on some cores may run where it could before", "[realtime]") {
    const std::vector<int> before = allowed_cores();
    {
        const StayOnCores stay({before.front()});
        CHECK(allowed_cores() == std::vector<int>{before.front()});
    }
    CHECK(allowed_cores() == before);
}
