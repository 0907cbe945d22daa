#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/bounds/schedulability.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/cli/text_table.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

const char* const kSchedulableHelp =
    "What can be promised before anything has run: whether every job's foreground (the stages that the policy runs by\n"
    "priority: the mandatory part, or all) ends by its deadline, whatever the arrivals that the workload allows.\n"
    "  rm, dm           response-time analysis: a bound on every task's response time\n"
    "  edf, dnnsam      processor demand: in time or not, as a set\n"
    "  verdict          schedulable; not schedulable (an exact test: some arrivals make a job late; a sufficient one: "
    "not\n"
    "                   shown to be in time); no verdict where the test does not apply, and why\n"
    "  liu-layland, hyperbolic    quick tests for rm with deadlines that are the periods: what they accept is "
    "schedulable\n"
    "Stages can't be preempted: a task is blocked by at most one stage of a lower priority, at its worst-case time\n"
    "(sim/bounds/schedulability.hpp has the equations and their sources). Without --policy: all that have a test.\n"
    "With --sets N: so many generated sets, of the seeds from --seed on, and the share that each test accepts.\n";

std::string verdict_text(const std::optional<bool>& schedulable) {
    return !schedulable ? "no verdict" : *schedulable ? "schedulable" : "not schedulable";
}

std::string yes_no(const std::optional<bool>& answer) { return !answer ? "-" : *answer ? "yes" : "no"; }

std::string ms_text(const std::optional<Duration>& time) { return time ? fixed(to_ms(*time), 3) : "-"; }

Json ms_json(const std::optional<Duration>& time) { return time ? Json(to_ms(*time)) : Json(); }

Json optional_json(const std::optional<bool>& answer) { return answer ? Json(*answer) : Json(); }

// Every task's worst-case time of what the policy promises; empty where its test does not apply.
std::vector<std::int64_t> worst_case_times(const Workload& workload, const std::string& policy) {
    std::vector<std::int64_t> sums;
    try {
        for (const RecurrentTask& task : recurrent_tasks(workload, parse_policy(policy)))
            sums.push_back(task.wcet_ns());
    } catch (const std::invalid_argument&) {
        sums.clear();
    }
    return sums;
}

// --- One set ---

void print_tasks(std::ostream& out, const Workload& workload) {
    const std::vector<std::int64_t> mandatory = worst_case_times(workload, "edf:depth=m"),
                                    all = worst_case_times(workload, "edf");
    TextTable table("lrrrr", {"task", "mandatory", "all stages", "mean gap", "deadline"}, {"", "ms", "ms", "ms", "ms"});
    for (std::size_t i = 0; i < workload.tasks.size(); ++i) {
        const Task& task = workload.tasks[i];
        const auto cell = [&](const std::vector<std::int64_t>& sums) {
            return sums.empty() ? "-" : ms_text(Duration(sums[i]));
        };
        const std::string low = ms_text(task.deadline.low), high = ms_text(task.deadline.high);
        table.add({task.name, cell(mandatory), cell(all), ms_text(mean_gap(task.arrivals)),
                   low == high ? low : low + " to " + high});
    }
    table.print(out);
    out << "\n";
}

// A column a policy with fixed priorities: its bounds on response times, and what blocks.
void print_responses(std::ostream& out, const std::vector<Verdict>& verdicts) {
    std::string sides = "l";
    TextTable::Row titles{"response, ms (blocking)"};
    std::vector<const Verdict*> columns;
    for (const Verdict& verdict : verdicts) {
        if (verdict.test != "response times") continue;
        columns.push_back(&verdict);
        titles.push_back(verdict.policy);
        sides += 'r';
    }
    if (columns.empty()) return;
    TextTable table(sides, titles, {});
    for (std::size_t i = 0; i < columns.front()->tasks.size(); ++i) {
        TextTable::Row row{columns.front()->tasks[i].name};
        for (const Verdict* verdict : columns) {
            const TaskVerdict& task = verdict->tasks[i];
            row.push_back(ms_text(task.response) + " (" + ms_text(task.blocking) + ")");
        }
        table.add(row);
    }
    table.print(out);
    out << "\n";
}

void print_verdicts(std::ostream& out, const std::vector<Verdict>& verdicts) {
    TextTable table("llllll", {"policy", "verdict", "test", "liu-layland", "hyperbolic", "why not"}, {});
    for (const Verdict& verdict : verdicts)
        table.add({verdict.policy, verdict_text(verdict.schedulable),
                   !verdict.schedulable ? "-" : verdict.test + (verdict.exact ? ", exact" : ", sufficient"),
                   yes_no(verdict.liu_layland), yes_no(verdict.hyperbolic), verdict.reason});
    table.print(out);
}

Json verdict_json(const Verdict& verdict) {
    Json json = {{"policy", verdict.policy},
                 {"schedulable", optional_json(verdict.schedulable)},
                 {"test", verdict.test.empty() ? Json() : Json(verdict.test)},
                 {"exact", verdict.exact},
                 {"reason", verdict.reason.empty() ? Json() : Json(verdict.reason)},
                 {"liu_layland", optional_json(verdict.liu_layland)},
                 {"hyperbolic", optional_json(verdict.hyperbolic)},
                 {"tasks", Json::array()}};
    for (const TaskVerdict& task : verdict.tasks)
        json["tasks"].push_back({{"name", task.name},
                                 {"foreground_ms", to_ms(task.foreground)},
                                 {"blocking_ms", ms_json(task.blocking)},
                                 {"response_ms", ms_json(task.response)},
                                 {"in_time", optional_json(task.in_time)}});
    return json;
}

