#include "sim/results/output.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sim/results/results.hpp"
#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/version.hpp"

using namespace laxity;

namespace {

namespace fs = std::filesystem;

std::string gone(const std::string& path) {
    for (const char* end : {"", ".old", ".old.2", ".old.3"}) fs::remove_all(path + end);
    return path;
}

// Every file below a folder, with its bytes.
std::map<std::string, std::string> everything_in(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files[entry.path().string().substr(folder.size())] = read_file(entry.path());
    return files;
}

// A folder as a sweep leaves it.
std::string folder_with_results(const std::string& name) {
    const std::string folder = gone(name);
    fs::create_directories(folder + "/figures");
    write_test_file(folder + "/manifest.json",
                    R"({"schema": "laxity.manifest/2", "what": "a sweep", "created": "2026-11-25T10:02:33Z"})");
    write_test_file(folder + "/runs.csv", "policy,seed\nedf,1\nedf,2\n");
    write_test_file(folder + "/figures/a.png", "a figure");
    write_test_file(folder + "/notes.txt", "mine");
    return folder;
}

// Runs `action` in a process of its own, which then waits to be killed. Returns its number once `action` is done.
pid_t in_another_process(const std::function<void()>& action) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        action();
        [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
        for (;;) ::pause();
    }
    char byte = 0;
    ::close(ready[1]);
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    return child;
}

}  // namespace

TEST_CASE("a folder is made with its parents, and one that stays empty is taken away again") {
    const std::string folder = gone("output_new");
    {
        ResultFolder results(folder + "/a/b//");
        CHECK(results.path() == folder + "/a/b");
        CHECK_FALSE(results.occupied());
        results.claim(false);
        CHECK(fs::exists(folder + "/a/b/.lock"));
    }
    CHECK_FALSE(fs::exists(folder + "/a/b"));
    CHECK(fs::exists(folder + "/a"));
    ResultFolder(folder + "/a").claim(false);
    CHECK(fs::exists(folder + "/a"));  // was there before
    CHECK(fs::is_empty(folder + "/a"));
    CHECK_THAT(error_of([] { ResultFolder(""); }), StartsWith("--out: expected a folder, found an empty name"));
    CHECK_THAT(error_of([] { ResultFolder("/proc/none"); }),
               StartsWith("--out /proc/none: expected a folder that can"));
}

TEST_CASE("a folder with results is refused, named, and left as it is") {
    const std::string folder = folder_with_results("output_refused");
    const auto before = everything_in(folder);
    const std::string error = error_of([&] { ResultFolder(folder).claim(false); });
    CHECK(error ==
          "--out output_refused: expected a folder without results, found a sweep made 2026-11-25 10:02 UTC, 2 rows; "
          "choose another folder, or add --replace, which moves this one to output_refused.old");
    CHECK(error_of([&] { ResultFolder(folder).check(false); }) == error);
    CHECK(everything_in(folder) == before);
}

TEST_CASE("--replace moves a folder aside with all that is in it, as often as it is asked for") {
    const std::string folder = folder_with_results("output_replaced");
    const auto before = everything_in(folder);
    {
        ResultFolder results(folder);
        results.check(true);
        CHECK(results.occupied());  // checked, not moved
        results.claim(true);
        CHECK_FALSE(results.occupied());
        CHECK(everything_in(folder).size() == 1);  // the lock
        write_test_file(folder + "/jobs.csv", "second");
    }
    CHECK(everything_in(folder + ".old") == before);
    ResultFolder(folder).claim(true);
    CHECK(read_file(folder + ".old.2/jobs.csv") == "second");
    CHECK(everything_in(folder + ".old") == before);
    CHECK_FALSE(fs::exists(folder));  // nothing was written into the third
}

