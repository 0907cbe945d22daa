// The executable from outside: help, exit codes, and one clear line for every bad command line.
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"

using namespace command_line;

namespace {

struct BadCommandLine {
    std::string arguments;
    std::vector<std::string> said;  // each must be in the message
};

}  // namespace

TEST_CASE("a bad command line gets one clear line and exit code 2") {
    const std::string w = workload();
    const std::vector<BadCommandLine> table = {
        {"sim " + w, {"laxity: unknown command \"sim\"", "did you mean `laxity simulate`"}},
        {"simulat " + w, {"unknown command \"simulat\"", "laxity simulate"}},
        {"simulate", {"the option --workload is required"}},
        {"simulate " + w + "--polcy edf", {"unknown option --polcy", "--policy"}},
        {"simulate " + w + "--policy", {"--policy", "missing"}},
        {"simulate " + w + "--policy edv", {"edv", "edf"}},
        {"simulate " + w + "--policy edf:skp=true", {"skp", "skip"}},
        {"simulate " + w + "--policy edf:skip=maybe", {"skip", "maybe"}},
        {"simulate " + w + "--policy rtdeepiot:delta=7", {"delta", "7"}},
        {"simulate " + w + "--policy rtdeepiot:predictor=guess", {"predictor", "guess"}},
        {"simulate " + w + "--seed -3", {"--seed", "-3"}},
        {"simulate " + w + "--seed many", {"--seed", "many"}},
        {"simulate " + w + "--set load=1", {"--set", "load=1"}},
        {"simulate " + w + "--set /tasks/3/weight=1", {"/tasks/3"}},
        {"simulate " + w + "--set /tasks/0/arrival/load=-1", {"/tasks/0/arrival/load", "-1"}},
        {"simulate " + w + "--set /tasks/0/arival/load=1", {"/tasks/0/arival"}},
        {"simulate " + w + "extra", {"belongs to no option", "`laxity simulate --help`"}},
        {"simulate --workload none.json", {"none.json"}},
        {"simulate --workload cli_not_json.json", {"cli_not_json.json"}},
        {"simulate " + w + "--jobs-csv no/such/folder/jobs.csv", {"no/such/folder/jobs.csv"}},
        {"simulate " + w + "--out /proc/none", {"--out /proc/none"}},
        {"simulate " + w + "--policy edf --plan plan.json", {"--plan plan.json", "edf", "use rtmdl"}},
        {"simulate " + w + "--policy rtmdl --plan none.json", {"none.json", "laxity plan"}},
        {"simulate " + w + "--policy rtmdl:generations=0", {"generations", "0"}},
        {"plan", {"--workload", "required"}},
        {"plan " + w + "--policy edf", {"--policy edf", "use rtmdl"}},
        {"plan " + w + "--threads 0", {"--threads", "0"}},
        {"plan " + w + "--policy rtmdl:storage_mb=-1", {"storage_mb", "-1"}},
        {"bound", {"--workload", "required"}},
        {"bound " + w + "--seed -3", {"--seed", "-3"}},
        {"bound " + w + "--policy edf", {"unknown option --policy"}},
        {"sweep", {"--out", "--save FILE", "--dry-run"}},
        {"sweep cli_sweep.json", {"--out", "--dry-run"}},
        {"sweep --out cli_none", {"--workload", "the file of a study"}},
        {"sweep --workload cli_workload.json --out cli_none", {"--policy", "at least one policy"}},
        {"sweep cli_sweep.json --out cli_none --axis lod=1", {"axis lod", "did you mean load?"}},
        {"sweep cli_sweep.json --out cli_none --axis load=2..1", {"load", "2..1"}},
        {"sweep cli_sweep.json --out cli_none --shard 3/2", {"--shard", "3/2"}},
        {"sweep cli_sweep.json --out cli_none --until speed=1", {"speed"}},
        {"sweep cli_sweep.json --out cli_none --where 'load <'", {"where", "its end"}},
        {"capacity --workload cli_workload.json --policy edf", {"--miss-ratio", "at least one bound"}},
        {"capacity --workload cli_workload.json --policy edf --miss-ratio 0 --along load=2..1",
         {"--along", "below the high one"}},
        {"capacity --workload cli_workload.json --policy edf --at-most speed=1", {"speed"}},
        {"merge --out cli_none", {"--shards", "required"}},
        {"merge cli_nowhere --out cli_none", {"cli_nowhere/manifest.json"}},
        {"sweep cli_sweep.json --out cli_none --set /tasks/0/arrival/load=2",
         {"--set /tasks/0/arrival/load", "a value that no axis varies", "axis load"}},
        {"sweep none.json --out cli_none", {"none.json"}},
        {"sweep cli_sweep.json --out cli_none --threads -1", {"--threads", "-1"}},
        {"live " + w, {"--policy", "neither"}},
        {"live " + w + "--policy edf", {"synthetic", "laxity profile"}},
        {"live " + w + "--policy edf --seconds 0", {"--seconds"}},
        {"live " + w + "--policy rtdeepiot:predictor=oracle", {"oracle", "live"}},
        {"live " + w + "--winner none", {"none/summary.json", "laxity sweep"}},
        {"validate " + w, {"--policy", "none"}},
        {"validate " + w + "--policy edf --axis load", {"--axis", "\"load\"", "TARGET=VALUES"}},
        {"validate " + w + "--policy edf --axis nowhere=1", {"nowhere", "a value of the workload"}},
        {"validate " + w + "--policy rtdeepiot --axis rtdeepiot/delta=0.1,0.2", {"--axis", "--policy"}},
        {"validate " + w + "--policy edf --policy edf", {"--policy", "edf", "twice"}},
        {"validate " + w + "--policy edf --margin p99=1", {"--margin", "response_p99", "p99=1"}},
        {"validate " + w + "--policy edf --repetitions 0", {"--repetitions", "0"}},
        {"validate " + w + "--policy edf --records some", {"--records", "all, first or none", "some"}},
        {"validate " + w + "--policy edf --window-seconds -1", {"--window-seconds", "-1"}},
        {"validate " + w + "--policy edf --model x", {"--model", "NETWORK=FILE"}},
        {"check", {"--trace", "required"}},
        {"check none.json", {"none.json"}},
        {"check " LAXITY_SOURCE_DIR "/traces/fashion-ee-cpu.json --seconds 0", {"--seconds", "0.1 to 3600"}},
        {"check " LAXITY_SOURCE_DIR "/traces/fashion-ee-cpu.json --model none.onnx", {"none.onnx"}},
        {"check " LAXITY_SOURCE_DIR "/traces/fashion-ee-cpu.json --data none.json", {"none.json"}},
        {"check " LAXITY_SOURCE_DIR "/traces/fashion-ee-cpu.json --device gpu", {"--device"}},
        {"schedulable", {"--workload", "required"}},
        {"schedulable " + w + "--policy edv", {"edv", "edf"}},
        {"schedulable " + w + "--sets 3", {"--sets", "expected a workload with a section \"generate\""}},
        {"schedulable " + w + "--sets 0", {"--sets", "a number from 1 to 1e8", "0"}},
        {"schedulable " + w + "--seed -1", {"--seed", "-1"}},
        {"show", {"--file", "required"}},
        {"show none.json", {"none.json"}},
        {"show " LAXITY_SOURCE_DIR "/traces/fashion-ee-cpu.json --seed 2",
         {"--seed", "expected a workload with generated tasks"}},
        {"export none -o out.json", {"none/jobs.csv", "laxity simulate --out"}},
        {"policies edv", {"edv", "edf"}},
        {"bench --speed --jobs 0", {"--jobs", "0"}},
        {"bench --speed --decisions", {"--decisions", "--speed"}},
        {"bench --policy edf", {"--policy", "--decisions"}},
        {"bench --decisions --policy edv", {"edv", "edf"}},
        {"bench --decisions --situations 0", {"--situations", "0"}},
        {"bench --decisions --active 0", {"--active", "from 1 to 10000", "0"}},
        {"bench --decisions --active 10,2.5", {"--active", "whole numbers", "2.5"}},
        {"bench --decisions --active 10,10", {"--active", "each number once", "10"}},
        {"bench --out cli_no_decisions", {"--out", "--decisions"}},
        {"bench --speed --csv", {"--csv", "--decisions"}},
        {"bench --path --wait nap", {"--wait", "spin, park or both", "nap"}},
        {"bench --path --executions 0", {"--executions", "0"}},
        {"bench --path --speed", {"--path", "--speed"}},
        {"bench --path --situations 4", {"--path", "--situations"}},
        {"bench --wait spin", {"--wait", "--path"}},
        {"profile --model none.onnx --data fashion-mnist -o out.json", {"none.onnx"}},
        {"profile --data fashion-mnist -o out.json", {"--model", "required"}},
    };
    for (const BadCommandLine& row : table) {
        INFO(row.arguments);
        const Result result = laxity(row.arguments);
        INFO(result.err);
        CHECK(result.code == 2);
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        for (const std::string& word : row.said) CHECK_THAT(result.err, ContainsSubstring(word));
    }
}

