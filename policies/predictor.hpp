// Utility predictors: what a job's deeper exits will be worth (design 6.1). Shared by every policy.
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
    // l. values[0] = 0; up to the job's depth they are what was revealed; beyond it, the forecast. values.size() >=
    // stages + 1.
    virtual void predict(const ActiveJob& job, std::span<double> values) const = 0;
};

// `name` is one of exp, max, lin, mean, conditional, oracle (kPredictorNames).
// Throws std::invalid_argument for another name, or for oracle without one.
std::unique_ptr<Predictor> make_predictor(std::string_view name, const TaskSet& tasks, const Oracle* oracle);

inline constexpr std::string_view kPredictorNames[] = {"exp", "max", "lin", "mean", "conditional", "oracle"};

}  // namespace laxity
