#include <cmath>
#include <cstdio>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "profiler/device/realtime.hpp"
#include "profiler/measure/trace_check.hpp"
#include "sim/bench/bench.hpp"
#include "sim/bench/decision_cost.hpp"
#include "sim/cli/check_options.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/live_options.hpp"
#include "sim/cli/live_world.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/validation_folder.hpp"
#include "sim/cli/validation_plan.hpp"
#include "sim/cli/validation_table.hpp"
#include "sim/live/earlier_attempts.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

constexpr double kMostWindowSeconds = 3600;
constexpr int kMostLucks = 1000, kMostAttempts = 100;
constexpr int kSituations = 100;                             // of each event, policy and number of jobs
const std::vector<int> kActiveJobs = {1, 2, 5, 10, 20, 50};  // for the cost of a decision

constexpr const char* kHelp =
    "Every point and policy is run live several times, all runs in an order drawn at random, and every run is "
    "simulated\n"
    "with the same arrivals, inputs and policy. Before and after each live run a window measures the stages anew: that "
    "is\n"
    "what the run is compared with. The given traces are simulated as well; the difference between the two simulations "
    "is\n"
    "\"drift\". Nothing is fitted to make them agree, and nothing looks at a live run but the comparison. A run is\n"
    "contended if others used the machine, a stall of more than 2 ms fell into it, or the windows around it differ by\n"
    "more than --steady; it is repeated behind all others, and the first attempt that was not contended counts.\n"
    "\nPrinted per metric: both values, live - simulation with its 90 % interval over the repetitions, drift, how far "
    "two\n"
    "repetitions of the device are apart (\"two runs\": no simulation could be closer), and the verdict of two "
    "one-sided\n"
    "tests at 5 %:\n"
    "  equal within M      the interval lies within the margin M\n"
    "  different           it lies outside\n"
    "  cannot tell         it crosses the margin; with the live seconds that would settle it if all stayed as it is\n"
    "\"surely not 0\": the 95 % interval of the difference does not hold 0, whether or not that matters. Margins: "
    "accuracy,\n"
    "miss_ratio 0.003 (0.3 points); of the simulated value: mean_depth, utilisation 1%, response_p50 2%, "
    "response_p95,\n"
    "response_p99 3%. --explain also says how far off the simulation is where every stage takes what it took live: its "
    "own\n"
    "error, whatever the machine did. A validation that was cut short goes on with the same command.\n"
    "\nexamples:\n"
    "  laxity validate --workload workloads/scenarios/quickstart.json --policy edf --policy rtdeepiot \\\n"
    "      --axis load=0.4,0.8,1.2,1.6 --out results/validation\n"
    "  laxity validate -w workloads/scenarios/quickstart.json -p edf -p toll --axis load=0.8,1.2 --explain \\\n"
    "      --margin accuracy=0.001 --repetitions 10 --dry-run\n";

struct ValidateOptions {
    LiveWorldOptions world;
    Steadiness steadiness;
    ProtocolPlan protocol;
    std::vector<Margin> margins;
    bool decisions = true, dry_run = false;
};

void declare_protocol(po::options_description& options) {
    options.add_options()("window-seconds", po::value<double>()->default_value(1)->value_name("S"),
                          "length of the windows between live runs; 0: none, and runs are compared with the given "
                          "traces")("attempts", po::value<int>()->default_value(3)->value_name("N"),
                                    "live runs for one repetition at most, where it is contended")(
        "steady", po::value<double>()->default_value(3)->value_name("PERCENT"),
        "how far the windows around a run may differ in speed")(
        "lucks", po::value<int>()->default_value(5)->value_name("N"),
        "simulations that are averaged, with other draws of stage times")(
        "margin", po::value<std::vector<std::string>>()->composing()->value_name("METRIC=VALUE[%]"),
        "what counts as equal; may be repeated")("explain", po::bool_switch(),
                                                 "break every difference into its parts (budget.csv)")(
        "no-decisions", po::bool_switch(),
        "do not measure what decisions cost; the simulations have what the workload says")(
        "records", po::value<std::string>()->default_value("first")->value_name("all|first|none"),
        "with --out: of which repetitions the records of both runs are kept")(
        "dry-run", po::bool_switch(), "say what would be run and how long it takes, and do nothing else");
}

template <class Number>
Number within(const po::variables_map& values, const char* name, Number low, Number high, const char* expected) {
    const auto value = values[name].as<Number>();
    if (!(value >= low && value <= high)) {
        std::string found = std::to_string(value);
        throw input_error(std::string("--") + name, expected, found);
    }
    return value;
}

