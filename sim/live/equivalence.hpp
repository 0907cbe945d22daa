// Whether simulation and device are equal for all that matters: equivalence against a margin that was stated before.
//
// A test that finds no difference proves nothing: with few repetitions none finds any. So the question is turned round
// (two one-sided tests at 5 %: Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987): equal is what has its whole 90 %
// interval within the margin, and where that is open, how much longer one has to measure follows.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/results/statistics.hpp"

namespace laxity {

// Two one-sided tests at 5 % are an interval of this level.
inline constexpr double kEquivalenceLevel = 0.90;

// How far live and simulation may be apart in one metric, either way.
struct Margin {
    std::string metric;
    double value = 0;       // in the metric's unit, or
    bool relative = false;  // a share of the simulated value

    // In the metric's unit; none if it is a share of a value that isn't there.
    std::optional<double> of(std::optional<double> simulated) const;
    // "0.3 points", "1 %", "0.05 ms".
    std::string text(const std::string& unit) const;
    // A difference as the margin is stated: "-0.12 points", "+1.3 %" of the simulated value, "+0.05 ms" where there is
    // no such value.
    std::string difference_text(double difference, std::optional<double> simulated, const std::string& unit) const;
};

// 0.3 points of accuracy and miss_ratio; 1 % of mean_depth and utilisation; 2 % of response_p50; 3 % of response_p95
// and response_p99.
std::vector<Margin> default_margins();
// "accuracy=0.002", "response_p99=5%": the margins with that one changed. Throws InputError.
void change_margin(std::vector<Margin>& margins, const std::string& text);
const Margin& margin_of(const std::vector<Margin>& margins, const std::string& metric);

enum class EquivalenceVerdict {
    kUnknown,    // no number on one of the sides
    kEqual,      // the 90 % interval lies within the margin
    kDifferent,  // it lies outside
    kCannotTell  // it crosses an end of the margin, or there is but one repetition
};

struct Equivalence {
    EquivalenceVerdict verdict = EquivalenceVerdict::kUnknown;
    Estimate difference;              // mean over the repetitions, half-width of its 95 % interval
    std::optional<double> low, high;  // 90 % interval
    std::optional<double> margin;     // in the metric's unit
    std::optional<double> spread;     // standard deviation of the differences over the repetitions
    bool established = false;         // the 95 % interval does not hold 0: they differ, though it may not matter
    // Of kCannotTell: how many more repetitions would settle it if mean and spread stayed as they are; none with one
    // repetition, or where no number of them would.
    std::optional<std::size_t> repetitions_more;
};

// `differences`: live - simulated of every repetition that has both.
Equivalence judge_equivalence(std::span<const double> differences, std::optional<double> simulated,
                              const Margin& margin);

// "equal", "different", "cannot tell"; empty if unknown. As in files.
std::string verdict_name(EquivalenceVerdict verdict);
// For readers: "equal within 0.3 points", "cannot tell: run 40 s more", and "cannot tell at this spread" where a day
// would not do; with "; surely not 0" if a difference is established. A repetition takes `seconds`.
std::string verdict_text(const Equivalence& result, const Margin& margin, const std::string& unit, double seconds);

}  // namespace laxity
