#include <cmath>
#include <stdexcept>

#include "traces/trace.hpp"

namespace laxity {

namespace {

// 1300 of them in either half: every whole percent is a whole number of inputs.
constexpr std::size_t kSamples = 2600;
constexpr int kClasses = 10;

void check(std::span<const Duration> stage_times, std::span<const double> accuracy) {
    if (stage_times.empty() || stage_times.size() > kMaxStages || stage_times.size() != accuracy.size())
        throw std::invalid_argument("synthetic_trace: one time and one accuracy for each of 1 to 16 stages");
    for (const Duration time : stage_times)
        if (time <= Duration::zero()) throw std::invalid_argument("synthetic_trace: stage times are above 0");
    for (const double share : accuracy)
        if (!(share >= 0 && share <= 1)) throw std::invalid_argument("synthetic_trace: accuracies are in [0, 1]");
}

// The first inputs of a half, as many as the accuracy says, are those that the exit gets right.
void add_half(Samples& samples, const std::vector<std::uint32_t>& half, std::span<const double> accuracy) {
    for (std::size_t rank = 0; rank < half.size(); ++rank) {
        const std::int32_t label = samples.label[half[rank]];
        for (std::size_t exit = 0; exit < accuracy.size(); ++exit) {
            const auto right = std::llround(accuracy[exit] * static_cast<double>(half.size()));
            samples.prediction[half[rank] * accuracy.size() + exit] =
                static_cast<long long>(rank) < right ? label : (label + 1) % kClasses;
        }
    }
}

Samples make_samples(std::span<const double> accuracy) {
    Samples samples{"synthetic", "none", {}, {}, {}};
    for (std::size_t i = 0; i < kSamples; ++i) {
        samples.label.push_back(static_cast<std::int32_t>(i % kClasses));
        for (const double share : accuracy) samples.confidence.push_back(static_cast<float>(share));
    }
    samples.prediction.resize(kSamples * accuracy.size());
    add_half(samples, calibration_half(kSamples), accuracy);
    add_half(samples, replay_half(kSamples), accuracy);
    return samples;
}

}  // namespace

Trace synthetic_trace(const std::string& name, std::span<const Duration> stage_times,
                      std::span<const double> accuracy) {
    check(stage_times, accuracy);
    Trace trace;
    trace.path = "synthetic";
    trace.device = {"synthetic", "constants", "none", 1, {}};
    trace.network = {name, "", {1}, kClasses, 0};
    trace.protocol = {0, 1, "none", "", ""};
    for (std::size_t k = 0; k < stage_times.size(); ++k) {
        trace.stages.push_back({"stage" + std::to_string(k), "accelerator", 0, 0, 0, std::nullopt});
        trace.latency_ns.push_back(stage_times[k].count());
    }
    trace.samples = make_samples(accuracy);
    trace.calibration = {std::vector<double>(accuracy.size(), 1.0), "none"};
    return trace;
}

}  // namespace laxity
