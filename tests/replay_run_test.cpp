#include "sim/live/replay_run.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <variant>

#include "sim/core/simulation.hpp"
#include "sim/live/live_run.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/random_workload.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/interrupt.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Every policy of the registry that can run live.
std::vector<PolicySpec> live_policies() {
    std::vector<PolicySpec> policies;
    for (const PolicyInfo& info : policy_registry()) {
        const PolicySpec policy = parse_policy(info.name);
        if (!policy.needs_oracle()) policies.push_back(policy);
    }
    return policies;
}

bool has_clients(const Workload& workload) {
    return std::ranges::any_of(workload.tasks, [](const Task& task) { return task.closed(); });
}

// A workload on harvested power that is short now and then.
Workload powered(Workload workload) {
    workload.energy = EnergyModel{{PersistentPower{0.02}, std::chrono::seconds(1), 0.1}, {1'000'000, 0, 20'000}, 2};
    return workload;
}

struct World {
    explicit World(Workload the_workload) : workload(std::move(the_workload)) {}

    RecordList instead(const RecordList& records, const PolicySpec& policy) const {
        RecordList out;
        run_instead({replay, tasks, 1, records}, policy, &plan, &out);
        return out;
    }
    ReplayReport replayed(const RecordList& records, const PolicySpec& policy) const {
        return replay_decisions({replay, tasks, 1, records}, policy, &plan);
    }

    Workload workload;
    TaskSet tasks = make_task_set(workload);
    Replay replay{workload};
    Plan plan = deadline_monotonic_plan(tasks);
};

// Of all that a decision can change.
bool same_runs(const RecordList& a, const RecordList& b) {
    const auto same_job = [](const JobRecord& x, const JobRecord& y) {
        return x.id == y.id && x.left == y.left && x.exit == y.exit && x.start == y.start && x.depth == y.depth &&
               x.prediction == y.prediction && x.variant == y.variant && x.release == y.release;
    };
    const auto same_stage = [](const StageRecord& x, const StageRecord& y) {
        return x.id == y.id && x.stage == y.stage && x.lane == y.lane && x.start == y.start && x.end == y.end;
    };
    return std::ranges::equal(a.jobs, b.jobs, same_job) && std::ranges::equal(a.stages, b.stages, same_stage);
}

// The times of a random workload, so many times shorter: milliseconds become tens of microseconds.
Workload hurried(Workload workload, std::int64_t times) {
    const auto scale = static_cast<double>(times);
    const auto shorter = [&](Duration& duration) { duration = std::max(duration / times, Duration(1)); };
    for (Task& task : workload.tasks) {
        for (Variant& variant : task.variants) {
            Trace trace = *variant.trace;
            for (std::int64_t& ns : trace.latency_ns) ns /= times;
            for (std::int64_t& ns : trace.dispatch_ns) ns /= times;
            variant.trace = std::make_shared<const Trace>(std::move(trace));
        }
        for (Duration* duration : {&task.deadline.low, &task.deadline.high, &task.full}) shorter(*duration);
        if (auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals)) {
            for (Duration* duration : {&periodic->period, &periodic->offset, &periodic->jitter}) shorter(*duration);
        } else if (auto* sporadic = std::get_if<SporadicArrivals>(&task.arrivals)) {
            for (Duration* duration : {&sporadic->minimum_gap, &sporadic->mean_extra}) shorter(*duration);
        } else if (auto* mmpp = std::get_if<MmppArrivals>(&task.arrivals)) {
            for (double* ns : {&mmpp->on_gap_ns, &mmpp->off_gap_ns, &mmpp->on_sojourn_ns, &mmpp->off_sojourn_ns})
                *ns /= scale;
        } else if (auto* gamma = std::get_if<GammaArrivals>(&task.arrivals)) {
            gamma->mean_gap_ns /= scale;
        } else if (auto* poisson = std::get_if<PoissonArrivals>(&task.arrivals)) {
            poisson->mean_gap_ns /= scale;
        }
    }
    return workload;
}

void spin(Duration length) {
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
    }
}