KeptRecords records_option(const po::variables_map& values) {
    const auto text = values["records"].as<std::string>();
    if (text == "none") return KeptRecords::kNone;
    if (text == "first") return KeptRecords::kFirst;
    if (text == "all") return KeptRecords::kAll;
    throw input_error("--records", "all, first or none", "\"" + text + "\"");
}

ValidateOptions options_of(const po::variables_map& values) {
    ValidateOptions options;
    options.world.window_seconds = within(values, "window-seconds", 0.0, kMostWindowSeconds, "a length from 0 to 3600");
    options.world.lucks = within(values, "lucks", 1, kMostLucks, "a number from 1 to 1000");
    options.world.explain = values["explain"].as<bool>();
    options.world.records = records_option(values);
    options.protocol.attempts = within(values, "attempts", 1, kMostAttempts, "a number from 1 to 100");
    options.steadiness.speed_change = within(values, "steady", 0.01, 1000.0, "a percentage from 0.01 to 1000") / 100;
    options.margins = default_margins();
    if (values.count("margin") != 0) {
        for (const std::string& text : values["margin"].as<std::vector<std::string>>())
            change_margin(options.margins, text);
    }
    options.decisions = !values["no-decisions"].as<bool>();
    options.dry_run = values["dry-run"].as<bool>();
    return options;
}

// What the runs and windows alone take: a contended run takes its time again.
double least_seconds(const ValidationPlan& plan, const ValidateOptions& options) {
    const auto runs = static_cast<double>(options.protocol.cells) * plan.repetitions();
    return runs * (plan.seconds() + options.world.window_seconds) + options.world.window_seconds;
}

void print_plan(const ValidationPlan& plan, const ValidateOptions& options) {
    const std::size_t runs = options.protocol.cells * static_cast<std::size_t>(plan.repetitions());
    std::printf("%zu points x %zu policies x %d repetitions: %zu live runs of %.4g s, in this order\n",
                plan.points().size(), plan.policies().size(), plan.repetitions(), runs, plan.seconds());
    for (const LiveTurn& turn : random_order(options.protocol)) {
        const CellName& name = plan.cells()[turn.cell].name;
        std::printf("  %s%s%s, repetition %d\n", name.point.c_str(), name.point.empty() ? "" : "  ",
                    name.policy.c_str(), turn.repetition);
    }
    std::printf("%.0f s with windows of %.4g s between them; each contended run again up to %d times\n",
                least_seconds(plan, options), options.world.window_seconds, options.protocol.attempts - 1);
}

// On the core that the driver of live runs will have.
PolicyDecisions measure_decisions(const ValidationPlan& plan, bool wanted) {
    PolicyDecisions decisions;
    std::optional<Progress> progress;
    if (wanted) progress.emplace("cost of decisions", plan.policies().size(), "policies");
    const int core = plan_cores().driver;
    for (const PolicySpec& policy : plan.policies()) {
        auto& times = decisions[policy.text];
        if (!wanted) continue;
        times = std::async(std::launch::async, [&] {
                    pin_this_thread(core);
                    return measure_decision_times(policy, kActiveJobs, kSituations);
                }).get();
        progress->update(decisions.size());
    }
    return decisions;
}

class Results {
public:
    Results(const ValidationPlan& plan, const ValidateOptions& options)
        : plan_(plan), options_(options), cells_(plan.cell_names()) {}

    // `attempts` of the protocol say which count.
    void sum_up(const std::vector<Attempt>& attempts, std::vector<MeasuredAttempt>& measured) {
        for (std::size_t i = 0; i < measured.size(); ++i) measured[i].attempt = attempts[i];
        results_ = results_of(cells_, measured, options_.margins, options_.steadiness);
        agreements_ = agreements_of(cells_, measured);
        budget_ = budget_of(cells_, measured);
    }

    void write(const std::string& directory) const {
        if (directory.empty()) return;
        write_validation_csv(directory, results_);
        if (!agreements_.empty()) write_agreement_csv(directory, agreements_);
        if (!budget_.empty()) write_budget_csv(directory, budget_);
    }

    void print() const {
        print_cells(results_, {plan_.seconds(), options_.margins});
        print_agreement(agreements_);
        print_budget(results_, budget_, options_.margins);
        if (results_.size() > 1) print_totals(results_, options_.margins);
        std::fflush(stdout);
    }

private:
    const ValidationPlan& plan_;
    const ValidateOptions& options_;
    std::vector<CellName> cells_;
    std::vector<CellResult> results_;
    std::vector<PointAgreement> agreements_;
    std::vector<BudgetLine> budget_;
};

