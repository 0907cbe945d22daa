#include "sim/study/watch.hpp"

#include <sys/wait.h>

#include "sim/study/job_follower.hpp"
#include "sim/study/run_follower.hpp"
#include "sim/study/watch_text.hpp"
#include "tests/catch.hpp"
#include "tests/golden.hpp"
#include "tests/watch_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

using Phase = WatchState::Phase;

std::string fresh(const std::string& directory) {
    std::filesystem::remove_all(directory);
    return directory;
}

std::string joined_lines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

WatchLook plain_look() {
    WatchLook look;
    look.width = 100;
    look.clock = false;
    return look;
}

// A number of a process that is no more.
long dead_process() {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    return child;
}

WatchState sample_state() {
    WatchState state;
    state.directory = "results/study";
    state.what = "a sweep";
    state.phase = Phase::kRunning;
    state.writer = {FolderWriter::State::kHere, "process 12 on host, since 2026-11-25T10:02:00Z", "", ""};
    state.done = 520;
    state.of = 800;
    state.per_second = 12.5;
    state.seconds_left = 22.4;
    state.parts = {{"load=0.5", 200, 200, true}, {"load=1", 200, 200, true}, {"load=1.5", 120, 200, false}};
    state.parts_in_all = 4;
    state.metric = "accuracy";
    state.points_judged = 2;
    state.tested = true;
    state.standings = {{"rtdeepiot:predictor=oracle", {10, 0.9, 0.001}, {}, false, false},
                       {"toll", {10, 0.8123, 0.0012}, {}, true, true},
                       {"gittins", {10, 0.8119, 0.0011}, {10, -0.0004, 0.0005}, true, true},
                       {"edf", {10, 0.7, 0.0021}, {10, -0.1123, 0.002}, false, true},
                       {"never ran", {}, {}, false, true}};
    state.notes = {"2 of 8 pairs of point and policy: fewer than 10 misses"};
    return state;
}

}  // namespace

TEST_CASE("a growth rate is of the last minute, and before that of the writer's life") {
    GrowthRate rate;
    CHECK_FALSE(rate.per_second());
    rate.remember(100, 50);
    CHECK(*rate.per_second() == Approx(0.5));
    rate.see(0, 50);
    rate.see(2, 60);
    CHECK(*rate.per_second() == Approx(0.5));  // two seconds are too few
    rate.see(10, 150);
    CHECK(*rate.per_second() == Approx(10));
    for (int second = 11; second <= 200; ++second) rate.see(second, 150 + 2 * (second - 10));
    CHECK(*rate.per_second() == Approx(2));
    rate.see(201, 5);  // begun anew
    CHECK(*rate.per_second() == Approx(0.5));
}

TEST_CASE("a batch mean is the mean of all, its interval that of batches") {
    BatchMean mean;
    CHECK_FALSE(mean.estimate().mean);
    for (int i = 0; i < 19; ++i) mean.add(i % 2);
    CHECK(*mean.estimate().mean == Approx(9.0 / 19));
    CHECK_FALSE(mean.estimate().half_width);
    for (int i = 19; i < 1003; ++i) mean.add(i % 2);
    CHECK(*mean.estimate().mean == Approx(501.0 / 1003));
    CHECK(*mean.estimate().half_width == Approx(0).margin(1e-12));  // every batch of even size holds as many of each
}

TEST_CASE("runs are followed row by row, half-written ones left for later") {
    const std::string folder = fresh("follow");
    write_watched_manifest(folder, false);
    RunFollower runs({folder}, {"accuracy"});
    REQUIRE(runs.read_on());  // nothing there yet
    CHECK(runs.rows() == 0);
    CHECK(runs.table().runs() == 0);
    const std::string file = folder + "/runs.csv";
    append_to(file, kWatchedHeader.substr(0, 10));
    REQUIRE(runs.read_on());
    append_to(file, kWatchedHeader.substr(10) + "0.5,edf,1,5000,100,0.9,0.02\n0.5,edf,2,5000,100,0.8");
    REQUIRE(runs.read_on());
    CHECK(runs.rows() == 1);
    append_to(file, "7,0.02\n0.5,lcf,1,5000,100,0.7,0.02\n");
    REQUIRE(runs.read_on());
    CHECK(runs.rows() == 3);
    const RunTable table = runs.table();
    REQUIRE(table.competitors().size() == 2);
    CHECK(table.values(0, 0, "accuracy")[1].value == Approx(0.87));
    CHECK(table.notes().empty());
    REQUIRE(runs.read_on());
    CHECK(runs.rows() == 3);
    SECTION("a file that was cut") {
        std::filesystem::resize_file(file, 60);
        CHECK_FALSE(runs.read_on());
    }
    SECTION("a file that was replaced") {
        write_test_file(folder + "/new", kWatchedHeader + watched_rows("0.5", "edf", 0.9, 30));
        std::filesystem::rename(folder + "/new", file);
        CHECK_FALSE(runs.read_on());
    }
    SECTION("a folder that is gone") {
        std::filesystem::remove_all(folder);
        CHECK_FALSE(runs.read_on());
    }
}

