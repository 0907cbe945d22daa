#include "sim/study/sweep.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/results/csv.hpp"
#include "tests/catch.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

using namespace laxity;

namespace {

namespace fs = std::filesystem;

std::string write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    return path;
}

std::string sweep_file(const std::string& policies = R"(["edf", "lcf", "rtdeepiot:predictor=exp"])",
                       const std::string& axis = "/tasks/0/arrival/load") {
    write("sweep_workload.json", R"({"schema": "laxity.workload/1",
        "tasks": [{"name": "camera", "variants": [{"synthetic": {"stages": [1, 2, 2], "unit": "ms", "accuracy": [0.6, 0.8, 0.9]}}],
                   "arrival": {"process": "poisson", "load": 0.8}, "deadline": {"uniform": [0.5, 4], "unit": "full"}}],
        "horizon": {"jobs": 2000, "warmup_jobs": 100}})");
    return write("sweep.json", R"({"schema": "laxity.sweep/1", "workload": "sweep_workload.json", "axes": {")" + axis +
                                   R"(": [0.6, 1.8]}, "policies": )" + policies + R"(, "seeds": 3})");
}

std::string bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string run(const std::string& directory, int threads) {
    TraceCache cache;
    const SweepPlan plan = load_sweep(sweep_file(), {}, cache);
    REQUIRE(run_sweep(plan, cache, {directory, threads, {}}));
    return bytes(directory + "/runs.csv");
}

std::string fresh(const std::string& directory) {
    fs::remove_all(directory);
    return directory;
}

}  // namespace

TEST_CASE("INV-7: a sweep writes the same bytes with one thread and with several") {
    const std::string one = run(fresh("sweep_1"), 1);
    CHECK(one == run(fresh("sweep_2"), 2));
    CHECK(one == run(fresh("sweep_5"), 5));
    CHECK(std::count(one.begin(), one.end(), '\n') == 1 + 2 * 3 * 3);
}

TEST_CASE("INV-7: plans that a sweep makes do not depend on its threads") {
    TraceCache cache;
    const SweepPlan plan =
        load_sweep(sweep_file(R"(["rtmdl:generations=3,population=8,plan_jobs=200", "dm"])"), {}, cache);
    const auto rows = [&](const std::string& directory, int threads) {
        REQUIRE(run_sweep(plan, cache, {fresh(directory), threads, {}}));
        return bytes(directory + "/runs.csv");
    };
    CHECK(rows("sweep_plan_1", 1) == rows("sweep_plan_3", 3));
}

TEST_CASE("a sweep that was cut off goes on to the same bytes") {
    const std::string whole = run(fresh("sweep_whole"), 2);
    const std::string directory = fresh("sweep_cut");
    run(directory, 2);
    for (const std::size_t keep : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
        fs::resize_file(directory + "/runs.csv", keep);
        CHECK(run(directory, 2) == whole);
    }
}

TEST_CASE("an interrupted sweep keeps whole rows and says that it is not complete") {
    TraceCache cache;
    const SweepPlan plan = load_sweep(sweep_file(), {}, cache);
    const std::string directory = fresh("sweep_interrupted");
    set_interrupted(true);
    CHECK_FALSE(run_sweep(plan, cache, {directory, 1, {}}));
    set_interrupted(false);
    const std::string kept = bytes(directory + "/runs.csv");
    CHECK(kept.back() == '\n');
    CHECK(run(directory, 1) == run(fresh("sweep_reference"), 1));
}

TEST_CASE("a folder with another sweep's results is refused") {
    run(fresh("sweep_other"), 1);
    TraceCache cache;
    const SweepPlan other = load_sweep(sweep_file(R"(["edf"])"), {}, cache);
    CHECK_THROWS_WITH(run_sweep(other, cache, {"sweep_other", 1, {}}),
                      ContainsSubstring("the results of another sweep"));
}

