// Whether a validation can fail: "the device" is a simulation under a law of stage times whose dependence on history is
// known, measured by windows as a real one is.
#include "sim/live/repetition.hpp"

#include <algorithm>
#include <memory>

#include "sim/live/validation_results.hpp"
#include "tests/catch.hpp"
#include "tests/fake_history.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/history_cells.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// One trace of the fake network: whole passes under the law in rows, and random schedules in the history.
std::shared_ptr<Trace> fake_trace(double speed = 1) {
    const FakeNetwork network = fake_network();
    const std::vector<double> accuracy = {0.5, 0.6, 0.7, 0.8, 0.85, 0.9};
    auto trace = std::make_shared<Trace>(synthetic_trace("fake", network.time, accuracy));
    trace->stages = network.stages;
    FakeLane lane({network}, FakeLaw(5));
    trace->latency_ns.clear();
    for (std::uint64_t pass = 0; pass < 2000; ++pass) {
        for (int stage = 0; stage < 6; ++stage)
            trace->latency_ns.push_back(
                std::llround(static_cast<double>(lane.run({0, 0, stage, pass, 0}).latency.count()) * speed));
    }
    trace->protocol.runs = 2000;
    return trace;
}

// What is wrong with the world that the simulation is given, or with the device.
struct Flaw {
    double device_slower = 1;    // only while it runs live
    bool exits_swapped = false;  // the device says of exit k what the trace says of the last but k
    bool history = true;         // of the simulation
    bool windows = true;
    double trace_speed = 1;  // of the user's trace
};

class FakeWorld final : public ValidationWorld {
public:
    explicit FakeWorld(const Flaw& flaw, double load = 1.0) : flaw_(flaw) {
        trace_ = fake_trace(flaw.trace_speed);
        workload_ = workload_of(trace_, load);
        auto swapped = std::make_shared<Trace>(*trace_);
        const std::size_t exits = trace_->stages.size();
        for (std::size_t i = 0; i < swapped->samples.prediction.size(); ++i)
            swapped->samples.prediction[i] = trace_->samples.prediction[i - i % exits + (exits - 1 - i % exits)];
        device_workload_ = workload_of(flaw.exits_swapped ? swapped : trace_, load);
        // The same jobs arrive whatever the trace's speed says of "full".
        tasks_ = make_task_set(workload_);
        device_tasks_ = make_task_set(device_workload_);
        for (const char* name : {"edf", "lcf", "random"}) policies_.push_back(parse_policy(name));
    }

    WindowSpeed window() override {
        before_ = std::move(after_);
        FakeLane lane({fake_network()}, FakeLaw(100 + windows_));
        const std::vector<std::vector<StageInfo>> stages = {fake_network().stages};
        ScheduleOptions options;
        options.length = 1s;
        options.seed = ++windows_;
        ScheduleResult result = draw_schedule(lane, stages, std::vector<int>{6}, options);
        after_ = {std::move(result.executions), std::move(result.release_lateness_ns), std::move(result.stalls),
                  std::move(result.driver_stalls)};
        return speed_of(after_, networks());
    }

    Disturbance live(const LiveTurn& turn, std::size_t) override {
        const Replay replay(device_workload_);
        FakeLaw law(1000 + 10 * turn.cell + static_cast<std::uint64_t>(turn.repetition));
        law.drift = flaw_.device_slower;
        Simulation simulation(replay, device_tasks_, policies_[turn.cell], seed_of(turn));
        simulation.use(std::make_unique<SlowedTimes>(law));
        records_ = {};
        simulation.run(&records_);
        return {};
    }

    void measured(const Attempt& attempt) override {
        const MeasuredTraces traces = flaw_.windows ? traces_of(before_, after_, networks()) : MeasuredTraces();
        const std::optional<DecisionTimes> none;
        Repetition repetition{
            workload_, tasks_, policies_[attempt.turn.cell], nullptr, seed_of(attempt.turn), traces, none, 3, false};
        if (!flaw_.history) repetition.parts = ReplayParts{.history = false};
        RepetitionResult result = compare_repetition(repetition, records_);
        measured_.push_back({attempt, seed_of(attempt.turn), std::move(result.metrics), {}, result.jobs, 0, {}});
    }

    std::vector<CellResult> run() {
        ProtocolPlan plan;
        plan.cells = policies_.size();
        std::vector<Attempt> attempts;
        run_protocol(plan, Steadiness(), *this, attempts);
        for (std::size_t i = 0; i < attempts.size(); ++i) measured_[i].attempt = attempts[i];
        std::vector<CellName> cells;
        for (const PolicySpec& policy : policies_) cells.push_back({"", policy.text});
        agreements = agreements_of(cells, measured_);
        return results_of(cells, measured_, default_margins(), Steadiness());
    }

    std::vector<PointAgreement> agreements;

private:
    // The law, with its drift set.
    class SlowedTimes final : public StageTimes {
    public:
        explicit SlowedTimes(const FakeLaw& law) : times_({fake_network()}, law) {}
        Duration occupies(const StageStart& start, StagePath* path) override { return times_.occupies(start, path); }
        void ended(int ticket, Time now) override { times_.ended(ticket, now); }

