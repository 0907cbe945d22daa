// Nothing is lost, from outside: what is there is refused or moved aside, what can't be written ends a run in one line.
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"

using namespace command_line;

namespace {

namespace fs = std::filesystem;

const std::string kModel = LAXITY_SOURCE_DIR "/workloads/models/fashion-ee-w025.onnx ";
const std::string kData = "--data " LAXITY_SOURCE_DIR "/workloads/models/fashion-64.json ";

std::string gone(const std::string& path) {
    for (const char* end : {"", ".old", ".old.2", ".old.3"}) fs::remove_all(path + end);
    return path;
}

// Every file at or below a path, with its bytes.
std::map<std::string, std::string> everything_in(const std::string& path) {
    if (fs::is_regular_file(path)) return {{"", read_all(path)}};
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files[entry.path().string().substr(path.size())] = read_all(entry.path());
    return files;
}

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// The lines that are no progress.
std::string messages(const std::string& err) {
    std::istringstream in(err);
    std::string kept;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("laxity: ")) kept += line + "\n";
    return kept;
}

// The command must refuse what is there, name it, and leave it as it is.
void check_refused(const std::string& command, const std::string& there, const std::string& said) {
    INFO(command);
    const auto before = everything_in(there);
    REQUIRE_FALSE(before.empty());
    const Result refused = laxity(command);
    INFO(refused.err);
    CHECK(refused.code == 2);
    CHECK(refused.out.empty());
    CHECK(lines_in(refused.err) == 1);
    CHECK_THAT(refused.err, ContainsSubstring(there + ": expected") && ContainsSubstring(said) &&
                                ContainsSubstring("add --replace"));
    CHECK(everything_in(there) == before);
    CHECK_FALSE(fs::exists(there + ".old"));
}

// With --replace it does its work, and the old bytes are in THERE.old.
void check_replaced(const std::string& command, const std::string& there) {
    INFO(command);
    const auto before = everything_in(there);
    const Result replaced = laxity(command + " --replace");
    INFO(replaced.err);
    CHECK(replaced.code == 0);
    CHECK_THAT(replaced.err, ContainsSubstring("laxity: moved " + there + " ("));
    CHECK_THAT(replaced.err, ContainsSubstring(" to " + there + ".old"));
    CHECK(everything_in(there + ".old") == before);
    CHECK_FALSE(everything_in(there).empty());
}

// A small disk, as long as it lives; not ok() where none can be mounted.
class SmallDisk {
public:
    SmallDisk(std::string folder, const std::string& size) : folder_(std::move(folder)) {
        fs::create_directories(folder_);
        ok_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        if (!ok_) WARN("not run: no tmpfs can be mounted here");
    }
    ~SmallDisk() {
        if (ok_) ::umount(folder_.c_str());
    }
    bool ok() const { return ok_; }
    void grow() { ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=8m"); }

private:
    std::string folder_;
    bool ok_ = false;
};

}  // namespace

TEST_CASE("a folder with results is refused by every command, and moved aside with --replace") {
    const std::string w = workload(), plan = "--policy rtmdl:generations=1,population=8,plan_jobs=100 ";
    const std::string out = gone("cli_there");
    REQUIRE(laxity("simulate " + w + "--policy edf --out " + out).code == 0);
    const std::string said = "found a simulated run of edf made 20";
    check_refused("simulate " + w + "--policy edf --out " + out, out, said);
    check_refused("simulate " + w + "--policy edf --out " + out + "///", out, said);
    check_refused("plan " + w + plan + "--out " + out, out, said);
    check_refused("sweep cli_sweep.json --out " + out, out, "a simulated run of edf made 20");
    check_refused("live " + w + "--policy edf --out " + out, out, said);
    check_refused("validate " + w + "--policy edf --out " + out, out, said);
    check_refused("bench --decisions --policy edf --active 2 --situations 1 --out " + out, out, said);
    check_replaced("simulate " + w + "--policy lcf --out " + out, out);
    gone(out + ".old");
    check_refused("simulate " + w + "--policy edf --out " + out, out, "found a simulated run of lcf");
    check_replaced("plan " + w + plan + "--out " + out, out);
    gone(out + ".old");
    check_refused("plan " + w + plan + "--out " + out, out, "found a plan for rtmdl");
    check_replaced("bench --decisions --policy edf --active 2 --situations 1 --out " + out, out);
    gone(out + ".old");
    check_refused("plan " + w + plan + "--out " + out, out, "found costs of decisions made 20");
    check_replaced("sweep cli_sweep.json --out " + out, out);
    gone(out + ".old");
    check_refused("simulate " + w + "--policy edf --out " + out, out, "found a sweep made 20");
    check_refused("sweep cli_sweep.json --set /horizon/jobs=400 --out " + out, out, "the results of another sweep");
    check_replaced("sweep cli_sweep.json --out " + out, out);  // the same one, from its start
    gone(out);
}

