// Utility predictors: what a job's deeper exits will be worth (design 6.1). Shared by every policy.
//
// exp, max, lin and oracle carry the names of the RTDeepIoT paper (Yao et al., RTCSA 2020); its text for lin was not at
// hand, so that formula is our reading. mean and conditional are ours. R(l) = confidence revealed at depth l, k >= 1:
//
//     exp          R(l + k) = 1 - (1 - R(l)) / 2^k           each stage halves what is uncertain
//     max          R(l + k) = 1                              any further stage is as good as all
//     lin          R(l + k) = R(l) + k * (R(l) - R(l - 1))   as the last stage went, within [0, 1]; R(0) = 0
//     mean         the mean accuracy of exit l + k on the calibration half
//     conditional  P(exit l + k is right | R(l) falls into this bin), from the calibration half: 20 bins of equal mass,
//                  made non-decreasing in R(l). It says so for k = 0, too, so that what a stage gains is a difference
//                  between shares of the same samples
//     oracle       the confidence that exit l + k will really show
//
// A job that has not started has revealed nothing: every predictor but oracle then says mean.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "policies/policy.hpp"

namespace laxity {

class Predictor {
public:
    virtual ~Predictor() = default;
    // values[l] for l = 0 .. job.stages(): the expected probability that the answer is right if the job stops at depth
    // l. values[0] = 0; up to the job's depth they are what was revealed (but see conditional); beyond it, the
    // forecast. values.size() >= stages + 1.
    virtual void predict(const ActiveJob& job, std::span<double> values) const = 0;
};

// `name` is one of exp, max, lin, mean, conditional, oracle (kPredictorNames). `tasks` and `oracle` outlive the
// predictor. Fitting conditional takes a few ms per trace.
// Throws std::invalid_argument for another name, or for oracle without one.
std::unique_ptr<Predictor> make_predictor(std::string_view name, const TaskSet& tasks, const Oracle* oracle);

inline constexpr std::string_view kPredictorNames[] = {"exp", "max", "lin", "mean", "conditional", "oracle"};

}  // namespace laxity
