#include "profiler/measure/exit_scores.hpp"

#include "profiler/device/softmax.hpp"
#include "profiler/measure/calibration.hpp"

namespace laxity {

namespace {

void fit(Trace& trace, const ExitScores& scores) {
    const std::vector<std::uint32_t> half = calibration_half(trace.samples.count());
    for (const std::vector<float>& exit : scores.by_exit) {
        trace.calibration.temperature.push_back(fit_temperature(exit, trace.samples.label, scores.classes, half));
    }
    trace.calibration.fitted_on = "calibration half";
}

}  // namespace

void calibrate(Trace& trace, const ExitScores& scores) {
    fit(trace, scores);
    Samples& samples = trace.samples;
    for (std::size_t i = 0; i < samples.count(); ++i) {
        for (std::size_t exit = 0; exit < scores.by_exit.size(); ++exit) {
            const Outcome outcome = outcome_of(scores.of(exit, i), trace.calibration.temperature[exit]);
            samples.prediction.push_back(outcome.prediction);
            samples.confidence.push_back(outcome.confidence);
        }
    }
}

}  // namespace laxity
