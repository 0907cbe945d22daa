#include "sim/cli/validation_plan.hpp"

#include <cmath>
#include <set>

#include "sim/cli/command.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/results/results.hpp"
#include "sim/study/axis.hpp"
#include "sim/study/axis_values.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

constexpr int kMostRepetitions = 10'000;

// One change of the workload for each axis.
using Combination = std::vector<std::pair<std::string, std::vector<Override>>>;

// The axes of --axis, as of a sweep; of the workload alone.
std::vector<Axis> axes_of(const po::variables_map& values, const WorkloadFile& file,
                          const std::vector<PolicySpec>& policies) {
    std::vector<AxisSpec> specs;
    if (values.count("axis") != 0) {
        for (const std::string& text : values["axis"].as<Texts>()) specs.push_back(parse_axis(text));
    }
    const std::vector<Axis> axes = resolve_axes(specs, file.json(), policies, {}, {});
    for (const Axis& axis : axes) {
        if (!axis.of_policy()) continue;
        throw input_error("--axis " + axis.target, "a value of the workload", "a parameter of a policy",
                          "name the forms of the policy with --policy, as rtdeepiot:delta=0.1");
    }
    return axes;
}

// Every combination, the last axis varying fastest.
std::vector<Combination> combinations_of(const std::vector<Axis>& axes) {
    std::vector<Combination> all(1);
    for (const Axis& axis : axes) {
        std::vector<Combination> more;
        for (const Combination& some : all) {
            for (const std::string& value : axis.values) {
                Combination next = some;
                std::vector<Override> changes;
                for (const std::string& pointer : axis.pointers) changes.push_back({pointer, value});
                next.emplace_back(axis.target + "=" + column_text(value), std::move(changes));
                more.push_back(std::move(next));
            }
        }
        all = std::move(more);
    }
    return all;
}

std::string folder_name(std::size_t index, const PolicySpec& policy) {
    std::string name = std::to_string(index) + "-" + policy.text;
    for (char& c : name) {
        if (c == ':' || c == ',' || c == '=' || c == '/') c = '-';
    }
    return name;
}

}  // namespace

void declare_validation_plan(po::options_description& options) {
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"),
                          "workload (JSON) with measured traces")(
        "policy,p", po::value<Texts>()->composing()->value_name("NAME[:KEY=VALUE,...]"),
        "scheduling policy; may be repeated")(
        "axis", po::value<Texts>()->composing()->value_name("NAME|/POINTER=VALUES"),
        "values of the workload to go through, as of `laxity sweep`: load=0.4,0.8 or /tasks/0/deadline=...; may be "
        "repeated for every combination")("seconds", po::value<double>()->default_value(10)->value_name("S"),
                                          "length of each live run, without a warm-up, instead of the workload's "
                                          "horizon")(
        "repetitions,r", po::value<int>()->default_value(5)->value_name("N"),
        "live runs of each point and policy; the r-th has seed --seed + r - 1")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
        "seed of arrivals, deadlines and inputs of the first repetition, and of the order of the runs")(
        "set", po::value<Texts>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "write manifest.json, validation.csv, repetitions.csv, agreement.csv and more (results/README.md)");
    declare_replace_option(options);
}

ValidationPlan::ValidationPlan(const po::variables_map& values) : base_(RunOptions::from(values)) {
    seconds_ = values["seconds"].as<double>();
    repetitions_ = values["repetitions"].as<int>();
    if (repetitions_ < 1 || repetitions_ > kMostRepetitions)
        throw input_error("--repetitions", "a number from 1 to 10000", std::to_string(repetitions_));
    const WorkloadFile file = WorkloadFile(base_.workload).with(base_.overrides);
    choose_policies(values, file);
    load_points(values, file);
    for (std::size_t point = 0; point < points_.size(); ++point) {
        for (const PolicySpec& policy : policies_)
            cells_.push_back({{points_[point].name, policy.text}, point, &policy, folder_name(cells_.size(), policy)});
    }
}