TEST_CASE("rows without their manifest are not thrown away") {
    workload();
    const std::string out = gone("cli_no_manifest");
    REQUIRE(laxity("sweep cli_sweep.json --out " + out).code == 0);
    fs::remove(out + "/manifest.json");
    check_refused("sweep cli_sweep.json --out " + out, out, "runs.csv, responses.csv, summary.json without a manifest");
    check_replaced("sweep cli_sweep.json --out " + out, out);
    gone(out);
}

TEST_CASE("what can't run moves nothing, even with --replace") {
    const std::string w = workload(), out = gone("cli_kept"), fresh = gone("cli_never");
    REQUIRE(laxity("simulate " + w + "--policy edf --out " + out).code == 0);
    const auto before = everything_in(out);
    for (const std::string& bad : std::vector<std::string>{
             "simulate " + w + "--policy edf --plan none.json", "simulate " + w + "--policy rtmdl --plan none.json",
             "simulate " + w + "--policy edf --set /tasks/0/weight=-1", "live " + w + "--policy edf",
             "validate " + w + "--policy edf", "plan " + w + "--policy edf"}) {
        INFO(bad);
        CHECK(laxity(bad + " --replace --out " + out).code == 2);
        CHECK(laxity(bad + " --out " + fresh).code == 2);
        CHECK(everything_in(out) == before);
        CHECK_FALSE(fs::exists(out + ".old"));
        CHECK_FALSE(fs::exists(fresh));
    }
}

TEST_CASE("a file that is there is refused by every command, and moved aside with --replace") {
    const std::string w = workload(), run = gone("cli_exported");
    const std::string csv = gone("cli_there.csv"), json = gone("cli_there.json"), trace = gone("cli_trace.json");
    REQUIRE(laxity("simulate " + w + "--out " + run + " --jobs-csv " + csv + " --timeline " + json).code == 0);
    CHECK(read_all(csv) == read_all(run + "/jobs.csv"));
    check_refused("simulate " + w + "--jobs-csv " + csv, csv, "found a file of");
    check_replaced("simulate " + w + "--jobs-csv " + csv, csv);
    check_refused("simulate " + w + "--timeline " + json, json, "found a file of");
    check_replaced("simulate " + w + "--timeline " + json, json);
    gone(json + ".old");
    check_refused("export " + run + " -o " + json, json, "found a file of");
    check_replaced("export " + run + " -o " + json, json);
    const std::string profile = "profile " + kModel + kData + "--device cpu --runs 100 --warmup 1 -o " + trace;
    REQUIRE(laxity(profile).code == 0);
    check_refused(profile, trace, "found a file of");
    check_replaced(profile, trace);
    const Result same = laxity("simulate " + w + "--jobs-csv cli_same.csv --timeline cli_same.csv");
    CHECK(same.code == 2);
    CHECK_THAT(same.err, ContainsSubstring("--timeline cli_same.csv: expected a file of its own"));
    CHECK_FALSE(fs::exists("cli_same.csv"));
}

TEST_CASE("streams are written to, whatever is there") {
    const std::string w = workload(), run = gone("cli_streamed");
    REQUIRE(laxity("simulate " + w + "--out " + run).code == 0);
    const Result piped = run_command(LAXITY_EXECUTABLE " simulate " + w + "--jobs-csv /dev/stdout | cat");
    CHECK_THAT(piped.out, StartsWith("task,job,release_ns") && ContainsSubstring("\"policy\": \"edf\""));
    const Result file = laxity("simulate " + w + "--jobs-csv /dev/stdout");  // into a file, and not over itself
    CHECK(file.out == piped.out);
    for (int again = 0; again < 2; ++again) CHECK(laxity("export " + run + " -o /dev/null").code == 0);
    CHECK(fs::is_character_file("/dev/null"));
    const Result exported = laxity("export " + run + " -o /dev/stdout");
    CHECK_THAT(exported.out, StartsWith("{\"displayTimeUnit\""));
}

