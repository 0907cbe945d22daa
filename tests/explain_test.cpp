#include "sim/live/explain.hpp"

#include <cmath>
#include <map>

#include "sim/core/measured_times.hpp"
#include "sim/core/simulation.hpp"
#include "sim/live/recorded_times.hpp"
#include "tests/catch.hpp"
#include "tests/random_workload.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// A device that differs from the rows of the trace in what `change` does to each path.
class ChangedTimes final : public StageTimes {
public:
    using Change = std::function<void(StagePath&, const StageStart&)>;
    ChangedTimes(const Replay& replay, Change change)
        : rows_(make_measured_times(replay, 1)), change_(std::move(change)) {}
    Duration occupies(const StageStart& start, StagePath* path) override {
        StagePath times;
        rows_->occupies(start, &times);
        change_(times, start);
        if (path != nullptr) *path = times;
        return times.total();
    }
    void ended(int, Time) override {}

private:
    std::unique_ptr<StageTimes> rows_;
    Change change_;
};

struct Rig {
    RecordList live(ChangedTimes::Change change) const {
        RecordList records;
        Simulation simulation(replay, tasks, policy, 1);
        simulation.use(std::make_unique<ChangedTimes>(replay, std::move(change)));
        simulation.run(&records);
        return records;
    }
    SimulatedWorld rows() const {
        return {&replay, [this](std::uint64_t) { return make_measured_times(replay, 1); }, {}};
    }
    SimulatedWorld scaled(double factor) const {
        const auto change = [factor](StagePath& path, const StageStart&) {
            path.latency = Duration(std::llround(static_cast<double>(path.latency.count()) * factor));
        };
        return {&replay, [this, change](std::uint64_t) { return std::make_unique<ChangedTimes>(replay, change); }, {}};
    }
    // [metric][part]
    using Budget = std::map<std::string, std::map<std::string, std::optional<double>>>;
    Budget budget(const RecordList& records, std::optional<SimulatedWorld> users = {}) const {
        Budget budget;
        for (const BudgetRow& row : explain({tasks, policy, 1, nullptr, records, rows(), users, 1, {}}))
            budget[row.metric][row.part] = row.value;
        return budget;
    }

    Workload workload = busy_workload();
    TaskSet tasks = make_task_set(workload);
    Replay replay{workload};
    PolicySpec policy = parse_policy("edf");

    static Workload busy_workload() {
        Task task = constant_task("a", {100us, 200us, 300us}, PoissonArrivals{700e3}, 2ms);
        Workload busy = on_accelerator({std::move(task)});
        busy.horizon.jobs = 2000;
        return busy;
    }
};

constexpr std::array kParts = {"stage times", "idle", "path", "decisions", "stalls"};

// The whole difference is in this one part, exactly.
void check_only(const Rig& rig, const RecordList& live, const std::string& culprit) {
    const auto budget = rig.budget(live);
    CHECK(budget.size() == 7);
    for (const auto& [metric, parts] : budget) {
        INFO(metric);
        for (const std::string part : kParts) {
            INFO(part);
            if (part != culprit) CHECK(parts.at(part).value() == 0);
        }
        CHECK(parts.at("rest").value() == 0);
    }
    CHECK(budget.at("response_p50").at(culprit).value() > 0);
    CHECK(budget.at("utilisation").at(culprit).value() > 0);
}

}  // namespace

TEST_CASE("a difference with one cause is found there, and nothing anywhere else") {
    const Rig rig;
    check_only(rig, rig.live([](StagePath& path, const StageStart&) { path.latency += path.latency / 20; }),
               "stage times");
    check_only(rig, rig.live([](StagePath& path, const StageStart&) { path.notice += 20us; }), "path");
    check_only(rig, rig.live([](StagePath& path, const StageStart&) { path.submit += 20us; }), "path");
    check_only(rig, rig.live([](StagePath& path, const StageStart& start) {
        path.decision += 5us * static_cast<int>(start.active);
    }),
               "decisions");
    check_only(rig, rig.live([](StagePath& path, const StageStart&) {
        path.stalled = 30us;
        path.latency += path.stalled;
    }),
               "stalls");
}

