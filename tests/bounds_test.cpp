// INV-9: no policy beats a bound.
#include "sim/bounds/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/catch.hpp"
#include "tests/random_workload.hpp"
#include "tests/sim_fixture.hpp"
#include "tests/simplex.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

constexpr double kRounding = 1e-9;

Bounds bounds_of(const Workload& workload, std::uint64_t seed = 1) {
    const Replay replay(workload);
    return BoundModel(replay).of(seed);
}

struct Score {
    std::uint64_t jobs = 0;
    double accuracy = 0, weighted = 0;
};

Score score_of(const Workload& workload, const std::string& policy, std::uint64_t seed) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    const Plan plan = deadline_monotonic_plan(tasks);  // for those that follow one
    Simulation simulation(replay, tasks, parse_policy(policy), seed, &plan);
    const Metrics& metrics = simulation.run();
    return {metrics.total().jobs, metrics.total().accuracy().value(), metrics.weighted_accuracy().value()};
}

// The workload with every latency multiplied by `factor`.
Workload at_speed(Workload workload, double factor) {
    for (Task& task : workload.tasks) {
        for (Variant& variant : task.variants) {
            Trace trace = *variant.trace;
            for (std::int64_t& latency : trace.latency_ns) {
                latency = static_cast<std::int64_t>(static_cast<double>(latency) * factor);
            }
            variant.trace = std::make_shared<const Trace>(std::move(trace));
        }
    }
    return workload;
}

std::vector<std::string> every_policy() {
    std::vector<std::string> policies;
    for (const PolicyInfo& info : policy_registry()) policies.push_back(info.name);
    for (const char* form : {"edf:skip=true", "edf:skip=true,depth=m", "lcf:skip=true", "dm:skip=true,variant=smallest",
                             "rtdeepiot:predictor=oracle,update=resolve,delta=0.02"}) {
        policies.emplace_back(form);
    }
    return policies;
}

// --- The clairvoyant as a linear programme, from the records of a run ---

// What share of which exit's time a job spends in which interval between releases and deadlines.
struct Share {
    std::size_t job, interval;
    double time_ns;  // to that exit
};

double linear_programme(const Workload& workload, std::uint64_t seed) {
    const RunResult result = run(workload, "edf", seed);
    const Replay replay(workload);
    std::set<std::int64_t> times;
    for (const JobRecord& job : result.records.jobs) times.insert({to_ns(job.release), to_ns(job.deadline)});
    const std::vector<std::int64_t> ends(times.begin(), times.end());
    std::vector<Share> shares;
    std::vector<double> value;
    for (std::size_t j = 0; j < result.records.jobs.size(); ++j) {
        const JobRecord& job = result.records.jobs[j];
        const Task& task = workload.tasks[static_cast<std::size_t>(job.id.task)];
        const JobFate fate = JobFates(workload, job.id.task, seed).at(job.id.number);
        for (int v = 0; v < static_cast<int>(task.variants.size()); ++v) {
            const ReplayTable& table = replay.table(job.id.task, v);
            const auto row = latency_row(fate.row_block, job.id.number, table.rows);
            double time_ns = 0;
            for (int exit = 0; exit < table.stages; ++exit) {
                time_ns += static_cast<double>(table.durations_of_row(row)[exit] + workload.decision_cost.count());
                const bool right = table.outcomes_of_sample(fate.sample)[exit].prediction == table.labels[fate.sample];
                if (time_ns > static_cast<double>((job.deadline - job.release).count())) break;
                if (!right || exit + 1 < task.mandatory_stages || !job.scored) continue;
                for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
                    if (ends[k] < to_ns(job.release) || ends[k + 1] > to_ns(job.deadline)) continue;
                    shares.push_back({j, k, time_ns});
                    value.push_back(1);
                }
            }
        }
    }
    // x = the share of an exit's time that is spent in an interval; a job's shares sum to 1 at most.
    Simplex programme(value);
    for (std::size_t j = 0; j < result.records.jobs.size(); ++j) {
        std::vector<double> row;
        for (const Share& share : shares) row.push_back(share.job == j ? 1 : 0);
        programme.add_row(std::move(row), 1);
    }
    for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
        std::vector<double> row;
        for (const Share& share : shares) row.push_back(share.interval == k ? share.time_ns * 1e-6 : 0);
        programme.add_row(std::move(row),
                          static_cast<double>((ends[k + 1] - ends[k]) * workload.resources[0].slots) * 1e-6);
    }
    return programme.maximum() / static_cast<double>(result.metrics.total().jobs);
}

}  // namespace