TEST_CASE("every command has help with an example") {
    for (const std::string command :
         {"bound", "capacity", "schedulable", "profile", "plan", "show", "policies", "simulate", "sweep", "merge",
          "report", "live", "replay", "validate", "export", "bench", "check"}) {
        const Result result = laxity(command + " --help");
        INFO(command);
        CHECK(result.code == 0);
        CHECK_THAT(result.out, ContainsSubstring("usage: laxity " + command) && ContainsSubstring("example") &&
                                   ContainsSubstring("  laxity " + command));
    }
    CHECK(laxity("--help").code == 0);
    CHECK_THAT(laxity("--version").out, ContainsSubstring("laxity "));
    CHECK(laxity("").code == 2);
}

TEST_CASE("bench --decisions prints a row for every policy and number of jobs") {
    const Result result = laxity("bench --decisions --situations 4 --policy edf --policy rtdeepiot:update=resolve");
    INFO(result.err);
    CHECK(result.code == 0);
    std::istringstream lines(result.out);
    std::vector<std::string> rows;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string policy;
        double jobs = 0, cost = 0;
        if (!(words >> policy >> jobs)) continue;
        rows.push_back(policy + " " + std::to_string(static_cast<int>(jobs)));
        for (int column = 0; column < 4; ++column) CHECK((words >> cost && cost >= 0));
    }
    CHECK(rows == std::vector<std::string>{"edf 10", "edf 50", "edf 100", "rtdeepiot:update=resolve 10",
                                           "rtdeepiot:update=resolve 50", "rtdeepiot:update=resolve 100"});
}

