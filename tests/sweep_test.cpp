#include "sim/study/sweep.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/study/row_file.hpp"
#include "tests/catch.hpp"
#include "tests/study_fixture.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/trace.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

namespace fs = std::filesystem;

StudySpec small_spec(const std::vector<std::string>& policies = {"edf", "lcf", "rtdeepiot:predictor=exp"}) {
    StudySpec spec;
    spec.workload = write_two_tasks();
    spec.policies = policies;
    spec.axes = {parse_axis("camera.load=0.6,1.8")};
    spec.seeds = count_of_seeds(3);
    return spec;
}

// The seeds that a point needs differ: the lighter load is known sooner.
StudySpec adaptive_spec() {
    StudySpec spec = small_spec({"edf", "lcf"});
    spec.axes = {parse_axis("camera.load=0.4..2:0.4")};
    spec.seeds = count_of_seeds(2);
    spec.until = {parse_precision("accuracy=0.01", "until"), parse_precision("mean_depth=20%", "until")};
    spec.max_seeds = 12;
    return spec;
}

std::string bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string fresh(const std::string& directory) {
    fs::remove_all(directory);
    return directory;
}

// What the folder holds of the results.
std::string run(const StudySpec& spec, const std::string& directory, int threads = 2, Shard shard = {}) {
    const Study study(spec);
    SweepFolder folder(directory, study, shard, false);
    REQUIRE(run_sweep(study, folder, {threads, {}}));
    return bytes(directory + "/runs.csv") + bytes(directory + "/responses.csv");
}

std::size_t rows_in(const std::string& path) {
    const std::string text = bytes(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
}

nlohmann::json manifest_of(const std::string& directory) {
    return nlohmann::json::parse(bytes(directory + "/manifest.json"));
}

void change_manifest(const std::string& directory, const std::function<void(nlohmann::ordered_json&)>& change) {
    auto json = nlohmann::ordered_json::parse(bytes(directory + "/manifest.json"));
    change(json);
    std::ofstream(directory + "/manifest.json") << json.dump(2);
}

}  // namespace

TEST_CASE("INV-7: a sweep writes the same bytes with one thread and with several") {
    const std::string one = run(small_spec(), fresh("sweep_1"), 1);
    CHECK(one == run(small_spec(), fresh("sweep_2"), 2));
    CHECK(one == run(small_spec(), fresh("sweep_5"), 5));
    CHECK(rows_in("sweep_1/runs.csv") == 2 * 3 * 3);
    CHECK(rows_in("sweep_1/responses.csv") == 2 * 3 * 3);
    CHECK_THAT(bytes("sweep_1/runs.csv"), StartsWith("load,policy,seed,jobs,missed,"));
    CHECK_THAT(bytes("sweep_1/runs.csv"), ContainsSubstring("\n0.6,rtdeepiot,3,1900,"));
}

TEST_CASE("INV-7: plans that a sweep makes do not depend on its threads") {
    const StudySpec spec = small_spec({"rtmdl:generations=3,population=8,plan_jobs=200", "dm"});
    CHECK(run(spec, fresh("sweep_plan_1"), 1) == run(spec, fresh("sweep_plan_3"), 3));
}

TEST_CASE("a sweep that was cut off goes on to the same bytes") {
    const std::string whole = run(small_spec(), fresh("sweep_whole"));
    const std::string directory = fresh("sweep_cut");
    run(small_spec(), directory);
    const auto size = fs::file_size(directory + "/runs.csv"), responses = fs::file_size(directory + "/responses.csv");
    for (const std::uintmax_t keep : {std::uintmax_t{0}, std::uintmax_t{10}, size / 2, size - 1}) {
        fs::resize_file(directory + "/runs.csv", keep);
        CHECK(run(small_spec(), directory) == whole);
        fs::resize_file(directory + "/responses.csv", std::min(keep, responses));
        CHECK(run(small_spec(), directory) == whole);
    }
}

TEST_CASE("seeds are added to a point until its means are known") {
    const std::string whole = run(adaptive_spec(), fresh("sweep_until"), 1);
    CHECK(whole == run(adaptive_spec(), fresh("sweep_until_3"), 3));
    std::map<std::string, std::size_t> seeds;  // by load and policy
    RowReader rows("sweep_until/runs.csv");
    for (std::string row; rows.next(row);) ++seeds[field_of(row, 0) + field_of(row, 1)];
    CHECK(seeds["0.4edf"] == seeds["0.4lcf"]);
    CHECK(seeds["2edf"] == seeds["2lcf"]);
    CHECK(seeds["0.4edf"] >= 2);
    CHECK(seeds["2edf"] <= 12);
    CHECK(std::set<std::size_t>{seeds["0.4edf"], seeds["0.8edf"], seeds["1.2edf"], seeds["1.6edf"], seeds["2edf"]}
              .size() > 1);
}

