#include "sim/study/report.hpp"

#include <cmath>
#include <functional>
#include <sstream>

#include "sim/study/csv_columns.hpp"
#include "sim/study/short_names.hpp"
#include "tests/catch.hpp"
#include "tests/golden.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using laxity::test::check_golden;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

// What a format has to escape, in one name.
const std::string kNasty = R"(a|b_c%d&e<script>f\g"h)";

std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
    return text + "\"";
}

std::string decimal(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

// Three policies, two axes and a policy's parameter, four seeds, bounds. At load 1.5 the nasty one and edf cannot be
// told apart; at deadline 4 one accuracy is missing.
std::string nasty_study() {
    const std::string configuration = R"({"kind": "sweep", "axes": [
        {"name": "load", "values": [0.5, 1.5]}, {"name": "deadline", "values": [2, 4]},
        {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.05]}], "policies": ["edf"]})";
    std::string runs = "load,deadline,delta,policy,seed,accuracy,miss_ratio,response_p99_ms\n";
    std::string bounds = "load,deadline,seed,jobs,clairvoyant,fluid,fluid_d,fluid_edf,least\n";
    const double wobble[] = {-0.004, 0.002, 0.003, -0.001};
    for (const double deadline : {2.0, 4.0}) {
        for (const double load : {0.5, 1.5}) {
            for (int seed = 1; seed <= 4; ++seed) {
                const double luck = 0.95 - 0.1 * load + 0.01 * deadline + 0.01 * wobble[(seed + 1) % 4] * 100;
                const double own = wobble[seed - 1];
                const std::string start = decimal(load) + "," + decimal(deadline) + ",";
                const std::string end = "," + std::to_string(seed) + ",";
                const bool missing = deadline == 4 && load == 1.5;
                runs +=
                    start + ",edf" + end + (missing ? "" : decimal(luck - 0.06)) + "," + decimal(0.06 + own) + ",20\n";
                runs += start + "," + quoted(kNasty) + end +
                        decimal(luck - (load == 1.5 ? 0.06 + own : 0.03 - own / 8)) + "," + decimal(0.03 + own) + "," +
                        decimal(12.5 + own) + "\n";
                runs += start + "0.05,rtdeepiot" + end + decimal(luck - 0.1 + own / 4) + "," +
                        decimal(0.02 - own / 10) + ",\n";
                bounds += start + std::to_string(seed) + ",100," + decimal(luck + 0.02) + ",,,," +
                          (deadline == 4 ? "" : decimal(luck + 0.01)) + "\n";
            }
        }
    }
    return write_study("report_study", 2, configuration, runs, bounds);
}

ReportOptions options(ReportFormat format = ReportFormat::kText) {
    ReportOptions result;
    result.selection.metrics = {"accuracy/miss_ratio"};
    result.format = format;
    return result;
}

std::string report_of(const std::string& directory, const ReportOptions& asked) {
    return report({{directory, "study"}}, asked);
}

