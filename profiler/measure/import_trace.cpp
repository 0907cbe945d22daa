#include "profiler/measure/import_trace.hpp"

#include "profiler/device/device.hpp"
#include "profiler/measure/imported_outcomes.hpp"
#include "traces/base/error.hpp"
#include "traces/base/sha256.hpp"
#include "traces/base/utc.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

std::string count_text(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// The part of "FILE.npz:MEMBER" that is a file.
std::string file_part(const std::string& path) {
    const std::size_t member = path.rfind(".npz:");
    return member == std::string::npos ? path : path.substr(0, member + 4);
}

std::string origin(const std::string& path) {
    return one_line(path) + " (SHA-256 " + sha256_of_file(file_part(path)).substr(0, 12) + "...)";
}

// --- Stages ---

std::vector<StageInfo> named_stages(const ImportRequest& request, const std::vector<std::string>& names) {
    std::vector<StageInfo> stages(names.size());
    if (request.network) stages = describe_stages(*request.network);
    if (stages.size() != names.size()) {
        throw input_error(request.latency.file,
                          count_text(stages.size(), "column") + ", one for each stage of " + request.network->name(),
                          count_text(names.size(), "column"), "choose those of the stages with --columns");
    }
    for (std::size_t k = 0; k < names.size(); ++k) {
        stages[k].name = one_line(names[k]);
        stages[k].resource = "accelerator";
    }
    return stages;
}

template <class Number, class Member>
void set_numbers(std::vector<StageInfo>& stages, const std::vector<Number>& numbers, Member member,
                 const char* option) {
    if (numbers.empty()) return;
    if (numbers.size() != stages.size()) {
        throw input_error(option, count_text(stages.size(), "number") + ", one for each stage",
                          std::to_string(numbers.size()));
    }
    for (std::size_t k = 0; k < stages.size(); ++k) stages[k].*member = numbers[k];
}

void import_stages(Trace& trace, const ImportRequest& request) {
    const ImportedLatencies latencies = import_latencies(request.latency);
    trace.latency_ns = latencies.ns;
    trace.stages = named_stages(request, latencies.stages);
    set_numbers(trace.stages, request.stages.macs, &StageInfo::macs, "--macs");
    set_numbers(trace.stages, request.stages.parameter_bytes, &StageInfo::parameter_bytes, "--parameter-bytes");
    set_numbers(trace.stages, request.stages.activation_bytes, &StageInfo::activation_bytes, "--activation-bytes");
    set_numbers(trace.stages, request.stages.energy_uj, &StageInfo::energy_uj, "--energy-uj");
    if (!request.dispatch.empty()) trace.dispatch_ns = import_dispatch(request.dispatch, latencies.unit);
    trace.device.details["imported latencies"] =
        origin(request.latency.file) + ", in " + latencies.unit + (request.latency.cumulative ? ", cumulative" : "");
}

// --- What the exits said ---

void check_exits(const std::string& file, std::size_t exits, const Trace& trace) {
    if (exits == trace.stages.size()) return;
    throw input_error(file, count_text(trace.stages.size(), "exit") + ", one at the end of each stage",
                      std::to_string(exits));
}

// Of the outputs; 0 = not known.
void check_classes(const std::string& file, int found, const ImportRequest& request) {
    const int classes = request.network ? request.network->classes() : request.info.classes;
    if (found == classes || classes == 0) return;
    throw input_error(file,
                      std::to_string(classes) + " classes, as " +
                          (request.network ? request.network->name() + " tells apart" : "--classes says"),
                      std::to_string(found));
}

void check_halves(const std::string& file, std::size_t samples) {
    if (!calibration_half(samples).empty() && !replay_half(samples).empty()) return;
    throw input_error(file, "3 samples or more, some to calibrate with and some to replay", std::to_string(samples));
}

void import_from_scores(Trace& trace, const ImportRequest& request) {
    const ExitScores scores = import_scores(request.scores, request.score_kind);
    check_exits(request.scores, scores.by_exit.size(), trace);
    check_classes(request.scores, scores.classes, request);
    const std::size_t samples = scores.by_exit.front().size() / static_cast<std::size_t>(scores.classes);
    check_halves(request.scores, samples);
    trace.network.classes = scores.classes;
    trace.samples.label = import_labels(request.labels, scores.classes, samples);
    calibrate(trace, scores);
    trace.device.details["imported scores"] = origin(request.scores);
    trace.device.details["imported labels"] = origin(request.labels);
}

void import_from_predictions(Trace& trace, const ImportRequest& request) {
    trace.network.classes = request.network ? request.network->classes() : request.info.classes;
    if (trace.network.classes < 2)
        throw input_error(request.predictions, "--classes N, 2 or more, of which each prediction is one", "none");
    ImportedOutcomes outcomes = import_outcomes(request.predictions, trace.network.classes);
    const auto exits = static_cast<std::size_t>(outcomes.exits);
    const std::size_t samples = outcomes.prediction.size() / exits;
    check_exits(request.predictions, exits, trace);
    check_halves(request.predictions, samples);
    if (outcomes.label.empty() == request.labels.empty()) {
        throw input_error(request.predictions, "labels once: a column label, or --labels",
                          request.labels.empty() ? "neither" : "both");
    }
    trace.samples.label = request.labels.empty() ? std::move(outcomes.label)
                                                 : import_labels(request.labels, trace.network.classes, samples);
    trace.samples.prediction = std::move(outcomes.prediction);
    trace.samples.confidence = std::move(outcomes.confidence);
    trace.calibration = {std::vector<double>(exits, 1.0), "nothing: confidences as they were imported"};
    trace.device.details["imported predictions"] = origin(request.predictions);
    if (!request.labels.empty()) trace.device.details["imported labels"] = origin(request.labels);
}

}  // namespace

Trace import_trace(const ImportRequest& request) {
    Trace trace;
    trace.device = request.device;
    trace.network = request.network ? describe_network(*request.network) : request.info;
    if (!request.info.name.empty()) trace.network.name = request.info.name;
    trace.samples.dataset = request.dataset;
    trace.samples.split = request.split;
    import_stages(trace, request);
    request.scores.empty() ? import_from_predictions(trace, request) : import_from_scores(trace, request);
    trace.protocol = {request.latency.warmup, static_cast<int>(trace.runs()), request.clock, utc_now(), tool()};
    return trace;
}

}  // namespace laxity