TEST_CASE("with several causes and drift the lines add up to the difference") {
    const Rig rig;
    const RecordList live = rig.live([](StagePath& path, const StageStart& start) {
        path.latency += path.latency / 20;
        path.notice += 20us;
        path.decision += 5us * static_cast<int>(start.active);
    });
    RecordList simulated;
    {
        Simulation simulation(rig.replay, rig.tasks, rig.policy, 1);
        simulation.use(rig.scaled(0.9).times(0));
        simulation.run(&simulated);
    }
    const auto budget = rig.budget(live, rig.scaled(0.9));
    for (const Comparison& row : compare_runs(simulated, live)) {
        INFO(row.metric);
        double sum = 0;
        for (const auto& [part, value] : budget.at(row.metric)) sum += part == "replayed" ? 0 : value.value();
        CHECK(std::abs(sum - row.difference.value()) < 1e-9);
    }
    CHECK(budget.at("utilisation").at("drift").value() > 0.05);
    CHECK(budget.at("utilisation").at("stage times").value() > 0.01);
    CHECK(budget.at("utilisation").at("path").value() > 0.01);
}

TEST_CASE("what history explains is told beside the budget, not in it") {
    const Rig rig;
    SimulatedWorld base = rig.rows();
    base.times_without_history = rig.scaled(0.8).times;
    const RecordList live = rig.live([](StagePath&, const StageStart&) {});
    int seen = 0;
    for (const BudgetRow& row : explain({rig.tasks, rig.policy, 1, nullptr, live, base, {}, 2, {}})) {
        CHECK(row.part != "drift");
        CHECK(row.summed == (row.part != "history" && row.part != "replayed"));
        if (row.part != "history") CHECK(row.value == 0);
        if (row.part == "history" && row.metric == "utilisation") CHECK(row.value.value() > 0.05);
        seen += row.part == "history";
    }
    CHECK(seen == 7);
}

TEST_CASE("with all parts as they were recorded nothing is left, whatever the device did") {
    const Rig rig;
    const RecordList live = rig.live([](StagePath& path, const StageStart& start) {
        path.latency += path.latency / 10 + 3us * static_cast<int>(start.stage);
        path.notice += 20us;
        path.decision += 5us * static_cast<int>(start.active);
    });
    int apart = 0;
    for (const auto& [metric, parts] : rig.budget(live)) {
        INFO(metric);
        CHECK(parts.at("replayed").value() == Approx(0).margin(1e-12));
        apart += std::abs(parts.at("stage times").value()) > 0.01;
    }
    CHECK(apart > 2);
}

TEST_CASE("what recorded times can't explain is left in \"replayed\", and that is the whole error") {
    const Rig rig;
    RecordList live = rig.live([](StagePath&, const StageStart&) {});
    for (std::size_t i = 0; i < live.jobs.size(); i += 10) live.jobs[i].correct = !live.jobs[i].correct;
    const auto budget = rig.budget(live);
    CHECK(budget.at("accuracy").at("replayed").value() != 0);
    CHECK(budget.at("accuracy").at("replayed").value() == Approx(budget.at("accuracy").at("rest").value()));
    CHECK(budget.at("response_p50").at("replayed").value() == Approx(0).margin(1e-12));
}

TEST_CASE("another policy than the one that ran is no replay, for all the times are the device's own") {
    const Rig rig;
    const RecordList live = rig.live([](StagePath&, const StageStart&) {});
    const PolicySpec other = parse_policy("lcf");
    double off = 0;
    for (const BudgetRow& row : explain({rig.tasks, other, 1, nullptr, live, rig.rows(), {}, 1, {}}))
        if (row.part == "replayed") off += std::abs(row.value.value());
    CHECK(off > 0.01);
}

TEST_CASE("a metric that a run has no number for has no budget") {
    Rig rig;
    rig.workload.tasks[0].deadline = {1us, 1us};  // nobody makes it
    rig.tasks = make_task_set(rig.workload);
    const RecordList live = rig.live([](StagePath&, const StageStart&) {});
    for (const BudgetRow& row : explain({rig.tasks, rig.policy, 1, nullptr, live, rig.rows(), {}, 1, {}}))
        CHECK(row.value.has_value() == !row.metric.starts_with("response"));
}
