#include "sim/cli/live_options.hpp"

#include <iostream>
#include <set>

#include "profiler/open_device.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/cli/text_table.hpp"
#include "sim/study/winner.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace po = boost::program_options;

void declare_wait_option(po::options_description& options) {
    options.add_options()(
        "wait", po::value<std::string>()->default_value("spin")->value_name("spin|park"),
        "how the scheduler's and the device's threads wait for each other: spin: they never sleep and "
        "keep their cores busy; park: they sleep, and wake shortly before a stage should end. Threads "
        "that share a core always park");
}

Wait wait_option(const po::variables_map& values) {
    const auto text = values["wait"].as<std::string>();
    if (text == "spin") return Wait::kSpin;
    if (text == "park") return Wait::kPark;
    throw input_error("--wait", "spin or park", "\"" + text + "\"");
}

void declare_live_options(po::options_description& options) {
    options.add_options()("device,d", po::value<std::string>()->default_value("auto")->value_name("DEVICE"),
                          "what executes the stages: cpu, cuda, cuda:N[:KEY=VALUE,...] (keys: profiler/README.md) or "
                          "auto: a GPU, else the processor")(
        "model", po::value<std::vector<std::string>>()->composing()->value_name("NETWORK=FILE"),
        "ONNX file of a trace's network; default: looked for beside the trace and in workloads/models")(
        "data", po::value<std::vector<std::string>>()->composing()->value_name("SPEC"),
        "data set, as for `laxity profile`; default: by the trace's name")(
        "slots", po::value<int>()->default_value(0)->value_name("N"),
        "activation slots per network; 0 = enough for the workload");
    declare_wait_option(options);
}

LiveServiceOptions live_options(const po::variables_map& values) {
    LiveServiceOptions options;
    options.device = values["device"].as<std::string>();
    options.slots = values["slots"].as<int>();
    options.wait = wait_option(values);
    if (options.slots < 0) throw input_error("--slots", "a number from 0", std::to_string(options.slots));
    if (values.count("data") != 0) options.data = values["data"].as<std::vector<std::string>>();
    if (values.count("model") == 0) return options;
    for (const std::string& item : values["model"].as<std::vector<std::string>>()) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos)
            throw input_error("--model", "NETWORK=FILE", "\"" + item + "\"",
                              "e.g. fashion-ee=workloads/models/fashion-ee.onnx");
        options.models[item.substr(0, equals)] = item.substr(equals + 1);
    }
    return options;
}

void declare_winner_options(po::options_description& options) {
    options.add_options()("winner", po::value<std::string>()->value_name("DIR"),
                          "the policy that won the sweep in this result folder, on this workload and these traces")(
        "anyway", po::bool_switch(),
        "also if the sweep was of another workload, of other traces or by other code, and if a trace is not this "
        "device's");
}

std::optional<PolicySpec> winner_option(const po::variables_map& values, const WorkloadFile& file,
                                        const Workload& workload) {
    if (values.count("winner") == 0) return std::nullopt;
    const auto directory = values["winner"].as<std::string>();
    const PolicySpec policy = policy_option(sweep_winner(directory), true);
    const std::string difference = not_won_on(directory, policy, file, workload);
    if (difference.empty()) return policy;
    if (!values["anyway"].as<bool>()) {
        throw input_error("--winner " + directory, "a sweep over what is run here", difference,
                          "sweep again with this workload, or say --anyway");
    }
    std::cerr << "laxity: warning: " << policy.text << " won on " << difference << "\n";
    return policy;
}

void tell_device(const std::string& spec, const DeviceInfo& device) {
    if (spec != "auto") return;
    const std::string missing = why_no_gpu();
    std::cerr << "laxity: device: " << device.name << (missing.empty() ? "" : " (no GPU: " + missing + ")") << "\n";
}

void print_report(const LiveReport& report) {
    print_notes(report.refusals);
    const LiveStalls& stalls = report.stalls;
    if (stalls.jobs > 0) {
        std::cerr << "note: " << stalls.count << " stalls of " << fixed(to_ms(stalls.total), 1) << " ms in all, up to "
                  << fixed(to_ms(stalls.longest), 1) << " ms, touched " << stalls.jobs << " jobs and " << stalls.stages
                  << " stages: they are marked in the records\n";
    }
    if (report.noisy) {
        std::cerr << "laxity: warning: the machine was noisy: " << report.contention
                  << "; run it again when it is quiet\n";
    }
}

void print_notes(const std::vector<std::string>& lines) {
    static std::set<std::string> printed;
    for (const std::string& line : lines) {
        if (printed.insert(line).second) std::cerr << "note: " << line << "\n";
    }
}

}  // namespace laxity
