#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/workload.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

// One task of three stages, 1 + 2 + 3 ms on the accelerator.
std::string workload_text(const std::string& arrival, const std::string& deadline = R"({"fixed": 1, "unit": "full"})") {
    return R"({"schema": "laxity.workload/1",
      "tasks": [{"name": "t", "variants": [{"synthetic": {"stages": [1, 2, 3], "unit": "ms", "accuracy": [0.5, 0.6, 0.7]}}],
                 "arrival": )" +
           arrival + R"(, "deadline": )" + deadline + R"(}],
      "horizon": {"jobs": 1000, "warmup_jobs": 10}})";
}

Workload load_text(const std::string& text, const std::vector<Override>& overrides = {}) {
    return load_workload(write_test_file("workload_file_test.json", text), overrides);
}

template <class Process>
Process arrivals_of(const std::string& arrival) {
    return std::get<Process>(load_text(workload_text(arrival)).tasks[0].arrivals);
}

DeadlineRange deadline_of(const std::string& deadline) {
    return load_text(workload_text(R"({"process": "poisson", "load": 1})", deadline)).tasks[0].deadline;
}

const std::string kPoisson = R"({"process": "poisson", "load": 0.8})";

// Scenarios that name a measured trace are checked without it.
const Override kAnyVariant{"/tasks/0/variants",
                           R"([{"synthetic": {"stages": [1, 1], "unit": "ms", "accuracy": [0.8, 0.9]}}])"};

}  // namespace

TEST_CASE("a workload is resolved with its defaults") {
    const Workload workload = load_text(workload_text(kPoisson));
    CHECK(workload.path == "workload_file_test.json");
    REQUIRE(workload.resources.size() == 1);
    CHECK(workload.resources[0].name == "accelerator");
    CHECK(workload.resources[0].slots == 1);
    REQUIRE(workload.tasks.size() == 1);
    const Task& task = workload.tasks[0];
    CHECK(task.name == "t");
    CHECK(task.full == 6ms);
    CHECK(task.deadline.low == 6ms);
    CHECK(task.deadline.high == 6ms);
    CHECK(task.mandatory_stages == 1);
    CHECK(task.weight == 1);
    CHECK_FALSE(task.closed());
    CHECK(workload.horizon.jobs == 1000);
    CHECK(workload.horizon.warmup_jobs == 10);
    CHECK(workload.horizon.length == Duration::max());
    CHECK(workload.planning_quantile == 0.99);
    CHECK(workload.replay.kind == ReplayMode::Kind::kRows);
}

TEST_CASE("poisson: load, rate or mean gap") {
    CHECK(arrivals_of<PoissonArrivals>(kPoisson).mean_gap_ns == Approx(7.5e6));
    CHECK(arrivals_of<PoissonArrivals>(R"({"process": "poisson", "rate": 50})").mean_gap_ns == Approx(2e7));
    CHECK(arrivals_of<PoissonArrivals>(R"({"process": "poisson", "mean_gap": 2, "unit": "full"})").mean_gap_ns ==
          Approx(1.2e7));
}

TEST_CASE("periodic: period or load, offset, jitter") {
    const auto explicit_period = arrivals_of<PeriodicArrivals>(
        R"({"process": "periodic", "period": 20, "offset": 3, "jitter": 0.5, "unit": "ms"})");
    CHECK(explicit_period.period == 20ms);
    CHECK(explicit_period.offset == 3ms);
    CHECK(explicit_period.jitter == 500us);
    const auto by_load = arrivals_of<PeriodicArrivals>(R"({"process": "periodic", "load": 0.5})");
    CHECK(by_load.period == 12ms);
    CHECK(by_load.offset == 0ns);
}

TEST_CASE("sporadic: mean extra or load") {
    const auto extra =
        arrivals_of<SporadicArrivals>(R"({"process": "sporadic", "minimum_gap": 2, "mean_extra": 0, "unit": "us"})");
    CHECK(extra.minimum_gap == 2us);
    CHECK(extra.mean_extra == 0ns);
    const auto load =
        arrivals_of<SporadicArrivals>(R"({"process": "sporadic", "minimum_gap": 2, "load": 0.5, "unit": "ms"})");
    CHECK(load.mean_extra == 10ms);
}

