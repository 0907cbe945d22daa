#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/cli/doubt_report.hpp"
#include "sim/cli/import_options.hpp"
#include "sim/cli/text_table.hpp"
#include "sim/results/output.hpp"
#include "traces/base/output_file.hpp"
#include "traces/trace.hpp"

namespace laxity {

namespace {

constexpr const char* kUsage =
    "laxity import --latency FILE --scores FILE --labels FILE --device-kind KIND --device-name NAME --backend NAME -o "
    "TRACE.json [options]";

constexpr const char* kExamples =
    "Makes a trace of what was measured elsewhere: times of stages, one row a pass, and what every exit said of every\n"
    "input. Scores are calibrated and inputs split in two halves as `laxity profile` does. What is not given is not\n"
    "made up: the trace lacks it, and says so. Last come the doubts, as of `laxity check --file-only`.\n"
    "\n"
    "Tables are CSV (comma, semicolon, tab) or JSON lines, arrays are .npy or FILE.npz:MEMBER. traces/README.md has "
    "the\n"
    "formats, and recipes for PyTorch (scripts/export_scores.py) and TensorRT.\n"
    "\n"
    "examples:\n"
    "  laxity import --latency stages.csv --unit ms --scores exits.npz --labels labels.npy --device-kind cuda\n"
    "      --device-name 'Jetson AGX Orin' --backend 'TensorRT 8.6' -o traces/theirs.json\n"
    "  laxity import --latency ends.csv --columns exit1,exit2,exit3 --cumulative --unit us --warmup 100 --predictions\n"
    "      answers.csv --classes 1000 --network-name net --device-kind other --device-name 'an accelerator' --backend\n"
    "      'its runtime 2.1' -o traces/theirs.json\n"
    "  laxity import --latency stages.csv --unit ns --scores exits.npz --labels labels.npy --network net.onnx\n"
    "      --device-kind cpu --device-name 'AMD EPYC' --backend 'PyTorch 2.1' --dispatch 4500 -o traces/theirs.json\n";

void print_exits(std::ostream& out, const Trace& trace) {
    const auto replayed = replay_half(trace.samples.count());
    TextTable table("lrrrrr", {"stage", "p50", "p99", "accuracy", "confidence", "temperature"},
                    {"", "us", "us", "%", "%", ""});
    for (int k = 0; k < trace.stage_count(); ++k) {
        const auto stage = static_cast<std::size_t>(k);
        table.add({trace.stages[stage].name, fixed(to_us(latency_quantile(trace, k, 0.5)), 1),
                   fixed(to_us(latency_quantile(trace, k, 0.99)), 1), percent(accuracy(trace, replayed, k)),
                   percent(mean_confidence(trace, replayed, k)), fixed(trace.calibration.temperature[stage], 3)});
    }
    table.print(out);
}

}  // namespace

int import_command(const Arguments& arguments) {
    const auto values = parse_options(arguments, kUsage, import_options(), kExamples);
    if (!values) return kExitOk;
    const std::string path = (*values)["out"].as<std::string>();
    check_file(path, replace_option(*values));
    Trace trace = import_trace(import_request(*values));
    claim_file(path, replace_option(*values));
    save_trace(trace, path);
    trace.path = path;
    std::ostream& out = is_stream(path) ? std::cerr : std::cout;
    out << trace.network.name << " on " << trace.device.name << ", " << trace.device.backend << ", from files\n";
    print_exits(out, trace);
    out << "wrote ";
    print_trace_report(out, trace);
    return kExitOk;
}

}  // namespace laxity