// A study of the first schema over one load.
std::string simple_study(const std::string& rows, const std::string& name = "report_simple") {
    return write_study(name, 1, over_load("0.5"), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n" + rows);
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("golden: every format of a small study, names that each must escape included") {
    const std::string directory = nasty_study();
    for (const auto& [format, name] : {std::pair(ReportFormat::kText, "report.txt"),
                                       {ReportFormat::kMarkdown, "report.md"},
                                       {ReportFormat::kLatex, "report.tex"},
                                       {ReportFormat::kCsv, "report.csv"}}) {
        ReportOptions asked = options(format);
        asked.selection.baseline = "edf";
        asked.selection.best = {{"best | of 2", "[ar]*"}};
        check_golden(name, report_of(directory, asked));
    }
}

TEST_CASE("golden: intervals, quantiles, one measure, another axis, some of the policies") {
    ReportOptions asked = options();
    asked.selection.metrics = {"response_p99_ms"};
    asked.selection.axis = "deadline";
    asked.selection.where = {{"load", {"0.50"}}};
    asked.selection.policies = {"a*", "edf"};
    asked.quantiles = asked.intervals = true;
    asked.level = 0.8;  // four seeds are enough for an interval of the median at 87.5 %
    check_golden("report-quantiles.txt", report_of(nasty_study(), asked));
}

TEST_CASE("one seed: means, no intervals, no marks") {
    ReportOptions asked = options();
    asked.selection.baseline = "edf";
    const std::string text = report_of(simple_study("0.5,edf,1,0.9,0.1\n0.5,lcf,1,0.8,0\n"), asked);
    CHECK(has_line(text, "edf   90.00 / 10.00"));
    CHECK(has_line(text, "lcf    80.00 / 0.00"));
    CHECK(has_line(text, "  1 seed a point: no intervals, no tests"));
    CHECK(has_line(text, "lcf   -10.00"));
    CHECK(text.find("+-") == text.find("+- is half"));
}

TEST_CASE("a half-finished sweep: what is there, and a note") {
    const std::string text = report_of(
        write_study("report_half", 1, over_load("0.5, 1.0"),
                    "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n0.5,edf,1,0.9,0.1\n0.5,edf,2,0.8,0.1\n"
                    "0.5,lcf,1,0.7,0.1\n0.5,lcf,2,0.6"),
        options());
    CHECK(has_line(text, "edf   85.00 / 10.00"));
    CHECK(has_line(text, "lcf   70.00 / 10.00"));
    CHECK(has_line(text, "  the last row of runs.csv was cut off and is left out: the sweep is half-finished"));
    CHECK(has_line(text, "  1 to 2 seeds a point"));
}

TEST_CASE("a measure without a value in any run: the table says so") {
    ReportOptions asked = options();
    asked.selection.metrics = {"miss_ratio"};
    const std::string text = report_of(simple_study("0.5,edf,1,0.9,\n0.5,lcf,1,0.8,\n"), asked);
    CHECK(has_line(text, "  miss_ratio has no value in any run"));
    CHECK(text.find("tables above") == std::string::npos);
}

TEST_CASE("minus is a sign of its own in Markdown and LaTeX, and zero has none") {
    std::string rows;
    for (int seed = 1; seed <= 3; ++seed) {
        const std::string number = std::to_string(seed);
        rows += "0.5,edf," + number + ",0.9,0.1\n0.5,lcf," + number + ",0.8" + number + ",0\n0.5,rr," + number +
                ",0.899999,0\n";
    }
    const std::string directory = simple_study(rows);
    ReportOptions asked = options(ReportFormat::kMarkdown);
    asked.selection.baseline = "edf";
    CHECK_THAT(report_of(directory, asked), ContainsSubstring("| lcf | \u22128.00\\* \u00b1 2.48 |"));
    CHECK_THAT(report_of(directory, asked), ContainsSubstring("| rr | +0.00\\* \u00b1 0.00 |"));
    asked.format = ReportFormat::kLatex;
    CHECK_THAT(report_of(directory, asked), ContainsSubstring("lcf & $-$8.00$^{*}$ $\\pm$ 2.48 \\\\"));
}

TEST_CASE("the CSV of a report says what the tables say, unrounded") {
    ReportOptions asked = options(ReportFormat::kCsv);
    asked.selection.baseline = "edf";
    write_test_file("report.csv", report_of(simple_study("0.5,edf,1,0.9,0.1\n0.5,edf,2,0.8,0.1\n0.5,edf,3,0.7,0.1\n"
                                                         "0.5,lcf,1,0.8,0\n0.5,lcf,2,0.72,0\n0.5,lcf,3,0.58,0\n"),
                                            asked));
    CsvColumns csv("report.csv");
    int rows = 0;
    while (csv.next()) {
        ++rows;
        if (csv.field(csv.at("policy")) != "lcf" || csv.field(csv.at("metric")) != "accuracy") continue;
        CHECK(csv.number(csv.at("n")) == 3.0);
        CHECK(*csv.number(csv.at("mean")) == Approx(0.7));
        CHECK(*csv.number(csv.at("low")) == Approx(0.7 - 4.30265273 * 0.111355287 / std::sqrt(3.0)));
        CHECK(*csv.number(csv.at("difference")) == Approx(-0.1));
        CHECK(csv.field(csv.at("baseline")) == "edf");
        CHECK(csv.field(csv.at("group")).empty());
        CHECK(*csv.number(csv.at("p")) == Approx(0.013072).epsilon(1e-3));  // t = 8.66, 2 degrees of freedom
        CHECK(*csv.number(csv.at("variance_reduction")) == Approx((0.01 + 0.0124) / 0.0004));
        CHECK(csv.field(csv.at("quantile_low")).empty());  // three seeds
    }
    CHECK(rows == 2 * 2 * 2);  // point and grid, two policies, two measures
}

TEST_CASE("several folders, apart: one after the other, under their labels; axes of both in the CSV") {
    const std::string first = simple_study("0.5,edf,1,0.9,0.1\n", "report_first");
    const std::string second =
        write_study("report_second", 2, R"({"kind": "sweep", "axes": [{"name": "policy_axis", "values": [1]}]})",
                    "policy_axis,policy,seed,accuracy,miss_ratio\n1,edf,1,0.8,0.2\n");
    ReportOptions asked = options();
    asked.apart = true;
    const std::string text = report({{first, "old"}, {second, "new"}}, asked);
    CHECK(has_line(text, "old: accuracy / misses, %"));
    CHECK(has_line(text, "new: accuracy / misses, %"));
    const std::string csv = report({{first, "old"}, {second, "new"}}, options(ReportFormat::kCsv));
    CHECK_THAT(csv, StartsWith("study,scope,load,policy_axis,policy,kind,"));
    CHECK_THAT(csv,
               ContainsSubstring("\nold,point,0.5,,edf,policy,") && ContainsSubstring("\nnew,point,,1,edf,policy,"));
}

namespace {

// edf, and another policy, at the loads; seeds 1 to n.
std::string two_policies(const std::string& name, const std::string& other, const std::vector<std::string>& loads,
                         int seeds) {
    std::string rows;
    for (const std::string& load : loads) {
        for (int seed = 1; seed <= seeds; ++seed) {
            const std::string number = std::to_string(seed);
            rows += load + ",edf," + number + ",0.8" + number + ",0.1\n" + load + "," + other + "," + number + ",0.9" +
                    number + ",0.05\n";
        }
    }
    std::string values;
    for (const std::string& load : loads) values += (values.empty() ? "" : ", ") + load;
    return write_study(name, 1, over_load(values), "/tasks/0/arrival/load,policy,seed,accuracy,miss_ratio\n" + rows);
}

}  // namespace

TEST_CASE("golden: two studies in one table, in every format") {
    const std::string old = two_policies("report_old", "lcf", {"0.5", "1.5"}, 3);
    const std::string renewed = two_policies("report_new", "toll", {"0.5", "1.5", "2"}, 2);
    std::string all;
    for (const ReportFormat format : {ReportFormat::kText, ReportFormat::kMarkdown, ReportFormat::kLatex}) {
        ReportOptions asked = options(format);
        asked.selection.baseline = "edf";
        all += report({{old, "old"}, {renewed, "new_&"}}, asked) + "\n";
    }
    check_golden("report-together.txt", all);
}

TEST_CASE("studies at one point are columns; tables that only one has stay apart") {
    const std::string old = two_policies("report_old", "lcf", {"0.5", "1.5"}, 3);
    const std::string renewed = two_policies("report_new", "toll", {"0.5", "1.5"}, 3);
    ReportOptions asked = options();
    asked.selection.metrics = {"accuracy"};
    asked.selection.where = {{"load", {"1.5"}}};
    const std::string text = report({{old, "old"}, {renewed, "new"}}, asked);
    CHECK_THAT(text, StartsWith("accuracy, %, load 1.5\npolicy"));
    CHECK(has_line(text, "edf     82.00   82.00"));
    CHECK(has_line(text, "lcf     92.00*"));
    CHECK(has_line(text, "toll            92.00*"));
    asked.selection.where.clear();
    asked.selection.axis = "load";
    const std::string other = write_study(
        "report_other", 2,
        R"({"kind": "sweep", "axes": [{"name": "load", "values": [0.5]}, {"name": "k", "values": [1, 2]}]})",
        "load,k,policy,seed,accuracy,miss_ratio\n0.5,1,edf,1,0.8,0.2\n0.5,2,edf,1,0.7,0.2\n");
    const std::string apart = report({{old, "old"}, {other, "other"}}, asked);
    CHECK_THAT(apart, StartsWith("old: accuracy, %\n") && ContainsSubstring("\nother: accuracy, %, k 1\n") &&
                          ContainsSubstring("\nother: accuracy, %, over the whole grid\n"));
}

TEST_CASE("a policy's parameter as the columns: one row for it, the same number for those without") {
    const std::string configuration = R"({"kind": "sweep", "axes": [{"name": "load", "values": [1, 2]},
        {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.02, 0.1]}]})";
    std::string rows = "load,delta,policy,seed,accuracy,miss_ratio\n";
    for (const std::string load : {"1", "2"})
        rows += load + ",,edf,1,0.5,0\n" + load + ",0.02,rtdeepiot,1,0.8,0\n" + load + ",0.1,rtdeepiot,1,0.7,0\n" +
                load + ",0.02,rtdeepiot:predictor=max,1,0.6,0\n";
    const std::string directory = write_study("report_parameter", 2, configuration, rows);
    ReportOptions asked = options();
    asked.selection.metrics = {"accuracy"};
    asked.selection.axis = "delta";
    asked.selection.baseline = "edf";
    asked.selection.best = {{"any", "rtdeepiot:*"}};
    const std::string text = report_of(directory, asked);
    CHECK_THAT(text, StartsWith("accuracy, %, load 1\ndelta"));
    CHECK(has_line(text, "delta                     0.02    0.1"));
    CHECK(has_line(text, "edf                      50.00  50.00"));
    CHECK(has_line(text, "rtdeepiot                80.00  70.00"));
    CHECK(has_line(text, "rtdeepiot:predictor=max  60.00      -"));
    CHECK(has_line(text, "any                      80.00  70.00"));
    CHECK(has_line(text, "  the same number in every column, having no delta: edf"));
    CHECK_THAT(text, ContainsSubstring("\naccuracy, %, over the whole grid\ndelta"));
    CHECK(has_line(text, "rtdeepiot                +30.00  +20.00"));
    asked.selection.policies = {"edf"};
    asked.selection.best.clear();
    asked.format = ReportFormat::kText;
    CHECK_THAT(error_of([&] { report_of(directory, asked); }),
               StartsWith("--axis delta: expected policies that have it"));
}