TEST_CASE("a trace that was measured again makes it another sweep") {
    const std::vector<Duration> times = {Duration(1000), Duration(2000)};
    const std::vector<double> accuracy = {0.6, 0.9};
    Trace trace = synthetic_trace("measured", times, accuracy);
    trace.device.kind = "cpu";
    save_trace(trace, "sweep_trace.json");
    sweep_file();
    TraceCache cache;
    const std::vector<Override> measured = {{"/tasks/0/variants", R"([{"trace": "sweep_trace.json"}])"}};
    REQUIRE(run_sweep(load_sweep("sweep.json", measured, cache), cache, {fresh("sweep_trace"), 1, {}}));
    trace.latency_ns[0] += 1;
    save_trace(trace, "sweep_trace.json");
    TraceCache again;
    const SweepPlan other = load_sweep("sweep.json", measured, again);
    CHECK_THROWS_WITH(run_sweep(other, again, {"sweep_trace", 1, {}}),
                      ContainsSubstring("the results of another sweep"));
}

TEST_CASE("the winner is the most accurate policy that can run live") {
    TraceCache cache;
    const SweepPlan plan = load_sweep(sweep_file(R"(["edf", "lcf", "rtdeepiot:predictor=oracle"])"), {}, cache);
    const std::string directory = fresh("sweep_winner");
    REQUIRE(run_sweep(plan, cache, {directory, 2, {}}));
    const SweepSummary summary = summarise_sweep(plan, directory);
    CHECK(summary.runs == plan.runs());
    CHECK(summary.winner == "lcf");
    CHECK(sweep_winner(directory) == "lcf");
    CHECK_FALSE(summary.scores[2].live);
    CHECK(summary.scores[0].behind_winner.mean > 0);
}

TEST_CASE("the bounds of a sweep are the same bytes however they were made") {
    const auto bounds = [](const std::string& directory, int threads) {
        TraceCache cache;
        const SweepPlan plan = load_sweep(sweep_file(), {}, cache);
        REQUIRE(run_bounds(plan, cache, {directory, threads, {}}));
        return bytes(directory + "/bounds.csv");
    };
    run(fresh("sweep_bounds"), 2);
    const std::string whole = bounds("sweep_bounds", 1);
    CHECK_THAT(whole,
               StartsWith("/tasks/0/arrival/load,seed,jobs,clairvoyant,fluid,fluid_d,fluid_edf,least\n0.6,1,1900,"));
    CHECK(std::count(whole.begin(), whole.end(), '\n') == 1 + 2 * 3);
    for (const std::size_t keep : {std::size_t{0}, std::size_t{90}, whole.size() - 1}) {
        fs::resize_file("sweep_bounds/bounds.csv", keep);
        CHECK(bounds("sweep_bounds", 3) == whole);
    }
}

TEST_CASE("with bounds, the summary says how far below them a policy is") {
    TraceCache cache;
    SweepPlan plan = load_sweep(sweep_file(), {}, cache);
    CHECK_FALSE(plan.bounds);
    const std::string directory = fresh("sweep_regret");
    REQUIRE(run_sweep(plan, cache, {directory, 2, {}}));
    CHECK_FALSE(summarise_sweep(plan, directory).scores[0].behind_least);
    CHECK(bytes(directory + "/summary.json").find("behind_least_bound") == std::string::npos);
    plan.bounds = true;
    REQUIRE(run_bounds(plan, cache, {directory, 2, {}}));
    for (const PolicyScore& score : summarise_sweep(plan, directory).scores) {
        REQUIRE(score.behind_least);
        REQUIRE(score.behind_clairvoyant);
        CHECK(score.behind_clairvoyant->mean > 0);
        CHECK(*score.behind_clairvoyant->mean >= *score.behind_least->mean);
    }
    CHECK(bytes(directory + "/summary.json").find("behind_least_bound") != std::string::npos);
}

TEST_CASE("a bad sweep is refused before anything runs") {
    TraceCache cache;
    CHECK_THROWS_WITH(load_sweep(sweep_file(R"(["edv"])"), {}, cache),
                      ContainsSubstring("/policies/0") && ContainsSubstring("edf"));
    CHECK_THROWS_WITH(load_sweep(sweep_file(R"(["edf", "edf"])"), {}, cache), ContainsSubstring("named twice"));
    CHECK_THROWS_AS(load_sweep(sweep_file(R"(["edf"])", "/tasks/0/arrival/lod"), {}, cache), InputError);
    CHECK_THROWS_AS(load_sweep(sweep_file(R"(["edf"])", "tasks"), {}, cache), InputError);
    CHECK_THROWS_WITH(load_sweep("none.json", {}, cache), ContainsSubstring("none.json"));
}