// The run waits for a reader of its --jobs-csv, when it has read its inputs and opened its files.
TEST_CASE("a second process on a folder is refused, until the first one ends, however it does") {
    const std::string w = workload(), out = gone("cli_locked");
    const Result result = run_command(
        "rm -f cli_fifo; mkfifo cli_fifo\n" LAXITY_EXECUTABLE " simulate " + w + "--out " + out +
        " --jobs-csv cli_fifo >/dev/null &\n"
        "until [ -e " +
        out +
        "/stages.csv ]; do kill -0 $! || exit 9; sleep 0.02; done\n"
        "echo $!\n" LAXITY_EXECUTABLE " simulate " +
        w + "--out " + out + " --replace; echo $?\n" LAXITY_EXECUTABLE " sweep cli_sweep.json --out " + out +
        "; echo $?\n"
        "kill -9 $!; wait $!\n" LAXITY_EXECUTABLE " simulate " +
        w + "--out " + out + " --replace >/dev/null; echo $?");
    INFO(result.err);
    std::istringstream printed(result.out);
    std::string pid, codes, code;
    printed >> pid;
    while (printed >> code) codes += code + " ";
    CHECK(codes == "2 2 0 ");
    const std::string refusal =
        "laxity: --out cli_locked: expected a folder that no other process writes into, found "
        "process " +
        pid + " on ";
    CHECK_THAT(result.err, StartsWith(refusal) && ContainsSubstring("\n" + refusal) &&
                               ContainsSubstring("/laxity simulate --workload cli_workload.json --out cli_locked"));
    CHECK(fs::exists(out + ".old/manifest.json"));
    CHECK_FALSE(fs::exists(out + ".old/.lock"));
    CHECK_FALSE(fs::exists(out + "/.lock"));
}

TEST_CASE("an input that changes while a run goes on is noticed, and the manifest has what was read") {
    const std::string w = workload(), out = gone("cli_changed");
    const Result result =
        run_command("rm -f cli_fifo; mkfifo cli_fifo\n" LAXITY_EXECUTABLE " simulate " + w + "--out " + out +
                    " --jobs-csv cli_fifo >/dev/null &\n"
                    "until [ -e " +
                    out +
                    "/stages.csv ]; do kill -0 $! || exit 9; sleep 0.02; done\n"
                    "cp cli_workload.json cli_before.json; echo >>cli_workload.json\n"
                    "cat cli_fifo >/dev/null; wait $!");
    CHECK(result.code == 0);
    CHECK_THAT(result.err, ContainsSubstring("laxity: warning: cli_workload.json has changed since it was read"));
    const auto manifest = nlohmann::json::parse(read_all(out + "/manifest.json"));
    REQUIRE(manifest.at("inputs").size() == 1);
    const Result hash = run_command("sha256sum cli_before.json");
    CHECK(manifest.at("inputs").at(0).at("sha256") == hash.out.substr(0, 64));
}

TEST_CASE("a folder that is removed while a run goes on ends it in one line") {
    const std::string w = workload(), out = gone("cli_removed");
    const Result result =
        run_command("rm -f cli_fifo; mkfifo cli_fifo\n" LAXITY_EXECUTABLE " simulate " + w + "--out " + out +
                    " --jobs-csv cli_fifo &\n"
                    "until [ -e " +
                    out +
                    "/stages.csv ]; do kill -0 $! || exit 9; sleep 0.02; done\n"
                    "rm -rf " +
                    out + "; cat cli_fifo >/dev/null; wait $!");
    CHECK(result.code == 1);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, ContainsSubstring("laxity: cli_removed/stages.csv: was deleted while it was being written"));
    CHECK_FALSE(fs::exists(out));
}

TEST_CASE("a folder that is removed while a sweep goes on ends it in one line") {
    workload();
    const std::string out = gone("cli_removed");
    const Result result =
        run_command(LAXITY_EXECUTABLE " sweep cli_sweep.json --set /horizon/jobs=1000000 --threads 1 --out " + out +
                    " &\n"
                    "until [ $(wc -l 2>/dev/null <" +
                    out +
                    "/runs.csv || echo 0) -ge 2 ]; do\n"
                    "  kill -0 $! || exit 9; sleep 0.02\ndone\n"
                    "rm -rf " +
                    out + "; wait $!");
    CHECK(result.code == 1);
    CHECK_THAT(messages(result.err), ContainsSubstring(".csv: was deleted while it was being written"));
    CHECK(lines_in(messages(result.err)) == 1);
}