TEST_CASE("bounds by hand: three jobs in the time of two", "[bounds]") {
    Task task = constant_task("a", {2ms, 2ms}, at({0ms, 0ms, 0ms}), 4ms);
    Bounds bounds = bounds_of(on_accelerator({task}));
    CHECK(bounds.jobs == 3);
    CHECK(*bounds.accuracy.clairvoyant == Approx(2.0 / 3));
    CHECK(*bounds.accuracy.fluid == Approx(2.0 / 3).epsilon(1e-6));
    CHECK(*bounds.accuracy.fluid_edf == Approx(2.0 / 3).epsilon(1e-6));
    CHECK(*bounds_of(on_accelerator({task}, 2)).accuracy.clairvoyant == Approx(1));

    task.mandatory_stages = 2;
    bounds = bounds_of(on_accelerator({task}));
    CHECK(*bounds.accuracy.clairvoyant == Approx(1.0 / 3));
    CHECK(*bounds.accuracy.least() == Approx(1.0 / 3).epsilon(1e-6));
}

TEST_CASE("bounds by hand: time outside a job's window is of no use to it", "[bounds]") {
    const Task early = constant_task("early", {3ms}, at({0ms, 0ms}), 3ms);
    const Task late = constant_task("late", {1ms}, at({10ms}), 3ms);
    const Bounds bounds = bounds_of(on_accelerator({early, late}));
    CHECK(*bounds.accuracy.clairvoyant == Approx(2.0 / 3));
    CHECK(*bounds.accuracy.fluid_edf == Approx(2.0 / 3).epsilon(1e-6));
    CHECK(*bounds.accuracy.fluid == Approx((1 + 5.0 / 3) / 3).epsilon(1e-6));  // 6 ms in all

    Task hopeless = constant_task("hopeless", {3ms, 3ms}, at({0ms}), 5ms);
    hopeless.mandatory_stages = 2;
    CHECK(*bounds_of(on_accelerator({hopeless})).accuracy.clairvoyant == 0);
    CHECK(*bounds_of(on_accelerator({hopeless})).accuracy.fluid_d == 0);
    CHECK(*bounds_of(on_accelerator({hopeless})).accuracy.fluid ==
          Approx(5.0 / 6).epsilon(0.005));  // prices are 4 % apart
}

TEST_CASE("the clairvoyant bound is the optimum of the linear programme", "[bounds]") {
    int checked = 0;
    for (std::uint64_t seed = 1; checked < 100; ++seed) {
        Workload workload = random_workload(seed);
        if (workload.resources.size() > 1) continue;  // a relaxation of its own, below
        ++checked;
        workload.horizon.jobs = 12;
        workload.horizon.warmup_jobs = seed % 3 == 0 ? 2 : 0;
        INFO("workload " << seed);
        CHECK(*bounds_of(workload, seed).accuracy.clairvoyant == Approx(linear_programme(workload, seed)).margin(1e-7));
    }
}

TEST_CASE("each relaxation is looser than the next", "[bounds]") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        INFO("workload " << seed);
        const Bounds bounds = bounds_of(random_workload(seed), seed);
        for (const BoundValues& values : {bounds.accuracy, bounds.weighted}) {
            CHECK(*values.fluid >= *values.fluid_d - 1e-6);
            CHECK(*values.fluid_d >= *values.fluid_edf - 1e-6);
            CHECK(*values.least() == Approx(std::min(*values.clairvoyant, *values.fluid_edf)).margin(1e-6));
            CHECK(*values.fluid <= 1 + 1e-9);
        }
    }
}

TEST_CASE("INV-9: no policy beats the clairvoyant bound on a thousand random workloads", "[bounds]") {
    const std::vector<std::string> policies = every_policy();
    std::size_t turn = 0, tight = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
        const Workload workload = random_workload(seed);
        const Bounds bounds = bounds_of(workload, seed);
        for (int i = 0; i < 3; ++i) {
            const std::string& policy = policies[turn++ % policies.size()];
            INFO("workload " << seed << " under " << policy);
            const Score score = score_of(workload, policy, seed);
            REQUIRE(score.jobs == bounds.jobs);
            REQUIRE(score.accuracy <= *bounds.accuracy.clairvoyant + kRounding);
            REQUIRE(score.weighted <= *bounds.weighted.clairvoyant + kRounding);
            tight += score.accuracy > 0.85 * *bounds.accuracy.clairvoyant ? 1U : 0U;
        }
    }
    CHECK(tight > 100);  // the bound is not just 1
}

