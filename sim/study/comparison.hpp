// Policies compared on the runs of a sweep: means, paired differences, the ones that cannot be told from the best.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/results/statistics.hpp"
#include "sim/study/run_table.hpp"

namespace laxity {

// Which way a measure is better. Of "camera.miss_ratio" the part after the last point decides.
enum class Better { kHigher, kLower, kNeither };
Better better_way(std::string_view measure);

// Who is compared: one policy, or the best of several at each point.
struct Entrant {
    std::string name;
    std::vector<std::optional<std::size_t>> competitors;  // which competitor of the table it is, by point
    bool chosen_afterwards =
        false;           // the best of several, picked by the very runs that it is judged by: it is flattered
    bool ranked = true;  // may be the best; not one that was chosen afterwards, nor one that needs an oracle
};

// The policy `competitor` of the table, the same at every point.
Entrant plain_contender(const RunTable& table, std::size_t competitor);

// At each point that one of the competitors `among` which has the best mean of `measure` (ties: the first).
Entrant best_contender(const RunTable& table, std::string name, std::span<const std::size_t> among,
                       std::string_view measure);

// What the runs say of one entrant, in one measure, at a point or in the mean over several.
struct Judgement {
    Estimate mean;
    QuantileEstimate quantile;     // over the seeds; at a single point only
    PairedTest to_baseline;        // this one - the baseline, paired by seed; nothing for the baseline itself
    std::optional<double> p_holm;  // its p among all entrants that are compared with the baseline
    PairedTest to_best;            // this one - the best
    std::optional<double> p_best;  // its p among the ranked entrants that are compared with the best
    bool among_best = false;       // see Ranking
    Estimate behind_least, behind_clairvoyant;  // bound - this one, paired by seed; of "accuracy" only
};

// All entrants in one measure.
//
// The winner is a set: the ranked entrant with the best mean, and all that are not established to be worse by a
// paired t test against it, corrected after Holm. What that says and what it does not:
// - One of the set is not shown to be as good as another: there may be too few seeds to see the difference.
// - "Cannot be told apart" is not transitive: A and B may be in the set, and A tested against B directly may differ.
// - The best is chosen by the same runs that it is tested on. That makes it easier to be found worse than it, but a
// policy
//   that truly is the best is still left out in less than about 1 - level of the studies (the tests check it).
// - Where others were tested, an entrant that no test could be made of (fewer than two seeds in common with the
//   best) is not in the set: nothing is known of it. A best that is left alone then is not shown to be better than
//   all, see marks(). Where nobody could be tested, all are in the set.
// - Each point has a set of its own: over 20 points, one of them may well be wrong.
struct Ranking {
    std::vector<std::size_t> points;    // that the means are over
    std::vector<std::size_t> left_out;  // where an entrant has no value: out for all, so that all meet the same points
    std::vector<Judgement> judgements;  // by entrant
    std::size_t best_count = 0;         // size of the set
    bool tested = false;                // whether there was a test to exclude somebody by: two values, two entrants
    std::size_t untested = 0;           // ranked entrants with a value that could not be tested against the best

    // Whether the set says something: somebody was tested, and a best that stands alone does so against all.
    bool marks() const { return tested && (best_count > 1 || untested == 0); }
};

struct ComparisonSettings {
    double level = kUsualLevel;
    double quantile = 0.5;
    std::optional<std::size_t> baseline;  // index of an entrant
    std::optional<std::size_t> best;      // index of the one to take for the best; none = the one with the best mean
};

// Judges the entrants at the given points together: one point, or the mean over several. With several, a point
// without a value of one entrant is left out of the means of all; an entrant without a value at any of them is not
// counted.
Ranking judge(const RunTable& table, std::span<const Entrant> entrants, std::span<const std::size_t> points,
              const std::string& measure, const ComparisonSettings& settings);

// The mean of a bound over the points; empty if it is undefined at one of them.
Estimate bound_mean(const RunTable& table, std::span<const std::size_t> points, Bound bound, double level);

}  // namespace laxity