TEST_CASE("files that may not grow end a run in one line, with whole rows") {
    const std::string w = workload(), out = gone("cli_limited");
    const std::string limit = "ulimit -f 16\n" LAXITY_EXECUTABLE " ";  // blocks of 512 bytes, in sh
    const Result run = run_command(limit + "simulate " + w + "--out " + out);
    CHECK(run.code == 1);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, ContainsSubstring("laxity: cli_limited/stages.csv: could not be written: File too large; "));
    const std::string rows = read_all(out + "/stages.csv");
    CHECK(rows.size() > 7 * 1024);
    CHECK(rows.back() == '\n');
    CHECK(fs::exists(out + "/manifest.json"));
    CHECK_FALSE(fs::exists(out + "/summary.json"));

    const std::string exported = gone("cli_limited.json"), whole = gone("cli_whole");
    REQUIRE(laxity("simulate " + w + "--out " + whole).code == 0);
    const Result timeline = run_command(limit + "export " + whole + " -o " + exported);
    CHECK(timeline.code == 1);
    CHECK_THAT(timeline.err, StartsWith("laxity: cli_limited.json: could not be written: File too large; "));
    CHECK_FALSE(fs::exists(exported));
    for (const auto& entry : fs::directory_iterator("."))
        CHECK(entry.path().filename().string().find("cli_limited.json.tmp") == std::string::npos);
}

TEST_CASE("a full disk ends a sweep in one line, and with room it goes on to the same bytes") {
    workload();
    const std::string whole = gone("cli_roomy"), sweep = "sweep cli_sweep.json --set /horizon/jobs=300 --out ";
    REQUIRE(laxity(sweep + whole).code == 0);
    const std::string disk = "cli_disk";
    for (const std::string size : {"4k", "8k", "12k"}) {  // of pages: nothing, the manifest, some rows
        SmallDisk small(disk, size);
        if (!small.ok()) return;
        run_command("head -c 3000 /dev/zero >" + disk + "/ballast; cat /dev/zero >>" + disk +
                    "/ballast; truncate -s -" + (size == "12k" ? "9000 " : "4096 ") + disk + "/ballast");
        const Result full = laxity(sweep + disk + "/s");
        INFO(size << ": " << full.err);
        CHECK((full.code == 1 || full.code == 2));
        CHECK_THAT(messages(full.err), ContainsSubstring("No space left on device"));
        CHECK(lines_in(messages(full.err)) == 1);
        small.grow();
        const Result resumed = laxity(sweep + disk + "/s");
        CHECK(resumed.code == 0);
        CHECK(read_all(disk + "/s/runs.csv") == read_all(whole + "/runs.csv"));
        CHECK(read_all(disk + "/s/summary.json") == read_all(whole + "/summary.json"));
    }
}

TEST_CASE("names that are no text are shown escaped") {
    const std::string w = workload(), out = gone("cli_\xff\x01");
    const std::string quoted = "\"$(printf 'cli_\\377\\001')\"";
    REQUIRE(laxity("simulate " + w + "--out " + quoted).code == 0);
    CHECK_NOTHROW(nlohmann::json::parse(read_all(out + "/manifest.json")));
    const Result refused = laxity("simulate " + w + "--out " + quoted);
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, StartsWith("laxity: --out cli_\\xff\\x01: expected a folder without results"));
    CHECK(laxity("simulate " + w + "--replace --out " + quoted).code == 0);
    fs::copy_file("cli_workload.json", out + "/w.json");
    const Result named = laxity("simulate --workload " + quoted + "/w.json --out " + quoted + "/run");
    CHECK(named.code == 0);
    CHECK(nlohmann::json::parse(named.out).at("workload") == "cli_\\xff\\x01/w.json");
    const Result exported = laxity("export " + quoted + " -o " + quoted + "/t.json");
    CHECK(exported.code == 0);
    CHECK_THAT(exported.out, StartsWith("wrote cli_\\xff\\x01/t.json: "));
    gone(out);
}

namespace {

// Options of a command that runs live here.
const std::string kLive = " --workload cli_live_workload.json --policy edf --device cpu --anyway " + kData +
                          "--model fashion-ee-w025=" + kModel;

void profile_here() {
    const std::string trace = gone("cli_live_trace.json");
    REQUIRE(laxity("profile " + kModel + kData + "--device cpu --runs 100 --warmup 1 -o " + trace).code == 0);
    std::ofstream("cli_live_workload.json") << R"({"schema": "laxity.workload/1", "tasks": [{"name": "only",
        "variants": [{"trace": "cli_live_trace.json"}], "arrival": {"process": "poisson", "load": 0.2},
        "deadline": {"fixed": 50, "unit": "ms"}}], "horizon": {"jobs": 1000}})";
}

