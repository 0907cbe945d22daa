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

// The search as pagmo wants it: one vector of numbers a genome, keys first, then the choices that are any (pagmo
// refuses those among one).
class PagmoProblem {
public:
    PagmoProblem() = default;  // pagmo asks for one
    PagmoProblem(const SearchSpace& space, const EvaluateGenomes& evaluate) : space_(&space), evaluate_(&evaluate) {
        for (std::size_t i = 0; i < space.alternatives.size(); ++i) {
            if (space.alternatives[i] > 1) open_.push_back(i);
        }
    }

    std::pair<Vector, Vector> get_bounds() const {
        Vector low(genes(), 0.0), high(genes(), 1.0);
        for (std::size_t i = 0; i < open_.size(); ++i)
            high[keys() + i] = static_cast<double>(space_->alternatives[open_[i]] - 1);
        return {low, high};
    }
    std::size_t get_nobj() const { return 2; }
    std::size_t get_nix() const { return open_.size(); }
    Vector fitness(const Vector& genome) const { return batch_fitness(genome); }

    // Any number of genomes, one after the other.
    Vector batch_fitness(const Vector& numbers) const {
        std::vector<Genome> genomes;
        for (std::size_t at = 0; at < numbers.size(); at += genes()) genomes.push_back(genome_of(&numbers[at]));
        Vector objectives;
        for (const Objectives& pair : (*evaluate_)(genomes))
            objectives.insert(objectives.end(), pair.begin(), pair.end());
        return objectives;
    }

    Vector numbers_of(const Genome& genome) const {
        Vector numbers(genome.keys.begin(), genome.keys.end());
        for (const std::size_t i : open_) numbers.push_back(genome.choices[i]);
        return numbers;
    }

private:
    Genome genome_of(const double* numbers) const {
        Genome genome{{numbers, numbers + keys()}, std::vector<int>(space_->alternatives.size(), 0)};
        for (std::size_t i = 0; i < open_.size(); ++i)
            genome.choices[open_[i]] = static_cast<int>(std::lround(numbers[keys() + i]));
        return genome;
    }

    std::size_t keys() const { return static_cast<std::size_t>(space_->keys); }
    std::size_t genes() const { return keys() + open_.size(); }

    const SearchSpace* space_ = nullptr;
    const EvaluateGenomes* evaluate_ = nullptr;
    std::vector<std::size_t> open_;  // choices among two or more
};

}  // namespace

void search_nsga2(const SearchSpace& space, const SearchEffort& effort, const std::vector<Genome>& start,
                  const EvaluateGenomes& evaluate) {
    const PagmoProblem search(space, evaluate);
    const pagmo::problem problem(search);
    pagmo::population population(problem, 0, effort.seed);
    const auto size = static_cast<std::size_t>(effort.population);
    std::vector<Vector> first;
    for (const Genome& genome : start) first.push_back(search.numbers_of(genome));
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