// A live run of a workload on fake networks whose stages take about what the trace says, and whose answers depend on
// the input.
struct LiveRig {
    explicit LiveRig(Workload workload) : world(std::move(workload)) {
        for (const Task& task : world.workload.tasks) {
            LiveTask live;
            for (const Variant& variant : task.variants) live.variants.push_back(&executable_of(*variant.trace));
            live.input = [this](int, std::int32_t, std::uint32_t sample) {
                image = {static_cast<float>(sample % 7) / 7, static_cast<float>(sample % 5) / 5};
                return std::span<const float>(image);
            };
            live.labels = &task.variants[0].trace->samples.label;
            tasks.push_back(live);
        }
    }

    FakeExecutable& executable_of(const Trace& trace) {
        executables.push_back(std::make_unique<FakeExecutable>(trace.stage_count(), 512, 2));
        executables.back()->on_stage = [this, &trace](int, int stage) {
            if (++executed == interrupt_at) set_interrupted(true);
            spin(Duration(trace.latency(0, stage)));
        };
        return *executables.back();
    }

    RecordList run(const PolicySpec& policy) {
        RecordList records;
        LiveRun live(world.workload, world.tasks, policy, 1, device, tasks, &world.plan);
        live.run(&records);
        set_interrupted(false);
        CHECK(live.report().failure.empty());
        return records;
    }

    World world;
    FakeDevice device;
    std::vector<std::unique_ptr<FakeExecutable>> executables;
    std::vector<LiveTask> tasks;
    std::vector<float> image;
    std::atomic<int> executed{0};
    int interrupt_at = -1;
};

void check_identical(const ReplayReport& report, const RecordList& records) {
    if (report.difference)
        FAIL_CHECK("step " << report.difference->step << ": live " << report.difference->live << "; replay "
                           << report.difference->replay);
    CHECK(report.stages == records.stages.size());
    CHECK(report.jobs == records.jobs.size());
    CHECK(report.steps == records.steps.size());
    CHECK(report.unrecorded == 0);
}

}  // namespace

TEST_CASE("without a record, a run in steps is the simulation") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const World world(random_workload(seed));
        if (has_clients(world.workload)) continue;  // they ask at once, and a later step is a nanosecond later
        for (const PolicySpec& policy : live_policies()) {
            RecordList simulated;
            Simulation(world.replay, world.tasks, policy, 1, &world.plan).run(&simulated);
            INFO(seed << " " << policy.text);
            CHECK(same_runs(world.instead({}, policy), simulated));
        }
    }
}

TEST_CASE("whatever the workload and the policy, a record replays to itself, and so does what comes of its times") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const World world(seed % 6 == 0 ? powered(random_workload(seed)) : random_workload(seed));
        for (const PolicySpec& policy : live_policies()) {
            INFO(seed << " " << policy.text);
            const RecordList records = world.instead({}, policy);
            check_identical(world.replayed(records, policy), records);
            CHECK(same_runs(world.instead(records, policy), records));
        }
    }
}

TEST_CASE("a record of another policy, or of another seed, does not replay") {
    const World world(random_workload(3));
    const RecordList records = world.instead({}, parse_policy("edf"));
    CHECK(world.replayed(records, parse_policy("fifo")).difference);
    CHECK(replay_decisions({world.replay, world.tasks, 2, records}, parse_policy("edf")).difference);
    CHECK_FALSE(world.replayed(records, parse_policy("edf")).difference);
}

TEST_CASE("a chosen job that was changed in the record is found at that very decision") {
    std::size_t tried = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const World world(random_workload(seed));
        const RecordList records = world.instead({}, parse_policy("lcf"));
        for (std::size_t place = 0; place < records.paths.size(); place += 7, ++tried) {
            RecordList changed = records;
            changed.paths[place].id.number += 1;
            changed.stages[place].id.number += 1;
            const auto found = world.replayed(changed, parse_policy("lcf")).difference;
            INFO(seed << " " << place);
            REQUIRE(found);
            CHECK(found->time == records.paths[place].start);
            CHECK(found->live != found->replay);
            CHECK(found->step > 0);
        }
    }
    CHECK(tried > 100);
}

