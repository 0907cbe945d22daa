#include "sim/study/report.hpp"

#include <cmath>
#include <functional>
#include <sstream>

#include "sim/study/csv_columns.hpp"
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

TEST_CASE("several folders: one after the other, under their labels; axes of both in the CSV") {
    const std::string first = simple_study("0.5,edf,1,0.9,0.1\n", "report_first");
    const std::string second =
        write_study("report_second", 2, R"({"kind": "sweep", "axes": [{"name": "policy_axis", "values": [1]}]})",
                    "policy_axis,policy,seed,accuracy,miss_ratio\n1,edf,1,0.8,0.2\n");
    const std::string text = report({{first, "old"}, {second, "new"}}, options());
    CHECK(has_line(text, "old: accuracy / misses, %"));
    CHECK(has_line(text, "new: accuracy / misses, %"));
    const std::string csv = report({{first, "old"}, {second, "new"}}, options(ReportFormat::kCsv));
    CHECK_THAT(csv, StartsWith("study,scope,load,policy_axis,policy,kind,"));
    CHECK_THAT(csv,
               ContainsSubstring("\nold,point,0.5,,edf,policy,") && ContainsSubstring("\nnew,point,,1,edf,policy,"));
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
    CHECK_THAT(error([](auto& request) { request.axis = "delta"; }, study),
               ContainsSubstring("--axis delta: expected an axis of the workload"));
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
    CHECK(latex_escaped("tab\there") == "tab\\textbackslash{}x09here");
}
