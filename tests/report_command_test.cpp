// `laxity report` from outside, on sweeps that it did not make up.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

struct Result {
    int code = -1;
    std::string out;
    std::string err;
};

Result laxity_command(const std::string& arguments) {
    const std::string command = std::string(LAXITY_EXECUTABLE) + " " + arguments + " >report_out.txt 2>report_err.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file("report_out.txt"), read_file("report_err.txt")};
}

// edf and rtdeepiot on a network as it was measured, at three loads, with bounds.
std::string small_sweep() {
    static const std::string folder = [] {
        const std::string source = LAXITY_SOURCE_DIR;
        write_test_file("report_sweep.json", R"({"schema": "laxity.sweep/1", "workload": ")" + source +
                                                 R"(/workloads/scenarios/quickstart.json", "bounds": true, "seeds": 30,
            "axes": {"/tasks/0/arrival/load": [0.5, 0.8, 1.0]}, "policies": ["edf", "rtdeepiot"]})");
        std::filesystem::remove_all("report_sweep");
        const std::string jobs = " --set /horizon/jobs=1000 --set /horizon/warmup_jobs=0";
        REQUIRE(laxity_command("sweep report_sweep.json --out report_sweep" + jobs).code == 0);
        return std::string("report_sweep");
    }();
    return folder;
}

// The rows of a CSV without quotes: name of the column -> field.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& text) {
    const auto split = [](const std::string& line) {
        std::vector<std::string> fields(1);
        for (const char c : line) c == ',' ? fields.emplace_back() : fields.back() += c;
        return fields;
    };
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = split(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(lines, line)) {
        const std::vector<std::string> fields = split(line);
        REQUIRE(fields.size() == names.size());
        for (std::size_t i = 0; i < names.size(); ++i)
            (i == 0 ? rows.emplace_back() : rows.back())[names[i]] = fields[i];
    }
    return rows;
}

}  // namespace

TEST_CASE("common random numbers reduce the variance of edf against rtdeepiot") {
    const Result result = laxity_command("report " + small_sweep() + " --baseline edf --metric accuracy --format csv");
    REQUIRE(result.code == 0);
    int seen = 0;
    for (auto row : rows_of(result.out)) {
        if (row["policy"] != "rtdeepiot") continue;
        ++seen;
        INFO("load " << row["load"] << ": " << row["variance_reduction"]);
        CHECK(std::stod(row["variance_reduction"]) > 1);
        CHECK(std::stod(row["difference"]) > 0);
        CHECK(row["n"] == "30");
        CHECK(std::stod(row["regret_least_low"]) > 0);  // INV-9
    }
    CHECK(seen == 4);  // three points and the grid
}

TEST_CASE("a report is the same text every time, on stdout or in a file") {
    for (const std::string format : {"text", "csv", "markdown", "latex"}) {
        const std::string arguments = "report " + small_sweep() + " --baseline edf --format " + format;
        const Result first = laxity_command(arguments);
        REQUIRE(first.code == 0);
        CHECK(first.err.empty());
        CHECK(laxity_command(arguments).out == first.out);
        std::filesystem::remove("report_file");
        CHECK(laxity_command(arguments + " -o report_file").out.empty());
        CHECK(read_file("report_file") == first.out);
    }
}

TEST_CASE("a sweep's own summary and the report agree") {
    const auto summary = nlohmann::json::parse(read_file(small_sweep() + "/summary.json"));
    const Result result = laxity_command("report " + small_sweep() + " --metric accuracy --format csv");
    for (auto row : rows_of(result.out)) {
        if (row["scope"] != "grid" || row["kind"] != "policy") continue;
        for (const auto& policy : summary.at("policies")) {
            if (policy.at("policy") != row["policy"]) continue;
            CHECK(std::stod(row["mean"]) == Approx(policy.at("accuracy").at("mean").get<double>()));
            CHECK(std::stod(row["high"]) - std::stod(row["mean"]) ==
                  Approx(policy.at("accuracy").at("ci95").get<double>()));
            CHECK(std::stod(row["regret_least"]) == Approx(policy.at("behind_least_bound").at("mean").get<double>()));
        }
    }
}

