// Random task sets for classical real-time studies: utilisations, periods, deadlines and the split into mandatory and
// optional stages. A set is a pure function of (parameters, seed), from + - * / and our own logarithm and exponential
// (philox.hpp), so every compiler gives the same integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

enum class UtilisationMethod {
    // UUniFast (Bini & Buttazzo, "Measuring the performance of schedulability tests", Real-Time Systems 30, 2005):
    // uniform
    // over all vectors >= 0 of the given sum; one with an element out of bounds is discarded and drawn anew (Davis &
    // Burns, "Priority assignment for global fixed priority pre-emptive scheduling in multiprocessor real-time
    // systems",
    // RTSS 2009).
    kUUniFastDiscard,
    // Dirichlet-rescale (Griffin, Bate & Davis, "Generating utilization vectors for the systematic evaluation of
    // schedulability tests", RTSS 2020), in our reading, below.
    kDirichletRescale,
};

// Uniform over { u : sum of u = total, low <= u_i <= high }, n elements. The sum is exact to 1e-12 of the total, the
// bounds to 1e-12 of the total.
//
// Dirichlet-rescale draws a flat Dirichlet vector w, uniform over the simplex. Where some elements exceed the bound c,
// w lies in a smaller simplex, { w_j >= c for those j }, which is blown up to the whole one, until none exceeds. Our
// reading differs from the published algorithm in one point, for that one is not uniform in general (its authors have
// said so since): blowing up leaves the other elements bounded, by c / s for a scale s, and those that exceed again by
// less. We keep these bounds, and start again where one would fall below c: as long as they don't, the vector is
// uniform over a region that contains the valid one, and so is uniform over the valid one where it is accepted. It
// starts again, too, when scales have multiplied to 2^-20, lest the bits of the draw run out. If total is above the
// middle of its range, high - u is drawn instead of u - low: the bounds are then wider.
//
// nullopt if `attempts` draws gave none: the region is too small a part of the simplex. Cost: O(n) a draw.
// Precondition: n >= 1, 0 <= low <= high, n low <= total <= n high.
std::optional<std::vector<double>> draw_utilisations(UtilisationMethod method, int n, double total, double low,
                                                     double high, std::uint64_t seed, int attempts = 100'000);

// Closed interval.
struct Range {
    double low = 0, high = 0;
};

struct GeneratorOptions {
    std::string name = "task";  // the tasks are NAME1, NAME2, ...
    int tasks = 1;
    double utilisation = 0.5;  // sum of WCET / period, all stages
    double min_task_utilisation = 0, max_task_utilisation = 1;
    UtilisationMethod method = UtilisationMethod::kUUniFastDiscard;
    // Periods: one of `choose`, each as likely; or, if that is empty, log-uniform (Emberson, Stafford & Davis,
    // "Techniques for the synthesis of multiprocessor tasksets", WATERS 2010): granularity * floor(x) with ln(x)
    // uniform in [ln(shortest), ln(longest + 1)), in units of the granularity.
    std::vector<Duration> choose;
    Duration granularity{1};
    std::int64_t shortest = 1, longest = 1;  // in units of the granularity
    // Relative deadline = WCET + x (period - WCET), x uniform in the range. {1, 1}: implicit deadlines.
    Range deadline_share{1, 1};
    int stages = 1, mandatory_stages = 1;
    // Part of the WCET that the mandatory stages take together, uniform in the range. nullopt: all stages take the
    // same.
    std::optional<Range> mandatory_share;
    bool random_offsets = false;  // of periodic tasks: uniform in [0, period); else 0
};

struct GeneratedTask {
    std::string name;
    double utilisation = 0;         // as drawn
    Duration period{}, deadline{};  // relative
    Duration offset{};
    std::vector<Duration> stages;  // each at least 1 ns; the mandatory ones first

    Duration wcet() const;
};

// The set of this seed. WCET = floor(utilisation * period), but at least 1 ns a stage: what is lost of the total
// utilisation is below (1 ns / period) for every task. Stages of a part take equal times but for rounding. Same seed,
// same periods, offsets and shares whatever the utilisation, and with uunifast-discard the same utilisations but for a
// factor as long as none is discarded.
// nullopt as above. Precondition: the bounds of draw_utilisations(), 1 <= mandatory_stages <= stages, shares in [0, 1],
// that of the mandatory part in (0, 1).
std::optional<std::vector<GeneratedTask>> generate_tasks(const GeneratorOptions& options, std::uint64_t seed);

}  // namespace laxity
