#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "sim/bench/bench.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/decision_table.hpp"
#include "sim/cli/path_table.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Texts = std::vector<std::string>;

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

// Both in turn, so that a machine whose speed changes meanwhile changes both; the best of each.
struct HistorySpeed {
    Speed without, with;
    double ratio = 0;  // of jobs per second, with / without: the median of the pairs
};

HistorySpeed measure_history(const Workload& workload, const std::string& policy, int repeats) {
    const Workload other = with_invented_histories(workload);
    HistorySpeed speed;
    std::vector<double> ratios;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const Speed without = measure(workload, policy, 1), with = measure(other, policy, 1);
        ratios.push_back(without.seconds / with.seconds);
        if (repeat == 0 || without.seconds < speed.without.seconds) speed.without = without;
        if (repeat == 0 || with.seconds < speed.with.seconds) speed.with = with;
    }
    std::sort(ratios.begin(), ratios.end());
    speed.ratio = ratios[ratios.size() / 2];
    return speed;
}

double peak_memory_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

void print_speed(const char* scenario, const std::string& policy, const Speed& speed) {
    const auto jobs = static_cast<double>(speed.jobs);
    std::printf("%-28s %-26s %9.0f jobs  %8.3f M jobs/s  %8.1f ns/job  %7.1f ns/decision  %7.1f MiB peak\n", scenario,
                policy.c_str(), jobs, jobs / speed.seconds * 1e-6, speed.seconds / jobs * 1e9,
                speed.seconds / static_cast<double>(speed.decisions) * 1e9, peak_memory_mib());
    std::fflush(stdout);
}

void print_speed(const char* scenario, const std::string& policy, const Workload& workload, int repeats) {
    print_speed(scenario, policy, measure(workload, policy, repeats));
}

void print_history_speed(const Workload& workload, int repeats) {
    const HistorySpeed speed = measure_history(workload, "edf", repeats);
    print_speed("10 poisson tasks, U = 0.8", "edf", speed.without);
    print_speed("the same with histories", "edf", speed.with);
    std::printf("with histories %.1f %% of the jobs/s without: median of %d pairs in turn\n", 100 * speed.ratio,
                repeats);
    std::fflush(stdout);
}

void print_speeds(std::uint64_t jobs, int repeats) {
    std::printf("one core, best of %d; a decision includes its share of the simulation\n", repeats);
    print_history_speed(ten_poisson_tasks(jobs), repeats);
    const std::uint64_t fewer = jobs < 5 ? 1 : jobs / 5;
    print_speed("1 poisson task, load 1", "rtdeepiot", one_poisson_task(1.0, fewer), repeats);
    for (const PolicyInfo& policy : policy_registry()) {
        print_speed("1 poisson task, load 1.6", policy.name, one_poisson_task(1.6, fewer), repeats);
    }
}

// Every policy as it is by default, and RTDeepIoT in its other forms.
std::vector<std::string> policies_of_interest() {
    std::vector<std::string> policies;
    for (const PolicyInfo& policy : policy_registry()) {
        policies.push_back(policy.name);
        if (policy.name != "rtdeepiot") continue;
        for (const char* form : {"delta=0.05", "update=none", "update=resolve", "delta=0.05,update=resolve"})
            policies.push_back(policy.name + ":" + form);
    }
    return policies;
}

// What to do with --decisions. Throws InputError.
DecisionTable decision_table(const boost::program_options::variables_map& values) {
    DecisionTable table;
    const bool chosen = values.count("policy") != 0;
    for (const std::string& text : chosen ? values["policy"].as<Texts>() : policies_of_interest())
        table.policies.push_back(parse_policy(text));
    table.active_jobs = active_jobs_option(values["active"].as<std::string>());
    table.situations = values["situations"].as<int>();
    if (table.situations < 1) throw input_error("--situations", "a number from 1", std::to_string(table.situations));
    table.csv = values["csv"].as<bool>();
    if (values.count("out") != 0) table.out = values["out"].as<std::string>();
    table.replace = replace_option(values);
    return table;
}

