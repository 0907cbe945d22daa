#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "profiler/measure/dataset.hpp"
#include "profiler/measure/trace_check.hpp"
#include "profiler/network/network.hpp"
#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "sim/cli/command.hpp"
#include "sim/cli/doubt_report.hpp"
#include "sim/live/live_service.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr const char* kUsage = "laxity check TRACE [options]";

constexpr const char* kDeviceOptions[] = {"model", "data", "device"};

constexpr const char* kExamples =
    "First what is doubtful about the file itself: too few rows, a coarse clock, a wrong unit, a trend, exits that "
    "get\n"
    "worse ... (traces/README.md has all of them, with their thresholds); with --file-only nothing else. Doubts leave\n"
    "the exit code 0: they are for you to judge.\n"
    "\n"
    "Then whole passes of the trace's network are measured, as `laxity profile` does, and every stage's median is\n"
    "compared with the trace's (Welch's test of batch medians, Holm's correction over the stages). Off is the median\n"
    "over stages of |here / trace - 1|: beyond 5 % the trace is said to be off, beyond 25 % it is not this device's, "
    "and\n"
    "the exit code is 1. `laxity live` and `laxity validate` do the same before they run.\n"
    "\n"
    "examples:\n"
    "  laxity check traces/mine.json\n"
    "  laxity check traces/theirs.json --file-only\n"
    "  laxity check traces/mine.json --model mine.onnx --data mine-images.json --device cuda --seconds 10 --json\n";

po::options_description check_options() {
    po::options_description options("options");
    options.add_options()("trace", po::value<std::string>()->required()->value_name("TRACE.json"),
                          "a measured trace; may be given without --trace")(
        "model,m", po::value<std::string>()->value_name("FILE.onnx"),
        "the trace's network; default: looked for beside the trace and in workloads/models")(
        "data", po::value<std::string>()->value_name("SPEC"),
        "data set, as for `laxity profile`; default: by the trace's name")(
        "device,d", po::value<std::string>()->value_name("DEVICE"),
        "cpu, cuda, cuda:N[:KEY=VALUE,...] (keys: profiler/README.md); default: the trace's kind")(
        "seconds", po::value<double>()->default_value(2)->value_name("S"), "how long to measure, 0.1 to 3600")(
        "file-only", po::bool_switch(), "look at the file alone, and measure nothing")("json", po::bool_switch(),
                                                                                       "print JSON");
    return options;
}

Duration time_option(const po::variables_map& values) {
    const double seconds = values["seconds"].as<double>();
    if (!(seconds >= 0.1 && seconds <= 3600)) throw input_error("--seconds", "0.1 to 3600", std::to_string(seconds));
    return Duration(std::llround(seconds * 1e9));
}

Dataset dataset_option(const po::variables_map& values, const Trace& trace, const Network& network) {
    const std::string spec = values.count("data") == 0 ? trace.samples.dataset : values["data"].as<std::string>();
    Dataset data = [&] {
        try {
            return open_dataset(spec);
        } catch (const InputError&) {
            if (values.count("data") != 0) throw;
            throw input_error(trace.path, "the data set \"" + spec + "\", which it was measured with",
                              "none of that name", "name it with --data, as for `laxity profile`");
        }
    }();
    if (data.has_shape(network.input_shape())) return data;
    throw input_error("--data " + data.name,
                      "images of " + network.input_shape().text() + ", which " + network.name() + " takes",
                      data.shape_text());
}

void check_kind(const Trace& trace, const DeviceInfo& device) {
    if (trace.device.kind == device.kind) return;
    throw input_error(trace.path, "a trace of the device that is asked (" + device.kind + ")",
                      "one of " + trace.device.kind, "choose another with --device");
}

std::string p_text(const std::optional<double>& p) {
    if (!p) return "-";
    if (*p < 1e-4) return "< 0.0001";
    std::ostringstream out;
    out << std::fixed << std::setprecision(4) << *p;
    return out.str();
}

void print_stage(std::ostream& out, const StageCheck& stage) {
    out << "  " << std::left << std::setw(14) << stage.name << std::right << std::setprecision(1) << std::setw(14)
        << to_us(stage.expected) << std::setw(14) << to_us(stage.here) << std::setprecision(3) << std::setw(9)
        << stage.ratio << std::setw(10) << p_text(stage.p) << "\n";
}

