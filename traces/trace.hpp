// A trace: the measurements of one early-exit network on one device (schemas "laxity.trace/1" and "/2", README of this
// folder).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "traces/base/time.hpp"
#include "traces/history.hpp"
#include "traces/outcome.hpp"

namespace laxity {

struct DeviceInfo {
    std::string kind;     // "cpu", "cuda", "other" for what Laxity has no device for, or "synthetic" for constants
    std::string name;     // "AMD EPYC 9R14"
    std::string backend;  // "oneDNN 2.6.3"
    int threads = 1;
    std::map<std::string, std::string> details;  // governor, clocks, pinning, contention ...
};

struct NetworkInfo {
    std::string name;
    std::string sha256;      // of the ONNX file; empty for a synthetic one, or if nobody knows
    std::vector<int> input;  // channels, height, width; empty if nobody knows
    int classes = 0;
    std::int64_t parameters = 0;  // 0 if nobody knows
};

struct Protocol {
    int warmup = 0;       // whole-network passes before the first row
    int runs = 0;         // rows of latency_ns
    std::string clock;    // "steady_clock", "cuda events"
    std::string created;  // ISO 8601, UTC
    std::string tool;     // "laxity 0.1 (git abc1234)"
};

struct StageInfo {
    std::string name;
    std::string resource;   // "accelerator" or "host"
    std::int64_t macs = 0;  // multiply-accumulates; here and below 0 if nobody knows
    std::int64_t parameter_bytes = 0;
    std::int64_t activation_bytes = 0;  // of the activation carried to the next stage
    std::optional<double> energy_uj;    // microjoules for one execution
    bool has_exit = true;               // false only within a pipeline (workloads/pipeline.hpp), never in a file
};

// Measured slowdown of a stage while other stages run beside it: slowdown[stage], 1 = none.
struct Corun {
    int resources = 2;  // how many run at once
    std::vector<double> slowdown;
};

// What the host does around the inference of one image; measured row by row, both or neither.
struct HostCosts {
    std::vector<std::int64_t> preprocess_ns;   // stored bytes to normalised floats
    std::vector<std::int64_t> postprocess_ns;  // the last exit's scores to prediction and calibrated confidence

    bool measured() const { return !preprocess_ns.empty(); }
};

// What every exit said about every input. Row-major [sample][exit].
struct Samples {
    std::string dataset;
    std::string split;
    std::vector<std::int32_t> label;
    std::vector<std::int32_t> prediction;
    std::vector<float> confidence;  // in [0, 1], after temperature calibration

    std::size_t count() const { return label.size(); }
};

struct Calibration {
    std::vector<double> temperature;  // one per exit; 1 = as trained
    std::string fitted_on;
};

// Immutable once loaded; shared between threads and runs. What a stage without an exit says: prediction -1, confidence
// 0.
struct Trace {
    std::string path;  // where it was read from; not part of the file
    DeviceInfo device;
    NetworkInfo network;
    Protocol protocol;
    std::vector<StageInfo> stages;
    std::vector<std::int64_t> latency_ns;  // row-major [run][stage]; rows keep the correlation between stages
    // The same stages by the device's own clock (CUDA events), without what the host does before and after; empty on a
    // device that has none. Nothing replays it.
    std::vector<std::int64_t> device_ns;
    std::vector<std::int64_t> dispatch_ns;  // what a stage costs on the live path beyond its latency; may be empty
    History history;                        // executions in schedules drawn at random; empty in a laxity.trace/1
    std::vector<std::int64_t>
        release_lateness_ns;              // how late a driver that waits for a moment notices it; may be empty
    std::optional<Stalls> stalls;         // of the lanes; none if nobody watched
    std::optional<Stalls> driver_stalls;  // of the thread that schedules; likewise
    HostCosts host;
    std::vector<Corun> corun;
    Samples samples;
    Calibration calibration;

    int stage_count() const { return static_cast<int>(stages.size()); }
    std::size_t runs() const { return latency_ns.size() / stages.size(); }
    std::int64_t latency(std::size_t run, int stage) const {
        return latency_ns[run * stages.size() + static_cast<std::size_t>(stage)];
    }
    Outcome outcome(std::size_t sample, int exit) const {
        const std::size_t i = sample * stages.size() + static_cast<std::size_t>(exit);
        return {samples.prediction[i], samples.confidence[i]};
    }
    bool correct(std::size_t sample, int exit) const {
        return outcome(sample, exit).prediction == samples.label[sample];
    }
};

// Reads and checks a trace: every key, shape, range and unit. Throws InputError naming the file and JSON pointer; a
// missing file names the command that makes one. Linear in the file's size.
Trace load_trace(const std::string& path);

// Writes the JSON, all of it or nothing, and waits for the disk (write_file); confidences are rounded to six decimals.
// Throws RunError if it can't be written, InputError if load_trace would refuse it.
void save_trace(const Trace& trace, const std::string& path);

// How to make the trace that is missing at `path`, for messages.
std::string profile_advice(const std::string& path);

// A trace of constants, as if measured: every run takes `stage_times`, and exit k of a random input is right with
// probability accuracy[k] (in either half exactly that share if it is a whole percent, else within 1/2600; an input
// that exit k gets right stays right if accuracies grow). The confidence of exit k is accuracy[k] for every input:
// calibrated, and without information. For textbook task sets and tests. Throws std::invalid_argument unless there are
// 1 to kMaxStages times above 0 and as many accuracies in [0, 1].
Trace synthetic_trace(const std::string& name, std::span<const Duration> stage_times, std::span<const double> accuracy);

// Sample i belongs to the calibration half if the lowest bit of splitmix64(i) is 0. Temperatures and predictors are
// fitted there and only the other half is replayed, simulated or live: nothing is fitted on what is scored.
bool in_calibration_half(std::uint64_t sample);
std::vector<std::uint32_t> calibration_half(std::size_t samples);  // ascending indices
std::vector<std::uint32_t> replay_half(std::size_t samples);

// The q-quantile (0 <= q <= 1) of one stage's latency: the smallest value with at least a share q of runs at or below
// it.
Duration latency_quantile(const Trace& trace, int stage, double q);
Duration latency_mean(const Trace& trace, int stage);
// Factor on a stage's time while `side_by_side` (at least 1) stages run on its resource; 1 if there is no table. Linear
// between the counts that were measured; beyond the last one it grows in proportion, as if nothing more were gained by
// running side by side.
double corun_slowdown(const Trace& trace, int stage, int side_by_side);
// Mean time of the whole network, all stages: the unit "full".
Duration full_latency_mean(const Trace& trace);

// The same quantile of any values (at least one), by their rank; O(n).
std::int64_t quantile(std::vector<std::int64_t> values, double q);
// One stage's latencies in ns, in the order of the runs.
std::vector<std::int64_t> stage_latencies(const Trace& trace, int stage);

// Of one exit over the given samples (at least one): the share it gets right, and its mean confidence.
double accuracy(const Trace& trace, std::span<const std::uint32_t> samples, int exit);
double mean_confidence(const Trace& trace, std::span<const std::uint32_t> samples, int exit);
// Expected calibration error: |mean confidence - accuracy| in equal-width bins of the confidence, weighted by their
// samples (Guo et al., ICML 2017, equation 3).
double calibration_error(const Trace& trace, std::span<const std::uint32_t> samples, int exit, int bins = 15);

}  // namespace laxity