TEST_CASE("a policy that cheats is above the bound", "[bounds]") {
    int caught = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Workload workload = random_workload(seed);
        const Score cheat = score_of(at_speed(workload, 0.3), "rtdeepiot:predictor=oracle", seed);
        caught += cheat.accuracy > *bounds_of(workload, seed).accuracy.clairvoyant + kRounding ? 1 : 0;
    }
    CHECK(caught > 10);
}

TEST_CASE("INV-9: on long runs no policy beats a fluid bound by more than luck", "[bounds]") {
    for (const std::uint64_t seed : {3, 5, 11, 17}) {
        Workload workload = random_workload(seed);
        workload.horizon.jobs = 4000;
        workload.horizon.warmup_jobs = 0;
        const Bounds bounds = bounds_of(workload, seed);
        // The inputs of one run are drawn with replacement.
        const double luck = 4 * std::sqrt(0.25 / static_cast<double>(bounds.jobs));
        for (const std::string& policy : every_policy()) {
            if (policy.find("oracle") != std::string::npos) continue;
            INFO("workload " << seed << " under " << policy);
            CHECK(score_of(workload, policy, seed).accuracy <= *bounds.accuracy.least() + luck);
        }
    }
}

TEST_CASE("the same seed has the same bounds, another has others", "[bounds]") {
    const Workload workload = random_workload(4);
    const Replay replay(workload);
    const BoundModel model(replay);
    CHECK(*model.of(1).accuracy.clairvoyant == *model.of(1).accuracy.clairvoyant);
    CHECK(*model.of(1).accuracy.fluid_edf == *bounds_of(workload, 1).accuracy.fluid_edf);
    CHECK(*model.of(1).accuracy.clairvoyant != *model.of(2).accuracy.clairvoyant);
}

TEST_CASE("jobs that depend on the policy have the bounds that do not need them", "[bounds]") {
    Task task = constant_task("clients", {2ms, 3ms}, ClosedArrivals{4, false}, 10ms);
    Workload workload = on_accelerator({task});
    workload.horizon.jobs = 400;
    workload.horizon.warmup_jobs = 40;
    const Bounds bounds = bounds_of(workload);
    CHECK_FALSE(bounds.accuracy.clairvoyant);
    CHECK_FALSE(bounds.accuracy.fluid_edf);
    CHECK_THAT(bounds.undefined, ContainsSubstring("\"clients\"") && ContainsSubstring("at the reply"));
    REQUIRE(bounds.accuracy.fluid_d);
    CHECK(*bounds.accuracy.least() == *bounds.accuracy.fluid_d);
    for (const char* policy : {"edf", "lcf", "edf:skip=true"}) {
        CHECK(score_of(workload, policy, 1).accuracy <= *bounds.accuracy.fluid_d + kRounding);
    }

    workload.tasks[0].arrivals = ClosedArrivals{20, false};  // 2 ms each in 10 ms for 20: at most a quarter
    CHECK(*bounds_of(workload).accuracy.fluid == Approx(0.25).epsilon(0.2));
    workload.horizon.length = 1s;
    CHECK_FALSE(bounds_of(workload).accuracy.least());
    workload.tasks[0].arrivals = ClosedArrivals{20, true};
    CHECK(bounds_of(workload).accuracy.clairvoyant);
    CHECK(bounds_of(workload).undefined.empty());
}

TEST_CASE("of several resources the one that allows least sets the bound", "[bounds]") {
    Workload workload = random_workload(1);
    std::uint64_t seed = 1;
    while (workload.resources.size() < 2) workload = random_workload(++seed);
    const double both = *bounds_of(workload, seed).accuracy.clairvoyant;
    workload.resources[1].slots = 100;
    const double accelerator = *bounds_of(workload, seed).accuracy.clairvoyant;
    workload.resources[0].slots = 100;
    workload.resources[1].slots = 1;
    CHECK(both == std::min(accelerator, *bounds_of(workload, seed).accuracy.clairvoyant));
}
