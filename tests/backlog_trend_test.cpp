#include "sim/results/backlog_trend.hpp"

#include "sim/bench/bench.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "workloads/philox.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

BacklogTrend trend_of(std::uint64_t jobs, const std::function<Duration(std::uint64_t)>& stay) {
    BacklogTrend trend;
    for (std::uint64_t k = 0; k < jobs; ++k) trend.add(stay(k));
    return trend;
}

// Jobs that have more time than the whole run takes.
BacklogTrend patient_queue(double load, const std::string& policy, std::uint64_t seed, std::uint64_t jobs = 4000) {
    Workload workload = one_poisson_task(load, jobs);
    workload.tasks[0].deadline = {100s, 100s};
    return run(workload, policy, seed).metrics.backlog();
}

}  // namespace

TEST_CASE("fewer jobs than 128 say nothing of a trend") {
    const auto growing = [](std::uint64_t k) { return Duration(1 + k); };
    CHECK_FALSE(trend_of(127, growing).ratio());
    CHECK_FALSE(trend_of(127, growing).grows());
    CHECK(trend_of(128, growing).ratio());
    CHECK(trend_of(128, growing).grows());
}

TEST_CASE("the ratio is of the last quarter of the batches to the first") {
    const auto growing = [](std::uint64_t k) { return Duration(k); };
    // 128 jobs: 8 batches of 16. The first two have the mean 15.5, the last two 111.5.
    CHECK(*trend_of(128, growing).ratio() == Approx(111.5 / 15.5));
    // 1000 jobs: 15 batches of 64, of which three are a quarter: 0 .. 191 and 768 .. 959.
    CHECK(*trend_of(1000, growing).ratio() == Approx(863.5 / 95.5));
    CHECK(*trend_of(5000, [](std::uint64_t) { return 7ns; }).ratio() == 1);
    CHECK_FALSE(trend_of(5000, [](std::uint64_t) { return 0ns; }).ratio());
}

TEST_CASE("what rises but little, or not all the time, is no growth") {
    CHECK_FALSE(trend_of(5000, [](std::uint64_t k) { return Duration(100'000 + 5 * k); }).grows());
    CHECK_FALSE(trend_of(5000, [](std::uint64_t k) { return Duration(10'000 - k); }).grows());
    // Three times as long at the very end.
    const auto late_burst = [](std::uint64_t k) {
        return Duration((k < 3700 ? 100 : 300) + draw(5, Draw::kOther, 0, k)[0] % 100);
    };
    CHECK_FALSE(trend_of(4096, late_burst).grows());
    CHECK(*trend_of(4096, late_burst).ratio() > 1.25);
}

TEST_CASE("independent stays hardly ever look like growth") {
    int alarms = 0;
    for (std::uint32_t stream = 0; stream < 2000; ++stream) {
        // Long tails: 2^x for x uniform on [0, 16). Few jobs, so that the ratio alone would often be above 1.25.
        const auto stay = [&](std::uint64_t k) { return Duration(1LL << (draw(11, Draw::kOther, stream, k)[0] % 16)); };
        alarms += trend_of(130 + stream % 130, stay).grows();
    }
    CHECK(alarms <= 6);
}

TEST_CASE("longest stays do not overflow") {
    const BacklogTrend trend = trend_of(100'000, [](std::uint64_t) { return Duration::max(); });
    CHECK(*trend.ratio() == 1);
}

TEST_CASE("a stable queue is silent, an overloaded one with time to grow is not") {
    for (const std::string policy : {"fifo", "edf", "sjf", "rr"}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            INFO(policy << " seed " << seed);
            CHECK_FALSE(patient_queue(0.5, policy, seed).grows());
            CHECK(patient_queue(1.5, policy, seed).grows());
            CHECK(*patient_queue(1.5, policy, seed).ratio() > 2);
        }
    }
}

TEST_CASE("deadlines that keep an overloaded queue short leave it without a trend") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
        CHECK_FALSE(run(one_poisson_task(1.8, 4000), "edf", seed).metrics.backlog().grows());
}