TEST_CASE("options: labels, several folders, patterns, a row for the best, values of an axis") {
    const std::string sweep = small_sweep();
    CHECK_THAT(laxity_command("report " + sweep + " " + sweep + " --label one two --apart").out,
               StartsWith("one: accuracy") && ContainsSubstring("\ntwo: accuracy"));
    CHECK_THAT(laxity_command("report " + sweep + " " + sweep + " --label one two").out,
               StartsWith("accuracy / misses, %\n") && ContainsSubstring("- one -") && ContainsSubstring("- two -"));
    const Result some =
        laxity_command("report " + sweep + " --where load=0.5,1 --policies 'rt*' edf --best 'any=*' --axis load");
    CHECK_THAT(some.out, ContainsSubstring("\nload ") && ContainsSubstring("0.5") && ContainsSubstring("  1  "));
    CHECK(some.out.find("0.8 ") == std::string::npos);
    CHECK(some.out.find("\nrtdeepiot") < some.out.find("\nedf"));
    CHECK(some.out.find("\nedf") < some.out.find("\nany"));
}

TEST_CASE("bad command lines of report get one line and exit code 2") {
    const std::string sweep = small_sweep();
    write_study("report_empty", 1, over_load(), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n");
    const std::vector<std::pair<std::string, std::vector<std::string>>> table = {
        {"", {"--results", "required"}},
        {"none", {"none/manifest.json", "laxity sweep"}},
        {"report_empty", {"report_empty/runs.csv", "only the header"}},
        {sweep + " --metric accurate", {"--metric", "accurate", "There are", "miss_ratio"}},
        {sweep + " --metric ''", {"--metric", "There are"}},
        {sweep + " --baseline nobody", {"--baseline", "nobody", "edf, rtdeepiot"}},
        {sweep + " --policies nobody", {"--policies", "nobody", "edf, rtdeepiot"}},
        {sweep + " --best edf", {"--best", "NAME=PATTERN"}},
        {sweep + " --best =edf", {"--best", "NAME=PATTERN"}},
        {sweep + " --where load", {"--where", "AXIS=VALUE"}},
        {sweep + " --where load=3", {"--where load", "3", "0.5, 0.8, 1"}},
        {sweep + " --where deadline=3", {"--where", "deadline", "load"}},
        {sweep + " --axis deadline", {"--axis", "deadline", "load"}},
        {sweep + " --level 95", {"--level", "95"}},
        {sweep + " --level nan", {"--level"}},
        {sweep + " --quantile 1", {"--quantile", "1"}},
        {sweep + " --format html", {"--format", "html", "latex"}},
        {sweep + " --label a b", {"--label", "1 folder", "2"}},
        {sweep + " -o no/such/folder/file", {"no/such/folder/file"}},
    };
    for (const auto& [arguments, said] : table) {
        const Result result = laxity_command("report " + arguments);
        INFO(arguments << ": " << result.err);
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        for (const std::string& word : said) CHECK_THAT(result.err, ContainsSubstring(word));
    }
}

TEST_CASE("--html writes one page and says so; a file that is there is not lost") {
    std::filesystem::remove_all("page.html");
    std::filesystem::remove_all("page.html.old");
    const std::string command = "report " + small_sweep() + " --baseline edf --html page.html";
    const Result result = laxity_command(command);
    REQUIRE(result.code == 0);
    const std::string page = read_file("page.html");
    CHECK(result.out == "wrote page.html: " + std::to_string(page.size()) + " bytes; open it in a browser\n");
    CHECK(page.find("\"least\":[[") != std::string::npos);  // the bounds of the sweep

    const Result again = laxity_command(command);
    CHECK(again.code == 2);
    CHECK_THAT(again.err, ContainsSubstring("page.html"));
    CHECK(std::count(again.err.begin(), again.err.end(), '\n') == 1);
    CHECK(laxity_command(command + " --replace").code == 0);
    CHECK(read_file("page.html") == page);
    CHECK(read_file("page.html.old") == page);

    const Result piped = laxity_command("report " + small_sweep() + " --baseline edf --html /dev/stdout");
    CHECK(piped.code == 0);
    CHECK(piped.out == page);
}

TEST_CASE("--html refuses what it can't show, and writes nothing then") {
    std::filesystem::remove_all("none.html");
    for (const std::string asked :
         {"--out table.txt", "--metric speed", "--baseline nobody", "--axis nothing", "--policies nobody",
          "--where load=7", "--format latex", "--quantile 0.5", "--intervals", "--apart"}) {
        INFO(asked);
        const Result result = laxity_command("report " + small_sweep() + " --html none.html " + asked);
        CHECK(result.code == 2);
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        CHECK(!std::filesystem::exists("none.html"));
    }
    const Result missing = laxity_command("report report_missing --html none.html");
    CHECK(missing.code == 2);
    CHECK_THAT(missing.err, ContainsSubstring("report_missing: expected a result folder") &&
                                ContainsSubstring("`laxity sweep`, `merge`, `capacity`, `simulate`, `live`"));
    CHECK(!std::filesystem::exists("none.html"));
}