TEST_CASE("a sweep from its beginning to its end") {
    const std::string folder = fresh("watched");
    FolderWatch watch({folder}, "accuracy");
    CHECK_FALSE(watch.look(0));
    WatchedLock lock(folder, true);
    CHECK(watch.look(1)->phase == Phase::kStarting);
    write_watched_manifest(folder, false);
    CHECK(watch.look(2)->phase == Phase::kStarting);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8));
    auto state = watch.look(3);
    CHECK(state->phase == Phase::kRunning);
    CHECK(state->done == 3);
    CHECK(*state->of == 12);
    CHECK(*state->parts.front().of == 6);
    append_to(folder + "/runs.csv", watched_rows("0.5", "lcf", 0.9) + watched_rows("1.5", "edf", 0.5, 1));
    state = watch.look(13);
    CHECK(state->parts.size() == 2);
    CHECK(state->parts[0].complete);
    CHECK(state->points_judged == 1);  // lcf has no run at the second
    CHECK(state->standings[0].policy == "lcf");
    CHECK(*state->standings[1].behind.mean == Approx(-0.1));
    CHECK(*state->per_second == Approx(7.0 / 11));  // since it was first looked at
    CHECK(*state->seconds_left == Approx(5 * 11 / 7.0));
    append_to(folder + "/runs.csv", watched_rows("1.5", "edf", 0.5, 3, 2) + watched_rows("1.5", "lcf", 0.6));
    write_watched_manifest(folder, true);
    lock.end();
    state = watch.look(20);
    CHECK(state->phase == Phase::kFinished);
    CHECK(state->done == state->of);
    check_golden("watch-finished.txt", joined_lines(watch_lines(*state, plain_look())));
}

TEST_CASE("a killed sweep is told from one that runs, here and elsewhere") {
    const std::string folder = fresh("watch_killed");
    write_watched_manifest(folder, false);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8) + "0.5,lcf,1,50");
    FolderWatch watch({folder}, "accuracy");
    CHECK(watch.look(0)->phase == Phase::kStopped);  // no lock: it was interrupted
    {
        WatchedLock lock(folder, true);
        CHECK(watch.look(1)->phase == Phase::kRunning);
    }
    WatchedLock(folder, false, dead_process());
    const auto killed = watch.look(2);
    CHECK(killed->phase == Phase::kStopped);
    CHECK(killed->advice == "its process was killed; to go on: laxity sweep mine.json --out watch_killed");
    WatchedLock(folder, false, 1, "another-machine");
    CHECK(watch.look(3)->phase == Phase::kRunning);
    CHECK(watch.look(3)->writer.state == FolderWriter::State::kElsewhere);
}

TEST_CASE("a folder that is replaced is begun anew") {
    const std::string folder = fresh("watch_replaced");
    WatchedLock lock(folder, true);
    write_watched_manifest(folder, false);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8));
    FolderWatch watch({folder}, "accuracy");
    CHECK(watch.look(0)->done == 3);
    std::filesystem::remove(folder + "/runs.csv");
    CHECK(watch.look(1)->done == 0);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8, 2));
    CHECK(watch.look(2)->done == 2);
}

TEST_CASE("shards are one sweep") {
    fresh("watch_shards");
    for (const std::string number : {"1", "2"}) {
        const std::string folder = "watch_shards/shards/" + number;
        write_watched_manifest(folder, number == "1", R"("shard": ")" + number + R"(/3", )");
        write_test_file(folder + "/runs.csv", kWatchedHeader + watched_rows(number == "1" ? "0.5" : "1.5", "edf", 0.8,
                                                                            number == "1" ? 3 : 2));
    }
    FolderWatch watch({"watch_shards"}, "accuracy");
    const auto state = watch.look(0);
    CHECK(state->what == "a sweep in 3 shards");
    CHECK(state->done == 5);
    CHECK(state->parts.size() == 2);
    CHECK(state->parts[0].complete);
    CHECK(state->phase == Phase::kRunning);
    CHECK_THAT(state->notes.front(), ContainsSubstring("nobody writes shard 2/3"));
    CHECK_THAT(joined_lines(watch_lines(*state, plain_look())), ContainsSubstring("1 of 3 shards  #1."));
}