// Runs a command until the file has so many lines, then interrupts it. Returns its exit code.
int interrupted_at(const std::string& command, const std::string& file, std::size_t lines) {
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string line = "exec " LAXITY_EXECUTABLE " " + command + " >cli_out.txt 2>cli_err.txt";
        ::execl("/bin/sh", "sh", "-c", line.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    int status = 0;
    for (int i = 0; i < 6000 && lines_in(read_all(file)) < lines; ++i) {
        if (::waitpid(child, &status, WNOHANG) == child) return -1;  // it ended by itself
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(child, SIGINT);
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("an interrupted validation goes on with the same command, and with no other") {
    const std::string out = gone("cli_interrupted"), rows = out + "/repetitions.csv";
    profile_here();
    const std::string command = "validate" + kLive +
                                "--seconds 0.3 --window-seconds 0.2 --check-seconds 0 --no-decisions --attempts 1 "
                                "--repetitions 6 --explain --out " +
                                out;
    REQUIRE(interrupted_at(command, rows, 8) == 130);
    CHECK_THAT(read_all("cli_err.txt"), ContainsSubstring("the same command goes on"));
    const std::string before = read_all(rows);
    const std::size_t whole = lines_in(before);
    CHECK(before.ends_with('\n'));
    std::ofstream(rows, std::ios::app) << ",edf,5,1,";  // as if it had been killed while it wrote
    check_refused(command + " --seed 2", out, "another validation (its seed differs: 1 then, 2 now)");

    const Result rest = laxity(command);
    INFO(rest.err);
    REQUIRE(rest.code == 0);
    CHECK_THAT(rest.err, ContainsSubstring(out + ": going on after "));
    const std::string after = read_all(rows);
    CHECK(after.starts_with(before));
    CHECK(lines_in(after) > whole);
    for (int repetition = 1; repetition <= 6; ++repetition) {
        const std::string row =
            "\n,edf," + std::to_string(repetition) + ",1," + std::to_string(repetition) + ",accuracy,1,all,";
        CHECK(after.find(row) != std::string::npos);
        CHECK(after.find(row) == after.rfind(row));
    }
    const auto files = everything_in(out);
    CHECK(files.at("/budget.csv").find("replayed") != std::string::npos);
    const Result again = laxity(command);
    CHECK(again.code == 0);
    CHECK(again.out == rest.out);
    CHECK(everything_in(out) == files);
    CHECK_FALSE(fs::exists(out + ".old"));
}

TEST_CASE("the traces of every point are checked before anything runs, each file once") {
    profile_here();
    auto slow = nlohmann::json::parse(read_all("cli_live_trace.json"));
    for (auto& row : slow.at("latency_ns"))
        for (auto& latency : row) latency = latency.get<std::int64_t>() * 20;
    std::ofstream("cli_live_slow.json") << slow;
    const Result checked = laxity("validate" + kLive +
                                  "--axis /tasks/0/variants/0/trace=cli_live_trace.json,cli_live_slow.json "
                                  "--axis load=0.1,0.2 --check-seconds 0.2 --seconds 0.1 --repetitions 1 --attempts 1 "
                                  "--window-seconds 0 --no-decisions");
    INFO(checked.err);
    REQUIRE(checked.code == 0);
    const std::string said = "cli_live_slow.json: not this device's";
    CHECK_THAT(checked.err, ContainsSubstring(said));
    CHECK(checked.err.find(said) == checked.err.rfind(said));
}

TEST_CASE("live runs and validations keep to the rule, and say what they are") {
    const std::string live = gone("cli_live"), both = gone("cli_validation");
    profile_here();
    const std::string on = kLive + "--seconds 0.2 --out ";
    REQUIRE(laxity("live" + on + live).code == 0);
    REQUIRE(laxity("validate --attempts 1 --repetitions 2" + on + both).code == 0);
    for (const auto& [folder, what] : {std::pair(live, "a live run of edf"), std::pair(both, "a validation of edf")}) {
        const auto manifest = nlohmann::json::parse(read_all(folder + "/manifest.json"));
        CHECK(manifest.at("what") == what);
        REQUIRE(manifest.at("inputs").size() == 2);
        CHECK(manifest.at("inputs").at(0).at("path") == "cli_live_trace.json");
    }
    check_refused("live" + on + live, live, "a live run of edf");
    check_refused("validate --attempts 1 --repetitions 3" + on + both, both,
                  "another validation (its repetitions differ: 2 then, 3 now)");
    check_replaced("live" + on + live, live);
    check_replaced("validate --attempts 1 --repetitions 2" + on + both, both);
}
