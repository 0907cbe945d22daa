#include "sim/live/scheduler_step.hpp"

#include <set>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// Three jobs of two stages on two slots, each with 100 ns, and a log of what is told and asked.
struct Steps final : private JobListener {
    StepRecord at(Duration time, std::set<std::int32_t> completions = {}) {
        log.clear();
        there = std::move(completions);
        return take_step(scheduler, releases, 1, *this, Time(time));
    }

    std::optional<Outcome> ended(std::int32_t ticket, Time) {
        if (!there.contains(ticket)) return std::nullopt;
        return Outcome{0, 0.5F};
    }
    void told(std::int32_t ticket, const Outcome&, bool counted, Time time) {
        note("told " + std::to_string(ticket) + (counted ? "" : " too late"), time);
    }
    void release(const Release& release, Time time) {
        note("release " + std::to_string(release.id.number), time);
        scheduler.release(release.id, release.time, release.time + 100ns, time);
    }
    std::optional<Dispatch> next(int resource, Time time) { return scheduler.next(resource, time); }
    void start(const Dispatch& dispatch, Time time) {
        const ActiveJob& job = scheduler.job(dispatch.slot);
        note("start " + std::to_string(job.id.number) + "/" + std::to_string(dispatch.stage) + " on " +
                 std::to_string(dispatch.ticket),
             time);
    }

    void job_left(const ActiveJob& job, LeaveReason, Time now) override {
        note("left " + std::to_string(job.id.number) + " with " + std::to_string(job.depth), now);
    }
    void note(const std::string& what, Time time) { log.push_back(what + " @" + std::to_string(to_ns(time))); }

    Workload workload = on_accelerator({constant_task("t", {10ns, 20ns}, test::at({0ns, 5ns, 60ns}), 100ns)}, 2);
    TaskSet tasks = make_task_set(workload);
    std::unique_ptr<Policy> policy = make_policy(parse_policy("edf"), {tasks, nullptr, nullptr});
    Scheduler scheduler{tasks, *policy, *this};
    Releases releases{workload, 1};
    std::set<std::int32_t> there;
    std::vector<std::string> log;
};

using Log = std::vector<std::string>;

}  // namespace

TEST_CASE("a step releases what is due, late as it is, and dispatches until nothing is left to run") {
    Steps steps;
    const StepRecord step = steps.at(7ns);
    CHECK(steps.log == Log{"release 0 @7", "release 1 @7", "start 0/0 on 0 @7", "start 1/0 on 1 @7"});
    CHECK(step.time == Time(7ns));
    CHECK(step.lateness == 7ns);  // of the earlier one
    CHECK((step.released == 2 && step.dispatched == 2 && step.active == 2));
    CHECK((step.completed == 0 && step.expired == 0));
}

TEST_CASE("in a step, completions come in the order of tickets, after deadlines that have passed and before releases") {
    Steps steps;
    steps.at(7ns);
    const StepRecord step = steps.at(110ns, {1, 0});
    CHECK(steps.log == Log{"left 0 with 0 @109", "left 1 with 0 @109", "told 0 too late @110", "told 1 too late @110",
                           "release 2 @110", "start 2/0 on 1 @110"});
    CHECK((step.completed == 2 && step.expired == 2 && step.released == 1 && step.dispatched == 1));
    CHECK(step.active == 1);
    CHECK(step.lateness == 50ns);  // of the release at 60
}

TEST_CASE("a stage that is known to have ended at the very deadline counts, and its job leaves then") {
    Steps steps;
    steps.at(7ns);
    steps.at(60ns);
    const StepRecord step = steps.at(100ns, {0});
    CHECK(steps.log == Log{"told 0 @100", "left 0 with 1 @100", "start 2/0 on 0 @100"});
    CHECK((step.completed == 1 && step.expired == 1 && step.lateness == 0ns && step.active == 2));
}