TEST_CASE("mmpp: the rate while off follows from the mean") {
    const auto some = arrivals_of<MmppArrivals>(
        R"({"process": "mmpp", "load": 1, "on_factor": 2, "on_sojourn": 10, "off_sojourn": 30, "unit": "full"})");
    CHECK(some.on_gap_ns == Approx(3e6));
    CHECK(some.off_gap_ns == Approx(6e6 / ((40 - 20) / 30.0)));
    CHECK(some.on_sojourn_ns == Approx(60e6));
    CHECK(some.off_sojourn_ns == Approx(180e6));
    const auto none = arrivals_of<MmppArrivals>(
        R"({"process": "mmpp", "rate": 100, "on_factor": 4, "on_sojourn": 10, "off_sojourn": 30, "unit": "ms"})");
    CHECK(none.on_gap_ns == Approx(2.5e6));
    CHECK(std::isinf(none.off_gap_ns));
}

TEST_CASE("gamma and closed") {
    const auto gamma = arrivals_of<GammaArrivals>(R"({"process": "gamma", "load": 0.6, "cv": 2.5})");
    CHECK(gamma.mean_gap_ns == Approx(1e7));
    CHECK(gamma.cv == 2.5);
    CHECK_FALSE(arrivals_of<ClosedArrivals>(R"({"process": "closed", "clients": 8})").next_at_deadline);
    const auto closed = arrivals_of<ClosedArrivals>(R"({"process": "closed", "clients": 8, "next": "deadline"})");
    CHECK(closed.clients == 8);
    CHECK(closed.next_at_deadline);
}

TEST_CASE("log: the first column of a CSV, and stretched to a load") {
    write_test_file("workload_file_test.csv", "time,what\n# comment\n\n0.5, a\n 0.75 ,b\r\n2,c\n");
    const std::vector<Time> expected{at_ns(500'000), at_ns(750'000), at_ns(2'000'000)};
    CHECK(arrivals_of<LogArrivals>(R"({"process": "log", "file": "workload_file_test.csv", "unit": "ms"})").releases ==
          expected);
    const std::vector<Time> stretched{at_ns(4'000'000), at_ns(6'000'000), at_ns(16'000'000)};
    CHECK(arrivals_of<LogArrivals>(R"({"process": "log", "file": "workload_file_test.csv", "unit": "ms", "load": 1})")
              .releases == stretched);
}

TEST_CASE("deadlines: fixed or uniform, in every unit") {
    CHECK(deadline_of(R"({"fixed": 20, "unit": "ms"})").low == 20ms);
    CHECK(deadline_of(R"({"fixed": 20, "unit": "us"})").low == 20us);
    CHECK(deadline_of(R"({"fixed": 20, "unit": "ns"})").low == 20ns);
    CHECK(deadline_of(R"({"fixed": 20, "unit": "s"})").low == 20s);
    const DeadlineRange range = deadline_of(R"({"uniform": [0.5, 4], "unit": "full"})");
    CHECK(range.low == 3ms);
    CHECK(range.high == 24ms);
}