TEST_CASE("each of our files makes a folder occupied, others don't") {
    const std::string folder = gone("output_files");
    fs::create_directories(folder);
    write_test_file(folder + "/notes.txt", "mine");
    fs::create_directories(folder + "/log");
    CHECK_FALSE(holds_results(folder));
    for (const std::string file :
         {"manifest.json", "runs.csv", "bounds.csv", "responses.csv", "summary.json", "jobs.csv", "stages.csv",
          "path.csv", "steps.csv", "stalls.csv", "plan.json", "candidates.csv", "front.csv", "validation.csv"}) {
        write_test_file(folder + "/" + file, "x");
        CHECK(holds_results(folder));
        CHECK_THAT(error_of([&] { ResultFolder(folder).claim(false); }),
                   ContainsSubstring("expected a folder without"));
        CHECK(read_file(folder + "/" + file) == "x");
        fs::remove(folder + "/" + file);
    }
    fs::create_directories(folder + "/figures");
    CHECK(holds_results(folder));
    CHECK_FALSE(holds_results("no_such_folder"));
}

TEST_CASE("what a folder holds is said as well as it is known") {
    const std::string folder = folder_with_results("output_contents");
    const auto with_manifest = [&](const std::string& text) {
        write_test_file(folder + "/manifest.json", text);
        return describe_results(folder);
    };
    CHECK(with_manifest(R"({"what": "a simulated run of edf"})") == "a simulated run of edf, 2 rows");
    CHECK(with_manifest(R"({"schema": "laxity.manifest/1", "command": "build/laxity sweep a.json --out b",
                            "created": "2026-11-24T01:02:03Z"})") ==
          "a result of `laxity sweep` made 2026-11-24 01:02 UTC, 2 rows");
    CHECK(with_manifest("{") == "manifest.json, runs.csv, figures without a manifest that can be read, 2 rows");
    CHECK(with_manifest("[1]") == "manifest.json, runs.csv, figures without a manifest that can be read, 2 rows");
    CHECK(with_manifest(R"({"what": 1, "created": {}, "command": []})") == "a result of `laxity `, 2 rows");
    fs::remove(folder + "/runs.csv");
    CHECK(with_manifest("") == "manifest.json, figures without a manifest that can be read");
}

TEST_CASE("a folder that another process writes into is refused, and the lock goes with that process") {
    const std::string folder = gone("output_locked");
    const pid_t other = in_another_process([&] {
        static const ResultFolder results(folder);
        write_test_file(folder + "/jobs.csv", "of the other");
    });
    for (int attempt = 0; attempt < 2; ++attempt) {
        const std::string error = error_of([&] { ResultFolder results(folder); });
        CHECK_THAT(error, StartsWith("--out output_locked: expected a folder that no other process writes into, found "
                                     "process " +
                                     std::to_string(other) + " on " + host_name() + ", since 20"));
        CHECK_THAT(error, ContainsSubstring(command_line().substr(0, 20)));
        CHECK(std::count(error.begin(), error.end(), '\n') == 0);
    }
    CHECK(read_file(folder + "/jobs.csv") == "of the other");
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    CHECK(fs::exists(folder + "/.lock"));  // left behind, and held by nobody
    {
        ResultFolder results(folder);
        CHECK(results.occupied());
        CHECK_THAT(error_of([&] { ResultFolder second(folder); }),
                   ContainsSubstring("process " + std::to_string(::getpid())));
    }
    CHECK_FALSE(fs::exists(folder + "/.lock"));
}

TEST_CASE("a lock file that holds nonsense is no lock") {
    const std::string folder = gone("output_nonsense");
    fs::create_directories(folder);
    for (const char* text : {"", "{", "[]", R"({"pid": {}, "host": 7})", "\xff"}) {
        write_test_file(folder + "/.lock", text);
        CHECK(error_of([&] { ResultFolder results(folder); }).empty());
    }
}

TEST_CASE("a folder that can't be moved aside is refused and left as it is") {
    const std::string folder = folder_with_results("output_here");
    const auto before = everything_in(folder);
    const fs::path home = fs::current_path();
    fs::current_path(folder);
    const std::string error = error_of([] { ResultFolder(".").claim(true); });
    fs::current_path(home);
    CHECK_THAT(error, StartsWith(".: expected something that can be moved to ..old"));
    CHECK(everything_in(folder) == before);
}