TEST_CASE("shards of different sweeps, and one shard twice, are refused") {
    const auto shard = [](const std::string& folder, const std::string& text, const std::string& more = {}) {
        fresh(folder);
        write_watched_manifest(folder, true, R"("shard": ")" + text + R"(", )" + more);
        write_test_file(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8));
        return folder;
    };
    const std::string first = shard("watch_first", "1/2");
    const auto error = [&](const std::string& other) {
        return error_of([&] { FolderWatch({first, other}, "accuracy").look(0); });
    };
    CHECK_THAT(error(first), StartsWith("watch_first: expected a shard that is not there yet, found shard 1/2 again"));
    CHECK_THAT(error(shard("watch_fellow", "2/3")), StartsWith("watch_fellow: expected one of 2 shards"));
    const std::string stranger = shard("watch_fellow", "2/2");
    std::string manifest = read_file(stranger + "/manifest.json");
    write_test_file(stranger + "/manifest.json", manifest.replace(manifest.find("lcf"), 3, "rms"));
    CHECK_THAT(error(stranger), ContainsSubstring("found one whose /policies"));
}

TEST_CASE("a grid that no terminal can hold is left out") {
    WatchState state;
    state.phase = Phase::kRunning;
    state.parts_in_all = std::size_t{1} << 60;
    state.parts.push_back({"load=1", 1, {}, true});
    CHECK_THAT(joined_lines(watch_lines(state, plain_look())), !ContainsSubstring("#"));
}

TEST_CASE("a live run: jobs, shares with intervals of batches, responses") {
    const std::string folder = fresh("watch_live");
    WatchedLock lock(folder, true);
    write_test_file(folder + "/manifest.json", R"({"schema": "laxity.manifest/2", "what": "a live run of edf",
        "configuration": {"horizon": {"seconds": 10}, "tasks": []}})");
    std::string rows =
        "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed\n";
    for (int job = 0; job < 100; ++job) {
        const std::string release = std::to_string(job * 50'000'000LL),
                          end = std::to_string(job * 50'000'000LL + 2'000'000);
        rows += "camera," + std::to_string(job) + "," + release + ",9,1," +
                (job % 10 == 0 ? ",9,0,0,,0,1\n" : end + "," + end + ",0,1,3,1,0\n");
    }
    write_test_file(folder + "/jobs.csv", rows + "camera,100,5000");
    FolderWatch watch({folder}, "accuracy");
    const auto state = watch.look(0);
    CHECK(state->phase == Phase::kRunning);
    CHECK(state->done == 100);
    CHECK(*state->share == Approx(0.4952));
    REQUIRE(state->tasks.size() == 1);
    CHECK(*state->tasks[0].accuracy.mean == Approx(0.9));
    CHECK(*state->tasks[0].misses.mean == Approx(0.1));
    CHECK(*state->tasks[0].p50_ms == Approx(2).epsilon(1e-3));
    check_golden("watch-live.txt", joined_lines(watch_lines(*state, plain_look())));
}

TEST_CASE("a validation: repetitions, those that were disturbed, and what it came to") {
    const std::string folder = fresh("watch_validation");
    WatchedLock lock(folder, true);
    write_test_file(
        folder + "/manifest.json",
        R"({"schema": "laxity.manifest/2", "what": "a validation of edf, lcf", "created": "2026-11-25T10:02:00Z",
        "command": "laxity validate", "configuration": {}, "inputs": []})");
    write_test_file(folder + "/protocol.json", R"({"schema": "laxity.protocol/1", "cells": 2, "repetitions": 2})");
    FolderWatch watch({folder}, "");
    CHECK(watch.look(0)->phase == Phase::kStarting);
    CHECK(watch.look(0)->of == 4);

    append_to(folder + "/repetitions.csv",
              "point,policy,repetition,attempt,seed,metric,contended\n"
              "/x=1,edf,1,1,1,accuracy,0\n/x=1,edf,1,1,1,miss_ratio,0\n"
              "/x=1,lcf,2,1,2,accuracy,1\n");
    auto state = watch.look(1);
    CHECK(state->phase == Phase::kRunning);
    CHECK(state->done == 2);
    CHECK(state->unit == "repetitions");
    REQUIRE(state->parts.size() == 2);
    CHECK(state->parts[1].name == "/x=1  lcf");
    CHECK_FALSE(state->parts[1].complete);
    CHECK(state->notes == std::vector<std::string>{"1 live runs were disturbed, 0 were repeated"});

    append_to(folder + "/repetitions.csv",
              "/x=1,edf,2,1,2,accuracy,0\n/x=1,lcf,1,1,1,accuracy,0\n/x=1,lcf,2,2,2,accuracy,0\n");
    state = watch.look(2);
    CHECK(state->done == 4);
    CHECK(state->phase == Phase::kRunning);
    CHECK(state->notes == std::vector<std::string>{"1 live runs were disturbed, 1 were repeated"});

    append_to(folder + "/validation.csv",
              "point,policy,metric,difference,ci95,verdict\n"
              "/x=1,edf,accuracy,0.001,0.0005,equal\n/x=1,edf,miss_ratio,0.1,0.01,different\n"
              "/x=1,lcf,accuracy,,,\n");
    lock.end();
    state = watch.look(3);
    CHECK(state->phase == Phase::kFinished);
    CHECK(joined_lines(watch_lines(*state, plain_look())) ==
          "watch_validation: a validation of edf, lcf, finished\n4 repetitions\n2 cells\n"
          "  /x=1  edf: of 2 metrics 1 equal, 1 different\n  /x=1  lcf: of 1 metrics 0 equal, 0 different\n"
          "note: 1 live runs were disturbed, 1 were repeated\n");
}