TEST_CASE("values that are paths are shown by the words that tell them apart; a note has them whole") {
    CHECK(short_names({"../traces/fashion-ee-cpu.json", "../traces/cifar-ee-cpu.json"}) ==
          std::vector<std::string>{"fashion", "cifar"});
    CHECK(short_names({"a/x-cpu.json", "a/x-gpu.json"}) == std::vector<std::string>{"cpu", "gpu"});
    CHECK(short_names({"../../traces/fashion-ee-cpu.json"}) == std::vector<std::string>{"fashion-ee-cpu"});
    CHECK(short_names({"a/x.json", "b/x.json"}) == std::vector<std::string>{"a", "b"});
    CHECK(short_names({"a/x.json", "a/x-1.json"}) == std::vector<std::string>{"x", "x-1"});
    CHECK(short_names({"a/", "a/x"}) == std::vector<std::string>{"a/", "a/x"});  // nothing would be left of one
    CHECK(short_names({"0.5", "1"}) == std::vector<std::string>{"0.5", "1"});
    const std::string directory = write_study(
        "report_paths", 2,
        R"({"kind": "sweep", "axes": [{"name": "trace", "values": ["../t/a-cpu.json", "../t/b-cpu.json"]}]})",
        "trace,policy,seed,accuracy,miss_ratio\n../t/a-cpu.json,edf,1,0.8,0.2\n../t/b-cpu.json,edf,1,0.7,0.2\n");
    const std::string text = report_of(directory, options());
    CHECK(has_line(text, "trace              a              b           mean"));
    CHECK(has_line(text, "  trace: a is ../t/a-cpu.json, b is ../t/b-cpu.json"));
}