TEST_CASE("bench --decisions leaves a folder of what it prints as CSV, and does not write over it") {
    std::filesystem::remove_all("cli_decisions");
    const std::string arguments =
        "bench --decisions --situations 4 --policy edf --active 10,20 --csv --out cli_decisions";
    const Result result = laxity(arguments);
    INFO(result.err);
    REQUIRE(result.code == 0);
    const std::string rows = read_all("cli_decisions/decisions.csv");
    CHECK(rows == result.out);
    std::istringstream lines(rows);
    std::vector<std::string> cells;
    std::string line;
    std::getline(lines, line);
    CHECK(line == "policy,event,active_jobs,decisions,decision_p50_ns,decision_p99_ns,decision_mean_ns");
    while (std::getline(lines, line)) cells.push_back(line.substr(0, line.find(",4,") + 2));  // what follows are times
    CHECK(cells ==
          std::vector<std::string>{"edf,release,10,4", "edf,stage_end,10,4", "edf,release,20,4", "edf,stage_end,20,4"});
    const auto manifest = nlohmann::json::parse(read_all("cli_decisions/manifest.json"));
    CHECK(manifest.at("configuration").at("active_jobs") == nlohmann::json{10, 20});
    const Result refused = laxity(arguments);
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("found costs of decisions made 20"));
    CHECK(read_all("cli_decisions/decisions.csv") == rows);
}

TEST_CASE("simulate prints the summary, the same for the same seed") {
    const std::string arguments = "simulate " + workload() + "--policy edf --seed 4";
    const Result first = laxity(arguments);
    REQUIRE(first.code == 0);
    CHECK(first.out == laxity(arguments).out);
    const auto json = nlohmann::json::parse(first.out);
    for (const char* key : {"jobs", "missed", "miss_ratio", "accuracy", "mean_depth", "depth_histogram", "utilisation",
                            "overrun_ms", "response_ms", "decisions", "complete", "preemptions", "backlog_trend"}) {
        CHECK(json.contains(key));
    }
    CHECK(json.at("jobs") == 500);
    for (const char* key : {"mean", "p50", "p95", "p99", "max"}) CHECK(json.at("response_ms").contains(key));
}

