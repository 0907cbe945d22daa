#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/study_options.hpp"
#include "sim/results/csv.hpp"
#include "sim/results/measures.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "sim/study/axis_values.hpp"
#include "sim/study/capacity.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

const char* const kCapacityHelp =
    "Prints, for each policy, the highest load (or number of clients, or whatever is raised --along) at which all "
    "bounds\n"
    "hold: the mean over the seeds with its 95 % interval, and the paired difference to the first policy. Every value "
    "is\n"
    "simulated on identical luck, seed by seed: nine values over the range, then halving between the last one that "
    "holds\n"
    "and the first that does not.\n"
    "Without a mean: some seeds fail at the lowest value (below), or still hold at the highest (above).\n"
    "Axes of the policies and the workload are crossed as in a sweep. With tasks that are drawn (\"generate\"), along "
    "its\n"
    "utilisation, it is the breakdown utilisation: --along utilisation=0.05..1 --miss-ratio 0.\n"
    "\nexamples:\n"
    "  laxity capacity -w workloads/scenarios/quickstart.json -p edf -p rtdeepiot -p toll --miss-ratio 0.01 \\\n"
    "      --accuracy 0.9 --seeds 10 --jobs 20000\n"
    "  laxity capacity -w workloads/scenarios/clients.json -p edf -p lcf --at-most response_p99_ms=2 --along "
    "clients=1..50\n";

// "MEASURE=LIMIT".
Requirement requirement(const std::string& option, const std::string& text, bool at_most) {
    const std::size_t equals = text.find('=');
    const Json limit = equals == std::string::npos ? Json() : Json::parse(text.substr(equals + 1), nullptr, false);
    if (!limit.is_number())
        throw input_error(option, "MEASURE=LIMIT, as response_p99_ms=2", "\"" + shortened(text) + "\"");
    return {text.substr(0, equals), limit.get<double>(), at_most};
}

std::vector<Requirement> requirements_of(const po::variables_map& values) {
    std::vector<Requirement> all;
    if (values.count("miss-ratio") != 0) all.push_back({"miss_ratio", values["miss-ratio"].as<double>(), true});
    if (values.count("accuracy") != 0) all.push_back({"accuracy", values["accuracy"].as<double>(), false});
    for (const auto& [name, at_most] : {std::pair("at-most", true), std::pair("at-least", false)}) {
        if (values.count(name) == 0) continue;
        for (const std::string& text : values[name].as<Texts>())
            all.push_back(requirement(std::string("--") + name, text, at_most));
    }
    if (all.empty())
        throw input_error("--miss-ratio", "at least one bound", "none",
                          "give --miss-ratio, --accuracy, --at-most or --at-least");
    return all;
}

// Without --along: the load, or the number of clients, whichever the workload has one of.
std::string default_along(const Study& study) {
    for (const auto& [target, range] : {std::pair("load", "=0.05..8"), {"clients", "=1..200"}}) {
        try {
            study.axis_of({"", target, {"1"}});
            return std::string(target) + range;
        } catch (const InputError&) {
        }
    }
    throw input_error("--along", "what to raise, as load=0.1..4 or /tasks/*/arrival/load=0.1..4",
                      "none, and no single load or number of clients");
}