// Those of --policy, then that of --winner.
void ValidationPlan::choose_policies(const po::variables_map& values, const WorkloadFile& file) {
    if (values.count("policy") != 0) {
        for (const std::string& text : values["policy"].as<Texts>()) policies_.push_back(policy_option(text, true));
    }
    if (values.count("winner") != 0) {
        const Workload workload = file.load(base_.seed);
        policies_.push_back(*winner_option(values, file, workload));
    }
    if (policies_.empty())
        throw input_error("--policy", "at least one policy, or --winner DIR", "none", "see `laxity validate --help`");
    std::set<std::string> seen;
    for (const PolicySpec& policy : policies_) {
        if (!seen.insert(policy.text).second)
            throw input_error("--policy", "each policy once", "\"" + policy.text + "\" twice");
    }
}

void ValidationPlan::load_points(const po::variables_map& values, const WorkloadFile& file) {
    TraceCache cache;
    for (const Combination& combination : combinations_of(axes_of(values, file, policies_))) {
        ValidationPoint& point = points_.emplace_back();
        point.options = base_;
        point.options.overrides.push_back(horizon_override(seconds_));
        Texts names;
        for (const auto& [name, changes] : combination) {
            names.push_back(name);
            point.options.overrides.insert(point.options.overrides.end(), changes.begin(), changes.end());
        }
        point.name = joined(names, ",");
        load_cases(point, WorkloadFile(base_.workload).with(point.options.overrides), cache);
    }
}

void ValidationPlan::load_cases(ValidationPoint& point, const WorkloadFile& file, TraceCache& cache) {
    for (int repetition = 0; repetition < repetitions_; ++repetition) {
        if (repetition == 0 || file.depends_on_seed()) {
            const auto seed = base_.seed + static_cast<std::uint64_t>(repetition);
            cases_.push_back(std::make_unique<const ValidationCase>(file.load(seed, &cache)));
        }
        point.cases.push_back(cases_.size() - 1);
    }
    point.inputs = point.options.inputs_of(cases_[point.cases.front()]->workload);
}

std::vector<CellName> ValidationPlan::cell_names() const {
    std::vector<CellName> names;
    for (const PlannedCell& cell : cells_) names.push_back(cell.name);
    return names;
}

std::vector<const Workload*> ValidationPlan::workloads() const {
    std::vector<const Workload*> workloads;
    for (const auto& one : cases_) workloads.push_back(&one->workload);
    return workloads;
}

std::size_t ValidationPlan::case_index(const LiveTurn& turn) const {
    return points_[cells_[turn.cell].point].cases[static_cast<std::size_t>(turn.repetition - 1)];
}

std::uint64_t ValidationPlan::seed_of(const LiveTurn& turn) const {
    return base_.seed + static_cast<std::uint64_t>(turn.repetition - 1);
}

const Plan* ValidationPlan::plan_of(const LiveTurn& turn) const {
    return plans_.at({case_index(turn), cells_[turn.cell].policy->text}).get();
}

void ValidationPlan::make_plans() {
    for (const ValidationPoint& point : points_) {
        for (const std::size_t index : point.cases) {
            for (const PolicySpec& policy : policies_) {
                auto& plan = plans_[{index, policy.text}];
                if (!plan) plan = point.options.plan_for_run(policy, cases_[index]->workload, cases_[index]->tasks);
            }
        }
    }
}

std::string ValidationPlan::configuration() const { return resolved_workload_json(base_.workload, base_.overrides); }

InputHashes ValidationPlan::inputs() const {
    InputHashes inputs;
    for (const ValidationPoint& point : points_) inputs.insert(point.inputs.begin(), point.inputs.end());
    return inputs;
}

void ValidationPlan::write_manifest(const std::string& directory) const {
    std::set<std::string> traces;
    for (const Workload* workload : workloads()) {
        for (const std::string& path : measured_trace_paths(*workload)) traces.insert(path);
    }
    Texts names;
    for (const PolicySpec& policy : policies_) names.push_back(policy.text);
    laxity::write_manifest(directory, {command_line(),
                                       configuration(),
                                       {traces.begin(), traces.end()},
                                       "a validation of " + joined(names, ", "),
                                       inputs()});
}

}  // namespace laxity