// What was measured is summed up whatever ends it. Returns the exit code.
int run_and_sum_up(const ValidationPlan& plan, const ValidateOptions& options, LiveWorld& world) {
    Results results(plan, options);
    std::vector<Attempt> attempts;
    for (const MeasuredAttempt& earlier : world.attempts()) attempts.push_back(earlier.attempt);
    bool interrupted = false;
    const auto finish = [&] {
        world.close();
        results.sum_up(attempts, world.attempts());
        results.write(options.world.out);
        results.print();
    };
    try {
        run_protocol(options.protocol, options.steadiness, world, attempts);
    } catch (const Interrupted&) {
        interrupted = true;
    } catch (const DeviceError&) {
        finish();
        throw;
    }
    finish();
    if (!interrupted) return kExitOk;
    std::cerr << "laxity: interrupted; the repetitions that were finished are summed up"
              << (options.world.out.empty() ? "" : "; the same command goes on") << "\n";
    return kExitInterrupted;
}

std::size_t left_after(const std::vector<MeasuredAttempt>& measured, const ProtocolPlan& protocol) {
    std::vector<Attempt> attempts;
    for (const MeasuredAttempt& one : measured) attempts.push_back(one.attempt);
    return turns_left(protocol, attempts).size();
}

std::map<std::string, std::string> signatures_of(const ValidationPlan& plan) {
    std::map<std::string, std::string> signatures;
    for (const PolicySpec& policy : plan.policies()) signatures[policy.text] = signature_text(behaviour_of(policy));
    return signatures;
}

// All but the device, which is opened later.
ProtocolFacts facts_of(const ValidationPlan& plan, const ValidateOptions& options) {
    ProtocolFacts facts{options.protocol,
                        options.steadiness,
                        plan.seconds(),
                        options.world.window_seconds,
                        options.world.lucks,
                        options.margins,
                        {},
                        {},
                        options.world.explain,
                        options.decisions,
                        options.world.wait == Wait::kPark ? "park" : "spin",
                        "",
                        signatures_of(plan)};
    for (const PolicySpec& policy : plan.policies()) facts.policies.push_back(policy.text);
    for (const ValidationPoint& point : plan.points()) facts.points.push_back(point.name);
    return facts;
}

// What the folder holds of this validation; tells how much is left.
std::vector<MeasuredAttempt> attempts_in(const ValidationFolder& folder, const std::string& directory,
                                         const ValidationPlan& plan, const ProtocolPlan& protocol) {
    if (!folder.goes_on()) return {};
    std::vector<MeasuredAttempt> earlier = earlier_attempts(directory, plan.cell_names());
    std::cerr << directory << ": going on after " << earlier.size() << " live runs; " << left_after(earlier, protocol)
              << " are left\n";
    return earlier;
}

}  // namespace

int validate_command(const Arguments& arguments) {
    po::options_description options("options");
    declare_validation_plan(options);
    declare_protocol(options);
    declare_winner_options(options);
    declare_live_options(options);
    declare_check_options(options);
    const auto values =
        parse_options(arguments, "laxity validate --workload FILE --policy NAME [options]", options, kHelp);
    if (!values) return kExitOk;

    ValidateOptions chosen = options_of(*values);
    const LiveServiceOptions service_options = live_options(*values);
    ValidationPlan plan(*values);
    chosen.world.wait = service_options.wait;
    chosen.world.out = plan.base().out;
    chosen.protocol.cells = plan.cells().size();
    chosen.protocol.repetitions = plan.repetitions();
    chosen.protocol.seed = plan.base().seed;
    if (chosen.dry_run) {
        print_plan(plan, chosen);
        return kExitOk;
    }
    std::optional<ValidationFolder> folder;
    std::optional<ProtocolFacts> facts;
    if (!chosen.world.out.empty()) {
        folder.emplace(chosen.world.out, plan.base().replace);
        facts = facts_of(plan, chosen);
        folder->check(plan, *facts);
    }
    // What can't run is refused before anything is written.
    LiveService service(plan.workloads(), service_options);
    tell_device(service_options.device, service.device().info());
    print_notes(service.notes());
    std::vector<MeasuredAttempt> earlier;
    if (folder) {
        facts->device = name_and_precision(service.device().info());
        folder->check(plan, *facts);
        earlier = attempts_in(*folder, chosen.world.out, plan, chosen.protocol);
    }
    const bool runs = left_after(earlier, chosen.protocol) > 0;
    if (runs) check_traces_option(*values, service, plan.workloads());
    if (runs) plan.make_plans();
    const PolicyDecisions decisions = runs ? measure_decisions(plan, chosen.decisions) : PolicyDecisions();
    if (folder) folder->begin(plan, *facts);
    if (folder && runs) folder->note_program();
    LiveWorld world(plan, service, decisions, chosen.steadiness, chosen.world, std::move(earlier));
    return run_and_sum_up(plan, chosen, world);
}

}  // namespace laxity
