#include "sim/plan/nsga2.hpp"

#include <algorithm>
#include <cmath>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/batch_evaluators/member_bfe.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

namespace laxity {

namespace {

using Vector = pagmo::vector_double;

// The search as pagmo wants it: one vector of numbers a genome, keys first, then the choices.
class PagmoProblem {
public:
    PagmoProblem() = default;  // pagmo asks for one
    PagmoProblem(const SearchSpace& space, const EvaluateGenomes& evaluate) : space_(&space), evaluate_(&evaluate) {}

    std::pair<Vector, Vector> get_bounds() const {
        Vector low(genes(), 0.0), high(genes(), 1.0);
        for (std::size_t i = 0; i < space_->alternatives.size(); ++i)
            high[keys() + i] = static_cast<double>(space_->alternatives[i] - 1);
        return {low, high};
    }
    std::size_t get_nobj() const { return 2; }
    std::size_t get_nix() const { return space_->alternatives.size(); }
    Vector fitness(const Vector& genome) const { return batch_fitness(genome); }

    // Any number of genomes, one after the other.
    Vector batch_fitness(const Vector& numbers) const {
        std::vector<Genome> genomes;
        for (std::size_t at = 0; at < numbers.size(); at += genes()) {
            Genome& genome = genomes.emplace_back();
            const double* const gene = &numbers[at];
            genome.keys.assign(gene, gene + keys());
            for (std::size_t i = keys(); i < genes(); ++i)
                genome.choices.push_back(static_cast<int>(std::lround(gene[i])));
        }
        Vector objectives;
        for (const Objectives& pair : (*evaluate_)(genomes))
            objectives.insert(objectives.end(), pair.begin(), pair.end());
        return objectives;
    }

private:
    std::size_t keys() const { return static_cast<std::size_t>(space_->keys); }
    std::size_t genes() const { return keys() + space_->alternatives.size(); }

    const SearchSpace* space_ = nullptr;
    const EvaluateGenomes* evaluate_ = nullptr;
};

Vector numbers_of(const Genome& genome) {
    Vector numbers(genome.keys.begin(), genome.keys.end());
    numbers.insert(numbers.end(), genome.choices.begin(), genome.choices.end());
    return numbers;
}

}  // namespace

void search_nsga2(const SearchSpace& space, const SearchEffort& effort, const std::vector<Genome>& start,
                  const EvaluateGenomes& evaluate) {
    const pagmo::problem problem(PagmoProblem(space, evaluate));
    pagmo::population population(problem, 0, effort.seed);
    const auto size = static_cast<std::size_t>(effort.population);
    std::vector<Vector> first;
    for (const Genome& genome : start) first.push_back(numbers_of(genome));
    first.resize(std::min(first.size(), size));
    while (first.size() < size) first.push_back(population.random_decision_vector());
    Vector all;
    for (const Vector& genome : first) all.insert(all.end(), genome.begin(), genome.end());
    const Vector objectives = problem.batch_fitness(all);
    for (std::size_t i = 0; i < size; ++i) population.push_back(first[i], {objectives[2 * i], objectives[2 * i + 1]});

    const double mutation = 1 / static_cast<double>(problem.get_nx());
    pagmo::nsga2 nsga2(static_cast<unsigned>(effort.generations), 0.95, 10, mutation, 50, effort.seed);
    nsga2.set_bfe(pagmo::bfe(pagmo::member_bfe()));
    nsga2.evolve(population);
}

}  // namespace laxity
