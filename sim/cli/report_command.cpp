#include <algorithm>
#include <filesystem>
#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/results/output.hpp"
#include "sim/study/report_page.hpp"
#include "sim/study/timeline_section.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

std::vector<std::string> texts(const po::variables_map& values, const char* option) {
    return values.count(option) == 0 ? std::vector<std::string>{} : values[option].as<std::vector<std::string>>();
}

std::vector<std::string> split_at_commas(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) c == ',' ? parts.emplace_back() : parts.back() += c;
    return parts;
}

// "NAME=REST" of an option; both must be there.
std::pair<std::string, std::string> name_and_rest(const std::string& option, const std::string& text,
                                                  const std::string& expected) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
        throw input_error(option, expected, "\"" + text + "\"");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

double share_option(const po::variables_map& values, const char* option) {
    const double share = values[option].as<double>();
    if (!(share > 0 && share < 1))
        throw input_error(std::string("--") + option, "a share above 0 and below 1, as 0.95", std::to_string(share));
    return share;
}

ReportFormat format_option(const std::string& text) {
    if (text == "text") return ReportFormat::kText;
    if (text == "csv") return ReportFormat::kCsv;
    if (text == "markdown") return ReportFormat::kMarkdown;
    if (text == "latex") return ReportFormat::kLatex;
    throw input_error("--format", "text, csv, markdown or latex", "\"" + text + "\"");
}

ReportOptions report_options(const po::variables_map& values) {
    ReportOptions options;
    SelectionRequest& selection = options.selection;
    for (const std::string& list : texts(values, "metric")) {
        for (const std::string& metric : split_at_commas(list)) selection.metrics.push_back(metric);
    }
    if (values.count("baseline") != 0) selection.baseline = values["baseline"].as<std::string>();
    if (values.count("axis") != 0) selection.axis = values["axis"].as<std::string>();
    selection.policies = texts(values, "policies");
    for (const std::string& text : texts(values, "best")) {
        const auto [name, pattern] = name_and_rest("--best", text, "NAME=PATTERN");
        selection.best.push_back({name, pattern});
    }
    for (const std::string& text : texts(values, "where")) {
        const auto [axis, list] = name_and_rest("--where", text, "AXIS=VALUE or AXIS=VALUE,VALUE");
        selection.where.push_back({axis, split_at_commas(list)});
    }
    options.level = share_option(values, "level");
    if (values.count("quantile") != 0) {
        options.quantile = share_option(values, "quantile");
        options.quantiles = true;
    }
    options.intervals = values["intervals"].as<bool>();
    options.apart = values["apart"].as<bool>();
    options.format = format_option(values["format"].as<std::string>());
    return options;
}

// The last part of the path, or the whole path where two folders share it.
std::vector<StudyFolder> folders_of(const po::variables_map& values) {
    const std::vector<std::string> directories = texts(values, "results"), labels = texts(values, "label");
    if (!labels.empty() && labels.size() != directories.size())
        throw input_error("--label",
                          "one for each of " + std::to_string(directories.size()) +
                              (directories.size() == 1 ? " folder" : " folders"),
                          std::to_string(labels.size()));
    const auto last_part = [](const std::string& directory) {
        const std::filesystem::path path = std::filesystem::path(directory + "/.").lexically_normal().parent_path();
        return path.filename().empty() ? directory : path.filename().string();
    };
    std::vector<StudyFolder> folders;
    for (std::size_t i = 0; i < directories.size(); ++i) {
        const auto same = [&](const std::string& other) { return last_part(other) == last_part(directories[i]); };
        const bool unique = std::count_if(directories.begin(), directories.end(), same) == 1;
        const std::string name = unique ? last_part(directories[i]) : directories[i];
        folders.push_back({directories[i], labels.empty() ? name : labels[i]});
    }
    return folders;
}

std::string text_option(const po::variables_map& values, const char* option) {
    return values.count(option) == 0 ? std::string() : values[option].as<std::string>();
}

// Of recorded runs there is no table, and nothing to choose for one.
bool only_recorded_runs(const std::vector<StudyFolder>& folders) {
    return std::ranges::none_of(folders, [](const StudyFolder& folder) { return recorded_runs(folder).empty(); });
}

void refuse_choices(const po::variables_map& values) {
    for (const char* const option : {"metric", "baseline", "policies", "best", "where", "axis"}) {
        if (values.count(option) != 0)
            throw input_error(std::string("--") + option, "a sweep to choose it for", "recorded runs alone",
                              "leave it out");
    }
}

void refuse_recorded_runs(const std::vector<StudyFolder>& folders) {
    for (const StudyFolder& folder : folders) {
        if (!recorded_runs(folder).empty())
            throw input_error(folder.directory, "a folder that `laxity sweep` wrote", "the records of a run",
                              "see them with --html FILE");
    }
}

// A page takes more kinds of folders than tables do.
void check_page_folders(const std::vector<StudyFolder>& folders) {
    for (const StudyFolder& folder : folders) {
        if (!std::filesystem::exists(folder.directory))
            throw input_error(folder.directory, "a result folder", "none",
                              "check the name: what --out of `laxity sweep`, `merge`, `capacity`, `simulate`, `live` "
                              "or `validate` was");
    }
}