TEST_CASE("simulate says what a run is too short for, and null where there is no number") {
    const Result few = laxity("simulate " + workload() + "--set /horizon/jobs=150 --policy edf");
    CHECK(few.code == 0);
    const auto warnings = nlohmann::json::parse(few.out).at("warnings");
    REQUIRE(!warnings.empty());
    CHECK_THAT(warnings[0].get<std::string>(), StartsWith("response p95 and p99 from 1"));
    for (const auto& warning : warnings) {
        CHECK_THAT(few.err, ContainsSubstring("laxity: warning: " + warning.get<std::string>() + "\n"));
    }
    const Result late = laxity("simulate " + workload() + R"(--set '/tasks/0/deadline={"fixed": 0.5, "unit": "ms"}')");
    CHECK(late.code == 0);
    CHECK(nlohmann::json::parse(late.out).at("response_ms").at("p99").is_null());
    CHECK_THAT(late.err, ContainsSubstring("no scored job was answered in time"));
}

TEST_CASE("plan prints the plan that simulate follows, made anew or from its file") {
    const std::string policy = "--policy rtmdl:generations=3,population=8,plan_jobs=200 ";
    std::system("rm -rf cli_plan");
    const Result plan = laxity("plan " + workload() + policy + "--out cli_plan");
    REQUIRE(plan.code == 0);
    CHECK(read_all("cli_plan/plan.json") == plan.out);
    CHECK(laxity("plan " + workload() + policy + "--threads 1").out == plan.out);
    const std::string tried = read_all("cli_plan/candidates.csv");
    CHECK(std::count(tried.begin(), tried.end(), '\n') ==
          1 + nlohmann::json::parse(plan.out).at("candidates").get<int>());
    CHECK(read_all("cli_plan/front.csv").substr(0, tried.find('\n')) == tried.substr(0, tried.find('\n')));
    const Result simulated = laxity("simulate " + workload() + policy);
    CHECK(simulated.code == 0);
    CHECK(laxity("simulate " + workload() + policy + "--plan cli_plan/plan.json").out == simulated.out);
}

TEST_CASE("bound prints what no policy can beat, the same for the same seed") {
    const Result bound = laxity("bound " + workload() + "--seed 3");
    CHECK(bound.code == 0);
    const auto json = nlohmann::json::parse(bound.out);
    CHECK(json["jobs"] == 500);
    for (const char* key : {"clairvoyant", "fluid", "fluid_d", "fluid_edf"}) {
        CHECK(json["least"].get<double>() <= json[key].get<double>());
        CHECK(json["weighted"][key].get<double>() == Approx(json[key].get<double>()));
    }
    CHECK(laxity("bound " + workload() + "--seed 3").out == bound.out);
    CHECK(laxity("bound " + workload() + "--seed 4").out != bound.out);
    const std::string at_reply = R"(--set '/tasks/0/arrival={"process": "closed", "clients": 3}')";
    const auto closed = nlohmann::json::parse(laxity("bound " + workload() + at_reply).out);
    CHECK(closed["clairvoyant"].is_null());
    CHECK(closed["fluid_d"].is_number());
    CHECK(closed["undefined"].is_string());
}

TEST_CASE("schedulable judges a workload, generated sets, and says why there is no verdict") {
    using Json = nlohmann::json;
    const std::string sets = "--workload " LAXITY_SOURCE_DIR "/workloads/scenarios/task-sets.json ";
    const Json one = Json::parse(laxity("schedulable " + sets + "--seed 1 --policy rm --policy edf --json").out);
    REQUIRE(one.at("verdicts").size() == 2);
    CHECK(one["verdicts"][0].at("schedulable") == true);
    CHECK(one["verdicts"][0].at("exact") == true);
    CHECK(one["verdicts"][0].at("tasks").size() == 10);
    CHECK(one["verdicts"][0]["tasks"][0].at("response_ms").is_number());
    CHECK(one["verdicts"][1]["tasks"][0].at("response_ms").is_null());
    CHECK(one["verdicts"][1]["tasks"][0].at("blocking_ms").is_null());

    const Result many = laxity("schedulable " + sets + "--sets 40 --set /generate/utilisation=0.9 --json");
    const Json ratios = Json::parse(many.out);
    REQUIRE(ratios.at("policies").size() == 9);
    for (const Json& row : ratios["policies"]) {
        CHECK(row.at("schedulable").get<int>() + row.at("not_schedulable").get<int>() +
                  row.at("no_verdict").get<int>() ==
              40);
        CHECK(row.at("acceptance_ratio") == row.at("schedulable").get<int>() / 40.0);
    }
    CHECK(laxity("schedulable " + sets + "--sets 40 --set /generate/utilisation=0.9 --json").out == many.out);

    const Json none = Json::parse(laxity("schedulable " + workload() + "--policy edf --json").out);
    CHECK(none["verdicts"][0].at("schedulable").is_null());
    CHECK_THAT(none["verdicts"][0].at("reason").get<std::string>(), ContainsSubstring("no least gap"));
    CHECK_THAT(laxity("schedulable " + workload()).out, ContainsSubstring("no verdict"));
}