TEST_CASE("a sweep that adds seeds goes on to the same bytes wherever it was cut off") {
    const std::string whole = run(adaptive_spec(), fresh("sweep_adaptive"));
    const auto size = fs::file_size("sweep_adaptive/runs.csv");
    for (std::uintmax_t keep = 7; keep < size; keep += size / 23) {
        fs::resize_file("sweep_adaptive/runs.csv", keep);
        REQUIRE(run(adaptive_spec(), "sweep_adaptive", 3) == whole);
    }
}

TEST_CASE("an interrupted sweep keeps whole rows and says that it is not complete") {
    const Study study(small_spec());
    const std::string directory = fresh("sweep_interrupted");
    {
        SweepFolder folder(directory, study, {}, false);
        set_interrupted(true);
        CHECK_FALSE(run_sweep(study, folder, {1, {}}));
        set_interrupted(false);
        CHECK_FALSE(manifest_of(directory)["state"]["complete"]);
    }
    CHECK(bytes(directory + "/runs.csv").back() == '\n');
    CHECK(run(small_spec(), directory, 1) == run(small_spec(), fresh("sweep_reference"), 1));
    CHECK(manifest_of(directory)["state"]["complete"]);
    CHECK(manifest_of(directory)["state"]["rows"] == 18);
}