void write_page(const std::string& path, const po::variables_map& values) {
    check_file(path, replace_option(values));
    const std::vector<StudyFolder> folders = folders_of(values);
    check_page_folders(folders);
    if (only_recorded_runs(folders)) refuse_choices(values);
    const std::string page = report_page(folders, report_options(values));
    claim_file(path, replace_option(values));
    write_file(path, page);
    if (!is_stream(path))
        std::cout << "wrote " << one_line(path) << ": " << page.size() << " bytes; open it in a browser\n";
}

const char* const kExamples =
    "Tables of a sweep, half-finished ones too: means over the seeds, regret to the bounds if the\n"
    "sweep has them, and differences to a baseline, paired by seed (every policy met the same luck).\n"
    "Bold (in text *, or ~ for several) are the best of a column and all that cannot be told from it\n"
    "by paired t tests, corrected for their number after Holm. A mean over points leaves out, for all\n"
    "policies, a point where one has no value. Several folders stand side by side in one table; tests\n"
    "and marks are within a folder. The folder of `laxity capacity` gives a table of capacities.\n"
    "Measures are columns of runs.csv; those of one task (camera.accuracy) are there if the sweep had\n"
    "--per-task.\n"
    "LaTeX needs the packages booktabs and graphicx, which shrinks what is wider than the column or\n"
    "the page.\n"
    "CSV has a row per point, policy and measure, with every statistic; ratios are shares there,\n"
    "percent in tables.\n"
    "A page shows of a folder of `laxity simulate`, `laxity live` or a cell of `laxity validate` its\n"
    "timeline: every job and stage, and what the policy knew at each decision.\n"
    "\nexamples:\n"
    "  laxity report results/paper --baseline edf\n"
    "  laxity report results/paper --metric response_p99_ms --policies edf 'rtdeepiot:*' --where load=1.6 --intervals\n"
    "  laxity report results/paper --best 'best form=rtdeepiot:*' --baseline 'best form' --format latex -o table.tex\n"
    "  laxity report results/delta --axis delta --where load=1.5     # a policy's parameter as the columns\n"
    "  laxity report results/a results/b --label old new             # one table\n"
    "  laxity report results/a results/b --label old new --format csv -o both.csv\n"
    "  laxity report results/acceptance --metric accepted,schedulable\n"
    "  laxity report results/capacity --baseline edf --intervals\n"
    "  laxity report results/paper --baseline edf --html paper.html\n"
    "  laxity report results/edf results/toll --html runs.html\n";

}  // namespace

int report_command(const Arguments& arguments) {
    po::options_description options("options");
    const auto texts_value = [](const char* name) {
        return po::value<std::vector<std::string>>()->composing()->value_name(name);
    };
    const auto list_value = [&](const char* name) { return texts_value(name)->multitoken(); };
    options.add_options()("results", texts_value("DIR")->required(),
                          "folders that `laxity sweep`, `merge` or `capacity` wrote; with --html also recorded runs")(
        "metric,m", texts_value("LIST"),
        "measures, with commas between; \"a/b\" shows two in one cell; default: accuracy/miss_ratio, or capacity")(
        "baseline,b", po::value<std::string>()->value_name("POLICY"),
        "policy, or name of a --best row, that the others are compared with")(
        "policies,p", list_value("PATTERN"), "rows: policies like these, in this order, e.g. edf 'rtdeepiot:*'")(
        "best", texts_value("NAME=PATTERN"),
        "add a row for the best of the policies like PATTERN at each point, chosen after the fact")(
        "where,w", texts_value("AXIS=VALUES"), "only these points, or policies: load=1.6 or delta=0.05,0.1")(
        "axis", po::value<std::string>()->value_name("NAME"),
        "axis of the columns, a policy's parameter too; default: the first; further axes have tables of their own")(
        "apart", po::bool_switch(), "tables of several folders one after the other instead of side by side")(
        "level", po::value<double>()->default_value(kUsualLevel, "0.95")->value_name("SHARE"),
        "of intervals; tests are at 1 - level")("quantile,q", po::value<double>()->value_name("SHARE"),
                                                "also this quantile over the seeds, 0.5 = median, with its interval")(
        "intervals,i", po::bool_switch(), "every mean in a table with its interval")(
        "format,f", po::value<std::string>()->default_value("text")->value_name("FORMAT"),
        "text, csv, markdown or latex")("label,l", list_value("NAME"), "what to call the folders, in their order")(
        "out,o", po::value<std::string>()->value_name("FILE"), "write there instead of to stdout")(
        "html", po::value<std::string>()->value_name("FILE"),
        "instead of tables: one page to look at, in any browser, without network");
    declare_replace_option(options);
    const auto values =
        parse_options(arguments, "laxity report DIR... [options]", options, kExamples, "results", kAnyNumber);
    if (!values) return kExitOk;

    const std::string out = text_option(*values, "out"), html = text_option(*values, "html");
    if (!html.empty()) {
        for (const char* option : {"out", "format", "quantile", "intervals", "apart"}) {
            if (values->count(option) != 0 && !(*values)[option].defaulted())
                throw input_error("--html", std::string("no --") + option + " beside it, which is of tables", "both",
                                  "run the command twice");
        }
        write_page(html, *values);
        return kExitOk;
    }
    if (!out.empty()) check_file(out, replace_option(*values));
    const std::vector<StudyFolder> folders = folders_of(*values);
    refuse_recorded_runs(folders);
    const std::string text = report(folders, report_options(*values));
    if (out.empty()) {
        std::cout << text;
    } else {
        claim_file(out, replace_option(*values));
        write_file(out, text);
    }
    return kExitOk;
}

}  // namespace laxity