TEST_CASE("a validation that was stopped says where its repetitions are") {
    const std::string folder = fresh("watch_stopped");
    std::filesystem::create_directories(folder);
    write_test_file(folder + "/manifest.json", R"({"schema": "laxity.manifest/2", "what": "a validation of edf"})");
    write_test_file(folder + "/protocol.json", R"({"schema": "laxity.protocol/1", "cells": 1, "repetitions": 2})");
    append_to(folder + "/repetitions.csv", "point,policy,repetition,attempt,contended\n,edf,1,1,0\n");
    FolderWatch watch({folder}, "");
    const auto state = watch.look(0);
    CHECK(state->phase == Phase::kStopped);
    CHECK(state->done == 1);
    CHECK(state->advice == "it was stopped before its end; what was measured is in watch_stopped/repetitions.csv");
    write_test_file(folder + "/protocol.json",
                    R"({"schema": "laxity.protocol/1", "cells": 1, "repetitions": 2, "signatures": {}})");
    CHECK(watch.look(0)->advice.ends_with("; the same command goes on with it"));
}

TEST_CASE("a validation of before there were repetitions counts its cells") {
    const std::string folder = fresh("watch_old");
    std::filesystem::create_directories(folder);
    write_test_file(folder + "/manifest.json", R"({"schema": "laxity.manifest/2", "what": "a validation of edf"})");
    append_to(folder + "/validation.csv",
              "point,policy,metric,difference,ci95\n,edf,accuracy,0.1,0.05\n,edf,miss_ratio,0.1,0.5\n");
    FolderWatch watch({folder}, "");
    const auto state = watch.look(0);
    CHECK(state->phase == Phase::kFinished);
    CHECK(state->done == 1);
    CHECK(joined_lines(watch_lines(*state, plain_look())) ==
          "watch_old: a validation of edf, finished\n1 cells\n  edf: 1 of 2 metrics differ\n");
}

TEST_CASE("golden: a sweep under way, on a terminal and in one line") {
    WatchLook look = plain_look();
    look.clock = true;
    check_golden("watch-running.txt", joined_lines(watch_lines(sample_state(), look)));
    CHECK(watch_line(sample_state()) ==
          "520/800 runs, 2 of 4 points; accuracy: toll 0.8123 +- 0.0012, 1 more cannot be "
          "told from it");
    CHECK(watch_clock(sample_state()) == "12.5 runs/s, 00:22 left");
}

TEST_CASE("no line is longer than the terminal is wide, and there are no more than it has") {
    WatchState state = sample_state();
    state.standings[1].policy =
        "rtdeepiot:predictor=conditional,delta=0.02,update=resolve,\u03b4=" + std::string(200, 'x');
    for (const std::size_t width : {20, 40, 80, 200}) {
        for (const std::size_t height : {3, 8, 12, 40}) {
            WatchLook look;
            look.width = width;
            look.height = height;
            const auto lines = watch_lines(state, look);
            CHECK(lines.size() <= height);
            for (const std::string& line : lines) {
                const auto characters =
                    std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
                CHECK(static_cast<std::size_t>(characters) <= width);
            }
        }
    }
}

TEST_CASE("what has no results to watch is refused, as is a measure that there is not") {
    fresh("watch_empty");
    std::filesystem::create_directories("watch_empty");
    FolderWatch empty({"watch_empty"}, "accuracy");
    CHECK_THAT(error_of([&] { empty.look(0); }), StartsWith("watch_empty: expected results of a sweep"));
    fresh("watch_plan");
    std::filesystem::create_directories("watch_plan");
    write_test_file("watch_plan/manifest.json",
                    R"({"schema": "laxity.manifest/2", "what": "a plan", "configuration": {}})");
    FolderWatch plan({"watch_plan"}, "accuracy");
    CHECK_THAT(error_of([&] { plan.look(0); }), ContainsSubstring("found a plan"));
    const std::string folder = fresh("watch_metric");
    write_watched_manifest(folder, true);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8));
    FolderWatch metric({folder}, "acuracy");
    CHECK_THAT(error_of([&] { metric.look(0); }), StartsWith("--metric: expected a measure of watch_metric/runs.csv"));
}
