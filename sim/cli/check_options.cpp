#include "sim/cli/check_options.hpp"

#include <cmath>
#include <iostream>

#include "sim/live/trace_checks.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace po = boost::program_options;

namespace {

constexpr double kMostSeconds = 3600;

Duration check_time(const po::variables_map& values) {
    const double seconds = values["check-seconds"].as<double>();
    if (!(seconds >= 0 && seconds <= kMostSeconds))
        throw input_error("--check-seconds", "0 to 3600", std::to_string(seconds), "0 checks nothing");
    return Duration(std::llround(seconds * 1e9));
}

void judge(const TraceCheck& check, const DeviceInfo& device, bool anyway) {
    if (check.verdict == TraceVerdict::kAgrees) return;
    if (check.verdict == TraceVerdict::kForeign && !anyway) {
        throw input_error(check.trace, "a trace of this device (" + name_and_precision(device) + ")", off_text(check),
                          "profile the network here, or say --anyway; `laxity check` shows each stage");
    }
    std::cerr << "laxity: warning: " << one_line(check.trace) << ": " << verdict_text(check.verdict) << ", "
              << off_text(check) << "; `laxity check` shows each stage\n";
}

}  // namespace

void declare_check_options(po::options_description& options) {
    options.add_options()("check-seconds", po::value<double>()->default_value(2)->value_name("S"),
                          "before the first run, measure for so long whether the traces are this device's; 0 = don't");
}

void check_traces_option(const po::variables_map& values, LiveService& service,
                         std::span<const Workload* const> workloads) {
    const Duration length = check_time(values);
    if (length == Duration(0)) return;
    const DeviceInfo device = service.device().info();
    for (const TraceCheck& check : check_traces(service, workloads, length))
        judge(check, device, values["anyway"].as<bool>());
    if (interrupted()) throw Interrupted();
}

}  // namespace laxity
