// Doubts about what the exits say.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "traces/doubt_parts.hpp"

namespace laxity {

namespace {

using Indices = std::vector<std::uint32_t>;

constexpr std::size_t kEnoughToFit = 100, kEnoughToScore = 400;  // samples; 400 know a share within 5 points
constexpr double kStandardErrors = 3;
constexpr double kMiscalibrated = 0.1;
constexpr double kSaturated = 0.9999;
constexpr double kRepeated = 0.05;                                             // of the samples
constexpr double kLowestTemperature = 1.0 / 19.9, kHighestTemperature = 19.9;  // where fitting ends, less what is lost

struct Halves {
    const Trace& trace;
    Indices fitted = calibration_half(trace.samples.count());
    Indices scored = replay_half(trace.samples.count());
};

std::string exit_name(int exit) { return "exit " + std::to_string(exit); }

std::optional<TraceDoubt> few_samples(const Halves& halves) {
    const std::size_t scored = halves.scored.size();
    if (scored >= kEnoughToScore) return {};
    const double error = 1.96 * std::sqrt(0.25 / static_cast<double>(scored));
    return TraceDoubt{
        "samples", "",
        std::to_string(scored) + " of " + count_text(halves.trace.samples.count(), "sample") + " are replayed",
        "an accuracy of so few is known to +-" + digits(100 * error) + " points at most (95 %)",
        "export 1000 samples or more"};
}

std::optional<TraceDoubt> small_calibration_half(const Halves& halves) {
    if (halves.fitted.size() >= kEnoughToFit) return {};
    return TraceDoubt{"calibration half", "", count_text(halves.fitted.size(), "sample") + " to fit on",
                      "temperatures and the predictors of policies are fitted to them, and to their luck",
                      "export 1000 samples or more"};
}

std::optional<TraceDoubt> constant_labels(const Halves& halves) {
    const auto& label = halves.trace.samples.label;
    if (std::ranges::count(label, label.front()) != std::ssize(label)) return {};
    return TraceDoubt{"labels", "", "all labels are " + std::to_string(label.front()),
                      "an accuracy on one class says nothing about the others",
                      "see whether the labels are those of the inputs, and draw the inputs from all classes"};
}

bool one_prediction(const Trace& trace, int exit) {
    for (std::size_t i = 1; i < trace.samples.count(); ++i)
        if (trace.outcome(i, exit).prediction != trace.outcome(0, exit).prediction) return false;
    return true;
}

std::optional<TraceDoubt> constant_prediction(const Halves& halves, int exit) {
    if (!one_prediction(halves.trace, exit)) return {};
    return TraceDoubt{
        "predictions", exit_name(exit),
        "it predicts class " + std::to_string(halves.trace.outcome(0, exit).prediction) + " for every sample",
        "an exit that looks at its input does not", "see whether its outputs were exported, not another's"};
}

// What the most frequent label would score for whoever always says it.
double chance(const Halves& halves) {
    std::map<std::int32_t, std::size_t> count;
    for (const std::uint32_t i : halves.scored) ++count[halves.trace.samples.label[i]];
    const auto most = std::ranges::max_element(count, {}, [](const auto& entry) { return entry.second; });
    return static_cast<double>(most->second) / static_cast<double>(halves.scored.size());
}

// Of the deepest exit. With one label alone everything is chance, and that has been said.
std::optional<TraceDoubt> no_better_than_chance(const Halves& halves) {
    const int last = halves.trace.stage_count() - 1;
    const double share = accuracy(halves.trace, halves.scored, last), guess = chance(halves);
    const double error = std::sqrt(guess * (1 - guess) / static_cast<double>(halves.scored.size()));
    if (guess >= 1 || share > guess + kStandardErrors * error) return {};
    return TraceDoubt{
        "chance", exit_name(last),
        share_text(share) + " are right, and always saying the commonest label would be for " + share_text(guess),
        "either nothing was learnt, or labels and outputs are of different inputs",
        "see that both are in the same order (no shuffling between two exports) and count classes alike"};
}

// McNemar's test (Psychometrika 12, 1947): of the samples on which two exits differ, as many should go either way.
std::optional<TraceDoubt> gets_worse(const Halves& halves, int exit) {
    if (exit == 0) return {};
    double lost = 0, gained = 0;
    for (const std::uint32_t i : halves.scored) {
        const bool before = halves.trace.correct(i, exit - 1), after = halves.trace.correct(i, exit);
        lost += before && !after ? 1 : 0;
        gained += after && !before ? 1 : 0;
    }
    if (lost <= gained || lost - gained < kStandardErrors * std::sqrt(lost + gained)) return {};
    const double before = accuracy(halves.trace, halves.scored, exit - 1);
    const double after = accuracy(halves.trace, halves.scored, exit);
    return TraceDoubt{"exits get worse", exit_name(exit),
                      share_text(after) + " are right, and " + share_text(before) + " at the exit before it",
                      "its stage costs time and loses answers, beyond chance: policies that go deeper look bad",
                      "see that exits are in the order of their depth, or cut the network before it"};
}

std::optional<TraceDoubt> constant_confidence(const Halves& halves, int exit) {
    float low = 1, high = 0;
    for (std::size_t i = 0; i < halves.trace.samples.count(); ++i) {
        low = std::min(low, halves.trace.outcome(i, exit).confidence);
        high = std::max(high, halves.trace.outcome(i, exit).confidence);
    }
    if (high - low > 1e-6F) return {};
    return TraceDoubt{"confidence", exit_name(exit), "all confidences are " + digits(high),
                      "a policy that stops or chooses by confidence sees nothing in it",
                      "export the scores before softmax and rounding"};
}

// The largest of `classes` probabilities is at least their mean.
std::optional<TraceDoubt> impossible_confidence(const Halves& halves, int exit) {
    const double least = 1.0 / halves.trace.network.classes - 1e-4;
    std::size_t below = 0;
    for (std::size_t i = 0; i < halves.trace.samples.count(); ++i)
        below += static_cast<double>(halves.trace.outcome(i, exit).confidence) < least ? 1 : 0;
    if (below == 0) return {};
    return TraceDoubt{"confidence", exit_name(exit),
                      count_text(below, "confidence") + " below 1/" + std::to_string(halves.trace.network.classes),
                      "the largest of so many probabilities is never less: these are no softmax probabilities",
                      "export the largest probability, not an entropy or a margin"};
}

std::optional<TraceDoubt> miscalibrated(const Halves& halves, int exit) {
    if (halves.scored.size() < kEnoughToFit) return {};
    const double error = calibration_error(halves.trace, halves.scored, exit);
    if (error < kMiscalibrated) return {};
    return TraceDoubt{
        "calibration", exit_name(exit),
        "confidences are off by " + digits(100 * error) + " points (expected calibration error of the replayed half)",
        "policies take a confidence for the chance to be right",
        "import scores rather than confidences, so that a temperature can be fitted"};
}

std::optional<TraceDoubt> extreme_temperature(const Halves& halves, int exit) {
    const double temperature = halves.trace.calibration.temperature[static_cast<std::size_t>(exit)];
    if (temperature > kLowestTemperature && temperature < kHighestTemperature) return {};
    return TraceDoubt{"temperature", exit_name(exit),
                      "the temperature is " + digits(temperature) + ", where fitting ends",
                      "scores so far from a softmax's are probabilities, distances, or scaled",
                      "say what they are (--probabilities, --log-probabilities)"};
}

using Row = std::vector<float>;

// All that a trace knows of one sample; empty if every exit is sure of it, as many are.
Row row_of(const Trace& trace, std::size_t sample) {
    Row row{static_cast<float>(trace.samples.label[sample])};
    bool sure = true;
    for (int exit = 0; exit < trace.stage_count(); ++exit) {
        const Outcome outcome = trace.outcome(sample, exit);
        row.push_back(static_cast<float>(outcome.prediction));
        row.push_back(outcome.confidence);
        sure = sure && static_cast<double>(outcome.confidence) > kSaturated;
    }
    return sure ? Row{} : row;
}

// Constant confidences repeat by themselves, and have been said.
std::optional<TraceDoubt> repeated_samples(const Halves& halves) {
    for (int exit = 0; exit < halves.trace.stage_count(); ++exit)
        if (constant_confidence(halves, exit)) return {};
    std::map<Row, std::size_t> seen;
    std::size_t again = 0, all = 0;
    for (std::size_t i = 0; i < halves.trace.samples.count(); ++i) {
        const Row row = row_of(halves.trace, i);
        if (row.empty()) continue;
        ++all;
        again += seen[row]++ > 0 ? 1 : 0;
    }
    if (all < 20 || static_cast<double>(again) < kRepeated * static_cast<double>(all)) return {};
    return TraceDoubt{"repeated samples", "",
                      std::to_string(again) + " of " + count_text(all, "sample") +
                          " repeat another's label, predictions and confidences",
                      "the same input in both halves is fitted on and scored; digits that were cut off look the same",
                      "export every input once, with all digits"};
}

void add(std::vector<TraceDoubt>& doubts, std::optional<TraceDoubt> doubt) {
    if (doubt) doubts.push_back(std::move(*doubt));
}

}  // namespace

void add_sample_doubts(const Trace& trace, std::vector<TraceDoubt>& doubts) {
    const Halves halves{trace};
    for (const auto check : {few_samples, small_calibration_half, constant_labels, no_better_than_chance})
        add(doubts, check(halves));
    for (const auto check : {constant_prediction, gets_worse, constant_confidence, impossible_confidence, miscalibrated,
                             extreme_temperature})
        for (int exit = 0; exit < trace.stage_count(); ++exit) add(doubts, check(halves, exit));
    add(doubts, repeated_samples(halves));
}

}  // namespace laxity
