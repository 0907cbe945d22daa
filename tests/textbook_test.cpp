// Classic policies on integer task sets with stages of 1 ms, so that they may preempt wherever the textbooks do: the
// schedules of the textbooks, as golden timelines in tests/golden/textbook-*.txt.
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/golden.hpp"
#include "tests/policy_harness.hpp"

namespace {

using namespace laxity;
using namespace laxity::test;

// Execution time, period and relative deadline, in ms. All of it is mandatory.
struct PeriodicTask {
    std::int64_t execution, period, deadline;
};

Script periodic_script(const std::vector<PeriodicTask>& tasks, std::int64_t until_ms) {
    Script script;
    script.tasks.resources = {{"accelerator", 1}};
    for (const PeriodicTask& task : tasks) {
        const auto stages = static_cast<int>(task.execution);
        const std::vector<Duration> cost(static_cast<std::size_t>(stages), ms(1));
        script.tasks.tasks.push_back(
            make_task("T" + std::to_string(script.tasks.tasks.size() + 1), make_variant(cost), stages));
        script.tasks.tasks.back().period = ms(task.period);
    }
    for (std::int64_t now = 0; now < until_ms; ++now) {
        for (std::size_t t = 0; t < tasks.size(); ++t) {
            if (now % tasks[t].period != 0) continue;
            script.jobs.push_back({static_cast<int>(t), at_ms(now), at_ms(now + tasks[t].deadline), {}, {}, {}});
        }
    }
    return script;
}

std::int64_t in_ms(Time time) { return time.time_since_epoch() / ms(1); }

std::string number(std::int64_t value) {
    const std::string text = std::to_string(value);
    return std::string(text.size() < 4 ? 4 - text.size() : 0, ' ') + text;
}

// The timeline, one line per uninterrupted piece of a job:
//
//    0 -    2  T1.1  complete
//    2 -    5  T2.1
//    7        T2.1  MISS, 3 of 4 ms done
class TimelineText {
public:
    explicit TimelineText(const Script& script) : script_(script) {}

    std::string text(const Run& run) {
        for (const Event& event : run.events) {
            if (event.kind == Event::Kind::kEnd) add_stage(event);
            if (event.kind == Event::Kind::kLeave) leave(event);
        }
        close("");
        return text_;
    }

private:
    std::string name(JobId job) const {
        return script_.tasks.tasks[static_cast<std::size_t>(job.task)].name + "." + std::to_string(job.number + 1);
    }

    void add_stage(const Event& event) {
        const std::int64_t end = in_ms(event.at);
        if (!(open_ && job_ == event.job && end_ + 1 == end)) {
            close("");
            open_ = true, job_ = event.job, begin_ = end - 1;
        }
        end_ = end;
    }

    void leave(const Event& event) {
        const bool continues = open_ && job_ == event.job;
        if (!event.missed) return close(continues ? "  complete" : "");
        close("");
        const auto stages = script_.tasks.tasks[static_cast<std::size_t>(event.job.task)].mandatory_stages;
        text_ += number(in_ms(event.at)) + "        " + name(event.job) + "  MISS, " + std::to_string(event.depth) +
                 " of " + std::to_string(stages) + " ms done\n";
    }

    void close(const std::string& remark) {
        if (open_) text_ += number(begin_) + " - " + number(end_) + "  " + name(job_) + remark + "\n";
        open_ = false;
    }

