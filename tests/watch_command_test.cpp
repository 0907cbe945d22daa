// `laxity watch` from outside, on folders that change meanwhile.
#include <csignal>
#include <sstream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"
#include "tests/watch_files.hpp"

using namespace command_line;
using namespace laxity::test;

namespace {

std::string fresh(const std::string& directory) {
    std::filesystem::remove_all(directory);
    return directory;
}

Result watched(const std::string& arguments) { return command_line::laxity(arguments); }

// A command in the background; its output goes to NAME.out and NAME.err.
class Background {
public:
    Background(std::string name, const std::string& arguments) : name_(std::move(name)) {
        const std::string command =
            "exec " LAXITY_EXECUTABLE " " + arguments + " >" + name_ + ".out 2>" + name_ + ".err";
        for (const char* end : {".out", ".err"}) std::filesystem::remove(name_ + end);  // of an earlier test run
        child_ = ::fork();
        if (child_ != 0) return;
        ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    // Waits, for a minute at most, until its output holds the text.
    bool says(const std::string& text) const {
        for (int i = 0; i < 3000; ++i) {
            if ((read_all(name_ + ".out") + read_all(name_ + ".err")).find(text) != std::string::npos) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }
    void interrupt() const { ::kill(child_, SIGINT); }
    Result wait() const {
        int status = 0;
        ::waitpid(child_, &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all(name_ + ".out"), read_all(name_ + ".err")};
    }

private:
    std::string name_;
    pid_t child_ = -1;
};

}  // namespace

TEST_CASE("watch shows a finished sweep and ends, the same bytes every time") {
    workload();
    fresh("watch_done");
    REQUIRE(watched("sweep cli_sweep.json --out watch_done").code == 0);
    const auto before = std::filesystem::last_write_time("watch_done");
    const Result shown = watched("watch watch_done");
    INFO(shown.out << shown.err);
    CHECK(shown.code == 0);
    CHECK(shown.err.empty());
    CHECK_THAT(shown.out, StartsWith("watch_done: a sweep, finished\n8 runs\n2 points\n") &&
                              ContainsSubstring("accuracy, mean of 2 of 2 points") &&
                              ContainsSubstring("tables: laxity report watch_done\n"));
    CHECK(watched("watch watch_done/").out == shown.out);
    CHECK(watched("watch watch_done --once --every 5").out == shown.out);
    CHECK_THAT(watched("watch watch_done --metric miss_ratio").out, ContainsSubstring("miss_ratio, mean of 2"));
    CHECK(std::filesystem::last_write_time("watch_done") == before);  // it made no file there, no lock either
}

TEST_CASE("watch follows a sweep: waits for its folder, a line for every change, the whole in the end") {
    const std::string folder = fresh("watch_growing");
    const Background watch("watch_growing_log", "watch watch_growing --wait --every 0.1");
    REQUIRE(watch.says("waiting for watch_growing"));
    WatchedLock lock(folder, true);
    write_watched_manifest(folder, false);
    const std::string file = folder + "/runs.csv";
    append_to(file, kWatchedHeader + watched_rows("0.5", "edf", 0.8) + "0.5,lcf,1,50");
    REQUIRE(watch.says("3/12 runs, 0 of 2 points"));
    append_to(file, "00,100,0.9,0.02\n");
    REQUIRE(watch.says("4/12 runs"));
    append_to(file, watched_rows("0.5", "lcf", 0.9, 3, 2) + watched_rows("1.5", "edf", 0.7) +
                        watched_rows("1.5", "lcf", 0.75));
    write_watched_manifest(folder, true);
    lock.end();
    const Result ended = watch.wait();
    INFO(ended.out << ended.err);
    CHECK(ended.code == 0);
    CHECK_THAT(ended.out, ContainsSubstring("watch_growing: a sweep, finished\n12 runs\n2 points\n"));
    CHECK(watched("watch watch_growing").out == ended.out.substr(ended.out.find("watch_growing:")));
}

TEST_CASE("a finished sweep that has lost rows is not finished; its command is shown whole") {
    const std::string folder = fresh("watch_lost");
    write_watched_manifest(folder, true);
    const std::string command = "laxity sweep mine.json --out watch_lost",
                      more = " -p " + std::string(300, 'p') + " end";
    std::string manifest = read_all(folder + "/manifest.json");
    manifest.replace(manifest.find(command), command.size(), command + more);
    manifest.replace(manifest.find("\"rows\": 0"), 9, "\"rows\": 12");
    laxity::write_test_file(folder + "/manifest.json", manifest);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8) + "0.5,lcf,1,10");
    const Result lost = watched("watch watch_lost --once");
    INFO(lost.out << lost.err);
    CHECK(lost.code == 1);
    CHECK_THAT(lost.out, ContainsSubstring("watch_lost: a sweep, stopped before its end\n") &&
                             ContainsSubstring("3/12 runs") &&
                             ContainsSubstring("runs.csv has 3 of the 12 runs that it had at the sweep's end") &&
                             ContainsSubstring("to go on: " + command + more + "\n"));
}

