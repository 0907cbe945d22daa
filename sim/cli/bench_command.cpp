#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "sim/bench/bench.hpp"
#include "sim/bench/decision_cost.hpp"
#include "sim/cli/command.hpp"
#include "sim/core/replay.hpp"
#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "traces/base/error.hpp"

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

std::string cells(const DecisionCost::Event& event) {
    if (event.count == 0) return "        -         -";
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%9.0f %9.0f", event.median_ns, event.p99_ns);
    return text.data();
}

void print_decision_costs(const std::vector<PolicySpec>& policies, int situations) {
    std::printf("ns per decision, one core, %d decisions of each kind       job arrives         stage ends\n",
                situations);
    std::printf("%-36s %12s  %9s %9s  %9s %9s\n", "policy", "active jobs", "median", "p99", "median", "p99");
    for (const PolicySpec& policy : policies) {
        for (const int jobs : {10, 50, 100}) {
            const DecisionCost cost = decision_cost(policy, jobs, situations);
            std::printf("%-36s %12d  %s  %s\n", policy.text.c_str(), jobs, cells(cost.release).c_str(),
                        cells(cost.stage_end).c_str());
            std::fflush(stdout);
        }
    }
}

void bench_decisions(const std::vector<std::string>& texts, int situations) {
    if (situations < 1) throw input_error("--situations", "a number from 1", std::to_string(situations));
    std::vector<PolicySpec> policies;
    for (const std::string& text : texts) policies.push_back(parse_policy(text));
    print_decision_costs(policies, situations);
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
    using Texts = std::vector<std::string>;
    po::options_description options("options");
    options.add_options()("speed", "measure the simulator's speed instead")(
        "jobs", po::value<std::int64_t>()->default_value(5'000'000)->value_name("N"),
        "with --speed: jobs of the first row (a fifth of it for the others)")(
        "repeats", po::value<int>()->default_value(3)->value_name("N"), "with --speed: runs per row; the best counts")(
        "decisions", "measure what a decision of each policy costs with 10, 50 and 100 active jobs instead")(
        "policy", po::value<Texts>()->composing()->value_name("SPEC"),
        "with --decisions: this policy; may be repeated (default: every policy, and the forms of rtdeepiot)")(
        "situations", po::value<int>()->default_value(1000)->value_name("N"),
        "with --decisions: how many each policy meets, of either kind");
    const std::string examples =
        "The signature is a hash of every job record of every policy on fixed scenarios: a change of behaviour changes "
        "it.\n"
        "\nA decision is all that the scheduler does between an event and the stage that follows it, so the "
        "notification "
        "of\nthe policy is in. Two kinds are timed. A job arrives at an idle resource: released(), then next() until "
        "it "
        "runs a\nstage or waits. A stage ends: stage_finished(), left() if the job leaves, then next() likewise. The "
        "scheduler's own\nbookkeeping is in (what edf costs is mostly that), the cost of reading the clock is "
        "subtracted. Situations are drawn, the\nsame for every policy: jobs of a network with four stages and "
        "informative confidences, at even depths, which want\nabout 1.6 times what fits by their deadlines. A policy "
        "that has dropped jobs decides with fewer. rtmdl follows the\ndeadline-monotonic plan, a predictor=oracle is "
        "given one; \"-\" = the policy never ran a stage to its end.\n"
        "\nexamples:\n"
        "  laxity bench\n"
        "  laxity bench --decisions --policy edf --policy rtdeepiot:update=resolve\n"
        "  laxity bench --speed --jobs 100000000 --repeats 1\n";
    const auto values = parse_options(arguments, "laxity bench [options]", options, examples);
    if (!values) return kExitOk;
    const auto jobs = (*values)["jobs"].as<std::int64_t>();
    const int repeats = (*values)["repeats"].as<int>();
    if (jobs < 1) throw input_error("--jobs", "a number from 1", std::to_string(jobs));
    if (repeats < 1) throw input_error("--repeats", "a number from 1", std::to_string(repeats));
    const bool decisions = values->count("decisions") != 0;
    if (decisions && values->count("speed") != 0) throw input_error("--decisions", "no --speed beside it", "both");
    if (!decisions && values->count("policy") != 0)
        throw input_error("--policy", "--decisions beside it", "none", "the other benchmarks run every policy");
    if (decisions) {
        bench_decisions(values->count("policy") != 0 ? (*values)["policy"].as<Texts>() : policies_of_interest(),
                        (*values)["situations"].as<int>());
    } else if (values->count("speed") != 0) {
        print_speeds(static_cast<std::uint64_t>(jobs), repeats);
    } else {
        print_signature();
    }
    return kExitOk;
}

}  // namespace laxity
