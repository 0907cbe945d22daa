#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "sim/bench.hpp"
#include "sim/cli/command.hpp"
#include "sim/planning.hpp"
#include "sim/replay.hpp"
#include "sim/simulation.hpp"
#include "traces/error.hpp"

namespace laxity {

namespace {

struct Speed {
    double seconds = 0;
    std::uint64_t jobs = 0;
    std::uint64_t decisions = 0;
};

// The best of `repeats` runs: what the machine can do when nothing disturbs it.
Speed measure(const Workload& workload, const std::string& policy, int repeats) {
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    Speed best;
    const PolicySpec spec = parse_policy(policy);
    const auto plan = plan_for(spec, workload, tasks);
    for (int repeat = 0; repeat < repeats; ++repeat) {
        Simulation simulation(replay, tasks, spec, 1, plan.get());
        const auto start = std::chrono::steady_clock::now();
        const Metrics& metrics = simulation.run();
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (repeat == 0 || seconds < best.seconds) best = {seconds, metrics.total().jobs, metrics.decisions()};
    }
    return best;
}

double peak_memory_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void print_speed(const char* scenario, const std::string& policy, const Workload& workload, int repeats) {
    const Speed speed = measure(workload, policy, repeats);
    const auto jobs = static_cast<double>(speed.jobs);
    std::printf("%-28s %-26s %9.0f jobs  %8.3f M jobs/s  %8.1f ns/job  %7.1f ns/decision  %7.1f MiB peak\n", scenario,
                policy.c_str(), jobs, jobs / speed.seconds * 1e-6, speed.seconds / jobs * 1e9,
                speed.seconds / static_cast<double>(speed.decisions) * 1e9, peak_memory_mib());
    std::fflush(stdout);
}

void print_speeds(std::uint64_t jobs, int repeats) {
    std::printf("one core, best of %d; a decision includes its share of the simulation\n", repeats);
    print_speed("10 poisson tasks, U = 0.8", "edf", ten_poisson_tasks(jobs), repeats);
    const std::uint64_t fewer = jobs < 5 ? 1 : jobs / 5;
    print_speed("1 poisson task, load 1", "rtdeepiot", one_poisson_task(1.0, fewer), repeats);
    for (const PolicyInfo& policy : policy_registry()) {
        print_speed("1 poisson task, load 1.6", policy.name, one_poisson_task(1.6, fewer), repeats);
    }
}

void print_signature() {
    const Signature signature = behaviour_signature();
    for (const Signature::Row& row : signature.rows)
        std::printf("%-12s %016llx\n", row.policy.c_str(), static_cast<unsigned long long>(row.hash));
    std::printf("Bench: %016llx\n", static_cast<unsigned long long>(signature.total));
}

}  // namespace

int bench_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    options.add_options()("speed", "measure the simulator's speed instead")(
        "jobs", po::value<std::int64_t>()->default_value(5'000'000)->value_name("N"),
        "with --speed: jobs of the first row (a fifth of it for the others)")(
        "repeats", po::value<int>()->default_value(3)->value_name("N"), "with --speed: runs per row; the best counts");
    const std::string examples =
        "The signature is a hash of every job record of every policy on fixed scenarios: a change of behaviour changes "
        "it.\n"
        "\nexamples:\n"
        "  laxity bench\n"
        "  laxity bench --speed --jobs 100000000 --repeats 1\n";
    const auto values = parse_options(arguments, "laxity bench [options]", options, examples);
    if (!values) return kExitOk;
    const auto jobs = (*values)["jobs"].as<std::int64_t>();
    const int repeats = (*values)["repeats"].as<int>();
    if (jobs < 1) throw input_error("--jobs", "a number from 1", std::to_string(jobs));
    if (repeats < 1) throw input_error("--repeats", "a number from 1", std::to_string(repeats));
    if (values->count("speed") != 0) {
        print_speeds(static_cast<std::uint64_t>(jobs), repeats);
    } else {
        print_signature();
    }
    return kExitOk;
}

}  // namespace laxity
