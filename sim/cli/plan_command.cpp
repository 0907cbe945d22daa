#include <iostream>
#include <optional>
#include <thread>

#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/plan/planning.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "traces/base/error.hpp"
#include "traces/base/output_file.hpp"

namespace laxity {

int plan_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"), "workload (JSON)")(
        "policy,p", po::value<std::string>()->default_value("rtmdl")->value_name("NAME[:KEY=VALUE,...]"),
        "a policy that follows a plan")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
        "seed of generated tasks; arrivals have the policy's plan_seed")(
        "threads", po::value<int>()->default_value(static_cast<int>(std::thread::hardware_concurrency())),
        "simulations at once; the plan does not depend on it")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "write manifest.json, plan.json, candidates.csv (every plan tried) and front.csv (the Pareto front)");
    declare_replace_option(options);
    const std::string examples =
        "Prints the plan as JSON: for every task its variant, the depth to run to, its priority (0 first), and the "
        "miss\n"
        "ratio that the simulator measured for it. `laxity simulate` and `laxity live` make the same plan themselves, "
        "or\n"
        "follow the one of --plan FILE.\n"
        "\nexamples:\n"
        "  laxity plan --workload workloads/scenarios/driving.json --out results/plan\n"
        "  laxity plan -w workloads/scenarios/driving.json -p rtmdl:miss_bound=0.05,storage_mb=2\n"
        "  laxity simulate -w workloads/scenarios/driving.json -p rtmdl --plan results/plan/plan.json\n";
    const auto values = parse_options(arguments, "laxity plan --workload FILE [options]", options, examples);
    if (!values) return kExitOk;

    const int threads = (*values)["threads"].as<int>();
    if (threads < 1 || threads > 1024)
        throw input_error("--threads", "a number from 1 to 1024", std::to_string(threads));
    const PolicySpec policy = policy_option((*values)["policy"].as<std::string>(), false);
    if (!policy.info->needs_plan)
        throw input_error("--policy " + policy.text, "a policy that follows a plan", "one that doesn't", "use rtmdl");
    const std::string path = (*values)["workload"].as<std::string>();
    const std::vector<Override> overrides = override_options(*values);
    const Workload workload = load_workload(path, overrides, nullptr, seed_option(*values));
    const TaskSet tasks = make_task_set(workload);
    const std::string out = values->count("out") != 0 ? (*values)["out"].as<std::string>() : "";
    std::optional<ResultFolder> folder;
    InputHashes inputs;
    if (!out.empty()) {
        folder.emplace(out).claim(replace_option(*values));
        inputs = hashes_of(input_files(workload));
        write_manifest(out, {command_line(), resolved_workload_json(path, overrides), measured_trace_paths(workload),
                             "a plan for " + policy.text, inputs});
    }
    const PlanSearch search = search_with_progress(policy, workload, tasks, threads);
    const std::string json = plan_json(search, policy, workload, tasks);
    if (!out.empty()) {
        write_file(out + "/plan.json", json + "\n");
        write_candidates(out, search, tasks);
        warn_if_changed(inputs);
    }
    std::cout << json << "\n";
    return kExitOk;
}

}  // namespace laxity
