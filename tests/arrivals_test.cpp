#include "workloads/arrivals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "tests/catch.hpp"
#include "workloads/philox.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Workload workload_of(const Arrivals& arrivals, DeadlineRange deadline = {1us, 1ms}) {
    const std::array<Duration, 2> times{1ms, 1ms};
    const std::array<double, 2> shares{0.5, 1.0};
    Task task;
    task.name = "t";
    task.variants = {{"v", std::make_shared<const Trace>(synthetic_trace("t", times, shares))}};
    task.arrivals = arrivals;
    task.deadline = deadline;
    Workload workload;
    workload.tasks = {task, task};
    return workload;
}

std::vector<std::int64_t> releases(const Workload& workload, std::size_t count, std::uint64_t seed = 1, int task = 0,
                                   std::size_t chunk = 32) {
    const auto stream = make_arrival_stream(workload, task, seed);
    std::vector<Time> times(count);
    for (std::size_t i = 0; i < count; i += chunk)
        stream->fill(std::span(times).subspan(i, std::min(chunk, count - i)));
    std::vector<std::int64_t> ns;
    for (const Time time : times) ns.push_back(to_ns(time));
    return ns;
}

std::vector<double> gaps(const Arrivals& arrivals, std::size_t count) {
    const auto ns = releases(workload_of(arrivals), count + 1);
    std::vector<double> result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(static_cast<double>(ns[i + 1] - ns[i]));
    return result;
}

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double coefficient_of_variation(const std::vector<double>& values) {
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) squares += (value - centre) * (value - centre);
    return std::sqrt(squares / static_cast<double>(values.size())) / centre;
}

const PeriodicArrivals kPeriodic{1ms, 300us, 200us};
const SporadicArrivals kSporadic{1ms, 500us};
const PoissonArrivals kPoisson{1e6};
const MmppArrivals kMmpp{0.5e6, 4e6, 20e6, 20e6};
const GammaArrivals kRegular{1e6, 0.5}, kBursty{1e6, 3};
const LogArrivals kLog{{at_ns(5), at_ns(5), at_ns(70)}};
const std::vector<Arrivals> kAll{kPeriodic, kSporadic, kPoisson, kMmpp, kRegular, kBursty, kLog};

}  // namespace

TEST_CASE("releases never decrease and do not depend on how many are asked for at once") {
    for (const Arrivals& arrivals : kAll) {
        const Workload workload = workload_of(arrivals);
        const auto all = releases(workload, 1000);
        CHECK(std::is_sorted(all.begin(), all.end()));
        CHECK(all.front() >= 0);
        for (const std::size_t chunk : {1, 7, 33, 1000}) CHECK(releases(workload, 1000, 1, 0, chunk) == all);
    }
}

TEST_CASE("seeds and tasks have arrivals of their own") {
    for (const Arrivals& arrivals : kAll) {
        if (std::holds_alternative<LogArrivals>(arrivals)) continue;
        const Workload workload = workload_of(arrivals);
        CHECK(releases(workload, 40, 1) != releases(workload, 40, 2));
        CHECK(releases(workload, 40, 1, 0) != releases(workload, 40, 1, 1));
    }
}