// Whoever gives one of these means --decisions.
void check_no_decision_options(const boost::program_options::variables_map& values) {
    for (const char* name : {"policy", "active", "situations", "csv", "out"}) {
        if (values.count(name) == 0 || values[name].defaulted()) continue;
        if (std::string(name) == "csv" && !values[name].as<bool>()) continue;
        throw input_error(std::string("--") + name, "--decisions beside it", "none",
                          "the other benchmarks run every policy and write no files");
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
        "repeats", po::value<int>()->default_value(3)->value_name("N"), "with --speed: runs per row; the best counts")(
        "decisions", "measure what a decision of each policy costs, by the number of active jobs, instead")(
        "policy", po::value<Texts>()->composing()->value_name("SPEC"),
        "with --decisions: this policy; may be repeated (default: every policy, and the forms of rtdeepiot)")(
        "active", po::value<std::string>()->default_value("10,50,100")->value_name("N,..."),
        "with --decisions: how many jobs are active; a list, and ranges as of --axis")(
        "situations", po::value<int>()->default_value(1000)->value_name("N"),
        "with --decisions: how many each policy meets, of either kind")("csv", po::bool_switch(),
                                                                        "with --decisions: print CSV")(
        "out,o", po::value<std::string>()->value_name("DIR"),
        "with --decisions: also write manifest.json and decisions.csv, for scripts/figures.py");
    declare_path_options(options);
    declare_replace_option(options);
    const std::string examples =
        "The signature is a hash of every job record of every policy on fixed scenarios: a change of\n"
        "behaviour changes it.\n"
        "\n"
        "A decision is all that the scheduler does between an event and the stage that follows it, so the\n"
        "notification of the policy is in. Two kinds are timed. A job arrives at an idle resource:\n"
        "released(), then next() until it runs a stage or waits. A stage ends: stage_finished(), left()\n"
        "if the job leaves, then next() likewise. The scheduler's own bookkeeping is in (what edf costs\n"
        "is mostly that), the cost of reading the clock is subtracted. Situations are drawn, the same for\n"
        "every policy: jobs of a network with four stages and informative confidences, at even depths,\n"
        "which want about 1.6 times what fits by their deadlines. A policy that has dropped jobs decides\n"
        "with fewer. rtmdl follows the deadline-monotonic plan, a predictor=oracle is given one; \"-\" =\n"
        "the policy never ran a stage to its end.\n"
        "Each situation is set up job by job, so that N active jobs take N times the time to measure, and\n"
        "more: with 1000, some hundred situations are enough.\n"
        "\n"
        "The path is measured with the two threads that run live, on their own cores where there are two, over\n"
        "stages of 0, 20, 100, 500 and 2000 us that only read the clock, each at once and after idling for 1 and\n"
        "10 ms. A parked driver knows when the stage should end, as it does live.\n"
        "\nexamples:\n"
        "  laxity bench\n"
        "  laxity bench --path\n"
        "  laxity bench --path --wait spin --executions 2000 --csv\n"
        "  laxity bench --decisions --policy edf --policy rtdeepiot:update=resolve\n"
        "  laxity bench --decisions --active 1,10,100,1000 --situations 200 --out results/decisions\n"
        "  laxity bench --speed --jobs 100000000 --repeats 1\n";
    const auto values = parse_options(arguments, "laxity bench [options]", options, examples);
    if (!values) return kExitOk;
    const auto jobs = (*values)["jobs"].as<std::int64_t>();
    const int repeats = (*values)["repeats"].as<int>();
    if (jobs < 1) throw input_error("--jobs", "a number from 1", std::to_string(jobs));
    if (repeats < 1) throw input_error("--repeats", "a number from 1", std::to_string(repeats));
    const bool decisions = values->count("decisions") != 0;
    if (decisions && values->count("speed") != 0) throw input_error("--decisions", "no --speed beside it", "both");
    if (values->count("path") != 0) {
        measure_paths(*values);
        return kExitOk;
    }
    check_no_path_options(*values);
    if (!decisions) check_no_decision_options(*values);
    if (decisions) {
        measure_decisions(decision_table(*values));
    } else if (values->count("speed") != 0) {
        print_speeds(static_cast<std::uint64_t>(jobs), repeats);
    } else {
        print_signature();
    }
    return kExitOk;
}

}  // namespace laxity
