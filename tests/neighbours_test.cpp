// clockwork, dnnsam, pantheon, daris, apparate and random: known answers on a few jobs.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/bench/bench.hpp"
#include "sim/core/simulation.hpp"
#include "sim/results/job_record.hpp"
#include "sim/results/records.hpp"
#include "tests/catch.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

// Tasks with stages of so many ms.
Script stages_of(const std::vector<std::vector<std::int64_t>>& tasks) {
    Script script;
    for (const auto& stages : tasks) {
        std::vector<Duration> cost;
        for (const std::int64_t stage : stages) cost.push_back(ms(stage));
        script.tasks.tasks.push_back(make_task("task" + std::to_string(script.tasks.tasks.size()), make_variant(cost)));
    }
    script.tasks.resources = {{"accelerator", 1}};
    return script;
}

ScriptedJob job(int task, std::int64_t release_ms, std::int64_t deadline_ms, std::vector<std::int64_t> taken_ms = {}) {
    ScriptedJob made{task, at_ms(release_ms), at_ms(deadline_ms), {}, {}, {}};
    for (const std::int64_t taken : taken_ms) made.taken.push_back(ms(taken));
    return made;
}

// "0 1 1 0": the task of every stage that was started, in order.
std::string order(const Script& script, const std::string& policy) {
    std::string text;
    for (const JobId id : play(script, policy).starts()) text += (text.empty() ? "" : " ") + std::to_string(id.task);
    return text;
}

}  // namespace

TEST_CASE("clockwork admits the deepest exit that is in time after the admitted work", "[neighbours]") {
    Script script = stages_of({{4, 4}, {1, 2, 3}});
    script.jobs = {job(0, 0, 20), job(1, 0, 11), job(1, 1, 11), job(1, 2, 11)};
    // Task 0 needs 8 until 20. The first of task 1 is admitted with all 6, latest start 5: it goes first once the
    // stage that has begun is done (8 ms: an inference is not interrupted), and gets 3 stages until ... not 14 > 11.
    const Run run = play(script, "clockwork");
    CHECK(run.leave({0, 0}).depth == 2);
    // Both tasks come at 0, the order at that instant is by latest start: task 1 (5) before task 0 (12).
    CHECK(run.leave({1, 0}).depth == 3);
    CHECK(run.leave({1, 0}).at == at_ms(6));
    // Admitted for 1 or 3 ms after that only if task 0 is still in time: it has until 20, and ends at 14 + 3.
    CHECK(run.leave({1, 1}).depth == 2);
    CHECK(run.leave({1, 1}).at == at_ms(9));
    CHECK(run.leave({1, 2}).depth == 1);
    CHECK(run.leave({1, 2}).at == at_ms(10));
}

TEST_CASE("clockwork refuses at once what cannot finish", "[neighbours]") {
    Script script = stages_of({{2, 2}});
    script.jobs = {job(0, 0, 4), job(0, 1, 5), job(0, 1, 8)};
    const Run run = play(script, "clockwork:exits=last");
    CHECK(run.leave({0, 0}).at == at_ms(4));
    CHECK(run.leave({0, 1}).missed);
    CHECK(run.leave({0, 1}).at == at_ms(2));  // when the policy is next asked, not at 5
    CHECK(run.leave({0, 2}).depth == 2);
    CHECK(run.leave({0, 2}).at == at_ms(8));
}

TEST_CASE("clockwork breaks no promise for a newcomer", "[neighbours]") {
    Script script = stages_of({{1}, {4}, {3}});
    script.jobs = {job(0, 0, 1), job(1, 0, 5), job(2, 0, 4)};
    // At 0 the resource has 1 + 4 ms to do until 5; the 3 ms until 4 would make the 4 ms late.
    const Run run = play(script, "clockwork");
    CHECK_FALSE(run.leave({1, 0}).missed);
    CHECK(run.leave({2, 0}).missed);
}

TEST_CASE("clockwork estimates by the largest of the last ten measurements", "[neighbours]") {
    Script script = stages_of({{2}});
    script.jobs = {job(0, 0, 9, {5})};
    for (int k = 1; k <= 13; ++k) script.jobs.push_back(job(0, 10 * k, 10 * k + 3, {1}));
    const Run run = play(script, "clockwork");
    CHECK_FALSE(run.leave({0, 0}).missed);
    // 5 ms were measured once: with 3 ms to go all are refused until ten other measurements, here at planning cost.
    for (std::uint64_t k = 1; k <= 13; ++k) {
        INFO(k);
        CHECK(run.leave({0, k}).missed == (k <= 10));
    }
}

TEST_CASE("dnnsam: EDF-MandFirst and EDF-Slack differ in when optional parts run", "[neighbours]") {
    Script script = stages_of({{1, 2}, {1, 2}});
    script.jobs = {job(0, 0, 10), job(1, 0, 12)};
    CHECK(order(script, "dnnsam") == "0 1 0 1");
    CHECK(order(script, "dnnsam:order=slack") == "0 0 1 1");
}

