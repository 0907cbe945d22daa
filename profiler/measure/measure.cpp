#include "profiler/measure/measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <utility>

#include "profiler/device/device_worker.hpp"
#include "profiler/device/host.hpp"
#include "profiler/measure/corun.hpp"
#include "profiler/measure/exit_scores.hpp"
#include "profiler/measure/pipeline.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/utc.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

// Above this, latencies say as much about the neighbours as about the network.
constexpr double kNoisySpread = 1.5;  // p99 / p50 of the whole network

constexpr int kMostCorunPasses = 1000;
constexpr int kMostHostRows = 1000;  // each runs the whole network too

struct Timing {
    Duration latency{};
    Duration dispatch{};
    std::optional<Duration> device;
};

std::string of(std::uint64_t done, std::uint64_t total) {
    return std::to_string(done) + " of " + std::to_string(total);
}

void check_fit(const Network& network, const Dataset& data) {
    if (!data.has_shape(network.input_shape())) {
        throw input_error("--data " + data.name,
                          "images of " + network.input_shape().text() + ", which " + network.name() + " takes",
                          data.shape_text());
    }
    if (data.classes != network.classes()) {
        throw input_error("--data " + data.name,
                          std::to_string(network.classes()) + " classes, which " + network.name() + " tells apart",
                          std::to_string(data.classes));
    }
    if (calibration_half(data.count()).empty() || replay_half(data.count()).empty()) {
        throw InputError("--data " + data.name + ": too few images to calibrate with some and to replay others");
    }
}

// Minutes before they are needed.
void check_beside(Device& device, const MeasureOptions& options) {
    for (const auto& [network, data] : options.beside) {
        if (data->has_shape(network->input_shape()) && data->count() > 0) {
            device.prepare(*network, {});
            continue;
        }
        throw input_error("--beside " + network->name(), "images of " + network->input_shape().text(),
                          data->shape_text() + ", of " + data->name);
    }
}

// Spread of the time of the whole network: p99 / p50.
double spread(const Trace& trace) {
    std::vector<std::int64_t> totals;
    for (std::size_t run = 0; run < trace.runs(); ++run) {
        std::int64_t total = 0;
        for (int stage = 0; stage < trace.stage_count(); ++stage) total += trace.latency(run, stage);
        totals.push_back(total);
    }
    std::sort(totals.begin(), totals.end());
    const auto quantile = [&](double q) {
        return static_cast<double>(totals[static_cast<std::size_t>(q * static_cast<double>(totals.size() - 1))]);
    };
    return quantile(0.99) / quantile(0.5);
}

