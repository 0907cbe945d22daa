// NSGA-II (Deb et al., IEEE TEC 6(2), 2002) over genomes of choices and a priority order: pagmo's, which this header
// hides.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace laxity {

struct Genome {
    std::vector<double> keys;  // in [0, 1]: whoever has the smaller key goes first (random keys)
    std::vector<int> choices;  // choices[i] in [0, alternatives[i])
};

struct SearchSpace {
    int keys = 0;
    std::vector<int> alternatives;  // at least one each
};

struct SearchEffort {
    int population = 40;  // a multiple of 4, at least 8: pagmo's
    int generations = 30;
    std::uint32_t seed = 1;
};

// Both are minimised.
using Objectives = std::array<double, 2>;
using EvaluateGenomes = std::function<std::vector<Objectives>(const std::vector<Genome>&)>;

// Looks for the Pareto front and hands every generation to `evaluate`, population x (generations + 1) genomes in all;
// what it found is what `evaluate` saw. The first population holds `start` (at most `population` of them), the rest of
// it is random. Crossover: simulated binary on keys, two-point on choices (probability 0.95); every gene mutates with
// probability 1 / genes. The same seed gives the same genomes.
void search_nsga2(const SearchSpace& space, const SearchEffort& effort, const std::vector<Genome>& start,
                  const EvaluateGenomes& evaluate);

}  // namespace laxity
