#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/cli/check_options.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/run_options.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

// The policy of --policy or of --winner.
PolicySpec chosen_policy(const boost::program_options::variables_map& values, const RunOptions& run,
                         const Workload& workload) {
    if (values.count("policy") != 0) return policy_option(values["policy"].as<std::string>(), true);
    return *winner_option(values, WorkloadFile(run.workload).with(run.overrides), workload);
}

void check_policy_options(const boost::program_options::variables_map& values) {
    const bool named = values.count("policy") != 0, winner = values.count("winner") != 0;
    if (named != winner) return;
    throw input_error("--policy", "either --policy or --winner", named ? "both" : "neither",
                      "see `laxity live --help`");
}

// How many jobs the run will have, as far as it is known, for the bar.
std::uint64_t expected_jobs(const Workload& workload, const TaskSet& tasks) {
    double jobs = 0;
    for (const TaskPlan& task : tasks.tasks) {
        if (task.period.count() > 0)
            jobs += static_cast<double>(workload.horizon.length.count()) / static_cast<double>(task.period.count());
    }
    return std::min(workload.horizon.jobs, static_cast<std::uint64_t>(jobs < 1 ? 1 : jobs));
}

}  // namespace

int live_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    RunOptions::declare(options);
    options.add_options()("policy,p", po::value<std::string>()->value_name("NAME[:KEY=VALUE,...]"),
                          "scheduling policy, see `laxity policies`")(
        "seconds", po::value<double>()->value_name("S"),
        "length of the run, without a warm-up, instead of the workload's horizon");
    declare_winner_options(options);
    declare_live_options(options);
    declare_check_options(options);
    const std::string examples =
        summary_help() +
        "  device                       what executed the stages\n"
        "  decision_ns                  time of one decision, scheduler included: mean, p50, p99, max\n"
        "  release_lateness_ns          releases: noticed - due\n"
        "  wait                         how the threads waited: spin, park, or by thread\n"
        "  path                         around each stage, mean, p50, p99 and max of: decision_ns (from the step's\n"
        "                               beginning until the stage was handed over), submit_ns (until it started on\n"
        "                               its lane), notice_ns (from its end until the scheduler learnt of it)\n"
        "  stalls                       gaps above threshold_us that none of our threads caused: count, total_ms,\n"
        "                               longest_ms, in watched_s seconds of spinning and running; stages and jobs\n"
        "                               that they touched\n"
        "  stages                       per stage, the trace's latency beside the measured one\n"
        "  not_permitted                what the system refused\n"
        "  thread_preemptions           how often the threads that run stages lost their cores\n"
        "  contention                   who else used the machine meanwhile\n"
        "\nCtrl-C ends the run, keeps what was recorded and exits with 130.\n"
        "\nexamples:\n"
        "  laxity live --workload workloads/scenarios/quickstart.json --policy rtdeepiot:predictor=exp --seconds 10\n"
        "  laxity live -w workloads/scenarios/quickstart.json --winner results/quickstart/sweep --seconds 30 --out "
        "results/live\n";
    const auto values = parse_options(arguments, "laxity live --workload FILE (--policy NAME | --winner DIR) [options]",
                                      options, examples);
    if (!values) return kExitOk;

    RunOptions run = RunOptions::from(*values);
    check_policy_options(*values);
    if (values->count("seconds") != 0) run.overrides.push_back(horizon_override((*values)["seconds"].as<double>()));
    const Workload workload = run.load();
    const PolicySpec policy = chosen_policy(*values, run, workload);
    const TaskSet tasks = make_task_set(workload);
    const LiveServiceOptions service_options = live_options(*values);
    RunOutput output(run, run.inputs_of(workload));
    LiveService service(workload, service_options);
    tell_device(service_options.device, service.device().info());
    print_notes(service.notes());
    check_traces_option(*values, service, std::array<const Workload*, 1>{&workload});
    const auto plan = run.plan_for_run(policy, workload, tasks);
    output.open(workload, tasks, "a live run of " + policy.text);
    output.keep_plan(plan.get(), policy, workload, tasks);
    Progress progress("live, " + policy.text, expected_jobs(workload, tasks), "jobs");
    LiveRun live(workload, tasks, policy, run.seed, service.device(), service.tasks(), plan.get());
    live.use(service_options.wait);
    live.keep_task_responses();
    const Metrics& metrics = live.run(output.sink(), [&](std::uint64_t left) { progress.update(left); });
    progress.finish();

    const std::string summary = run_summary("live", workload, policy.text, run.seed, metrics, live.report().json());
    output.finish(summary);
    print_report(live.report());
    std::cout << summary << "\n";
    if (!live.report().failure.empty()) {
        std::cerr << "laxity: the device failed: " << live.report().failure << "; what was recorded is kept\n";
        return kExitFailure;
    }
    if (!live.report().interrupted) return kExitOk;
    std::cerr << "laxity: interrupted; the jobs that had left by then are recorded\n";
    return kExitInterrupted;
}

}  // namespace laxity