TEST_CASE("a file that is there is refused, named, and moved aside only when asked") {
    const std::string file = gone("output_file.json");
    check_file(file, false);
    claim_file(file, false);
    CHECK_FALSE(fs::exists(file));
    write_test_file(file, "first");
    const std::string error = error_of([&] { check_file(file, false); });
    CHECK(error ==
          "output_file.json: expected a name that is not in use, found a file of 5 bytes; choose another, or add "
          "--replace, which moves this one to output_file.json.old");
    CHECK(error_of([&] { claim_file(file, false); }) == error);
    check_file(file, true);
    CHECK(read_file(file) == "first");
    claim_file(file, true);
    write_test_file(file, "second");
    claim_file(file, true);
    CHECK_FALSE(fs::exists(file));
    CHECK(read_file(file + ".old") == "first");
    CHECK(read_file(file + ".old.2") == "second");
}

TEST_CASE("a place where no file can be is refused, a stream is not") {
    CHECK_THAT(error_of([] { check_file("no_such_folder/a", true); }), StartsWith("no_such_folder/a: expected a file"));
    write_test_file("output_plain", "");
    CHECK_THAT(error_of([] { check_file("output_plain/a", true); }), ContainsSubstring("found Not a directory"));
    CHECK_THAT(error_of([] { check_file("/proc/a", true); }), StartsWith("/proc/a: expected a file that can"));
    CHECK_THAT(error_of([] { check_file(".", true); }), StartsWith(".: expected a file that can be written, found a"));
    CHECK_THAT(error_of([] { check_file("", true); }), ContainsSubstring("an empty name"));
    for (const char* stream : {"/dev/null", "/dev/stdout", "/dev/fd/1"}) {
        claim_file(stream, false);
        claim_file(stream, true);
    }
    CHECK(fs::exists("/dev/null"));
}

TEST_CASE("a link is moved, not what it leads to, and one that leads nowhere is not lost") {
    const std::string file = gone("output_link"), target = write_test_file("output_link_target", "kept");
    fs::create_symlink(target, file);
    fs::create_symlink("nowhere", file + ".old");
    claim_file(file, true);
    CHECK(fs::is_symlink(file + ".old.2"));
    CHECK(fs::read_symlink(file + ".old") == "nowhere");
    CHECK(read_file(target) == "kept");
}

TEST_CASE("names that are no text are shown escaped and work") {
    const std::string folder = gone("output_\xff\n");
    { ResultFolder(folder).claim(false); }
    fs::create_directories(folder);
    write_manifest(folder, {"laxity", R"({"a": 1})", {}, "a sweep", {{folder + "/x", "0"}}});
    const std::string error = error_of([&] { ResultFolder(folder).claim(false); });
    CHECK_THAT(error, StartsWith("--out output_\\xff\\x0a: expected"));
    ResultFolder(folder).claim(true);
    CHECK(fs::exists(folder + ".old/manifest.json"));
    gone(folder);
}

TEST_CASE("a manifest says what made the result, from what") {
    const std::string folder = gone("output_manifest");
    fs::create_directories(folder);
    write_test_file("output_trace.json", "a trace");
    write_manifest(folder, {"laxity x", R"({"a": 1})", {"output_trace.json", "given"}, "a sweep", {{"given", "12ab"}}});
    const auto json = nlohmann::json::parse(read_file(folder + "/manifest.json"));
    CHECK(json.at("schema") == "laxity.manifest/2");
    CHECK(json.at("what") == "a sweep");
    CHECK(json.at("commit") == commit());
    CHECK(commit().find('+') == std::string::npos);
    CHECK(json.at("clean") == (clean() ? nlohmann::json(*clean()) : nlohmann::json(nullptr)));
    CHECK(json.at("configuration") == nlohmann::json::parse(R"({"a": 1})"));
    CHECK(json.at("traces").at(0).at("sha256").get<std::string>().size() == 64);
    CHECK(json.at("traces").at(1).at("sha256") == "12ab");
    CHECK(json.at("inputs") == nlohmann::json::parse(R"([{"path": "given", "sha256": "12ab"}])"));
}
