#include "sim/cli/study_options.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "sim/cli/run_options.hpp"
#include "sim/study/axis_values.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr double kMostSeeds = 1e6;
constexpr const char* kAllTasks = "*";  // of --per-task

Texts texts(const po::variables_map& values, const char* name) {
    return values.count(name) == 0 ? Texts() : values[name].as<Texts>();
}

// A whole number from `low`; `text` is a value of parse_axis_values().
std::uint64_t whole_number(const char* option, const std::string& text, double low, double high) {
    const Json json = Json::parse(text, nullptr, false);
    const double number = json.is_number() ? json.get<double>() : -1;
    if (number < low || number > high || number != std::floor(number)) {
        throw input_error(option, "a whole number from " + std::to_string(static_cast<std::uint64_t>(low)),
                          shortened(text));
    }
    return static_cast<std::uint64_t>(number);
}

// "10": seeds 1 to 10; "3,5,8" or "11..20": these.
std::vector<std::uint64_t> seeds_of(const std::string& text) {
    const Texts items = parse_axis_values(text, "--seeds");
    if (items.size() == 1) return count_of_seeds(whole_number("--seeds", items[0], 1, kMostSeeds));
    std::vector<std::uint64_t> seeds;
    for (const std::string& item : items) seeds.push_back(whole_number("--seeds", item, 0, 9e15));
    return seeds;
}

Texts split_names(const std::string& text) {
    Texts names;
    for (const std::string& value : parse_axis_values(text, "--zip or --per-task")) names.push_back(column_text(value));
    return names;
}

void set_override(StudySpec& spec, const Override& change) {
    const auto old = std::find_if(spec.overrides.begin(), spec.overrides.end(),
                                  [&](const Override& o) { return o.pointer == change.pointer; });
    if (old == spec.overrides.end()) {
        spec.overrides.push_back(change);
    } else {
        old->value = change.value;
    }
}

// An axis of the command line takes the place of the file's that varies the same, however either calls it.
void set_axes(StudySpec& spec, const Texts& axes) {
    if (axes.empty()) return;
    const std::string workload = resolved_workload_json(spec.workload, spec.overrides);
    std::vector<PolicySpec> policies;
    for (const std::string& policy : spec.policies) policies.push_back(parse_policy(policy));
    std::vector<std::string> targets;
    for (const AxisSpec& axis : spec.axes) targets.push_back(axis_target(axis, workload, policies));
    for (const std::string& text : axes) {
        const AxisSpec axis = parse_axis(text);
        const auto place = std::find(targets.begin(), targets.end(), axis_target(axis, workload, policies));
        if (place == targets.end()) {
            spec.axes.push_back(axis);
        } else {
            spec.axes[static_cast<std::size_t>(place - targets.begin())] = axis;
        }
    }
}

// --jobs replaces the horizon; the warm-up keeps its share of the jobs unless --warmup says another.
void set_horizon(StudySpec& spec, const po::variables_map& values) {
    const bool jobs_given = values.count("jobs") != 0, warmup_given = values.count("warmup") != 0;
    if (!jobs_given && !warmup_given) return;
    Json horizon = Json::parse(resolved_workload_json(spec.workload, spec.overrides)).value("horizon", Json::object());
    if (!horizon.is_object()) return;  // which loading the workload will refuse
    const auto number = [&](const char* key) {
        return horizon.contains(key) && horizon[key].is_number() ? horizon[key].get<double>() : 0.0;
    };
    if (jobs_given) {
        const std::uint64_t jobs = whole_number("--jobs", values["jobs"].as<std::string>(), 1, 9e15);
        if (number("jobs") > 0 && number("warmup_jobs") > 0) {
            horizon["warmup_jobs"] =
                static_cast<std::uint64_t>(number("warmup_jobs") / number("jobs") * static_cast<double>(jobs));
        }
        horizon["jobs"] = jobs;
        horizon.erase("seconds");
    }
    if (warmup_given) horizon["warmup_jobs"] = whole_number("--warmup", values["warmup"].as<std::string>(), 0, 9e15);
    set_override(spec, {"/horizon", horizon.dump()});
}