void print_check(const TraceCheck& check, const Trace& trace, const DeviceInfo& device) {
    std::ostringstream out;
    const std::string there = name_and_precision(trace.device), here = name_and_precision(device);
    out << one_line(check.trace) << ": " << trace.network.name << ", measured on " << there << " at "
        << trace.protocol.created << "\nthis device: " << here << (there == here ? "" : ", another one") << "\n  "
        << std::left << std::setw(14) << "stage" << std::right << std::setw(14) << "trace p50 us" << std::setw(14)
        << "here p50 us" << std::setw(9) << "ratio" << std::setw(10) << "p"
        << "\n"
        << std::fixed;
    for (const StageCheck& stage : check.stages) print_stage(out, stage);
    std::cout << out.str() << verdict_text(check.verdict) << ": " << off_text(check) << "\n";
}

Json stage_json(const StageCheck& stage) {
    return {{"name", stage.name},
            {"trace_p50_ns", stage.expected.count()},
            {"here_p50_ns", stage.here.count()},
            {"ratio", stage.ratio},
            {"p", stage.p ? Json(*stage.p) : Json()}};
}

void print_json(const TraceCheck& check, const Trace& trace, const DeviceInfo& device) {
    Json json = {{"trace", one_line(check.trace)},
                 {"network", trace.network.name},
                 {"measured_on", name_and_precision(trace.device)},
                 {"this_device", name_and_precision(device)},
                 {"passes", check.passes},
                 {"stages", Json::array()},
                 {"off", check.off},
                 {"established", check.established},
                 {"verdict", verdict_text(check.verdict)},
                 {"doubts", doubts_json(trace)},
                 {"lacks", lacks_json(trace)}};
    for (const StageCheck& stage : check.stages) json["stages"].push_back(stage_json(stage));
    std::cout << json.dump(2) << "\n";
}

// The file alone.
int check_file_only(const po::variables_map& values, const Trace& trace) {
    for (const char* name : kDeviceOptions) {
        if (values.count(name) != 0)
            throw input_error("--file-only", "no options of the measurement", "--" + std::string(name));
    }
    if (!values["json"].as<bool>()) {
        print_trace_report(std::cout, trace);
        return kExitOk;
    }
    const Json json = {{"trace", one_line(trace.path)}, {"doubts", doubts_json(trace)}, {"lacks", lacks_json(trace)}};
    std::cout << json.dump(2) << "\n";
    return kExitOk;
}

TraceCheck measure_and_compare(Device& device, const Trace& trace, const Network& network, const Dataset& data,
                               Duration length) {
    const auto executable = device.prepare(network, {});
    const PassInput input = [&](std::size_t pass) { return data.image(pass % data.count()); };
    const auto latencies = measure_passes(device, *executable, input, {length, plan_cores()});
    if (interrupted()) throw Interrupted();
    return compare_with_trace(trace, latencies);
}

}  // namespace

int check_command(const Arguments& arguments) {
    const auto values = parse_options(arguments, kUsage, check_options(), kExamples, "trace");
    if (!values) return kExitOk;
    const Duration length = time_option(*values);
    const Trace trace = load_trace((*values)["trace"].as<std::string>());
    if ((*values)["file-only"].as<bool>()) return check_file_only(*values, trace);
    if (trace.device.kind == "synthetic")
        throw input_error(trace.path, "a measured trace", "a synthetic one", "make one with `laxity profile`");
    std::map<std::string, std::string> models;
    if (values->count("model") != 0) models[trace.network.name] = (*values)["model"].as<std::string>();
    const Network network = import_onnx(find_model(trace, models));
    const Dataset data = dataset_option(*values, trace, network);
    try {
        const auto device =
            open_device(values->count("device") == 0 ? trace.device.kind : (*values)["device"].as<std::string>());
        check_kind(trace, device->info());
        if (!(*values)["json"].as<bool>()) print_doubts(std::cout, trace);
        const TraceCheck check = measure_and_compare(*device, trace, network, data, length);
        ((*values)["json"].as<bool>() ? print_json : print_check)(check, trace, device->info());
        return check.verdict == TraceVerdict::kForeign ? kExitFailure : kExitOk;
    } catch (const DeviceError& error) {
        std::cerr << "laxity: " << error.what() << "\n";
        return kExitFailure;
    }
}

}  // namespace laxity