TEST_CASE("a generated set follows the seed in show and simulate") {
    const std::string sets = LAXITY_SOURCE_DIR "/workloads/scenarios/task-sets.json";
    CHECK(laxity("show " + sets + " --seed 3").out != laxity("show " + sets).out);
    CHECK(laxity("show " + sets + " --seed 1").out == laxity("show " + sets).out);
    const std::string run = "simulate -w " + sets + " --set '/horizon={\"jobs\": 500}' --seed ";
    CHECK(laxity(run + "3").code == 0);
    CHECK(laxity(run + "3").out != laxity(run + "4").out);
}

TEST_CASE("a run's folder can be exported as a timeline") {
    std::system("rm -rf cli_run cli_timeline.json");
    REQUIRE(laxity("simulate " + workload() + "--policy lcf --out cli_run").code == 0);
    CHECK(nlohmann::json::parse(read_all("cli_run/manifest.json")).at("configuration").contains("tasks"));
    CHECK(nlohmann::json::parse(read_all("cli_run/summary.json")).at("policy") == "lcf");
    REQUIRE(laxity("export cli_run -o cli_timeline.json --from 10 --to 60").code == 0);
    CHECK(nlohmann::json::parse(read_all("cli_timeline.json")).at("traceEvents").size() > 10);
}

TEST_CASE("a sweep ends with a winner and goes on from where it is") {
    workload();
    std::system("rm -rf cli_sweep_out");
    const Result first = laxity("sweep cli_sweep.json --out cli_sweep_out --threads 2");
    REQUIRE(first.code == 0);
    const std::string rows = read_all("cli_sweep_out/runs.csv");
    CHECK(std::count(rows.begin(), rows.end(), '\n') == 9);
    CHECK(first.err.find("already") == std::string::npos);
    const Result again = laxity("sweep cli_sweep.json --out cli_sweep_out");
    CHECK(again.out == first.out);
    CHECK_THAT(again.err,
               ContainsSubstring("laxity: note: cli_sweep_out has 8 runs already; what is missing is run\n"));
    std::ofstream("cli_sweep_out/runs.csv") << rows.substr(0, rows.size() - 40);
    CHECK_THAT(laxity("sweep cli_sweep.json --out cli_sweep_out").err,
               ContainsSubstring("laxity: note: cli_sweep_out has 7 runs already; what is missing is run\n"));
    CHECK(read_all("cli_sweep_out/runs.csv") == rows);
    const std::string winner = nlohmann::json::parse(first.out).at("winner");
    CHECK((winner == "edf" || winner == "fifo"));
}

TEST_CASE("Ctrl-C ends a sweep with exit code 130 and keeps whole rows") {
    workload();
    std::system("rm -rf cli_interrupted");
    // The signal comes as soon as the first row is there; each run is long enough not to be the last by then.
    const std::string script = "./cli_interrupt.sh " LAXITY_EXECUTABLE
                               " sweep cli_sweep.json --set /horizon/jobs=3000000 --threads 1 --out cli_interrupted";
    std::ofstream("cli_interrupt.sh")
        << "#!/bin/sh\n\"$@\" >cli_out.txt 2>cli_err.txt &\n"
           "until [ $(wc -l 2>/dev/null <cli_interrupted/runs.csv || echo 0) -ge 2 ]; do\n"
           "  kill -0 $! 2>/dev/null || break\n  sleep 0.05\ndone\n"
           "kill -INT $!\nwait $!\n";
    std::system("chmod +x cli_interrupt.sh");
    const int status = std::system(script.c_str());
    INFO(read_all("cli_err.txt"));
    CHECK(WEXITSTATUS(status) == 130);
    CHECK_THAT(read_all("cli_err.txt"), ContainsSubstring("start the same command again to go on"));
    const std::string rows = read_all("cli_interrupted/runs.csv");
    CHECK(rows.back() == '\n');
    CHECK(std::count(rows.begin(), rows.end(), '\n') >= 2);
    CHECK(std::count(rows.begin(), rows.end(), '\n') < 9);
}
