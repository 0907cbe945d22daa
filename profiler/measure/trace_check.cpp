#include "profiler/measure/trace_check.hpp"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdio>
#include <future>
#include <numeric>

#include "profiler/device/device_worker.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatches = 20;
constexpr double kLevel = 0.05;

std::vector<std::int64_t> stage_column(const std::vector<std::int64_t>& latency_ns, std::size_t stages,
                                       std::size_t stage) {
    std::vector<std::int64_t> column;
    for (std::size_t i = stage; i < latency_ns.size(); i += stages) column.push_back(latency_ns[i]);
    return column;
}

// Mean and variance of the logarithms of the medians of the batches.
struct BatchMedians {
    double mean = 0, variance = 0;
};

BatchMedians batch_medians(const std::vector<std::int64_t>& values) {
    std::array<double, kBatches> logs;
    for (std::size_t batch = 0; batch < kBatches; ++batch) {
        const auto at = [&](std::size_t i) {
            return values.begin() + static_cast<std::ptrdiff_t>(i * values.size() / kBatches);
        };
        logs[batch] = std::log(static_cast<double>(quantile({at(batch), at(batch + 1)}, 0.5)));
    }
    BatchMedians result;
    result.mean = std::accumulate(logs.begin(), logs.end(), 0.0) / kBatches;
    for (const double value : logs) result.variance += (value - result.mean) * (value - result.mean) / (kBatches - 1);
    return result;
}

// Welch's two-sided test of batch medians; none if a sample has fewer values than batches.
std::optional<double> same_median(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    if (a.size() < kBatches || b.size() < kBatches) return {};
    const BatchMedians x = batch_medians(a), y = batch_medians(b);
    const double sum = x.variance + y.variance;
    if (sum <= 0) return x.mean == y.mean ? 1.0 : 0.0;
    const double squares = x.variance * x.variance + y.variance * y.variance;
    const double degrees = sum * sum / squares * (kBatches - 1);
    const double t = std::abs(x.mean - y.mean) / std::sqrt(sum / kBatches);
    return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(degrees), t));
}

// Holm's step-down correction (Scand. J. Statist. 6, 1979), in place.
void correct(std::vector<StageCheck>& stages) {
    std::vector<StageCheck*> tested;
    for (StageCheck& stage : stages) {
        if (stage.p) tested.push_back(&stage);
    }
    std::ranges::sort(tested, {}, [](const StageCheck* stage) { return *stage->p; });
    double largest = 0;
    for (std::size_t i = 0; i < tested.size(); ++i) {
        largest = std::max(largest, std::min(1.0, *tested[i]->p * static_cast<double>(tested.size() - i)));
        tested[i]->p = largest;
    }
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t n = values.size();
    return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

StageCheck check_stage(const Trace& trace, int stage, const std::vector<std::int64_t>& latency_ns) {
    const std::vector<std::int64_t> expected = stage_latencies(trace, stage);
    const std::vector<std::int64_t> here =
        stage_column(latency_ns, trace.stages.size(), static_cast<std::size_t>(stage));
    StageCheck check;
    check.name = trace.stages[static_cast<std::size_t>(stage)].name;
    check.expected = Duration(quantile(expected, 0.5));
    check.here = Duration(quantile(here, 0.5));
    check.ratio = static_cast<double>(check.here.count()) / static_cast<double>(check.expected.count());
    check.p = same_median(expected, here);
    return check;
}

TraceVerdict judge(double off, bool established) {
    if (!established || off < kTraceIsOff) return TraceVerdict::kAgrees;
    return off < kTraceIsForeign ? TraceVerdict::kOff : TraceVerdict::kForeign;
}

// Runs whole passes on a worker; belongs to the thread that drives.
class PassRunner {
public:
    PassRunner(Device& device, Executable& executable, const PassInput& input, const PassOptions& options)
        : executable_(executable),
          input_(input),
          news_(options.cores.spin),
          worker_(
              device, news_,
              {.core = options.cores.device, .spin = options.cores.spin, .raise_priority = options.raise_priority}) {}

    // Passes until `length` is over and there are `least` of them, or an interrupt.
    void run(Duration length, std::size_t least) {
        const Clock::time_point end = Clock::now() + length;
        for (std::size_t done = 0; (done < least || Clock::now() < end) && !interrupted(); ++done) pass();
    }
    std::vector<std::int64_t> take() { return std::exchange(latency_ns_, {}); }

private:
    void pass() {
        for (int stage = 0; stage < executable_.stages(); ++stage) {
            StageRequest request{.executable = &executable_, .slot = 0, .stage = stage};
            if (stage == 0) request.input = input_(pass_++);
            worker_.submit(request);
            const StageCompletion completion = *worker_.wait_until(Clock::time_point::max());
            if (completion.failed) throw DeviceError(worker_.error());
            latency_ns_.push_back(
                std::max<std::int64_t>(1, Duration(completion.finished - completion.started).count()));
        }
    }

    Executable& executable_;
    const PassInput& input_;
    std::size_t pass_ = 0;
    std::vector<std::int64_t> latency_ns_;
    Doorbell news_;
    DeviceWorker worker_;
};

std::vector<std::int64_t> drive(Device& device, Executable& executable, const PassInput& input,
                                const PassOptions& options) {
    pin_this_thread(options.cores.driver);
    if (options.raise_priority) raise_this_thread(ThreadLoad::kMayStayBusy, "driver");
    sharpen_timers();
    PassRunner runner(device, executable, input, options);
    runner.run(options.length / 10, 1);
    runner.take();
    runner.run(options.length, kBatches);
    return runner.take();
}

}  // namespace

TraceCheck compare_with_trace(const Trace& trace, const std::vector<std::int64_t>& latency_ns) {
    TraceCheck check;
    check.trace = trace.path;
    check.passes = latency_ns.size() / trace.stages.size();
    std::vector<double> off;
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        check.stages.push_back(check_stage(trace, stage, latency_ns));
        off.push_back(std::abs(check.stages.back().ratio - 1));
    }
    correct(check.stages);
    check.off = median(off);
    const auto differs = [](const StageCheck& stage) { return stage.p && *stage.p <= kLevel; };
    check.established = 2 * std::ranges::count_if(check.stages, differs) >= trace.stage_count();
    check.verdict = judge(check.off, check.established);
    return check;
}

std::string off_text(const TraceCheck& check) {
    std::array<char, 96> text;
    std::snprintf(text.data(), text.size(), "off by %.1f %% (median over %zu stages, %zu passes)%s", 100 * check.off,
                  check.stages.size(), check.passes,
                  check.off >= kTraceIsOff && !check.established ? ", which may be chance" : "");
    return text.data();
}

const char* verdict_text(TraceVerdict verdict) {
    if (verdict == TraceVerdict::kAgrees) return "agrees";
    return verdict == TraceVerdict::kOff ? "off" : "not this device's";
}

std::string name_and_precision(const DeviceInfo& device) {
    const auto precision = device.details.find("precision");
    return device.name + (precision == device.details.end() ? "" : ", " + precision->second);
}

std::vector<std::int64_t> measure_passes(Device& device, Executable& executable, const PassInput& input,
                                         const PassOptions& options) {
    return std::async(std::launch::async, drive, std::ref(device), std::ref(executable), std::cref(input),
                      std::cref(options))
        .get();
}

}  // namespace laxity