TEST_CASE("dnnsam: an optional part takes only what no mandatory part needs", "[neighbours]") {
    Script script = stages_of({{1, 2, 2}, {3, 1}});
    script.jobs = {job(0, 0, 9), job(1, 0, 6)};
    // Deadline order is 1, 0. After the mandatory 3 ms of task 1, its optional ms leaves 9 - 4 for the 1 ms of task 0.
    CHECK(order(script, "dnnsam:order=slack") == "1 1 0 0 0");
    script.jobs = {job(0, 0, 6), job(1, 0, 7)};
    // 0 is first: its optional 2 ms would leave 7 - 3 = 4 for the 3 ms of task 1, its next 2 ms would not.
    CHECK(order(script, "dnnsam:order=slack") == "0 0 1 1");
    CHECK(order(script, "edf:skip=true") == "0 0 0");  // and task 1 misses: EDF reserves nothing
    CHECK(order(script, "dnnsam") == "0 1 0 1");
    const Run run = play(script, "dnnsam:order=slack");
    CHECK(run.leave({0, 0}).depth == 2);
    CHECK(run.leave({0, 0}).at == at_ms(3));
}

TEST_CASE("dnnsam does not start a mandatory part that cannot end in time", "[neighbours]") {
    Script script = stages_of({{3}, {2}});
    script.jobs = {job(0, 0, 2), job(1, 0, 4)};
    for (const std::string policy : {"dnnsam", "dnnsam:order=slack"}) {
        CHECK(order(script, policy) == "1");
        CHECK(play(script, policy).leave({0, 0}).at == at_ms(2));
    }
}

TEST_CASE("pantheon takes the deepest exit that fits when it starts and when it resumes", "[neighbours]") {
    Script script = stages_of({{1, 2, 4}, {2}});
    script.jobs = {job(0, 0, 8), job(1, 1, 4)};
    // 7 ms fit at 0; after the interruption 5 ms are left from 3 on: the second exit, not the third.
    CHECK(order(script, "pantheon") == "0 1 0");
    CHECK(play(script, "pantheon").leave({0, 0}).at == at_ms(5));
}

