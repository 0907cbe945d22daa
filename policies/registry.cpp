#include "policies/registry.hpp"

#include <limits>
#include <stdexcept>

#include "policies/factories.hpp"
#include "policies/parts/predictor.hpp"

namespace laxity {

namespace {

ParameterInfo integer(std::string name, int low, int high, std::string default_value, std::string help) {
    return {std::move(name),
            ParameterInfo::Type::kInteger,
            static_cast<double>(low),
            static_cast<double>(high),
            {},
            std::move(default_value),
            std::move(help)};
}

ParameterInfo boolean(std::string name, bool default_value, std::string help) {
    return {std::move(name), ParameterInfo::Type::kBoolean, 0, 1, {}, default_value ? "true" : "false",
            std::move(help)};
}

ParameterInfo number(std::string name, double low, double high, std::string default_value, std::string help) {
    return {std::move(name), ParameterInfo::Type::kNumber, low, high, {}, std::move(default_value), std::move(help)};
}

ParameterInfo choice(std::string name, std::vector<std::string> choices, std::string default_value, std::string help) {
    return {std::move(name), ParameterInfo::Type::kChoice, 0, 0, std::move(choices), std::move(default_value),
            std::move(help)};
}

ParameterInfo skip_parameter() {
    return boolean(
        "skip", false,
        "never start a stage that cannot end by its deadline; a job whose mandatory part is done then leaves");
}

ParameterInfo depth_parameter() {
    std::vector<std::string> depths = {"0", "m"};
    for (int depth = 1; depth <= kMaxStages; ++depth) depths.push_back(std::to_string(depth));
    return choice("depth", std::move(depths), "0",
                  "leave at this depth, but not before the mandatory part is done: 0 = all stages, m = the mandatory "
                  "part only (EDF-M)");
}

ParameterInfo mandfirst_parameter() {
    return boolean("mandfirst", false,
                   "mandatory parts by priority, optional parts in the background (imprecise computation: Liu et al. "
                   "1991)");
}

ParameterInfo predictor_parameter(const std::string& default_value) {
    return choice("predictor", {std::begin(kPredictorNames), std::end(kPredictorNames)}, default_value,
                  "what deeper exits are expected to be worth; oracle looks at the trace and is refused live");
}

ParameterInfo variant_parameter() {
    return choice("variant", {"original", "smallest"}, "original",
                  "serve with the first variant listed, or the cheapest");
}

bool predicts_by_oracle(const PolicyArguments& arguments) { return arguments.text("predictor") == "oracle"; }

std::vector<PolicyInfo> make_registry() {
    return {
        {"fifo", "the job released first, all its stages", "classic", {skip_parameter()}, nullptr, make_fifo},
        {"rr",
         "one stage each in turn, in a ring ordered by arrival",
         "classic; our reading of a turn: a job that arrives during a round joins the end of that round",
         {skip_parameter()},
         nullptr,
         make_rr},
        {"sjf", "least remaining planned cost first", "classic", {skip_parameter()}, nullptr, make_sjf},
        {"edf",
         "earliest deadline first, all stages",
         "Liu & Layland 1973; threshold: BranchyNet (Teerapittayanon et al. 2016); depth and skip are ours",
         {skip_parameter(), depth_parameter(),
          number("threshold", 0, 1, "0",
                 "leave once the mandatory part is done and an exit is at least so confident; 0 = off")},
         nullptr,
         make_edf},
        {"dm",
         "shortest relative deadline first",
         "Leung & Whitehead 1982; variant: the baselines of RT-mDL (Ling et al., SenSys 2021)",
         {skip_parameter(), variant_parameter(), depth_parameter(), mandfirst_parameter()},
         nullptr,
         make_dm},
        {"um",
         "highest utilisation first",
         "baseline of RT-mDL (SenSys 2021); the paper names it, our reading: utilisation = planned cost of all stages "
         "/ "
         "period, the larger first; a task without a period (closed loop, log) counts by relative deadline",
         {skip_parameter(), variant_parameter(),
          choice("order", {"largest", "smallest"}, "largest", "which utilisation goes first")},
         nullptr,
         make_um},
        {"rm",
         "shortest period first",
         "Liu & Layland 1973; our reading: a task without a period (closed loop, log) counts by relative deadline",
         {skip_parameter(), depth_parameter(), mandfirst_parameter()},
         nullptr,
         make_rm},
        {"llf", "least laxity first, at stage boundaries", "Mok 1983", {skip_parameter()}, nullptr, make_llf},
        {"lcf",
         "one stage of the least sure job; unstarted jobs first",
         "baseline of RTDeepIoT (RTCSA 2020); the paper names it, the exact rule is our reading: a job that "
         "has not started has confidence 0, ties go by deadline",
         {skip_parameter()},
         nullptr,
         make_lcf},
        {"rtdeepiot",
         "depths by dynamic programming over confidence, then edf",
         "RTDeepIoT (Yao et al., RTCSA 2020); our reading: the swap on completion, the predictor lin, dropping an "
         "unstarted job; update=none, update=resolve and reclaim are ours",
         {number("delta", 0.001, 1, "0.1", "quantum of confidence; the plan loses at most delta per active job"),
          predictor_parameter("exp"),
          choice("update", {"swap", "none", "resolve"}, "swap",
                 "on a stage's completion: give the rest of the job's time to one other job if that is worth more; "
                 "keep the depths; solve again"),
          boolean("reclaim", true, "solve again, too, where the plan leaves the resource idle")},
         predicts_by_oracle,
         make_rtdeepiot},
        {"rtmdl",
         "variant and priority of every task planned before the run; packing",
         "RT-mDL (Ling et al., SenSys 2021); our reading: the packing test, and a depth as part of the variant for a "
         "task without a pipeline; NSGA-II over exact simulations instead of a learned proxy is ours",
         {number("miss_bound", 0, 1, "0.1", "the plan keeps every task's miss ratio within this, if it can"),
          number("storage_mb", 0, std::numeric_limits<double>::infinity(), "inf",
                 "the weights of all planned variants fit into so many MB (1e6 bytes)"),
          number("epsilon", 0, 1e6, "0.1",
                 "on a resource with several slots: pack while the first by priority is slowed down by at most 1 + "
                 "epsilon"),
          integer("generations", 1, 100000, "30", "of the search for the plan"),
          integer("population", 8, 100000, "40", "plans in a generation; rounded up to a multiple of 4"),
          integer("plan_jobs", 1, 1'000'000'000, "4000", "jobs of the simulation that measures one plan"),
          integer("plan_seed", 0, 1'000'000'000, "1", "of the search, and of the arrivals that plans are measured on")},
         nullptr,
         make_rtmdl,
         true},
        {"zygarde",
         "urgency + uncertainty + mandatory bonus, gated by energy",
         "Zygarde (Islam & Nirjon, IMWUT 2020); our reading: psi from the best class's confidence alone, plenty, the "
         "sizes of both gates; skip is ours",
         {number("threshold", 0, 1, "0.8",
                 "the utility test: a job is mandatory until an exit's utility first reaches this"),
          choice("utility", {"confidence", "margin"}, "confidence",
                 "the confidence c, or max(0, 2 c - 1), the least margin to the second class"),
          choice("energy", {"on", "off"}, "on",
                 "on: optional stages only while eta x level >= plenty x capacity, none below its energy (without an "
                 "energy section both say the same)"),
          number("plenty", 0, 1, "0.5", "share of the capacitor that counts as plenty of energy"),
          integer("queue", 0, 1000, "0", "a job that arrives while so many are active is lost; 0 = none is"),
          skip_parameter()},
         nullptr,
         make_zygarde},
        {"clockwork",
         "admit what will be in time, then least deadline - estimate",
         "Clockwork (Gujarati et al., OSDI 2020); our reading: admission after the admitted work that goes before, "
         "nobody admitted made late; exits=deepest is ours",
         {choice("exits", {"deepest", "last"}, "deepest",
                 "what a job is admitted for: the deepest exit that will be in time, or the whole network only")},
         nullptr,
         make_clockwork},
        {"dnnsam",
         "mandatory parts first, then the deepest exits that fit",
         "DNN-SAM (Kang et al., RTAS 2022); our reading: sizes of the optional part = deeper exits, reconsidered after "
         "every stage",
         {choice("order", {"mandfirst", "slack"}, "mandfirst",
                 "EDF-MandFirst: mandatory parts before all else; EDF-Slack: deadline order, an optional part takes "
                 "what no mandatory part needs")},
         nullptr,
         make_dnnsam},
        {"pantheon",
         "edf at stage boundaries; on start and resume the deepest exit that fits",
         "Pantheon (MobiSys 2024); our reading: earliest deadline first, the exit is kept until another job has run",
         {},
         nullptr,
         make_pantheon},
        {"daris",
         "virtual deadline per stage, from recent execution times",
         "DARIS (2025, arXiv 2504.08795); our reading: class = weight, then virtual deadline; no partitions, no levels",
         {skip_parameter(), integer("window", 1, 1000, "10", "how many measurements of a stage count as recent")},
         nullptr,
         make_daris},
        {"apparate",
         "reply at the first sure exit, compute to the end",
         "Apparate (SOSP 2024); our reading: one confidence threshold for all exits, not before the mandatory part is "
         "done; no tuning at run time",
         {skip_parameter(), number("threshold", 0, 1, "0.8", "an exit that is at least so confident is the answer"),
          choice("order", {"fifo", "edf"}, "fifo", "who computes first: order of arrival or of deadline")},
         nullptr,
         make_apparate},
        {"random",
         "one stage of any job",
         "ours: what knowing nothing gets, and the worked example of policies/README.md",
         {integer("seed", 0, 1'000'000'000, "1", "another seed, other choices")},
         nullptr,
         make_random},
        {"toll",
         "a price for device time per deadline window; stages that pay it, by deadline",
         "ours: optimal stopping under a price, sold by falling price under the deadlines, with room kept for denser "
         "work to come",
         {integer("levels", 2, 65, "17", "prices that a plan falls through"),
          number("memory", 0.001, 1, "0.02", "weight of the newest arrival in the averages of rate and deadlines"),
          number("fast", 0, 1, "0.1", "the same for a second average of the rate, which follows bursts; 0 = none"),
          number("inflation", 0.5, 2, "1.1", "factor on the rate of arrivals that room is kept for")},
         nullptr,
         make_toll},
        {"gittins",
         "the stage of the highest optimal-stopping index that fits",
         "ours, after Gittins 1979: the price of time at which going on and stopping tie",
         {},
         nullptr,
         make_gittins},
        {"density",
         "increments by falling gain per cost while they fit, above a learned price",
         "ours",
         {predictor_parameter("conditional"),
          number("price", 0, 4, "0.5", "times the average density that was refused: increments below are not taken"),
          number("memory", 0.001, 1, "0.02", "weight of the newest decision in that average")},
         predicts_by_oracle,
         make_density},
    };
}

}  // namespace

std::span<const PolicyInfo> policy_registry() {
    static const std::vector<PolicyInfo> registry = make_registry();
    return registry;
}

std::unique_ptr<Policy> make_policy(const PolicySpec& spec, const PolicyContext& context) {
    if (spec.info->needs_plan && context.plan == nullptr)
        throw std::invalid_argument("the policy " + spec.text +
                                    " needs a plan: see plan_for() of sim/plan/planning.hpp");
    return spec.info->make(context, spec.arguments);
}

}  // namespace laxity