TEST_CASE("anything else that was changed in the record is found as well") {
    const World world(random_workload(4));
    const PolicySpec policy = parse_policy("rtdeepiot");
    const RecordList records = world.instead({}, policy);
    REQUIRE(records.stages.size() > 20);
    const auto differs = [&](auto change) {
        RecordList changed = records;
        change(changed);
        return world.replayed(changed, policy).difference.has_value();
    };
    CHECK(differs([](RecordList& list) { list.jobs[5].left += Duration(1); }));
    CHECK(differs([](RecordList& list) { ++list.jobs[5].depth; }));
    CHECK(differs([](RecordList& list) { list.jobs.pop_back(); }));
    CHECK(differs([](RecordList& list) { list.jobs.push_back(list.jobs.back()); }));
    CHECK(differs([](RecordList& list) { list.stages[9].counted_until -= Duration(1); }));
    CHECK(differs([](RecordList& list) { list.stages.pop_back(); }));
    CHECK(differs([](RecordList& list) { ++list.steps[9].active; }));
    CHECK(differs([](RecordList& list) { ++list.steps[9].dispatched; }));
    CHECK(differs([](RecordList& list) { list.steps.erase(list.steps.begin() + 9); }));
    CHECK(differs([](RecordList& list) { list.paths[9].path.notice += Duration(1); }));
    CHECK(differs([](RecordList& list) { ++list.paths[9].lane; }));
    CHECK_FALSE(differs([](RecordList& list) { list.steps[9].took += Duration(1); }));
}

TEST_CASE("what is printed of a difference: who was active, what each chose") {
    const World world(on_accelerator({constant_task("a", {10us}, at({0us, 0us, 5us}), 100us)}));
    RecordList records = world.instead({}, parse_policy("edf"));
    records.paths[1].id.number = records.stages[1].id.number = 2;
    const auto found = world.replayed(records, parse_policy("edf")).difference;
    REQUIRE(found);
    CHECK(found->time == Time(10us));
    CHECK(found->live == "starts stage 0 of a#2 on lane 0");
    CHECK(found->replay == "starts stage 0 of a#1 on lane 0");
    REQUIRE(found->active.size() == 2);
    CHECK(found->active[0] == "a#1: released 0.000000 ms, deadline 0.100000 ms, depth 0 of 1, running");
    CHECK(found->active[1] == "a#2: released 0.005000 ms, deadline 0.105000 ms, depth 0 of 1");
}

TEST_CASE("another policy on a record: every job leaves once, and most times are the recorded ones") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const World world(random_workload(seed));
        const RecordList records = world.instead({}, parse_policy("edf"));
        const RecordedRun run{world.replay, world.tasks, 1, records};
        RecordList other;
        const WhatIf outcome = run_instead(run, parse_policy("lcf"), nullptr, &other);
        INFO(seed);
        CHECK(outcome.metrics.total().jobs + world.workload.horizon.warmup_jobs >= other.jobs.size());
        if (!has_clients(world.workload)) CHECK(other.jobs.size() == records.jobs.size());
        CHECK(outcome.times.recorded + outcome.times.nearest + outcome.times.base == other.stages.size());
        check_identical(world.replayed(other, parse_policy("lcf")), other);
    }
}

// The releases of a run that was cut short end where it did.
TEST_CASE("another policy on a run that was cut short gets no later releases") {
    const World world(on_accelerator({constant_task("a", {10us}, at({0us, 20us, 40us, 60us}), 100us)}));
    RecordList out;
    run_instead({world.replay, world.tasks, 1, {}}, parse_policy("edf"), nullptr, &out, Time(40us));
    CHECK(out.jobs.size() == 3);
}

TEST_CASE("live runs on a fake device replay identically: random workloads, every policy") {
    std::uint64_t seed = 0;
    for (const PolicySpec& policy : live_policies()) {
        ++seed;
        const Workload workload = hurried(random_workload(seed), 40);
        LiveRig rig(seed % 5 == 0 ? powered(workload) : workload);
        const RecordList records = rig.run(policy);
        INFO(seed << " " << policy.text);
        REQUIRE_FALSE(records.steps.empty());
        check_identical(rig.world.replayed(records, policy), records);
    }
}

TEST_CASE("a live run that was interrupted replays identically as far as it went") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        LiveRig rig(hurried(random_workload(seed), 40));
        rig.interrupt_at = 12;
        const RecordList records = rig.run(parse_policy("edf"));
        INFO(seed);
        check_identical(rig.world.replayed(records, parse_policy("edf")), records);
    }
}