TEST_CASE("pantheon keeps its exit while nobody interrupts, and gives up a hopeless job", "[neighbours]") {
    Script script = stages_of({{1, 2, 4}});
    script.jobs = {job(0, 0, 7, {2, 2, 4})};
    const Run run = play(script, "pantheon");
    CHECK(run.starts().size() == 3);  // the last stage is begun, and late
    CHECK(run.leave({0, 0}).depth == 2);
    CHECK(play(script, "edf:skip=true").starts().size() == 2);
    script.jobs = {job(0, 5, 5 + 0, {})};
    script.jobs[0].deadline = at_ms(5) + Duration(999'999);
    CHECK(play(script, "pantheon").starts().empty());
}

TEST_CASE("daris: virtual deadlines share the deadline in proportion to the stages", "[neighbours]") {
    Script script = stages_of({{1, 3}, {2, 2}});
    script.jobs = {job(0, 0, 16), job(1, 0, 12)};
    // VD of task 0: 4, 16; of task 1: 6, 12. By deadline alone task 1 would go first.
    CHECK(order(script, "daris") == "0 1 1 0");
    CHECK(order(script, "edf") == "1 1 0 0");
}

TEST_CASE("daris: the share follows the largest recent time", "[neighbours]") {
    Script script = stages_of({{2, 2}, {2, 2}});
    script.jobs = {job(0, 0, 50, {6, 2}), job(0, 60, 80), job(1, 60, 82)};
    // Planned 2 + 2: VD 70 and 71. Measured 6 + 2: VD 60 + 20 * 6 / 8 = 75 and 71.
    const std::vector<JobId> starts = play(script, "daris").starts();
    CHECK(starts[2] == JobId{1, 0});
    script.jobs[0].taken = {};
    CHECK(play(script, "daris").starts()[2] == JobId{0, 1});
    // With a window of one, the next job of task 0 has made it forgotten.
    script.jobs = {job(0, 0, 30, {6, 2}), job(0, 30, 60), job(0, 60, 80), job(1, 60, 82)};
    CHECK(play(script, "daris").starts()[4] == JobId{1, 0});
    CHECK(play(script, "daris:window=1").starts()[4] == JobId{0, 2});
}

TEST_CASE("daris: a class goes before any deadline", "[neighbours]") {
    Script script = stages_of({{1, 1}, {1, 1}});
    script.tasks.tasks[1].weight = 2;
    script.jobs = {job(0, 0, 5), job(1, 0, 50)};
    CHECK(order(script, "daris") == "1 1 0 0");
}

TEST_CASE("apparate replies at the first sure exit and computes to the end", "[neighbours]") {
    Script script = stages_of({{1, 2, 3}});
    script.jobs = {job(0, 0, 20), job(0, 0, 20)};
    script.jobs[0].confidence = {0.5F, 0.9F, 0.4F};
    const Run run = play(script, "apparate:threshold=0.9");
    const Event& left = run.leave({0, 0});
    CHECK(left.answered == 2);
    CHECK(left.depth == 3);
    CHECK(left.at == at_ms(6));  // the second job starts only then: no load is saved
    CHECK(run.leave({0, 1}).answered == 0);
    CHECK(run.leave({0, 1}).at == at_ms(12));
    const auto reply = std::find_if(run.events.begin(), run.events.end(),
                                    [](const Event& event) { return event.kind == Event::Kind::kReply; });
    REQUIRE(reply != run.events.end());
    CHECK(reply->at == at_ms(3));
}

TEST_CASE("apparate: a reply is what the deadline leaves of a job", "[neighbours]") {
    Script script = stages_of({{1, 2, 9}});
    script.jobs = {job(0, 0, 5)};
    script.jobs[0].confidence = {0.9F, 0.95F, 0.4F};
    const Event left = play(script, "apparate").leave({0, 0});
    CHECK(left.at == at_ms(5));
    CHECK(left.answered == 1);
    CHECK(left.depth == 2);
    CHECK_FALSE(left.missed);
}

TEST_CASE("apparate does not reply before the mandatory part is done", "[neighbours]") {
    Script script = stages_of({{1, 2, 3}});
    script.tasks.tasks[0].mandatory_stages = 2;
    script.jobs = {job(0, 0, 20)};
    script.jobs[0].confidence = {0.95F, 0.96F, 0.97F};
    CHECK(play(script, "apparate").leave({0, 0}).answered == 2);
}

TEST_CASE("apparate: arrival or deadline order", "[neighbours]") {
    Script script = stages_of({{1, 1}, {1, 1}});
    script.jobs = {job(0, 0, 20), job(1, 0, 10)};
    CHECK(order(script, "apparate") == "0 0 1 1");
    CHECK(order(script, "apparate:order=edf") == "1 1 0 0");
}

TEST_CASE("the record of a job that replied is that of its reply", "[neighbours]") {
    ActiveJob job;
    job.depth = 3;
    job.last_exit = at_ms(9);
    job.answered = 1;
    job.answer_exit = at_ms(2);
    job.deadline = at_ms(10);
    job.outcomes[0] = {4, 0.9F};
    job.outcomes[2] = {5, 0.99F};
    const TaskPlan task = make_task("camera", make_variant({ms(2), ms(3), ms(4)}));
    const JobRecord record = make_record(job, task, 4, true, at_ms(9));
    CHECK(record.depth == 1);
    CHECK(record.exit == at_ms(2));
    CHECK(record.left == at_ms(9));
    CHECK(record.prediction == 4);
    CHECK(record.correct);
}

// Two runs on the same closed loop: clients come back at the reply, so that a policy that replies early is asked more
// often in the same time, and every job still computes to the end.
TEST_CASE("a client asks again at the reply, once", "[neighbours]") {
    Workload workload = one_poisson_task(1.0, 400);
    workload.tasks[0].arrivals = ClosedArrivals{1, false};
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    const auto records_of = [&](const std::string& policy) {
        RecordList records;
        Simulation simulation(replay, tasks, parse_policy(policy), 1);
        simulation.run(&records);
        return records;
    };
    const RecordList late = records_of("apparate:threshold=1"), early = records_of("apparate:threshold=0");
    REQUIRE(late.jobs.size() == 400);
    REQUIRE(early.jobs.size() == 400);
    std::size_t overlapping = 0;
    std::vector<JobRecord> jobs = early.jobs;
    std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) { return a.id.number < b.id.number; });
    for (std::size_t k = 0; k + 1 < jobs.size(); ++k) {
        const JobRecord& job = jobs[k];
        CHECK(jobs[k + 1].release == (job.depth > 0 ? job.exit : job.left));
        overlapping += jobs[k + 1].release < job.left;
    }
    CHECK(overlapping > 300);
    CHECK(early.jobs.back().left < late.jobs.back().left);
}

TEST_CASE("random serves everybody alike, and every seed in its own way", "[neighbours]") {
    Script script = stages_of({{1}, {1}, {1}, {1}});
    std::vector<int> firsts(4);
    for (int seed = 0; seed < 400; ++seed) {
        script.jobs = {job(0, 0, 9), job(1, 0, 9), job(2, 0, 9), job(3, 0, 9)};
        const Run run = play(script, "random:seed=" + std::to_string(seed));
        ++firsts[static_cast<std::size_t>(run.starts().front().task)];
    }
    for (const int count : firsts) CHECK((count > 70 && count < 130));  // 100 expected, sigma 8.7
}