std::string two_decimals(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

class Measurer {
public:
    Measurer(Device& device, const Network& network, const Dataset& data, const MeasureOptions& options,
             const MeasureProgress& progress);
    Measurement run();

private:
    Trace& trace() { return result_.trace; }
    int stages() const { return executable_->stages(); }

    void raise_driver();
    void predict();
    void predict_one(std::size_t image);
    void warm_up();
    void measure_rows();
    void measure_row(std::size_t image);
    std::uint64_t rows_done() { return trace().latency_ns.size() / scores_.by_exit.size(); }
    bool goes_on() const { return result_.missing.empty() && result_.failure.empty() && !interrupted(); }
    void measure_energy();
    std::optional<double> energy_to_depth(int depth);
    void measure_host();
    Timing run_stage(int stage, std::size_t image);
    Timing run(const StageRequest& request);
    // Calls body(i) for i < total until an interrupt; returns how many were done.
    template <class Body>
    std::uint64_t repeat(const char* phase, std::uint64_t total, const Body& body);
    void describe();
    void describe_thread(std::map<std::string, std::string>& details) const;
    void judge_noise(const Contention& contention, const DeviceNoise& device);

    Device& device_;
    const Dataset& data_;
    const MeasureOptions& options_;
    const MeasureProgress& progress_;
    Measurement result_;
    std::unique_ptr<Executable> executable_;
    Doorbell news_;
    DeviceWorker worker_;
    ExitScores scores_;
    std::vector<Duration> expected_;  // by stage: what it took last, for a driver that sleeps meanwhile
};

Measurer::Measurer(Device& device, const Network& network, const Dataset& data, const MeasureOptions& options,
                   const MeasureProgress& progress)
    : device_(device),
      data_(data),
      options_(options),
      progress_(progress),
      executable_(device.prepare(network, {})),
      news_(options.cores.spin),
      worker_(device, news_,
              {.core = options.cores.device, .spin = options.cores.spin, .raise_priority = options.raise_priority}),
      scores_{network.classes(), std::vector<std::vector<float>>(network.stages().size())},
      expected_(std::max(network.stages().size(), std::size_t{PipelineExecutable::kStages})) {
    trace().network = describe_network(network);
    trace().stages = executable_->stage_info();
    trace().device = device.info();
    trace().samples.dataset = data.name + (data.preparation.empty() ? "" : " (" + data.preparation + ")");
    trace().samples.split = data.split;
    result_.warnings = worker_.refusals();
}

template <class Body>
std::uint64_t Measurer::repeat(const char* phase, std::uint64_t total, const Body& body) {
    constexpr std::uint64_t kReportEvery = 16;
    std::uint64_t done = 0;
    for (; done < total && !interrupted(); ++done) {
        if (progress_ && done % kReportEvery == 0) progress_(phase, done, total);
        body(done);
    }
    if (progress_) progress_(phase, done, total);
    return done;
}

Timing Measurer::run_stage(int stage, std::size_t image) {
    StageRequest request{.executable = executable_.get(), .slot = 0, .stage = stage};
    if (stage == 0) request.input = data_.image(image);
    return run(request);
}

Timing Measurer::run(const StageRequest& request) {
    Duration& expected = expected_[static_cast<std::size_t>(request.stage)];
    const Clock::time_point submitted = Clock::now();
    worker_.submit(request);
    const StageCompletion completion = *worker_.wait_until(Clock::time_point::max(), submitted + expected);
    const Clock::time_point seen = news_.woke();
    if (completion.failed) throw DeviceError(worker_.error());
    const Duration latency = std::max(Duration(1), Duration(completion.finished - completion.started));
    expected = latency;
    return {latency, std::max(Duration(0), Duration(seen - submitted) - latency), completion.device_time};
}

// This thread sleeps while a stage runs, unless stages are too short for that.
void Measurer::raise_driver() {
    constexpr int kPasses = 10;
    Duration total{};
    for (int pass = 0; pass < kPasses; ++pass) {
        for (int stage = 0; stage < stages(); ++stage) total += run_stage(stage, 0).latency;
    }
    const bool sleeps = total > 2 * options_.cores.spin * stages() * kPasses;
    const Refusal refusal = raise_this_thread(sleeps ? ThreadLoad::kBlocks : ThreadLoad::kMayStayBusy, "driver");
    if (refusal) result_.warnings.push_back(*refusal);
}

void Measurer::predict_one(std::size_t image) {
    trace().samples.label.push_back(data_.label(image));
    for (int stage = 0; stage < stages(); ++stage) {
        run_stage(stage, image);
        const std::span<const float> scores = executable_->logits(0, stage);
        if (!std::all_of(scores.begin(), scores.end(), [](float score) { return std::isfinite(score); })) {
            throw DeviceError("exit " + std::to_string(stage) + " gives scores that are not finite for image " +
                              std::to_string(image) + "; the network's weights may be damaged");
        }
        auto& all = scores_.by_exit[static_cast<std::size_t>(stage)];
        all.insert(all.end(), scores.begin(), scores.end());
    }
}

void Measurer::predict() {
    const std::uint64_t done = repeat("predictions", data_.count(), [this](std::size_t i) { predict_one(i); });
    if (done < data_.count()) result_.missing = "only " + of(done, data_.count()) + " inputs were classified";
}

void Measurer::warm_up() {
    const auto passes = static_cast<std::uint64_t>(options_.warmup);
    trace().protocol.warmup = static_cast<int>(repeat("warm-up", passes, [this](std::uint64_t pass) {
        for (int stage = 0; stage < stages(); ++stage) run_stage(stage, pass % data_.count());
    }));
}

// Whole rows only, also if the device fails amid one.
void Measurer::measure_row(std::size_t image) {
    std::vector<Timing> row;
    for (int stage = 0; stage < stages(); ++stage) row.push_back(run_stage(stage, image));
    for (const Timing& timing : row) {
        trace().latency_ns.push_back(timing.latency.count());
        trace().dispatch_ns.push_back(timing.dispatch.count());
        if (timing.device) trace().device_ns.push_back(std::max<std::int64_t>(1, timing.device->count()));
    }
}

void Measurer::measure_rows() {
    const auto rows = static_cast<std::uint64_t>(options_.runs);
    const auto entries = static_cast<std::size_t>(rows) * scores_.by_exit.size();
    trace().latency_ns.reserve(entries);
    trace().dispatch_ns.reserve(entries);
    const ContentionProbe probe;
    device_.start_watch();
    try {
        repeat("latencies", rows, [this](std::uint64_t row) { measure_row(row % data_.count()); });
    } catch (const DeviceError& error) {
        if (rows_done() < kMinimumRows) throw;
        result_.failure = error.what();
    }
    const DeviceNoise noise = device_.end_watch();
    const Contention contention = probe.so_far();
    const std::uint64_t done = rows_done();
    trace().protocol.runs = static_cast<int>(done);
    if (done < rows && done < kMinimumRows) {
        result_.missing =
            "only " + of(done, rows) + " rows were measured, and a trace needs " + std::to_string(kMinimumRows);
        return;
    }
    describe();
    judge_noise(contention, noise);
}

// Microjoules of one pass through the first `depth` stages; nothing if the counter fails.
std::optional<double> Measurer::energy_to_depth(int depth) {
    const std::optional<std::uint64_t> before = device_.energy_uj();
    const Clock::time_point end = Clock::now() + options_.energy_time;
    std::uint64_t passes = 0;
    for (; passes == 0 || (Clock::now() < end && !interrupted()); ++passes) {
        for (int stage = 0; stage < depth; ++stage) run_stage(stage, passes % data_.count());
    }
    const std::optional<std::uint64_t> after = device_.energy_uj();
    if (!before || !after || *after < *before) return {};
    return static_cast<double>(*after - *before) / static_cast<double>(passes);
}

void Measurer::measure_energy() {
    if (!device_.energy_uj()) return;
    double shallower = 0;
    std::vector<double> energy_uj;
    repeat("energy", static_cast<std::uint64_t>(stages()), [&](std::uint64_t stage) {
        const std::optional<double> deeper = energy_to_depth(static_cast<int>(stage) + 1);
        if (!deeper) return;
        energy_uj.push_back(std::max(0.0, *deeper - shallower));
        shallower = *deeper;
    });
    if (energy_uj.size() < scores_.by_exit.size() || interrupted()) return;
    for (std::size_t k = 0; k < energy_uj.size(); ++k) trace().stages[k].energy_uj = energy_uj[k];
    trace().device.details["energy"] = "the device's counter, idle power included";
}

// Whole pipelines, so that the host's subtasks find the caches as an inference leaves them.
void Measurer::measure_host() {
    PipelineExecutable pipeline(*executable_, stages(), data_, trace().calibration.temperature.back());
    HostCosts host;
    const auto rows = static_cast<std::uint64_t>(std::min(trace().protocol.runs, kMostHostRows));
    const std::uint64_t done = repeat("host", rows, [&](std::uint64_t row) {
        pipeline.take_sample(0, static_cast<std::uint32_t>(row % data_.count()));
        std::array<Duration, PipelineExecutable::kStages> took{};
        for (int stage = 0; stage < PipelineExecutable::kStages; ++stage)
            took[static_cast<std::size_t>(stage)] = run({.executable = &pipeline, .slot = 0, .stage = stage}).latency;
        host.preprocess_ns.push_back(took.front().count());
        host.postprocess_ns.push_back(took.back().count());
    });
    if (done >= static_cast<std::uint64_t>(kMinimumRows) || done == rows) trace().host = std::move(host);
}

void Measurer::describe_thread(std::map<std::string, std::string>& details) const {
    const int core = options_.cores.device;
    details["wait"] = text_of(options_.cores.wait);
    details["device thread"] = (core < 0 ? "not pinned" : "pinned to core " + std::to_string(core)) + ", preempted " +
                               std::to_string(worker_.preemptions()) + " times";
    for (const std::string& line : worker_.refusals()) {
        std::string& refused = details["refused"];
        refused += (refused.empty() ? "" : "; ") + line;
    }
}

// A device that has failed is described as it was before.
void Measurer::describe() {
    if (result_.failure.empty()) trace().device = device_.info();
    describe_thread(trace().device.details);
    trace().protocol.clock = "steady_clock";
    trace().protocol.created = utc_now();
    trace().protocol.tool = tool();
}

void Measurer::judge_noise(const Contention& contention, const DeviceNoise& device) {
    auto& details = trace().device.details;
    const double ratio = spread(trace());
    details["contention"] = contention.text();
    details["spread"] = "p99 / p50 of the whole network " + two_decimals(ratio);
    details.insert(device.details.begin(), device.details.end());
    const bool noisy = ratio > kNoisySpread || contention.noisy() || !device.reasons.empty();
    details["noisy"] = noisy ? "yes" : "no";
    if (!noisy) return;
    std::string reasons = details["contention"] + ", " + details["spread"];
    for (const std::string& reason : device.reasons) reasons += ", " + reason;
    result_.warnings.push_back("the machine was noisy: " + reasons + "; measure again when it is quiet");
}

Measurement Measurer::run() {
    if (options_.raise_priority) raise_driver();
    predict();
    if (result_.missing.empty()) {
        calibrate(trace(), scores_);
        warm_up();
        measure_rows();
    }
    if (goes_on()) measure_energy();
    if (goes_on()) measure_host();
    result_.interrupted = interrupted();
    return std::move(result_);
}

bool complete(const Measurement& measurement) {
    return !measurement.interrupted && measurement.missing.empty() && measurement.failure.empty();
}

void add_history(Device& device, const Network& network, const Dataset& data, const MeasureOptions& options,
                 Measurement& measurement, const MeasureProgress& progress) {
    const HistoryOptions history{.length = options.schedule,
                                 .beside = options.beside,
                                 .cores = options.cores,
                                 .raise_priority = options.raise_priority};
    const HistoryOutcome outcome =
        measure_history(device, network, data, history, measurement.trace, [&](std::uint64_t done, std::uint64_t all) {
            if (progress) progress("schedule", done, all);
        });
    if (!outcome.missing.empty()) measurement.warnings.push_back(outcome.missing);
    measurement.failure = outcome.failure;
    measurement.interrupted = interrupted();
}

}  // namespace

Measurement measure(Device& device, const Network& network, const Dataset& data, const MeasureOptions& options,
                    const MeasureProgress& progress) {
    check_fit(network, data);
    const CorunOptions corun{options.corun, options.corun_cores, std::min(options.runs, kMostCorunPasses),
                             options.raise_priority};
    check_corun(corun);
    check_beside(device, options);
    Measurement measurement = Measurer(device, network, data, options, progress).run();
    if (options.schedule != Duration(0) && complete(measurement))
        add_history(device, network, data, options, measurement, progress);
    if (corun.counts.empty() || !complete(measurement)) return measurement;
    measurement.trace.corun = measure_corun(device, network, data, corun, [&](std::uint64_t done, std::uint64_t total) {
        if (progress) progress("co-run", done, total);
    });
    measurement.trace.device.details["co-run"] =
        "beside threads that run the same network's stages, each on a core of its own; medians";
    measurement.interrupted = interrupted();
    return measurement;
}

}  // namespace laxity