// What may be said in a file and on the command line.
void apply_options(StudySpec& spec, const po::variables_map& values) {
    for (const Override& change : override_options(values)) set_override(spec, change);
    if (const Texts policies = texts(values, "policy"); !policies.empty()) spec.policies = policies;
    set_axes(spec, texts(values, "axis"));
    if (const Texts zips = texts(values, "zip"); !zips.empty()) {
        spec.zip.clear();
        for (const std::string& zip : zips) spec.zip.push_back(split_names(zip));
    }
    if (const Texts where = texts(values, "where"); !where.empty()) spec.where = where;
    if (values.count("seeds") != 0) spec.seeds = seeds_of(values["seeds"].as<std::string>());
    if (const Texts until = texts(values, "until"); !until.empty()) {
        spec.until.clear();
        for (const std::string& precision : until) spec.until.push_back(parse_precision(precision, "--until"));
    }
    if (values.count("max-seeds") != 0)
        spec.max_seeds = whole_number("--max-seeds", values["max-seeds"].as<std::string>(), 2, kMostSeeds);
    if (values.count("bounds") != 0 && values["bounds"].as<bool>()) spec.bounds = true;
    if (values.count("per-task") != 0) {
        const auto names = values["per-task"].as<std::string>();
        spec.per_task = true;
        spec.tasks = names == kAllTasks ? Texts() : split_names(names);
    }
}

constexpr std::uint64_t kFirstSeeds = 10;  // of a study that adds seeds, unless it says how many

}  // namespace

void declare_study(po::options_description& options) {
    const auto many = [](const char* name) { return po::value<Texts>()->composing()->value_name(name); };
    const auto one = [](const char* name) { return po::value<std::string>()->value_name(name); };
    options.add_options()("file", one("FILE"), "a study (JSON); options change what it says")(
        "workload,w", one("FILE"), "workload (JSON), e.g. workloads/scenarios/quickstart.json")(
        "policy,p", many("NAME"), "scheduling policy, name:key=value,...; may be repeated")(
        "axis,a", many("[NAME:]TARGET=VALUES"), "what is varied; may be repeated, the last varies fastest")(
        "zip", many("AXIS,AXIS"), "axes that advance together instead of being crossed; may be repeated")(
        "where", many("CONDITION"), "leave out what does not fulfil this; may be repeated")(
        "seeds,s", one("N"), "how often each point is run (seeds 1 to N), or a list of seeds; 1, with --until 10")(
        "jobs,n", one("N"), "jobs of a run, in place of the workload's horizon; its warm-up keeps its share")(
        "warmup", one("N"), "how many of them, the first, are simulated but not scored")(
        "until", many("MEASURE=H"),
        "add seeds to a point until the 95 % interval of this mean is +-H (H% of the mean); may be repeated")(
        "max-seeds", one("N"), "but not more than these (100)")(
        "per-task", po::value<std::string>()->value_name("[=TASK,...]"),
        "also measures of every task, or of these (--per-task=TASK,...)")(
        "bounds", po::bool_switch(), "also what no policy can beat (bounds.csv), see `laxity bound --help`")(
        "set", many("/POINTER=VALUE"), "change a value of the workload; may be repeated");
}

std::vector<std::string> with_whole_options(std::vector<std::string> arguments) {
    for (std::string& argument : arguments) {
        if (argument == "--per-task") argument += std::string("=") + kAllTasks;
    }
    return arguments;
}

StudySpec study_option(const po::variables_map& values) {
    const bool has_file = values.count("file") != 0, has_workload = values.count("workload") != 0;
    if (!has_file && !has_workload) {
        throw input_error("--workload", "a workload, or the file of a study", "neither", "see `laxity sweep --help`");
    }
    StudySpec spec;
    if (has_file) spec = load_study(values["file"].as<std::string>());
    if (has_workload) spec.workload = values["workload"].as<std::string>();
    const bool was_until = !spec.until.empty();
    const bool seeds_known = has_file && spec.seeds.size() > 1;
    apply_options(spec, values);
    if (!was_until && !spec.until.empty() && values.count("seeds") == 0 && !seeds_known) {
        spec.seeds = count_of_seeds(std::min(kFirstSeeds, spec.max_seeds));
    }
    set_horizon(spec, values);
    return spec;
}

void declare_threads(po::options_description& options) {
    options.add_options()("threads,t", po::value<int>()->default_value(0)->value_name("N"),
                          "threads; 0 = one per core");
}

int threads_option(const po::variables_map& values) {
    const int threads = values["threads"].as<int>();
    if (threads < 0 || threads > 4096) {
        throw input_error("--threads", "a number from 0 (all cores) to 4096", std::to_string(threads));
    }
    return threads == 0 ? std::max(1, static_cast<int>(std::thread::hardware_concurrency())) : threads;
}

void print_notes(const Study& study) {
    for (const std::string& note : study.notes()) std::cerr << "laxity: note: " << note << "\n";
}

}  // namespace laxity