TEST_CASE("periodic releases stand on their grid") {
    CHECK(releases(workload_of(PeriodicArrivals{10ns, 3ns, 0ns}), 4) == std::vector<std::int64_t>{3, 13, 23, 33});
    const auto jittered = releases(workload_of(kPeriodic), 10'000);
    std::vector<double> jitter;
    for (std::size_t k = 0; k < jittered.size(); ++k)
        jitter.push_back(static_cast<double>(jittered[k] - 300'000 - static_cast<std::int64_t>(k) * 1'000'000));
    CHECK(*std::min_element(jitter.begin(), jitter.end()) >= 0);
    CHECK(*std::max_element(jitter.begin(), jitter.end()) < 200'000);
    CHECK(mean(jitter) == Approx(100'000).epsilon(0.02));
}

TEST_CASE("sporadic releases keep their distance") {
    const auto values = gaps(kSporadic, 100'000);
    CHECK(*std::min_element(values.begin(), values.end()) >= 1e6);
    CHECK(mean(values) == Approx(1.5e6).epsilon(0.01));
    const SporadicArrivals strict{1ms, 0ns};
    CHECK(releases(workload_of(strict), 3) == std::vector<std::int64_t>{0, 1'000'000, 2'000'000});
}

TEST_CASE("gap k of a Poisson process is the k-th word's exponential") {
    const auto ns = releases(workload_of(kPoisson), 100, 9, 1);
    std::int64_t last = 0;
    for (std::size_t k = 0; k < ns.size(); ++k) {
        const std::uint32_t word = draw(9, Draw::kArrival, 1, k / 4)[k % 4];
        CHECK(ns[k] - last == std::llround(1e6 * exponential(word)));
        last = ns[k];
    }
}

TEST_CASE("Poisson gaps have the mean and spread of an exponential") {
    const auto values = gaps(kPoisson, 200'000);
    CHECK(mean(values) == Approx(1e6).epsilon(0.01));
    CHECK(coefficient_of_variation(values) == Approx(1).epsilon(0.01));
    const auto above = std::count_if(values.begin(), values.end(), [](double gap) { return gap > 2e6; });
    CHECK(static_cast<double>(above) / 200'000 == Approx(std::exp(-2)).epsilon(0.02));
}

TEST_CASE("gamma gaps have the mean and coefficient of variation asked for") {
    for (const double cv : {0.1, 0.5, 1.0, 1.5, 3.0}) {
        const auto values = gaps(GammaArrivals{1e6, cv}, 200'000);
        CHECK(mean(values) == Approx(1e6).epsilon(0.02));
        CHECK(coefficient_of_variation(values) == Approx(cv).epsilon(0.03));
    }
}

TEST_CASE("a gamma of coefficient 1 is an exponential") {
    const auto values = gaps(GammaArrivals{1e6, 1}, 200'000);
    for (const double level : {0.1, 0.5, 1.0, 3.0}) {
        const auto above = std::count_if(values.begin(), values.end(), [&](double gap) { return gap > level * 1e6; });
        CHECK(static_cast<double>(above) / 200'000 == Approx(std::exp(-level)).epsilon(0.03));
    }
}

TEST_CASE("mmpp gaps have the mean of both states and more spread than Poisson") {
    const auto values = gaps(kMmpp, 200'000);
    CHECK(mean(values) == Approx(2e6 / (2 + 0.25)).epsilon(0.02));
    CHECK(coefficient_of_variation(values) > 1.2);
}

TEST_CASE("an mmpp state without arrivals is silent") {
    const auto values = gaps(MmppArrivals{1e5, kInfinity, 1e6, 9e6}, 100'000);
    CHECK(mean(values) == Approx(1e6).epsilon(0.03));
    const auto short_gaps = std::count_if(values.begin(), values.end(), [](double gap) { return gap < 1e6; });
    CHECK(short_gaps > 85'000);
}

TEST_CASE("a log is replayed and then ends") {
    CHECK(releases(workload_of(kLog), 5) == std::vector<std::int64_t>{5, 5, 70, to_ns(kNever), to_ns(kNever)});
}

TEST_CASE("streams end rather than overflow") {
    for (const Arrivals& arrivals :
         {Arrivals(PeriodicArrivals{std::chrono::hours(277), 0ns, 0ns}), Arrivals(PoissonArrivals{1e15}),
          Arrivals(GammaArrivals{1e15, 100}), Arrivals(MmppArrivals{1e15, kInfinity, 1e15, 1e15})}) {
        const auto ns = releases(workload_of(arrivals), 100'000);
        CHECK(std::is_sorted(ns.begin(), ns.end()));
        CHECK(ns.back() == to_ns(kNever));
    }
}

TEST_CASE("a closed task has no stream") {
    CHECK_THROWS_AS(make_arrival_stream(workload_of(ClosedArrivals{}), 0, 1), std::logic_error);
}

TEST_CASE("clients start within the largest relative deadline, each at its own time") {
    const Workload workload = workload_of(ClosedArrivals{100, false}, {1us, 1ms});
    double sum = 0;
    for (int client = 0; client < 1000; ++client) {
        const Time time = first_request(workload, 0, client, 3);
        CHECK(time >= at_ns(0));
        CHECK(time < at_ns(1'000'000));
        sum += static_cast<double>(to_ns(time));
    }
    CHECK(sum / 1000 == Approx(500'000).epsilon(0.05));
    CHECK(first_request(workload, 0, 1, 3) != first_request(workload, 0, 2, 3));
}

TEST_CASE("fill gives the same fates as at, from any job on") {
    const JobFates fates(workload_of(kPoisson), 1, 77);
    for (const std::uint64_t first : {0ULL, 1ULL, 31ULL, 32ULL, 1001ULL, (1ULL << 33) - 3}) {
        for (const std::size_t count : {0, 1, 2, 3, 32, 33, 100}) {
            std::vector<JobFate> filled(count);
            fates.fill(first, filled);
            for (std::size_t i = 0; i < count; ++i) {
                const JobFate fate = fates.at(first + i);
                REQUIRE(filled[i].relative_deadline == fate.relative_deadline);
                REQUIRE(filled[i].sample == fate.sample);
                REQUIRE(filled[i].row_block == fate.row_block);
            }
        }
    }
}

TEST_CASE("fates: deadlines are uniform, samples of the replay half, row blocks shared by 32") {
    const JobFates fates(workload_of(kPoisson), 0, 5);
    double sum = 0;
    std::vector<int> seen(2600);
    for (std::uint64_t k = 0; k < 100'000; ++k) {
        const JobFate fate = fates.at(k);
        REQUIRE(fate.relative_deadline >= 1us);
        REQUIRE(fate.relative_deadline <= 1ms);
        REQUIRE_FALSE(in_calibration_half(fate.sample));
        REQUIRE(fate.row_block == fates.at(k / 32 * 32).row_block);
        sum += static_cast<double>(fate.relative_deadline.count());
        ++seen[fate.sample];
    }
    CHECK(sum / 100'000 == Approx(500'500).epsilon(0.01));
    for (const std::uint32_t sample : replay_half(2600)) CHECK(seen[sample] > 30);  // 77 on average
    CHECK(fates.at(31).row_block != fates.at(32).row_block);
}

TEST_CASE("a fixed deadline is exact") {
    const JobFates fates(workload_of(kPoisson, {7ms, 7ms}), 0, 5);
    for (std::uint64_t k = 0; k < 100; ++k) CHECK(fates.at(k).relative_deadline == 7ms);
}

TEST_CASE("rows of a block follow one another and wrap around") {
    for (std::uint64_t k = 0; k < 31; ++k)
        CHECK(latency_row(0x80000000, k + 1, 10) == (latency_row(0x80000000, k, 10) + 1) % 10);
    CHECK(latency_row(0xffffffff, 0, 5000) == 4999);
    CHECK(latency_row(0xffffffff, 1, 5000) == 0);
    CHECK(latency_row(123456789, 17, 1) == 0);
}

// Same seed, same bytes, on every machine: a change here changes every simulation.
TEST_CASE("arrivals keep their bytes") {
    const auto first = [](const Arrivals& arrivals) { return releases(workload_of(arrivals), 3, 42); };
    using Ns = std::vector<std::int64_t>;
    CHECK(first(kPeriodic) == Ns{365432, 1375299, 2453502});
    CHECK(first(kSporadic) == Ns{558648, 2396054, 3795305});
    CHECK(first(kPoisson) == Ns{1117296, 2792108, 3590610});
    CHECK(first(kMmpp) == Ns{488423, 620722, 1424614});
    CHECK(first(kRegular) == Ns{673474, 1986963, 3144861});
    CHECK(first(kBursty) == Ns{0, 0, 419795});
    const JobFate fate = JobFates(workload_of(kPoisson), 0, 42).at(5);
    CHECK(fate.relative_deadline == 603141ns);
    CHECK(fate.sample == 2032);
    CHECK(fate.row_block == 541301508);
}