    const Script& script_;
    std::string text_;
    bool open_ = false;
    JobId job_;
    std::int64_t begin_ = 0, end_ = 0;
};

std::string timeline(const Script& script, const Run& run) { return TimelineText(script).text(run); }

std::string heading(const std::string& policy, const std::vector<PeriodicTask>& tasks) {
    std::string text = "# " + policy + ":";
    for (std::size_t t = 0; t < tasks.size(); ++t) {
        text += " T" + std::to_string(t + 1) + " (C " + std::to_string(tasks[t].execution) + ", T " +
                std::to_string(tasks[t].period) + ", D " + std::to_string(tasks[t].deadline) + ")";
    }
    return text + ", in ms\n";
}

int misses(const Run& run) {
    int count = 0;
    for (const Event& event : run.events) count += event.kind == Event::Kind::kLeave && event.missed;
    return count;
}

// The longest time from a job's release to its end, in ms.
std::int64_t worst_response(const Script& script, const Run& run, int task) {
    std::int64_t worst = 0;
    std::uint64_t k = 0;
    for (const ScriptedJob& job : script.jobs) {
        if (job.task != task) continue;
        worst = std::max(worst, (run.leave({task, k++}).last_exit - job.release) / ms(1));
    }
    return worst;
}

void check_timeline(const std::string& name, const std::string& policy, const std::vector<PeriodicTask>& tasks,
                    std::int64_t until_ms) {
    const Script script = periodic_script(tasks, until_ms);
    check_golden("textbook-" + name + ".txt", heading(policy, tasks) + timeline(script, play(script, policy)));
}

// Liu & Layland's kind of set: U = 2/5 + 4/7 = 0.97, above the bound 0.83 of rate-monotonic scheduling, below 1.
const std::vector<PeriodicTask> kAboveRmBound = {{2, 5, 5}, {4, 7, 7}};

// Constrained deadlines, after the response-time analysis in Buttazzo, Hard Real-Time Computing Systems, chapter 4: the
// fourth task's worst response is 10, exactly its deadline.
const std::vector<PeriodicTask> kConstrained = {{1, 4, 3}, {1, 5, 4}, {2, 6, 5}, {1, 11, 10}};

}  // namespace

TEST_CASE("rm misses where edf and llf do not: U = 0.97", "[textbook]") {
    const Script script = periodic_script(kAboveRmBound, 35);
    CHECK(play(script, "rm").leave({1, 0}).missed);
    CHECK(misses(play(script, "edf")) == 0);
    CHECK(misses(play(script, "llf")) == 0);
    check_timeline("rm", "rm", kAboveRmBound, 35);
    check_timeline("edf", "edf", kAboveRmBound, 35);
    check_timeline("llf", "llf", kAboveRmBound, 35);
}

TEST_CASE("dm meets constrained deadlines; the last one with nothing to spare", "[textbook]") {
    const Script script = periodic_script(kConstrained, 4 * 5 * 6 * 11 / 2);
    const Run run = play(script, "dm");
    CHECK(misses(run) == 0);
    CHECK(worst_response(script, run, 0) == 1);
    CHECK(worst_response(script, run, 1) == 2);
    CHECK(worst_response(script, run, 2) == 4);
    CHECK(worst_response(script, run, 3) == 10);
    check_timeline("dm", "dm", kConstrained, 20);
}

TEST_CASE("dm meets what rm does not: a long period with a short deadline", "[textbook]") {
    const std::vector<PeriodicTask> tasks = {{2, 5, 5}, {1, 10, 2}};
    const Script script = periodic_script(tasks, 10);
    CHECK(misses(play(script, "rm")) == 1);
    CHECK(misses(play(script, "dm")) == 0);
    check_timeline("dm-against-rm", "dm", tasks, 10);
}

TEST_CASE("rm uses all of the processor if periods are harmonic", "[textbook]") {
    const Script script = periodic_script({{1, 2, 2}, {1, 4, 4}, {2, 8, 8}}, 8);
    CHECK(misses(play(script, "rm")) == 0);
    CHECK(play(script, "rm").starts().size() == 8);
}

TEST_CASE("edf meets every deadline up to U = 1 and falls as dominoes beyond", "[textbook]") {
    CHECK(misses(play(periodic_script({{2, 4, 4}, {3, 6, 6}}, 12), "edf")) == 0);
    // Four jobs of 4 ms with a room of 2 to 4: every one but the first is started, and none of them is completed.
    const std::vector<PeriodicTask> dominoes = {{4, 100, 4}, {4, 100, 7}, {4, 100, 9}, {4, 100, 11}};
    CHECK(misses(play(periodic_script(dominoes, 1), "edf")) == 3);
    check_timeline("edf-dominoes", "edf", dominoes, 1);
}

TEST_CASE("llf alternates between jobs of equal laxity", "[textbook]") {
    check_timeline("llf-alternates", "llf", {{3, 20, 8}, {3, 20, 8}}, 20);
}
