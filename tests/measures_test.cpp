#include "sim/results/measures.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>

#include "sim/bench/bench.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

std::vector<std::string> split(const std::string& line, char separator = ',') {
    std::vector<std::string> fields(1);
    for (const char c : line) {
        if (c == separator) {
            fields.emplace_back();
        } else if (c != '\n') {
            fields.back() += c;
        }
    }
    return fields;
}

// One run as a row of runs.csv, by column.
class Row {
public:
    explicit Row(const Metrics& metrics, const std::vector<std::string>& tasks = {})
        : names_(split(measures_header(tasks))) {
        CsvLine line;
        append_measures(line, metrics, tasks);
        fields_ = split(line.take());
        REQUIRE(fields_.size() == names_.size());
    }
    const std::string& operator[](const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) FAIL("no column " + name);
        return fields_[static_cast<std::size_t>(found - names_.begin())];
    }
    std::uint64_t count(const std::string& name) const { return std::stoull((*this)[name]); }

private:
    std::vector<std::string> names_, fields_;
};

nlohmann::json json_of(const Metrics& metrics) { return nlohmann::json::parse(metrics.json()); }

Metrics run_with_tasks(const Workload& workload, const std::string& policy) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Simulation simulation(replay, tasks, parse_policy(policy), 1);
    simulation.keep_task_responses();
    return simulation.run();
}

Workload scenario(const std::string& name) {
    for (Scenario& candidate : signature_scenarios()) {
        if (candidate.name == name) return std::move(candidate.workload);
    }
    throw std::logic_error("no scenario " + name);
}

// Mandatory stages 1 unless said otherwise.
Workload lone_job(std::vector<Duration> stages, Duration deadline, int mandatory = 1) {
    Workload workload = on_accelerator({constant_task("t", stages, at({0ns}), deadline)});
    workload.tasks[0].mandatory_stages = mandatory;
    return workload;
}

const std::vector<std::string> kEndingNames = {"complete", "stopped", "cut", "missed_unstarted", "missed_late"};

std::string ending_of(const Workload& workload, const std::string& policy) {
    const Row row(run(workload, policy).metrics);
    std::string endings;
    for (const std::string& name : kEndingNames) {
        if (row.count(name) > 0) endings += (endings.empty() ? "" : " ") + name;
    }
    return endings;
}

// The numbers of missing responses, as a row and as JSON have them.
void check_no_responses(const Metrics& metrics) {
    const Row row(metrics);
    for (const std::string name : {"mean", "p50", "p95", "p99", "max"}) {
        CHECK(row["response_" + name + "_ms"].empty());
        CHECK(json_of(metrics)["response_ms"][name].is_null());
        CHECK_FALSE(measure_value(metrics, "response_" + name + "_ms"));
    }
}

}  // namespace

TEST_CASE("the columns that a sweep has always had keep names and order") {
    CHECK_THAT(measures_header(),
               StartsWith("jobs,missed,miss_ratio,accuracy,weighted_accuracy,mean_depth,depth_histogram,utilisation,"
                          "overrun_ms,response_mean_ms,response_p50_ms,response_p95_ms,response_p99_ms,"
                          "response_max_ms,decisions,length_ms,"));
    const auto names = split(measures_header({"camera"}));
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
}

TEST_CASE("every ending of a job, by hand") {
    CHECK(ending_of(lone_job({4ns, 4ns}, 8ns), "edf") == "complete");
    CHECK(ending_of(lone_job({4ns, 10ns}, 9ns), "edf") == "cut");
    CHECK(ending_of(lone_job({4ns, 10ns}, 9ns, 2), "edf") == "missed_late");
    CHECK(ending_of(lone_job({10ns, 10ns}, 9ns), "edf:skip=true") == "missed_unstarted");
    CHECK(ending_of(lone_job({4ns, 4ns}, 20ns), "edf:depth=1") == "stopped");
    // Dropped with a part of the mandatory part done: a miss whichever way it left.
    CHECK(ending_of(lone_job({4ns, 10ns}, 9ns, 2), "edf:depth=1") == "missed_late");
    // The second never has its turn.
    const Workload both = on_accelerator({constant_task("t", {4ns, 4ns}, at({0ns, 0ns}), 8ns)});
    CHECK(ending_of(both, "fifo") == "complete missed_unstarted");
}