void show_set(const Workload& workload, std::uint64_t seed, const std::vector<PolicySpec>& policies, bool as_json) {
    std::vector<Verdict> verdicts;
    for (const PolicySpec& policy : policies) verdicts.push_back(schedulable(workload, policy));
    if (as_json) {
        Json json = {{"workload", workload.path}, {"seed", seed}, {"verdicts", Json::array()}};
        for (const Verdict& verdict : verdicts) json["verdicts"].push_back(verdict_json(verdict));
        std::cout << json.dump(2) << "\n";
        return;
    }
    print_tasks(std::cout, workload);
    print_responses(std::cout, verdicts);
    print_verdicts(std::cout, verdicts);
}

// --- Many sets ---

struct Acceptance {
    std::uint64_t schedulable = 0, not_schedulable = 0, no_verdict = 0;

    void add(const std::optional<bool>& verdict) {
        ++(!verdict ? no_verdict : *verdict ? schedulable : not_schedulable);
    }
    // Of the sets with a verdict; none without any.
    std::optional<double> ratio() const {
        const std::uint64_t decided = schedulable + not_schedulable;
        if (decided == 0) return std::nullopt;
        return static_cast<double>(schedulable) / static_cast<double>(decided);
    }
};

std::vector<Acceptance> accept(const WorkloadFile& file, std::uint64_t first_seed, std::uint64_t sets,
                               const std::vector<PolicySpec>& policies) {
    std::vector<Acceptance> counts(policies.size());
    TraceCache cache;
    Progress progress("sets", sets, "sets");
    for (std::uint64_t i = 0; i < sets; ++i) {
        if (interrupted()) throw Interrupted();
        const Workload workload = file.load(first_seed + i, &cache);
        for (std::size_t p = 0; p < policies.size(); ++p) counts[p].add(schedulable(workload, policies[p]).schedulable);
        progress.update(i + 1);
    }
    return counts;
}

void show_acceptance(const WorkloadFile& file, std::uint64_t first_seed, std::uint64_t sets,
                     const std::vector<PolicySpec>& policies, bool as_json) {
    if (!file.depends_on_seed())
        throw input_error("--sets", "a workload with a section \"generate\"", file.path(),
                          "without one every seed has the same tasks");
    const std::vector<Acceptance> counts = accept(file, first_seed, sets, policies);
    Json json = {{"workload", file.path()}, {"first_seed", first_seed}, {"sets", sets}, {"policies", Json::array()}};
    TextTable table("lrrrr", {"policy", "acceptance ratio", "schedulable", "not schedulable", "no verdict"}, {});
    for (std::size_t p = 0; p < policies.size(); ++p) {
        const Acceptance& count = counts[p];
        const auto ratio = count.ratio();
        json["policies"].push_back({{"policy", policies[p].text},
                                    {"acceptance_ratio", ratio ? Json(*ratio) : Json()},
                                    {"schedulable", count.schedulable},
                                    {"not_schedulable", count.not_schedulable},
                                    {"no_verdict", count.no_verdict}});
        table.add({policies[p].text, ratio ? fixed(*ratio, 4) : "-", std::to_string(count.schedulable),
                   std::to_string(count.not_schedulable), std::to_string(count.no_verdict)});
    }
    if (as_json)
        std::cout << json.dump(2) << "\n";
    else
        table.print(std::cout);
}

std::vector<PolicySpec> policies_of(const po::variables_map& values) {
    const auto texts = values.count("policy") != 0 ? values["policy"].as<std::vector<std::string>>() : kTestedPolicies;
    std::vector<PolicySpec> policies;
    for (const std::string& text : texts) policies.push_back(policy_option(text, false));
    return policies;
}

}  // namespace

int schedulable_command(const Arguments& arguments) {
    po::options_description options("options");
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"),
                          "workload (JSON), e.g. workloads/scenarios/task-sets.json")(
        "policy,p", po::value<std::vector<std::string>>()->composing()->value_name("NAME[:KEY=VALUE,...]"),
        "policy to judge; may be repeated")("seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
                                            "seed of generated tasks")(
        "sets", po::value<std::int64_t>()->value_name("N"), "judge the sets of N seeds, and print what is accepted")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated")("json", "print JSON");
    const std::string examples =
        std::string(kSchedulableHelp) +
        "\nexamples:\n"
        "  laxity schedulable --workload workloads/scenarios/task-sets.json --seed 7\n"
        "  laxity schedulable -w workloads/scenarios/task-sets.json --sets 1000 --set /generate/utilisation=0.9\n"
        "  laxity schedulable -w workloads/scenarios/textbook.json --policy edf --policy rm --json\n";
    const auto values = parse_options(arguments, "laxity schedulable --workload FILE [options]", options, examples);
    if (!values) return kExitOk;

    const std::uint64_t seed = seed_option(*values);
    const std::vector<PolicySpec> policies = policies_of(*values);
    const WorkloadFile file = WorkloadFile((*values)["workload"].as<std::string>()).with(override_options(*values));
    const bool as_json = values->count("json") != 0;
    if (values->count("sets") == 0) {
        show_set(file.load(seed), seed, policies, as_json);
        return kExitOk;
    }
    const auto sets = (*values)["sets"].as<std::int64_t>();
    if (sets < 1 || sets > 100'000'000) throw input_error("--sets", "a number from 1 to 1e8", std::to_string(sets));
    show_acceptance(file, seed, static_cast<std::uint64_t>(sets), policies, as_json);
    return kExitOk;
}

}  // namespace laxity
