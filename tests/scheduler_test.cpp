#include "sim/core/scheduler.hpp"

#include "sim/bench/bench.hpp"
#include "sim/core/invariants.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Does what the test says.
class Script final : public Policy {
public:
    Action next(const View& view, int) override { return decide ? decide(view) : Action::wait(); }
    void left(const View& view, const ActiveJob& job) override {
        for (const ActiveJob* other : view.jobs()) REQUIRE(other != &job);
    }
    std::function<Action(const View&)> decide;
};

struct Leaves final : JobListener {
    void job_left(const ActiveJob& job, LeaveReason why, Time now) override {
        numbers.push_back(job.id.number);
        reason = why;
        depth = job.depth;
        when = now;
    }
    std::vector<std::uint64_t> numbers;
    LeaveReason reason{};
    int depth = -1;
    Time when{};
};

Action run_first(const View& view) {
    for (const ActiveJob* job : view.jobs()) {
        if (!job->running) return Action::run(*job);
    }
    return Action::wait();
}

struct Bench {
    explicit Bench(int slots = 1)
        : workload(on_accelerator({constant_task("t", {10ns, 20ns}, at({0ns}), 100ns)}, slots)),
          tasks(make_task_set(workload)),
          scheduler(tasks, policy, leaves) {
        policy.decide = run_first;
    }
    Workload workload;
    TaskSet tasks;
    Script policy;
    Leaves leaves;
    Scheduler scheduler;
};

}  // namespace

TEST_CASE("a job runs its stages one after the other and leaves at full depth") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(100), at_ns(0));
    const auto first = bench.scheduler.next(0, at_ns(0));
    REQUIRE(first);
    CHECK(first->stage == 0);
    CHECK_FALSE(bench.scheduler.next(0, at_ns(0)));
    CHECK(bench.scheduler.stage_finished(first->ticket, {3, 0.5F}, at_ns(10)));
    const auto second = bench.scheduler.next(0, at_ns(10));
    REQUIRE(second);
    CHECK(second->stage == 1);
    CHECK(bench.scheduler.job(second->slot).confidence() == 0.5F);
    CHECK(bench.scheduler.stage_finished(second->ticket, {4, 0.9F}, at_ns(30)));
    CHECK(bench.leaves.numbers == std::vector<std::uint64_t>{0});
    CHECK(bench.leaves.reason == LeaveReason::kFullDepth);
    CHECK(bench.scheduler.active_jobs() == 0);
}

TEST_CASE("a stage that ends exactly at the deadline counts") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(10), at_ns(0));
    const auto stage = bench.scheduler.next(0, at_ns(0));
    CHECK(bench.scheduler.stage_finished(stage->ticket, {1, 0.5F}, at_ns(10)));
    bench.scheduler.expire(at_ns(10));
    CHECK(bench.leaves.depth == 1);
    CHECK(bench.leaves.reason == LeaveReason::kDeadline);
}

TEST_CASE("at its deadline a job leaves, while its stage runs on and blocks the slot") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(5), at_ns(0));
    bench.scheduler.release({0, 1}, at_ns(0), at_ns(90), at_ns(0));
    const auto stage = bench.scheduler.next(0, at_ns(0));
    bench.scheduler.expire(at_ns(5));
    CHECK(bench.leaves.numbers == std::vector<std::uint64_t>{0});
    CHECK_FALSE(bench.scheduler.next(0, at_ns(5)));
    CHECK_FALSE(bench.scheduler.stage_finished(stage->ticket, {1, 0.5F}, at_ns(10)));
    const auto next = bench.scheduler.next(0, at_ns(10));
    REQUIRE(next);
    CHECK(bench.scheduler.job(next->slot).id.number == 1);
    CHECK(bench.scheduler.job(next->slot).depth == 0);
}

TEST_CASE("the view shows jobs by deadline, ties by release, task and number") {
    Bench bench;
    bench.policy.decide = nullptr;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(50), at_ns(0));
    bench.scheduler.release({0, 1}, at_ns(0), at_ns(30), at_ns(0));
    bench.scheduler.release({0, 2}, at_ns(1), at_ns(30), at_ns(1));
    std::vector<std::uint64_t> order;
    bench.policy.decide = [&](const View& view) {
        for (const ActiveJob* job : view.jobs()) order.push_back(job->id.number);
        return Action::wait();
    };
    bench.scheduler.next(0, at_ns(1));
    CHECK(order == std::vector<std::uint64_t>{1, 2, 0});
    CHECK(bench.scheduler.next_deadline() == at_ns(30));
}

TEST_CASE("free_at is the planned end of the running stage, and now once it overruns") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(100), at_ns(0));
    bench.scheduler.next(0, at_ns(0));
    std::vector<std::int64_t> seen;
    struct Spy final : Policy {
        explicit Spy(std::vector<std::int64_t>& times) : seen(times) {}
        void released(const View& view, const ActiveJob&) override { seen.push_back(to_ns(view.free_at(0))); }
        Action next(const View& view, int) override { return run_first(view); }
        std::vector<std::int64_t>& seen;
    } spy(seen);
    Scheduler scheduler(bench.tasks, spy, bench.leaves);
    scheduler.release({0, 0}, at_ns(0), at_ns(100), at_ns(0));
    scheduler.next(0, at_ns(0));
    scheduler.release({0, 1}, at_ns(4), at_ns(100), at_ns(4));
    scheduler.release({0, 2}, at_ns(15), at_ns(100), at_ns(15));
    CHECK(seen == std::vector<std::int64_t>{0, 10, 15});
}

