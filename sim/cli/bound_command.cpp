#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/bounds/bounds.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/run_options.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

const char* const kBoundHelp =
    "Upper bounds on the accuracy (right answers / jobs) of any policy, as JSON on stdout:\n"
    "  clairvoyant  knows arrivals, deadlines, durations and which exits will be right. Exact for the very jobs that\n"
    "               `laxity simulate` with this seed releases: nothing is above it\n"
    "  fluid        does not know how exits will turn out, but may stop or go on by the bin (1 of 20) of the last "
    "exit's\n"
    "               confidence, fitted in hindsight on what is replayed; jobs share the whole time, at mean stage "
    "times\n"
    "  fluid_d      the same, and no job gets deeper than fits before its own deadline\n"
    "  fluid_edf    the same, and time is spent between release and deadline, arrivals and deadlines as they came\n"
    "  least        the least of them\n"
    "  weighted     the same for the weighted accuracy\n"
    "All may preempt, do stages in part and one job on several slots, and ignore energy; of several resources each is\n"
    "looked at alone, and the least value counts. The fluid bounds are of expectations: one run may deviate by some\n"
    "sqrt(accuracy (1 - accuracy) / jobs), and a policy may beat them by what it sees beyond that bin (see "
    "sim/bounds/bounds.hpp).\n"
    "Where clients ask again at the reply, jobs depend on the policy: what is undefined is null, and \"undefined\" "
    "says "
    "why.\n";

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

void put(Json& json, const BoundValues& values) {
    json["clairvoyant"] = optional_number(values.clairvoyant);
    json["fluid"] = optional_number(values.fluid);
    json["fluid_d"] = optional_number(values.fluid_d);
    json["fluid_edf"] = optional_number(values.fluid_edf);
    json["least"] = optional_number(values.least());
}

Json json_of(const Bounds& bounds, const Workload& workload, std::uint64_t seed) {
    Json json = {{"workload", one_line(workload.path)}, {"seed", seed}, {"jobs", bounds.jobs}};
    put(json, bounds.accuracy);
    put(json["weighted"], bounds.weighted);
    if (!bounds.undefined.empty()) json["undefined"] = bounds.undefined;
    return json;
}

}  // namespace

int bound_command(const Arguments& arguments) {
    namespace po = boost::program_options;
    po::options_description options("options");
    options.add_options()("workload,w", po::value<std::string>()->required()->value_name("FILE"),
                          "workload (JSON), e.g. workloads/scenarios/quickstart.json")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"),
        "seed of arrivals, deadlines, inputs and latency rows, and of generated tasks")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated");
    const std::string examples =
        std::string(kBoundHelp) +
        "\nexamples:\n"
        "  laxity bound --workload workloads/scenarios/quickstart.json --seed 1\n"
        "  laxity bound -w workloads/scenarios/quickstart.json --set /tasks/0/arrival/load=1.6\n"
        "  laxity sweep workloads/scenarios/quickstart-sweep.json --bounds --out results/quickstart\n";
    const auto values = parse_options(arguments, "laxity bound --workload FILE [options]", options, examples);
    if (!values) return kExitOk;

    const std::uint64_t seed = seed_option(*values);
    const Workload workload =
        load_workload((*values)["workload"].as<std::string>(), override_options(*values), nullptr, seed);
    const Replay replay(workload);
    std::cout << json_of(BoundModel(replay).of(seed), workload, seed).dump(2) << "\n";
    return kExitOk;
}

}  // namespace laxity