TEST_CASE("a shard says that it is one") {
    const std::string directory = simple_study("0.5,edf,1,0.9,0.1\n", "report_shard");
    std::string manifest = read_file(directory + "/manifest.json");
    write_test_file(directory + "/manifest.json", manifest.insert(1, R"("shard": "2/8", )"));
    CHECK(has_line(report_of(directory, options()),
                   "  only shard 2/8 of the sweep, a part of its runs; `laxity merge` makes one of all"));
}

TEST_CASE("the folder of capacities: means, differences, no number where a seed is out of the range") {
    const std::string directory = write_study("report_capacity", 2, R"({"kind": "capacity", "axes": [],
        "along": {"target": "/tasks/0/arrival/load", "low": 0.05, "high": 8, "whole": false, "tolerance": 0.01},
        "requirements": [{"measure": "miss_ratio", "at_most": 0.01}, {"measure": "accuracy", "at_least": 0.9}]})",
                                              "");
    std::filesystem::remove(directory + "/runs.csv");
    write_test_file(directory + "/capacity-seeds.csv",
                    "policy,seed,capacity,below,above,again\nedf,1,0.5,0,0,0\nedf,2,0.6,0,0,0\nlcf,1,1.5,0,0,0\n"
                    "lcf,2,1.7,0,0,0\ntoll,1,2,0,0,0\ntoll,2,,0,1,0\n");
    ReportOptions asked = options();
    asked.selection.metrics.clear();
    asked.selection.baseline = "edf";
    const std::string text = report_of(directory, asked);
    CHECK_THAT(text, StartsWith("capacity\npolicy"));
    CHECK(has_line(text, "edf     0.550"));
    CHECK(has_line(text, "toll        -"));
    CHECK(has_line(text,
                   "  capacity: the highest /tasks/0/arrival/load at which miss_ratio <= 0.01 and accuracy >= 0.9"));
    CHECK_THAT(text, ContainsSubstring("lcf     +1.050* +- 0.635"));
    asked.selection.metrics = {"accuracy"};
    CHECK_THAT(error_of([&] { report_of(directory, asked); }),
               StartsWith("--metric: expected a measure of report_capacity/capacity-seeds.csv, found \"accuracy\""));
}