TEST_CASE("full and load follow the largest variant and its accelerator stages") {
    const Workload workload = load_text(R"({"schema": "laxity.workload/1",
      "resources": [{"name": "host"}, {"name": "accelerator", "slots": 2}],
      "tasks": [{"name": "t", "variants": [
          {"name": "small", "synthetic": {"stages": [1], "unit": "ms", "accuracy": [0.5]}},
          {"name": "large", "synthetic": {"stages": [1, 8], "unit": "ms", "accuracy": [0.5, 1], "resources": ["host", "accelerator"]}}],
        "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"fixed": 1, "unit": "full"}, "weight": 2.5}],
      "horizon": {"seconds": 1.5}})");
    const Task& task = workload.tasks[0];
    CHECK(task.full == 9ms);
    CHECK(std::get<PoissonArrivals>(task.arrivals).mean_gap_ns == Approx(8e6));
    CHECK(task.variants[1].name == "large");
    CHECK(task.variants[1].trace->stages[0].resource == "host");
    CHECK(task.weight == 2.5);
    CHECK(workload.horizon.length == 1500ms);
    CHECK(workload.horizon.jobs == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("replay modes") {
    const auto mode = [](const std::string& replay) {
        return load_text(workload_text(kPoisson), {{"/replay", replay}}).replay;
    };
    CHECK(mode("rows").kind == ReplayMode::Kind::kRows);
    CHECK(mode("mean").kind == ReplayMode::Kind::kMean);
    CHECK(mode("quantile:0.5").kind == ReplayMode::Kind::kQuantile);
    CHECK(mode("quantile:0.5").quantile == 0.5);
}

TEST_CASE("overrides change values, add keys and keep strings") {
    const std::string text = workload_text(kPoisson);
    CHECK(std::get<PoissonArrivals>(load_text(text, {parse_override("/tasks/0/arrival/load=1.6")}).tasks[0].arrivals)
              .mean_gap_ns == Approx(3.75e6));
    CHECK(load_text(text, {parse_override("/tasks/0/weight=3")}).tasks[0].weight == 3);
    CHECK(load_text(text, {parse_override("/tasks/0/name=other")}).tasks[0].name == "other");
    CHECK(load_text(text, {parse_override("/planning_quantile=0.5"), parse_override("/planning_quantile=0.6")})
              .planning_quantile == 0.6);
    CHECK(load_text(text, {parse_override(R"(/tasks/0/deadline={"fixed": 5, "unit": "ms"})")}).tasks[0].deadline.low ==
          5ms);
    CHECK(parse_override("/a=b=c").value == "b=c");
    CHECK(parse_override("/a=").value.empty());
}

TEST_CASE("the resolved JSON shows overrides and loads to the same workload") {
    const std::string path = write_test_file("workload_file_test.json", workload_text(kPoisson));
    const std::string resolved = resolved_workload_json(path, {{"/tasks/0/weight", "4"}, {"/tasks/0/name", "n~a"}});
    CHECK_THAT(resolved, ContainsSubstring("\"weight\": 4"));
    CHECK_THAT(resolved, ContainsSubstring("\"name\": \"n~a\""));
    CHECK(load_text(resolved, {{"/tasks/0/name", "n"}}).tasks[0].weight == 4);
}

TEST_CASE("copies are tasks of their own, with luck of their own") {
    const Workload workload = load_text(workload_text(kPoisson), {{"/tasks/0/copies", "3"}});
    REQUIRE(workload.tasks.size() == 3);
    CHECK(workload.tasks[0].name + " " + workload.tasks[1].name + " " + workload.tasks[2].name ==
          load_text(workload_text(kPoisson)).tasks[0].name + "1 " + load_text(workload_text(kPoisson)).tasks[0].name +
              "2 " + load_text(workload_text(kPoisson)).tasks[0].name + "3");
    CHECK(workload.tasks[0].variants[0].trace == workload.tasks[2].variants[0].trace);
    CHECK(std::get<PoissonArrivals>(workload.tasks[2].arrivals).mean_gap_ns ==
          std::get<PoissonArrivals>(load_text(workload_text(kPoisson)).tasks[0].arrivals).mean_gap_ns);
    std::array<Time, 10> first{}, second{};
    make_arrival_stream(workload, 0, 1)->fill(first);
    make_arrival_stream(workload, 1, 1)->fill(second);
    CHECK(first != second);
    CHECK(load_text(workload_text(kPoisson), {{"/tasks/0/copies", "1"}}).tasks[0].name.ends_with("1"));
}

namespace {

const char* const kGenerated = R"({"schema": "laxity.workload/1",
    "generate": {"tasks": 4, "utilisation": 0.6, "periods": {"log_uniform": [10, 100], "granularity": 5, "unit": "ms"},
                 "deadlines": {"constrained": [0.5, 1]}, "stages": 3, "mandatory_share": 0.5, "offsets": "random"},
    "horizon": {"jobs": 10}})";

std::vector<Duration> periods(const Workload& workload) {
    std::vector<Duration> list;
    for (const Task& task : workload.tasks) list.push_back(std::get<PeriodicArrivals>(task.arrivals).period);
    return list;
}

}  // namespace

TEST_CASE("generated tasks are a set per seed, and keep to what is asked") {
    const WorkloadFile file(write_test_file("workload_file_test.json", kGenerated));
    CHECK(file.depends_on_seed());
    const Workload seven = file.load(7);
    REQUIRE(seven.tasks.size() == 4);
    double utilisation = 0;
    for (const Task& task : seven.tasks) {
        const auto& arrivals = std::get<PeriodicArrivals>(task.arrivals);
        CHECK(arrivals.period % 5ms == 0ms);
        CHECK(arrivals.offset < arrivals.period);
        CHECK(task.deadline.low == task.deadline.high);
        CHECK(task.deadline.low < arrivals.period);
        CHECK(task.mandatory_stages == 1);
        const Trace& trace = *task.variants[0].trace;
        REQUIRE(trace.stage_count() == 3);
        CHECK(std::abs(2 * trace.latency(0, 0) - task.full.count()) <= 2);
        CHECK(trace.outcome(0, 0).confidence < trace.outcome(0, 1).confidence);
        utilisation += static_cast<double>(task.full.count()) / static_cast<double>(arrivals.period.count());
    }
    CHECK(utilisation == Approx(0.6).epsilon(1e-6));
    CHECK(periods(file.load(7)) == periods(seven));
    CHECK(periods(file.load(8)) != periods(seven));
    CHECK(periods(load_workload("workload_file_test.json", {}, nullptr, 7)) == periods(seven));
    CHECK(periods(load_workload("workload_file_test.json")) == periods(file.load(1)));
}

TEST_CASE("a workload file is parsed once and changed without touching the original") {
    const std::string path = write_test_file("workload_file_test.json", kGenerated);
    const WorkloadFile file(path);
    write_test_file("workload_file_test.json", "no longer there");
    const WorkloadFile more =
        file.with({{"/generate/tasks", "6"}, {"/generate/arrival", "sporadic"}, {"/generate/offsets", "null"}});
    CHECK(more.load().tasks.size() == 6);
    const auto& sporadic = std::get<SporadicArrivals>(more.load().tasks[0].arrivals);
    CHECK(sporadic.mean_extra == Duration(sporadic.minimum_gap.count() / 10));
    CHECK(file.load().tasks.size() == 4);
    CHECK_THAT(more.json(), ContainsSubstring("\"tasks\": 6"));
    CHECK(more.path() == path);
}

TEST_CASE("generated tasks come after the listed ones; without a section nothing depends on the seed") {
    const std::string path = write_test_file("workload_file_test.json", workload_text(kPoisson));
    const WorkloadFile file(path);
    CHECK_FALSE(file.depends_on_seed());
    const WorkloadFile both = file.with(
        {{"/generate",
          R"({"name": "g", "tasks": 2, "utilisation": 0.1, "periods": {"choose": [10, 20], "unit": "ms"}})"}});
    CHECK(both.depends_on_seed());
    const Workload workload = both.load(3);
    REQUIRE(workload.tasks.size() == 3);
    CHECK(workload.tasks[0].name == file.load().tasks[0].name);
    CHECK(workload.tasks[1].name == "g1");
    CHECK(workload.tasks[2].deadline.low == std::get<PeriodicArrivals>(workload.tasks[2].arrivals).period);
}

TEST_CASE("a trace is found relative to the workload and read once") {
    std::filesystem::create_directories("workload_file_test/traces");
    const std::array<Duration, 1> times{2ms};
    const std::array<double, 1> shares{0.5};
    save_trace(synthetic_trace("net", times, shares), "workload_file_test/traces/a.json");
    write_test_file("workload_file_test/w.json", R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "a", "variants": [{"trace": "traces/a.json"}], "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"fixed": 1, "unit": "full"}},
        {"name": "b", "variants": [{"trace": "../workload_file_test/traces/a.json"}], "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"fixed": 1, "unit": "full"}}],
        "horizon": {"jobs": 10}})");
    TraceCache cache;
    const Workload first = load_workload("workload_file_test/w.json", {}, &cache);
    const Workload second = load_workload("workload_file_test/w.json", {}, &cache);
    CHECK(first.tasks[0].variants[0].trace == second.tasks[0].variants[0].trace);
    CHECK(first.tasks[0].variants[0].name == "net");
    CHECK(first.tasks[0].full == 2ms);
}

TEST_CASE("every scenario that ships loads, and its open tasks release jobs") {
    std::size_t scenarios = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(LAXITY_SOURCE_DIR "/workloads/scenarios")) {
        if (!entry.is_regular_file()) continue;
        const std::string text = read_file(entry.path().string());
        if (text.find("laxity.workload/1") == std::string::npos) continue;  // a sweep, say
        ++scenarios;
        INFO(entry.path());
        const bool measured = text.find("\"trace\"") != std::string::npos;
        const bool pipelines = text.find("\"pipeline\"") != std::string::npos;  // those ship with their traces
        const auto overrides = measured && !pipelines ? std::vector<Override>{kAnyVariant} : std::vector<Override>{};
        const Workload workload = load_workload(entry.path().string(), overrides);
        for (int task = 0; task < static_cast<int>(workload.tasks.size()); ++task) {
            if (workload.tasks[static_cast<std::size_t>(task)].closed()) continue;
            std::array<Time, 100> times{};
            make_arrival_stream(workload, task, 1)->fill(times);
            CHECK(times[99] > times[0]);
        }
    }
    CHECK(scenarios >= 6);
}

TEST_CASE("the README's workload and arrivals load") {
    const std::string readme = LAXITY_SOURCE_DIR "/workloads/README.md";
    const Workload workload = load_text(readme_block(readme, R"({"schema": "laxity.workload/1")"), {kAnyVariant});
    CHECK(workload.tasks.size() == 2);
    CHECK(load_text("{" + readme_block(readme, R"("generate": {)").substr(1) + R"(,
        "schema": "laxity.workload/1", "horizon": {"jobs": 10}})")
              .tasks.size() == 10);
    write_test_file("requests.csv", "0\n1.5\n2\n");
    std::istringstream lines(readme_block(readme, R"({"process": "poisson")"));
    int examples = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        INFO(line);
        CHECK_NOTHROW(load_text(workload_text(line)));
        ++examples;
    }
    CHECK(examples == 7);
}