TEST_CASE("watch ends at Ctrl-C with 130, and with 1 where the writer was killed") {
    const std::string folder = fresh("watch_ended");
    write_watched_manifest(folder, false);
    append_to(folder + "/runs.csv", kWatchedHeader + watched_rows("0.5", "edf", 0.8));
    WatchedLock lock(folder, true);
    const Background watch("watch_ended_log", "watch watch_ended --every 0.1");
    REQUIRE(watch.says("3/12 runs"));
    watch.interrupt();
    CHECK(watch.wait().code == 130);
    CHECK(watched("watch watch_ended --once").code == 0);  // it runs
    lock.end();
    WatchedLock(folder, false, 999'999'999);
    const Result killed = watched("watch watch_ended");
    CHECK(killed.code == 1);
    CHECK_THAT(killed.out,
               ContainsSubstring("stopped before its end") && ContainsSubstring("3/12 runs") &&
                   ContainsSubstring("its process was killed; to go on: laxity sweep mine.json --out watch_ended"));
}

TEST_CASE("a sweep that is really killed is seen as such, and goes on under the eyes of watch") {
    workload();
    fresh("watch_real");
    const std::string sweep = "sweep cli_sweep.json --out watch_real --seeds 20 --set /horizon/jobs=50000";
    {
        const Background killed("watch_real_sweep", sweep + " --threads 1");
        for (int i = 0; i < 3000 && read_all("watch_real/runs.csv").size() < 500; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(watched("watch watch_real --once").code == 0);
        run_command("kill -9 $(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/' watch_real/.lock)");
        CHECK(killed.wait().code == -1);
    }
    const Result stopped = watched("watch watch_real");
    INFO(stopped.out << stopped.err);
    CHECK(stopped.code == 1);
    CHECK_THAT(stopped.out, ContainsSubstring("its process was killed"));
    const Background going_on("watch_real_sweep", sweep);
    REQUIRE(going_on.says(" already; "));
    const Result ended = watched("watch watch_real --every 0.1");
    CHECK(ended.code == 0);
    CHECK_THAT(ended.out, ContainsSubstring("watch_real: a sweep, finished\n80 runs\n"));
    CHECK(going_on.wait().code == 0);
}

TEST_CASE("watch shows a recorded run and a validation's folder is none of a sweep") {
    workload();
    fresh("watch_run");
    REQUIRE(watched("simulate " + workload() + "--policy edf --out watch_run").code == 0);
    const Result run = watched("watch watch_run");
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK_THAT(run.out,
               ContainsSubstring("a simulated run of edf, finished\n500 jobs\n") && ContainsSubstring("\nall"));
}

TEST_CASE("bad command lines of watch get one line and exit code 2") {
    std::filesystem::create_directories("watch_nothing");
    workload();
    fresh("watch_done");
    REQUIRE(watched("sweep cli_sweep.json --out watch_done").code == 0);
    const std::vector<std::pair<std::string, std::vector<std::string>>> table = {
        {"", {"--results", "required"}},
        {"no_such_folder", {"no_such_folder", "--wait"}},
        {"watch_nothing", {"watch_nothing", "results of a sweep", "none"}},
        {"watch_done --metric accurate", {"--metric", "accurate", "miss_ratio"}},
        {"watch_done --every 0", {"--every", "0.1"}},
        {"watch_done --every nan", {"--every"}},
        {"watch_nothing watch_done", {"watch_nothing/manifest.json"}},
        {"watch_done watch_done", {"watch_done", "a shard"}},
        {"''", {"DIR", "empty"}},
    };
    for (const auto& [arguments, said] : table) {
        const Result result = watched("watch " + arguments);
        INFO(arguments << ": " << result.err);
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        for (const std::string& word : said) CHECK_THAT(result.err, ContainsSubstring(word));
    }
    CHECK(watched("watch --help").code == 0);
}