TEST_CASE("a measure of one task that is missing: the advice is --per-task") {
    ReportOptions asked = options();
    asked.selection.metrics = {"camera.accuracy"};
    CHECK(error_of([&] { report_of(simple_study("0.5,edf,1,0.9,0.1\n"), asked); }) ==
          "--metric: expected a measure of report_simple/runs.csv, found \"camera.accuracy\", of one task; measures of "
          "each "
          "task are there if the sweep was made with --per-task");
}

TEST_CASE("an axis called like a column of the CSV gets another name there") {
    const std::string directory =
        write_study("report_clash", 2, R"({"kind": "sweep", "axes": [{"name": "n", "values": [1]}]})",
                    "n,policy,seed,accuracy,miss_ratio\n1,edf,1,0.8,0.2\n");
    CHECK_THAT(report_of(directory, options(ReportFormat::kCsv)), StartsWith("study,scope,axis:n,policy,"));
}

TEST_CASE("zipped axes share the columns") {
    const std::string directory = write_study(
        "report_zip", 2,
        R"({"kind": "sweep", "axes": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": ["x", "y"]}],
                        "zip": [["a", "b"]]})",
        "a,b,policy,seed,accuracy,miss_ratio\n1,\"\"\"x\"\"\",edf,1,0.8,0.2\n2,\"\"\"y\"\"\",edf,1,0.6,0.2\n");
    const std::string text = report_of(directory, options());
    CHECK(has_line(text, "a, b           1, x           2, y           mean"));
    CHECK(has_line(text, "edf   80.00 / 20.00  60.00 / 20.00  70.00 / 20.00"));
}

TEST_CASE("a sweep without axes has one column") {
    const std::string directory = write_study("report_point", 2, R"({"kind": "sweep", "axes": []})",
                                              "policy,seed,accuracy,miss_ratio\nedf,1,0.8,0.2\n");
    CHECK(has_line(report_of(directory, options()), "policy            all"));
}