TEST_CASE("stop makes a job leave with its deepest exit, and the policy is asked again") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(50), at_ns(0));
    bench.scheduler.release({0, 1}, at_ns(0), at_ns(60), at_ns(0));
    bench.policy.decide = [](const View& view) { return Action::stop(*view.jobs().front()); };
    CHECK_FALSE(bench.scheduler.next(0, at_ns(0)));
    CHECK(bench.leaves.numbers == std::vector<std::uint64_t>{0, 1});
    CHECK(bench.leaves.reason == LeaveReason::kStopped);
}

TEST_CASE("INV-3: a policy that runs a running job is caught") {
    Bench bench(2);
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(50), at_ns(0));
    bench.scheduler.release({0, 1}, at_ns(0), at_ns(60), at_ns(0));
    bench.policy.decide = [](const View& view) { return Action::run(*view.jobs().front()); };
    CHECK(bench.scheduler.next(0, at_ns(0)));
    CHECK_THROWS_AS(bench.scheduler.next(0, at_ns(0)), InvariantViolation);
}

TEST_CASE("INV-2: time that goes back is caught") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(10), at_ns(50), at_ns(10));
    CHECK_THROWS_AS(bench.scheduler.expire(at_ns(9)), InvariantViolation);
}

TEST_CASE("a release that is noticed after its deadline leaves at once") {
    Bench bench;
    bench.scheduler.release({0, 0}, at_ns(0), at_ns(50), at_ns(50));
    CHECK(bench.leaves.numbers == std::vector<std::uint64_t>{0});
    CHECK(bench.leaves.depth == 0);
}

namespace {

std::uint64_t preemptions(const Workload& workload, const std::string& policy) {
    return run(workload, policy).metrics.preemptions();
}

}  // namespace

TEST_CASE("preemptions: a job with finished stages that had to let another go first") {
    // edf: slow [0, 4), urgent [4, 7), slow [7, 11), urgent [11, 14), slow [14, 18).
    const Workload workload = on_accelerator({
        constant_task("slow", {4ns, 4ns, 4ns}, at({0ns}), 40ns),
        constant_task("urgent", {3ns}, at({1ns, 9ns}), 8ns),
    });
    CHECK(preemptions(workload, "edf") == 2);
    CHECK(preemptions(workload, "fifo") == 0);
    // A job that has not started is not preempted, however long it waits.
    CHECK(preemptions(on_accelerator({constant_task("t", {4ns, 4ns}, at({0ns, 0ns, 0ns}), 90ns)}), "fifo") == 0);
    // a, b, c, then a, b, c again: each went last before the two others.
    CHECK(preemptions(on_accelerator({constant_task("t", {4ns, 4ns}, at({0ns, 0ns, 0ns}), 90ns)}), "rr") == 3);
}

TEST_CASE("preemptions: what is counted on the way is what the records show") {
    const Workload workload = one_poisson_task(1.6, 800);
    for (const std::string policy : {"rr", "lcf", "edf", "llf", "sjf", "rtdeepiot", "toll"}) {
        INFO(policy);
        const RunResult result = run(workload, policy);
        CHECK(result.metrics.preemptions() == preemptions_in(result.records));
        if (policy != "sjf") CHECK(result.metrics.preemptions() > 10);
    }
}

TEST_CASE("preemptions: who goes on at once beside others had to wait for nobody") {
    // Both go on at 10, on whichever slot.
    CHECK(preemptions(on_accelerator({constant_task("t", {10ns, 10ns}, at({0ns, 0ns}), 90ns)}, 2), "rr") == 0);
    // At 10 the third and the first take both slots; the second waits until 20, and the third goes on beside it.
    CHECK(preemptions(on_accelerator({constant_task("t", {10ns, 10ns}, at({0ns, 0ns, 0ns}), 90ns)}, 2), "rr") == 1);
}

TEST_CASE("preemptions: a stage that was already running elsewhere is waited for, not gone before") {
    // The second job comes from the host at 4 while the first has the accelerator until 9; nobody is let before it.
    Workload workload = on_accelerator({
        constant_task("first", {9ns}, at({0ns}), 90ns),
        constant_task("chain", {4ns, 4ns}, at({0ns}), 90ns),
    });
    workload.resources.push_back({"host", 1});
    Trace trace = *workload.tasks[1].variants[0].trace;
    trace.stages[0].resource = "host";
    workload.tasks[1].variants[0].trace = std::make_shared<const Trace>(std::move(trace));
    const RunResult result = run(workload, "fifo");
    CHECK(to_ns(result.records.stages.back().end) == 13);
    CHECK(result.metrics.preemptions() == 0);
}
