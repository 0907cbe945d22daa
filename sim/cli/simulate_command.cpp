#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/core/simulation.hpp"

namespace laxity {

int simulate_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    RunOptions::declare(options);
    options.add_options()("policy,p",
                          po::value<std::string>()->default_value("edf")->value_name("NAME[:KEY=VALUE,...]"),
                          "scheduling policy, see `laxity policies`");
    const std::string examples =
        summary_help() +
        "\nexamples:\n"
        "  laxity simulate --workload workloads/scenarios/quickstart.json --policy rtdeepiot:predictor=exp\n"
        "  laxity simulate -w workloads/scenarios/quickstart.json -p edf --set /tasks/0/arrival/load=1.6 --out "
        "results/edf\n"
        "  laxity simulate -w workloads/scenarios/quickstart.json -p edf --set /horizon/jobs=2000 --timeline "
        "edf.json\n";
    const auto values = parse_options(arguments, "laxity simulate --workload FILE [options]", options, examples);
    if (!values) return kExitOk;

    const RunOptions run = RunOptions::from(*values);
    const PolicySpec policy = policy_option((*values)["policy"].as<std::string>(), false);
    const Workload workload = run.load();
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    RunOutput output(run, run.inputs_of(workload));
    const auto plan = run.plan_for_run(policy, workload, tasks);
    output.open(workload, tasks, "a simulated run of " + policy.text);
    Simulation simulation(replay, tasks, policy, run.seed, plan.get());
    simulation.keep_task_responses();
    const Metrics& metrics = simulation.run(output.sink());
    const std::string summary = run_summary("simulation", workload, policy.text, run.seed, metrics);
    output.finish(summary);
    std::cout << summary << "\n";
    return kExitOk;
}

}  // namespace laxity