TEST_CASE("a folder with another study's results is refused, with the difference, and untouched") {
    run(small_spec(), fresh("sweep_other"));
    const std::string before = bytes("sweep_other/runs.csv") + bytes("sweep_other/manifest.json");
    const auto refusal = [](const StudySpec& spec, Shard shard = {}) {
        const Study study(spec);
        try {
            SweepFolder folder("sweep_other", study, shard, false);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(refusal(small_spec({"edf"})), ContainsSubstring("the results of another sweep") &&
                                                 ContainsSubstring("its policies differ") &&
                                                 ContainsSubstring("--replace"));
    StudySpec spec = small_spec();
    spec.seeds = count_of_seeds(4);
    CHECK_THAT(refusal(spec), ContainsSubstring("its seeds differ"));
    spec = small_spec();
    spec.overrides = {{"/tasks/1/weight", "3"}};
    CHECK_THAT(refusal(spec), ContainsSubstring("its workload differs at /tasks/1/weight"));
    CHECK_THAT(refusal(small_spec(), {1, 3}), ContainsSubstring("a whole sweep of it, where shard 1/3 is asked for"));
    CHECK(before == bytes("sweep_other/runs.csv") + bytes("sweep_other/manifest.json"));
    const Study study(small_spec({"edf"}));
    {
        SweepFolder folder("sweep_other", study, {}, true);
        REQUIRE(run_sweep(study, folder, {2, {}}));
    }
    CHECK(before == bytes("sweep_other.old/runs.csv") + bytes("sweep_other.old/manifest.json"));
    CHECK(rows_in("sweep_other/runs.csv") == 6);
    fs::remove_all("sweep_other.old");
}

TEST_CASE("a sweep whose policies behave differently now is refused, and the policy is named") {
    run(small_spec(), fresh("sweep_signature"));
    CHECK(manifest_of("sweep_signature")["signatures"].size() == 3);
    change_manifest("sweep_signature", [](auto& json) { json["signatures"]["lcf"] = "0123456789abcdef"; });
    const Study study(small_spec());
    CHECK_THROWS_WITH(SweepFolder("sweep_signature", study, {}, false),
                      ContainsSubstring("lcf (signature 0123456789abcdef then") && ContainsSubstring("--replace"));
}

TEST_CASE("another program that behaves the same goes on, and is noted with its first row") {
    const std::string whole = run(small_spec(), fresh("sweep_programs"));
    fs::resize_file("sweep_programs/runs.csv", fs::file_size("sweep_programs/runs.csv") / 2);
    const std::size_t half = rows_in("sweep_programs/runs.csv");
    change_manifest("sweep_programs", [](auto& json) { json["programs"][0]["commit"] = "0000000"; });
    CHECK(run(small_spec(), "sweep_programs") == whole);
    const auto programs = manifest_of("sweep_programs")["programs"];
    REQUIRE(programs.size() == 2);
    CHECK(programs[0]["commit"] == "0000000");
    CHECK(programs[1]["from_row"] == half);
}

TEST_CASE("a trace that changed since is noticed by its content, also while the sweep runs") {
    const std::vector<Duration> times = {Duration(1000), Duration(2000)};
    const std::vector<double> accuracy = {0.6, 0.9};
    Trace trace = synthetic_trace("measured", times, accuracy);
    trace.device.kind = "cpu";
    save_trace(trace, "sweep_trace.json");
    StudySpec spec = small_spec({"edf"});
    spec.overrides = {{"/tasks/1/variants", R"([{"trace": "sweep_trace.json"}])"}};
    run(spec, fresh("sweep_trace"));
    trace.latency_ns[0] += 1;
    {
        const Study study(spec);
        SweepFolder folder(fresh("sweep_trace_2"), study, {}, false);
        save_trace(trace, "sweep_trace.json");
        CHECK_THROWS_WITH(run_sweep(study, folder, {1, {}}), ContainsSubstring("sweep_trace.json has changed") &&
                                                                 ContainsSubstring("while the sweep ran"));
    }
    const Study study(spec);
    CHECK_THROWS_WITH(SweepFolder("sweep_trace", study, {}, false), ContainsSubstring("sweep_trace.json has changed"));
}

TEST_CASE("a row that is not the study's is refused, and says where it is") {
    run(small_spec(), fresh("sweep_row"));
    std::string text = bytes("sweep_row/runs.csv");
    text.replace(text.find("\n0.6,lcf,2,"), 11, "\n0.6,lcf,5,");
    std::ofstream("sweep_row/runs.csv", std::ios::binary) << text;
    const Study study(small_spec());
    SweepFolder folder("sweep_row", study, {}, false);
    CHECK_THROWS_WITH(run_sweep(study, folder, {2, {}}),
                      ContainsSubstring("sweep_row/runs.csv:6") && ContainsSubstring("0.6,lcf,2"));
}

TEST_CASE("a folder that is removed ends the sweep, which says so") {
    StudySpec longer = small_spec();
    longer.workload = write_two_tasks(400'000);
    const Study slow(longer);
    SweepFolder long_folder(fresh("sweep_removed_2"), slow, {}, false);
    const auto remove_long = [&](std::uint64_t done, std::uint64_t) {
        if (done < 18) fs::remove_all("sweep_removed_2");
    };
    CHECK_THROWS_AS(run_sweep(slow, long_folder, {1, remove_long}), RunError);
}

TEST_CASE("measures of tasks have columns of their own") {
    StudySpec spec = small_spec({"edf"});
    spec.per_task = true;
    run(spec, fresh("sweep_tasks"));
    CHECK_THAT(bytes("sweep_tasks/runs.csv"),
               ContainsSubstring(",camera.accuracy,") && ContainsSubstring(",radar.miss_ratio,"));
    spec.tasks = {"radar"};
    run(spec, fresh("sweep_tasks_1"));
    CHECK_THAT(bytes("sweep_tasks_1/runs.csv"),
               !ContainsSubstring("camera.") && ContainsSubstring(",radar.miss_ratio,"));
}

TEST_CASE("the bounds of a sweep are the same bytes however they were made") {
    run(small_spec(), fresh("sweep_bounds"));
    const auto bounds = [](int threads) {
        const Study study(small_spec());
        SweepFolder folder("sweep_bounds", study, {}, false);
        REQUIRE(run_bounds(study, folder, {threads, {}}));
        return bytes("sweep_bounds/bounds.csv");
    };
    const std::string whole = bounds(1);
    CHECK_THAT(whole, StartsWith("load,seed,jobs,clairvoyant,fluid,fluid_d,fluid_edf,least\n0.6,1,1900,"));
    CHECK(rows_in("sweep_bounds/bounds.csv") == 2 * 3);
    for (const std::size_t keep : {std::size_t{0}, std::size_t{90}, whole.size() - 1}) {
        fs::resize_file("sweep_bounds/bounds.csv", keep);
        CHECK(bounds(3) == whole);
    }
}

TEST_CASE("a sweep that asks for bounds is complete when it has them") {
    StudySpec spec = small_spec();
    spec.bounds = true;
    const Study study(spec);
    SweepFolder folder(fresh("sweep_bounds_complete"), study, {}, false);
    REQUIRE(run_sweep(study, folder, {2, {}}));
    CHECK_FALSE(manifest_of("sweep_bounds_complete")["state"]["complete"]);
    REQUIRE(run_bounds(study, folder, {2, {}}));
    CHECK(manifest_of("sweep_bounds_complete")["state"]["complete"]);
    CHECK(manifest_of("sweep_bounds_complete")["state"]["rows"] == rows_in("sweep_bounds_complete/runs.csv"));
}

TEST_CASE("where seeds are added, a point's bounds are of the seeds that it has") {
    const StudySpec spec = adaptive_spec();
    run(spec, fresh("sweep_bounds_until"));
    const Study study(spec);
    SweepFolder folder("sweep_bounds_until", study, {}, false);
    REQUIRE(run_bounds(study, folder, {2, {}}));
    CHECK(rows_in("sweep_bounds_until/bounds.csv") * 2 == rows_in("sweep_bounds_until/runs.csv"));
}