TEST_CASE("the endings are a partition of the jobs under every policy") {
    const Workload alone = one_poisson_task(1.6, 600);
    Workload mixed = scenario("mixed");
    mixed.horizon.jobs = 600;
    mixed.horizon.warmup_jobs = 50;
    for (const PolicyInfo& policy : policy_registry()) {
        const std::string spec =
            policy.needs_plan ? policy.name + ":generations=2,population=8,plan_jobs=200" : policy.name;
        for (const Workload* workload : std::vector<const Workload*>{&alone, &mixed}) {
            INFO(spec << (workload == &mixed ? " on mixed" : ""));
            const auto [records, metrics] = run(*workload, spec);
            const TaskSet tasks = make_task_set(*workload);
            const Row row(metrics);
            std::uint64_t complete = 0, unstarted = 0, late = 0, early = 0;
            for (const JobRecord& job : records.jobs) {
                if (!job.scored) continue;
                const TaskPlan& task = tasks.tasks[static_cast<std::size_t>(job.id.task)];
                const int stages = task.variants[static_cast<std::size_t>(job.variant)].stages();
                complete += job.depth == stages;
                unstarted += job.missed && job.start == kNever;
                late += job.missed && job.start != kNever;
                early += !job.missed && job.depth < stages && job.left < job.deadline;
            }
            CHECK(row.count("complete") == complete);
            CHECK(row.count("missed_unstarted") == unstarted);
            CHECK(row.count("missed_late") == late);
            CHECK(row.count("stopped") >= early);
            CHECK(row.count("missed") == unstarted + late);
            std::uint64_t all = 0;
            for (const std::string& name : kEndingNames) all += row.count(name);
            CHECK(all == row.count("jobs"));
            CHECK(all == workload->horizon.jobs - workload->horizon.warmup_jobs);
        }
    }
}

TEST_CASE("a run that missed every job has no response times") {
    const Metrics metrics = run(lone_job({10ns}, 9ns), "edf").metrics;
    check_no_responses(metrics);
    CHECK(Row(metrics)["accuracy"] == "0");
    CHECK(Row(metrics)["miss_ratio"] == "1");
    CHECK(json_of(metrics)["accuracy"] == 0);
}

TEST_CASE("a run without a job has no ratios, and none without length has a utilisation") {
    const Metrics metrics = run(on_accelerator({constant_task("t", {4ns}, at({}), 8ns)}), "edf").metrics;
    check_no_responses(metrics);
    const Row row(metrics);
    for (const std::string name :
         {"miss_ratio", "accuracy", "weighted_accuracy", "mean_depth", "utilisation", "confident_ratio"}) {
        INFO(name);
        CHECK(row[name].empty());
        CHECK_FALSE(measure_value(metrics, name));
        if (name != "confident_ratio") CHECK(json_of(metrics).at(name).is_null());
    }
    CHECK(row["jobs"] == "0");
    CHECK(json_of(metrics)["resources"][0]["utilisation"].is_null());
    CHECK(json_of(metrics)["tasks"][0]["accuracy"].is_null());
    CHECK(row["length_ms"] == "0");
}

TEST_CASE("on mains power, and where no task asks to be sure, there is nothing to say of it") {
    const Metrics metrics = run(lone_job({4ns}, 8ns), "edf").metrics;
    for (const std::string name : {"harvested_mj", "used_mj", "spilled_mj", "left_mj", "power_failures", "off_ms"}) {
        CHECK(Row(metrics)[name].empty());
    }
    CHECK(Row(metrics)["confident_ratio"].empty());
    CHECK_FALSE(json_of(metrics).contains("energy"));
    CHECK_FALSE(json_of(metrics).contains("confident_ratio"));
}

TEST_CASE("the energy of a run is in its row") {
    Workload workload = on_accelerator({constant_task("t", {1ms, 1ms}, at({0ms, 10ms}), 5ms)});
    workload.energy = EnergyModel{{PersistentPower{1}, 1ms, 0.5}, {20'000'000, 20'000'000, 0}, 2};
    workload.tasks[0].confident_from = 0.9;
    const Metrics metrics = run(workload, "edf").metrics;
    const Row row(metrics);
    CHECK(row["used_mj"] == "8");  // four stages of 1 ms at 2 W
    CHECK(row["power_failures"] == "0");
    CHECK(row["confident_ratio"] == "1");
    CHECK(*measure_value(metrics, "harvested_mj") == Approx(json_of(metrics)["energy"]["harvested_mj"].get<double>()));
    CHECK(json_of(metrics)["energy"]["initial_mj"] == 20);
}