// "TARGET=LOW..HIGH". Whole numbers if both ends are written as such and the workload's value is one.
CapacityQuestion question_of(const po::variables_map& values, const Study& study) {
    const std::string text = values.count("along") != 0 ? values["along"].as<std::string>() : default_along(study);
    const std::size_t equals = text.find('='), dots = text.find("..", equals == std::string::npos ? 0 : equals);
    CapacityQuestion question;
    const auto end = [&](std::size_t from, std::size_t to) {
        const Json json = Json::parse(text.substr(from, to - from), nullptr, false);
        if (!json.is_number())
            throw input_error("--along", "TARGET=LOW..HIGH with two numbers", "\"" + shortened(text) + "\"");
        return json;
    };
    if (equals == std::string::npos || dots == std::string::npos) end(0, 0);
    const Json low = end(equals + 1, dots), high = end(dots + 2, text.size());
    question.along = text.substr(0, equals);
    if (!question.along.starts_with('/') && question.along.find('/') != std::string::npos) {
        throw input_error("--along", "a value of the workload",
                          "\"" + shortened(question.along) + "\", a policy's parameter", "a parameter can be an axis");
    }
    question.low = low.get<double>();
    question.high = high.get<double>();
    if (question.low >= question.high)
        throw input_error("--along", "a low end below the high one", "\"" + shortened(text) + "\"");
    question.whole = values["whole"].as<bool>() || study.is_whole(study.axis_of({"", question.along, {low.dump()}}));
    question.tolerance = values["tolerance"].as<double>();
    if (!(question.tolerance > 0 && question.tolerance < 1))
        throw input_error("--tolerance", "a number above 0 and below 1", number_text(question.tolerance));
    question.requirements = requirements_of(values);
    for (const Requirement& r : question.requirements)
        check_measure(r.measure, study.task_names(), r.at_most ? "--at-most" : "--at-least");
    return question;
}

struct Counts {
    std::size_t below = 0, above = 0, again = 0;
};

Counts counts_of(const CapacityRow& row) {
    Counts counts;
    for (const SeedCapacity& seed : row.seeds)
        counts.below += seed.below, counts.above += seed.above, counts.again += seed.again;
    return counts;
}

const std::string kSummaryColumns =
    "policy,n,mean,low,high,difference,difference_low,difference_high,below,above,again";

std::string head(const Study& study, const std::string& columns) {
    CsvLine line;
    for (const std::string& name : study.axis_names()) line.text(name);
    std::string text = line.take();
    text.pop_back();
    return text + (text.empty() ? "" : ",") + columns + "\n";
}

void put_interval(CsvLine& line, const Estimate& estimate) {
    const auto put = [&](const std::optional<double>& value) { value ? line.number(*value) : line.empty(); };
    put(estimate.mean);
    put(estimate.mean && estimate.half_width ? std::optional(*estimate.mean - *estimate.half_width) : std::nullopt);
    put(estimate.mean && estimate.half_width ? std::optional(*estimate.mean + *estimate.half_width) : std::nullopt);
}

std::string summary_csv(const Study& study, const std::vector<CapacityRow>& rows) {
    std::string text = head(study, kSummaryColumns);
    for (const CapacityRow& row : rows) {
        const Counts counts = counts_of(row);
        CsvLine line;
        for (const std::string& value : study.columns(row.point, row.contender)) line.text(value);
        line.text(study.policy_name(row.contender)).integer(static_cast<std::int64_t>(row.seeds.size()));
        put_interval(line, row.mean);
        put_interval(line, row.difference);
        for (const std::size_t count : {counts.below, counts.above, counts.again})
            line.integer(static_cast<std::int64_t>(count));
        text += line.take();
    }
    return text;
}

std::string seeds_csv(const Study& study, const std::vector<CapacityRow>& rows) {
    std::string text = head(study, "policy,seed,capacity,below,above,again");
    for (const CapacityRow& row : rows) {
        for (std::size_t i = 0; i < row.seeds.size(); ++i) {
            const SeedCapacity& seed = row.seeds[i];
            CsvLine line;
            for (const std::string& value : study.columns(row.point, row.contender)) line.text(value);
            line.text(study.policy_name(row.contender)).integer(static_cast<std::int64_t>(study.spec().seeds[i]));
            seed.value ? line.number(*seed.value) : line.empty();
            line.integer(seed.below).integer(seed.above).integer(seed.again);
            text += line.take();
        }
    }
    return text;
}