    private:
        FakeStageTimes times_;
    };

    static Workload workload_of(std::shared_ptr<const Trace> trace, double load) {
        Task task;
        task.name = "camera";
        task.full = Duration(950'000);
        task.variants.push_back({"original", std::move(trace)});
        task.arrivals = PoissonArrivals{950'000 / load};
        task.deadline = {Duration(500'000), Duration(3'800'000)};
        Workload workload = on_accelerator({std::move(task)});
        workload.horizon.length = 5s;
        return workload;
    }

    std::vector<MeasurableNetwork> networks() const { return {{trace_.get(), {nullptr, nullptr, trace_->stages}}}; }
    static std::uint64_t seed_of(const LiveTurn& turn) { return static_cast<std::uint64_t>(turn.repetition); }

    Flaw flaw_;
    std::shared_ptr<const Trace> trace_;
    Workload workload_, device_workload_;
    TaskSet tasks_, device_tasks_;
    std::vector<PolicySpec> policies_;
    MeasuredWindow before_, after_;
    std::uint64_t windows_ = 0;
    RecordList records_;
    std::vector<MeasuredAttempt> measured_;
};

// Of a metric: how many cells say this.
std::size_t count(const std::vector<CellResult>& results, const std::string& metric, EquivalenceVerdict verdict) {
    std::size_t found = 0;
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows) {
            if (row.metric == metric) found += row.equivalence.verdict == verdict;
        }
    }
    return found;
}

void tell(const std::vector<CellResult>& results) {
    for (const CellResult& result : results) {
        for (const ValidationRow& row : result.rows)
            UNSCOPED_INFO(row.cell.policy << " " << row.metric << " " << row.simulated.value_or(-1) << " "
                                          << row.equivalence.difference.mean.value_or(-1) << " +- "
                                          << row.ci95.value_or(-1) << " " << verdict_name(row.equivalence.verdict));
    }
}

}  // namespace

TEST_CASE("the right simulation of the right device is equal in every metric of every policy") {
    FakeWorld world({});
    const auto results = world.run();
    tell(results);
    for (const CellResult& result : results) {
        CHECK(result.repetitions == 5);
        CHECK(result.contended == 0);
    }
    for (const std::string metric : {"accuracy", "miss_ratio", "mean_depth", "response_p50", "utilisation"})
        CHECK(count(results, metric, EquivalenceVerdict::kEqual) == 3);
    for (const Margin& margin : default_margins())
        CHECK(count(results, margin.metric, EquivalenceVerdict::kDifferent) == 0);
    REQUIRE(world.agreements.size() == 1);
    CHECK(world.agreements[0].significant > 0);
    CHECK(world.agreements[0].agreed == world.agreements[0].significant);
    CHECK(*world.agreements[0].loss == 0);
}

TEST_CASE("a device that runs 5 % slower than its windows say is found to be different") {
    const auto results = FakeWorld({.device_slower = 1.05}).run();
    tell(results);
    CHECK(count(results, "response_p50", EquivalenceVerdict::kDifferent) == 3);
    CHECK(count(results, "utilisation", EquivalenceVerdict::kEqual) == 0);
}

TEST_CASE("outcomes that are not the network's are found in the accuracy, and nowhere else") {
    const auto results = FakeWorld({.exits_swapped = true}).run();
    tell(results);
    CHECK(count(results, "accuracy", EquivalenceVerdict::kDifferent) == 3);
    CHECK(count(results, "utilisation", EquivalenceVerdict::kEqual) == 3);
}

TEST_CASE("a simulation without history is found to be different") {
    const auto results = FakeWorld({.history = false}).run();
    tell(results);
    CHECK(count(results, "response_p50", EquivalenceVerdict::kDifferent) +
              count(results, "utilisation", EquivalenceVerdict::kDifferent) >
          0);
}

TEST_CASE("another machine's trace is different where nothing measures anew, and drift where windows do") {
    const auto alone = FakeWorld({.windows = false, .trace_speed = 2.2}).run();
    tell(alone);
    CHECK(count(alone, "response_p50", EquivalenceVerdict::kDifferent) == 3);
    CHECK(count(alone, "utilisation", EquivalenceVerdict::kDifferent) +
              count(alone, "accuracy", EquivalenceVerdict::kDifferent) >=
          3);
}

TEST_CASE("drift is what the windows' simulation has beyond the user's trace") {
    for (const CellResult& result : FakeWorld({.trace_speed = 0.9}).run()) {
        for (const ValidationRow& row : result.rows) {
            if (row.metric != "response_p50") continue;
            INFO(row.cell.policy);
            CHECK(row.equivalence.verdict == EquivalenceVerdict::kEqual);
            CHECK(*row.drift > 0.01);  // ms: the user's trace was a tenth too fast
        }
    }
}