TEST_CASE("the columns of the tasks add up to those of the run") {
    const Workload workload = scenario("mixed");
    const Metrics metrics = run_with_tasks(workload, "edf");
    std::vector<std::string> tasks;
    for (const Task& task : workload.tasks) tasks.push_back(task.name);
    const Row row(metrics, tasks);
    for (const Measure& measure : measures()) {
        if (!measure.of_task || measure.unit != "jobs" || !measure.is_numeric()) continue;
        std::uint64_t sum = 0;
        for (const std::string& task : tasks) sum += row.count(task + "." + std::string(measure.name));
        INFO(measure.name);
        CHECK(sum == row.count(std::string(measure.name)));
    }
    LogHistogram merged;
    for (std::size_t task = 0; task < tasks.size(); ++task) merged.merge(*metrics.task_response(task));
    CHECK(merged == metrics.response());
    CHECK(split(row["bursts.depth_histogram"], ';').size() == 5);
    CHECK(split(row["periodic.depth_histogram"], ';').size() == 4);
    CHECK(std::stod(row["periodic.miss_ratio"]) ==
          *measure_value(metrics, "periodic.missed") / *measure_value(metrics, "periodic.jobs"));
}

TEST_CASE("a task that a run does not have leaves its columns empty") {
    const Metrics metrics = run_with_tasks(lone_job({4ns}, 8ns), "edf");
    const Row row(metrics, {"other", "t"});
    CHECK(row["other.jobs"].empty());
    CHECK(row["other.response_p99_ms"].empty());
    CHECK(row["t.jobs"] == "1");
    CHECK(std::stod(row["t.response_p99_ms"]) == Approx(4e-6));
    CHECK_FALSE(measure_value(metrics, "other.accuracy"));
    CHECK(measure_value(metrics, "t.accuracy") == 1.0);
}

TEST_CASE("response times of a task that were not kept are not taken for none") {
    const Metrics metrics = run(lone_job({4ns}, 8ns), "edf").metrics;
    CHECK_THROWS_AS(Row(metrics, {"t"}), std::logic_error);
    CHECK_THROWS_AS(measure_value(metrics, "t.response_p50_ms"), std::logic_error);
    CHECK(measure_value(metrics, "t.accuracy") == 1.0);
}

TEST_CASE("a run of constants reads its constant") {
    const Workload workload = on_accelerator({constant_task("t", {2ms, 4ms}, PeriodicArrivals{10ms, 0ns, 0ns}, 9ms)});
    Workload longer = workload;
    longer.horizon.jobs = 100;
    const Metrics metrics = run(longer, "edf").metrics;
    for (const char* name : {"response_p50_ms", "response_p95_ms", "response_p99_ms", "response_max_ms"})
        CHECK(Row(metrics)[name] == "6");
}

TEST_CASE("names of measures, and what was meant by others") {
    CHECK(is_measure("accuracy"));
    CHECK(is_measure("backlog_trend"));
    CHECK_FALSE(is_measure("depth_histogram"));  // no number
    CHECK_FALSE(is_measure("acuracy"));
    CHECK_FALSE(is_measure(""));
    CHECK_FALSE(is_measure("camera.accuracy"));
    const std::vector<std::string> tasks = {"camera", "front.left"};
    CHECK(is_measure("camera.accuracy", tasks));
    CHECK(is_measure("front.left.response_p99_ms", tasks));
    CHECK_FALSE(is_measure("camera.decisions", tasks));
    CHECK_FALSE(is_measure("left.accuracy", tasks));
    CHECK_NOTHROW(check_measure("camera.miss_ratio", tasks, "--until"));
    CHECK_THROWS_WITH(check_measure("acuracy", {}, "--until acuracy=1"),
                      "--until acuracy=1: expected a measure, found \"acuracy\"; did you mean accuracy?");
    CHECK_THROWS_WITH(check_measure("camera.mis_ratio", tasks, "--until"),
                      ContainsSubstring("did you mean camera.miss_ratio?"));
    CHECK_THROWS_WITH(check_measure("qqqqqq", {}, "--until"), ContainsSubstring("results/README.md lists them"));
    CHECK_THROWS_AS(measure_value(run(lone_job({4ns}, 8ns), "edf").metrics, "acuracy"), std::logic_error);
}

TEST_CASE("every measure is explained, with its unit, in the help and in results/README.md") {
    std::ifstream in(LAXITY_SOURCE_DIR "/results/README.md");
    std::set<std::pair<std::string, std::string>> documented;  // name, unit
    for (std::string line; std::getline(in, line);) {
        const auto cells = split(line, '|');
        if (cells.size() < 4) continue;
        const auto words = split(cells[1], '`');
        const std::string unit = cells[2].substr(std::min<std::size_t>(1, cells[2].size()));
        for (std::size_t i = 1; i < words.size(); i += 2) documented.insert({words[i], unit.substr(0, unit.find(' '))});
    }
    for (const Measure& measure : measures()) {
        const std::string name(measure.name), unit(measure.unit);
        INFO(name << " in " << unit);
        CHECK(documented.count({name, unit}) == 1);
        CHECK_THAT(measures_help(), ContainsSubstring("  " + name + " "));
        CHECK(!measure.help.empty());
    }
}