TEST_CASE("bad requests get one line that says what there is") {
    const std::string study = nasty_study();
    const auto error = [&](const std::function<void(SelectionRequest&)>& change, const std::string& directory) {
        ReportOptions asked = options();
        change(asked.selection);
        return error_of([&] { report_of(directory, asked); });
    };
    const std::string simple = simple_study("0.5,edf,1,0.9,0.1\n0.5,lcf,1,0.9,0.1\n");
    CHECK(error([](auto& request) { request.metrics = {"acuracy"}; }, simple) ==
          "--metric: expected a measure of report_simple/runs.csv, found \"acuracy\"; did you mean accuracy? There are "
          "accuracy, miss_ratio");
    CHECK(error([](auto& request) { request.baseline = "nobody"; }, simple) ==
          "--baseline: expected one of the rows, found \"nobody\"; There are edf, lcf");
    const std::string point = write_study("report_no_axes", 2, R"({"kind": "sweep", "axes": []})",
                                          "policy,seed,accuracy,miss_ratio\nedf,1,0.9,0.1\n");
    CHECK(error([](auto& request) { request.axis = "load"; }, point) ==
          "--axis: expected an axis of report_no_axes, found \"load\"; there is none");
    CHECK_THAT(error([](auto& request) { request.policies = {"x*"}; }, simple),
               ContainsSubstring("--policies: expected a policy"));
    CHECK_THAT(error(
                   [](auto& request) {
                       request.best = {{"any", "x*"}};
                   },
                   simple),
               ContainsSubstring("--best: expected a policy"));
    CHECK_THAT(error([](auto& request) { request.best = {{"edf", "*"}}; }, simple), ContainsSubstring("a row already"));
    CHECK_THAT(error([](auto& request) { request.axis = "lod"; }, simple),
               ContainsSubstring("--axis: expected an axis of report_simple, found \"lod\"; did you mean load?"));
    CHECK_THAT(error(
                   [](auto& request) {
                       request.where = {{"lod", {"1"}}};
                   },
                   simple),
               ContainsSubstring("--where: expected an axis"));
    CHECK_THAT(error(
                   [](auto& request) {
                       request.where = {{"load", {"7"}}};
                   },
                   study),
               ContainsSubstring(
                   "--where load: expected one of the values that it was swept over, found \"7\"; There are 0.5, 1.5"));
    CHECK(error([](auto&) {}, simple_study("")) ==
          "report_simple/runs.csv: expected runs, found only the header; start the sweep again: it goes on");
}

TEST_CASE("--where on a policy's parameter keeps the policies that do not have it") {
    const std::string configuration = R"({"kind": "sweep", "axes": [
        {"name": "delta", "policy": "rtdeepiot", "parameter": "delta", "values": [0.02, 0.1]}]})";
    const std::string directory = write_study(
        "report_where", 2, configuration,
        "delta,policy,seed,accuracy,miss_ratio\n,edf,1,0.5,0\n0.02,rtdeepiot,1,0.8,0\n0.1,rtdeepiot,1,0.7,0\n");
    ReportOptions asked = options();
    asked.selection.where = {{"delta", {"0.10"}}};
    const std::string text = report_of(directory, asked);
    CHECK(has_line(text, "edf                  50.00 / 0.00"));
    CHECK(has_line(text, "rtdeepiot:delta=0.1  70.00 / 0.00"));
    CHECK(text.find("delta=0.02") == std::string::npos);
}

TEST_CASE("escaping") {
    CHECK(latex_escaped("a_b%c&d#e$f{g}~^\\") ==
          "a\\_b\\%c\\&d\\#e\\$f\\{g\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}");
    CHECK(markdown_escaped("a|b_c*d`e<f>&[g]\\") == "a\\|b\\_c\\*d\\`e&lt;f&gt;&amp;\\[g\\]\\\\");
    CHECK(latex_escaped("[x] \"a\" <b> --- `c` |") ==
          "{[}x{]} {\\char34}a{\\char34} \\textless{}b\\textgreater{} -{}-{}- \\textasciigrave{}c\\textasciigrave{} "
          "\\textbar{}");
    CHECK(latex_escaped("\u00b1 \u03b4\u0394\u0391 \u00e9\u0142 \u0111 \u4e2d \U0001f600 \u2264") ==
          "$\\pm$ $\\delta$$\\Delta$A \u00e9\u0142 {[}U+0111{]} {[}U+4E2D{]} {[}U+1F600{]} $\\leq$");
    CHECK(latex_escaped("tab\there") == "tab\\textbackslash{}x09here");
}