std::string plus_minus(const Estimate& estimate, const char* format) {
    if (!estimate.mean) return "-";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, *estimate.mean);
    std::string all = text.data();
    if (estimate.half_width) {
        std::snprintf(text.data(), text.size(), " +- %.4f", *estimate.half_width);
        all += text.data();
    }
    return all;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::string aligned(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

void print_table(const Study& study, const CapacityQuestion& question, const std::vector<CapacityRow>& rows) {
    std::cout << "highest " << study.axis_of({"", question.along, {"1"}}).target << " at which";
    const char* separator = " ";
    for (const Requirement& r : question.requirements) {
        std::cout << separator << r.measure << (r.at_most ? " <= " : " >= ") << number_text(r.limit);
        separator = " and ";
    }
    std::cout << ", 95 % over " << study.spec().seeds.size() << " seeds\n";
    std::size_t width = 6;
    for (const CapacityRow& row : rows) width = std::max(width, study.label(row.point, row.contender).size());
    std::cout << padded("policy", width) << "            capacity  minus the first (paired)\n";
    for (const CapacityRow& row : rows) {
        const Counts counts = counts_of(row);
        std::cout << padded(study.label(row.point, row.contender), width) << aligned(plus_minus(row.mean, "%.4f"), 20)
                  << aligned(plus_minus(row.difference, "%+.4f"), 26);
        if (counts.below > 0) std::cout << "  " << counts.below << " seeds below " << number_text(question.low);
        if (counts.above > 0) std::cout << "  " << counts.above << " seeds above " << number_text(question.high);
        if (counts.again > 0) std::cout << "  " << counts.again << " seeds hold again further up";
        std::cout << "\n";
    }
}

std::string configuration(const Study& study, const CapacityQuestion& question) {
    Json json = Json::parse(study.configuration());
    json["kind"] = "capacity";
    json["along"] = {{"target", question.along},
                     {"low", question.low},
                     {"high", question.high},
                     {"whole", question.whole},
                     {"tolerance", question.tolerance}};
    for (const Requirement& r : question.requirements)
        json["requirements"].push_back({{"measure", r.measure}, {r.at_most ? "at_most" : "at_least", r.limit}});
    return json.dump();
}

}  // namespace

int capacity_command(const Arguments& arguments) {
    po::options_description options("options");
    const auto bound = [](const char* name) { return po::value<double>()->value_name(name); };
    declare_study(options);
    declare_threads(options);
    declare_replace_option(options);
    options.add_options()("miss-ratio", bound("R"), "at most this share of the jobs misses")(
        "accuracy", bound("A"), "at least this share of the answers is right")(
        "at-most", po::value<Texts>()->composing()->value_name("MEASURE=V"),
        "any measure of runs.csv is at most V; may be repeated")(
        "at-least", po::value<Texts>()->composing()->value_name("MEASURE=V"), "and at least V")(
        "along", po::value<std::string>()->value_name("TARGET=LOW..HIGH"),
        "what is raised: a target as of --axis; default load=0.05..8, or clients=1..200")(
        "whole", po::bool_switch(), "only whole numbers; the default where the workload has one there")(
        "tolerance", po::value<double>()->default_value(0.01, "0.01")->value_name("T"),
        "how near, relative to the value")("out,o", po::value<std::string>()->value_name("DIR"),
                                           "also write manifest.json, capacity.csv and capacity-seeds.csv")(
        "csv", po::bool_switch(), "print the table as CSV");
    const auto values = parse_options(with_whole_options(arguments),
                                      "laxity capacity --workload FILE --policy NAME... --miss-ratio R [options]",
                                      options, kCapacityHelp, "file");
    if (!values) return kExitOk;

    const Study study(study_option(*values));
    print_notes(study);
    const CapacityQuestion question = question_of(*values, study);
    std::optional<ResultFolder> folder;
    if (values->count("out") != 0) {
        folder.emplace((*values)["out"].as<std::string>());
        folder->claim(replace_option(*values));
    }
    Progress progress("capacity", 0, "searches");
    const auto update = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); };
    const std::vector<CapacityRow> rows = capacity(study, question, {threads_option(*values), update});
    progress.finish();
    if (folder) {
        write_file(folder->path() + "/capacity.csv", summary_csv(study, rows));
        write_file(folder->path() + "/capacity-seeds.csv", seeds_csv(study, rows));
        write_manifest(folder->path(),
                       {command_line(), configuration(study, question), {}, "capacities", study.inputs()});
    }
    if ((*values)["csv"].as<bool>()) {
        std::cout << summary_csv(study, rows);
    } else {
        print_table(study, question, rows);
    }
    return kExitOk;
}

}  // namespace laxity
