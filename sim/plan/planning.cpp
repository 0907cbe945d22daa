#include "sim/plan/planning.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>
#include <tuple>

#include "sim/core/simulation.hpp"
#include "sim/plan/nsga2.hpp"
#include "sim/results/csv.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kPlanningSeeds = std::uint64_t{1} << 63;  // runs have seeds below

// The variants and depths that a task may be given. Jobs that leave without their mandatory part would be misses.
struct Alternative {
    int variant = 0;
    int depth = 0;
};

std::vector<Alternative> alternatives_of(const TaskPlan& task) {
    std::vector<Alternative> list;
    for (std::size_t variant = 0; variant < task.variants.size(); ++variant) {
        for (int depth = task.mandatory_stages; depth <= task.variants[variant].stages(); ++depth)
            list.push_back({static_cast<int>(variant), depth});
    }
    return list;
}

// What makes two genomes the same plan.
using PlanKey = std::vector<int>;

PlanKey key_of(const Plan& plan) {
    PlanKey key;
    for (const TaskChoice& choice : plan.tasks) {
        for (const int number : {choice.variant, choice.depth, choice.priority}) key.push_back(number);
    }
    return key;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// Feasible before infeasible, then less loss; of infeasible ones the least excess, then violation. Ties: fewer misses.
bool better(const Candidate& a, const Candidate& b) {
    const auto rank = [](const Candidate& c) {
        return std::make_tuple(c.excess_bytes, c.violation, c.loss, sum(c.miss_ratio), key_of(c.plan));
    };
    return rank(a) < rank(b);
}

// Runs candidates in the simulator, each distinct plan once.
class PlanEvaluator {
public:
    PlanEvaluator(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks,
                  const PlanningOptions& options)
        : policy_(policy),
          workload_(shortened(workload, policy)),
          tasks_(tasks),
          replay_(workload_),
          options_(options) {
        for (const TaskPlan& task : tasks.tasks) alternatives_.push_back(alternatives_of(task));
        const double storage_mb = policy.arguments.number("storage_mb");
        if (storage_mb < 1e9) storage_bound_ = static_cast<std::int64_t>(storage_mb * 1e6);
    }

    SearchSpace space() const {
        SearchSpace space{static_cast<int>(alternatives_.size()), {}};
        for (const auto& list : alternatives_) space.alternatives.push_back(static_cast<int>(list.size()));
        return space;
    }

    Genome genome_of(const Plan& plan) const {
        Genome genome;
        const auto tasks = static_cast<double>(plan.tasks.size());
        for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
            const TaskChoice& choice = plan.tasks[t];
            const auto& list = alternatives_[t];
            const auto place = std::find_if(list.begin(), list.end(), [&](const Alternative& a) {
                return a.variant == choice.variant && a.depth == choice.depth;
            });
            genome.keys.push_back((choice.priority + 0.5) / tasks);
            genome.choices.push_back(static_cast<int>(place - list.begin()));
        }
        return genome;
    }

    std::vector<Objectives> evaluate(const std::vector<Genome>& genomes, std::uint64_t total) {
        std::vector<Plan> plans;
        for (const Genome& genome : genomes) plans.push_back(plan_of(genome));
        measure(plans);
        looked_at_ += genomes.size();
        if (options_.progress) options_.progress(std::min(looked_at_, total), total);
        std::vector<Objectives> objectives;
        for (const Plan& plan : plans) objectives.push_back(objectives_of(known_.at(key_of(plan))));
        return objectives;
    }

    std::vector<Candidate> candidates() const {
        std::vector<Candidate> list;
        for (const auto& [key, candidate] : known_) list.push_back(candidate);
        std::sort(list.begin(), list.end(), better);
        return list;
    }

private:
    static Workload shortened(Workload workload, const PolicySpec& policy) {
        workload.horizon = {};
        workload.horizon.jobs = static_cast<std::uint64_t>(policy.arguments.integer("plan_jobs"));
        return workload;
    }

    Plan plan_of(const Genome& genome) const {
        std::vector<std::size_t> order(genome.keys.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return genome.keys[a] < genome.keys[b]; });
        Plan plan;
        for (std::size_t t = 0; t < genome.choices.size(); ++t) {
            const Alternative& chosen = alternatives_[t][static_cast<std::size_t>(genome.choices[t])];
            plan.tasks.push_back({chosen.variant, chosen.depth, 0});
        }
        for (std::size_t rank = 0; rank < order.size(); ++rank)
            plan.tasks[order[rank]].priority = static_cast<int>(rank);
        return plan;
    }

    // A plan beyond the storage bound is worse than any other in both objectives.
    static Objectives objectives_of(const Candidate& candidate) {
        if (candidate.excess_bytes == 0) return {candidate.loss, candidate.violation};
        const double penalty = 1e6 + static_cast<double>(candidate.excess_bytes);
        return {penalty, penalty};
    }

    // Measures those plans that are not known yet, in parallel.
    void measure(const std::vector<Plan>& plans) {
        std::vector<Candidate*> fresh;
        for (const Plan& plan : plans) {
            const auto [place, is_new] = known_.try_emplace(key_of(plan));
            if (!is_new) continue;
            place->second.plan = plan;
            fresh.push_back(&place->second);
        }
        std::atomic<std::size_t> next{0};
        std::exception_ptr error;
        std::mutex mutex;
        const auto work = [&] {
            try {
                for (std::size_t i = next++; i < fresh.size(); i = next++) measure(*fresh[i]);
            } catch (...) {
                const std::lock_guard lock(mutex);
                error = std::current_exception();
                next = fresh.size();
            }
        };
        {
            std::vector<std::jthread> helpers;
            for (int i = 1; i < options_.threads; ++i) helpers.emplace_back(work);
            work();
        }
        if (error) std::rethrow_exception(error);
    }

    void measure(Candidate& candidate) const {
        candidate.loss = accuracy_loss(tasks_, candidate.plan);
        candidate.storage_bytes = storage_bytes(tasks_, candidate.plan);
        candidate.excess_bytes = std::max(std::int64_t{0}, candidate.storage_bytes - storage_bound_);
        const auto seed = kPlanningSeeds + static_cast<std::uint64_t>(policy_.arguments.integer("plan_seed"));
        Simulation simulation(replay_, tasks_, policy_, seed, &candidate.plan);
        const Metrics& metrics = simulation.run();
        for (std::size_t t = 0; t < candidate.plan.tasks.size(); ++t) {
            const JobCounts& counts = metrics.tasks()[t];
            const auto early = std::accumulate(counts.depth.begin(),
                                               counts.depth.begin() + candidate.plan.tasks[t].depth, std::uint64_t{0});
            // A task without a job in the run speaks neither for the plan nor against it: it violates nothing.
            const double ratio = counts.jobs == 0 ? 0 : static_cast<double>(early) / static_cast<double>(counts.jobs);
            candidate.miss_ratio.push_back(ratio);
            candidate.violation += std::max(0.0, ratio - policy_.arguments.number("miss_bound"));
        }
    }

    const PolicySpec& policy_;
    const Workload workload_;
    const TaskSet& tasks_;
    const Replay replay_;
    const PlanningOptions& options_;
    std::int64_t storage_bound_ = std::numeric_limits<std::int64_t>::max();
    std::vector<std::vector<Alternative>> alternatives_;  // by task
    std::map<PlanKey, Candidate> known_;
    std::uint64_t looked_at_ = 0;
};

// --- Candidates as CSV ---

std::string header_for(const TaskSet& tasks) {
    CsvLine line;
    line.text("loss").text("violation").text("worst_miss_ratio").text("storage_bytes").text("feasible");
    for (const TaskPlan& task : tasks.tasks) {
        for (const char* column : {"variant", "depth", "priority", "miss_ratio"}) line.text(task.name + "_" + column);
    }
    std::string header = line.take();
    header.pop_back();  // open_csv() ends the line
    return header;
}

void put(CsvLine& line, const Candidate& candidate, const TaskSet& tasks) {
    line.number(candidate.loss).number(candidate.violation);
    line.number(*std::max_element(candidate.miss_ratio.begin(), candidate.miss_ratio.end()));
    line.integer(candidate.storage_bytes).integer(candidate.feasible());
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
        const TaskChoice& choice = candidate.plan.tasks[t];
        line.text(tasks.tasks[t].variants[static_cast<std::size_t>(choice.variant)].name);
        line.integer(choice.depth).integer(choice.priority).number(candidate.miss_ratio[t]);
    }
}

void write_csv(const std::string& path, const std::vector<Candidate>& candidates, const TaskSet& tasks) {
    OutputFile out = open_csv(path, header_for(tasks));
    CsvLine line;
    for (const Candidate& candidate : candidates) {
        put(line, candidate, tasks);
        line.write(out);
    }
    out.close();
}

}  // namespace

PlanSearch search_plan(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks,
                       const PlanningOptions& options) {
    PlanEvaluator evaluator(policy, workload, tasks, options);
    const int population = (policy.arguments.integer("population") + 3) / 4 * 4;
    const SearchEffort effort{population, policy.arguments.integer("generations"),
                              static_cast<std::uint32_t>(policy.arguments.integer("plan_seed"))};
    const std::vector<Genome> start = {evaluator.genome_of(deadline_monotonic_plan(tasks)),
                                       evaluator.genome_of(deadline_monotonic_plan(tasks, true))};
    const auto total =
        static_cast<std::uint64_t>(effort.population) * static_cast<std::uint64_t>(effort.generations + 1);
    search_nsga2(evaluator.space(), effort, start,
                 [&](const std::vector<Genome>& genomes) { return evaluator.evaluate(genomes, total); });
    PlanSearch search;
    search.candidates = evaluator.candidates();
    search.best = search.candidates.front();
    return search;
}

std::vector<Candidate> pareto_front(const std::vector<Candidate>& candidates) {
    std::vector<Candidate> sorted = candidates;
    std::erase_if(sorted, [](const Candidate& candidate) { return candidate.excess_bytes > 0; });
    std::sort(sorted.begin(), sorted.end(), [](const Candidate& a, const Candidate& b) {
        return std::make_tuple(a.loss, a.violation, key_of(a.plan)) <
               std::make_tuple(b.loss, b.violation, key_of(b.plan));
    });
    std::vector<Candidate> front;
    for (const Candidate& candidate : sorted) {
        if (front.empty() || candidate.violation < front.back().violation) front.push_back(candidate);
    }
    return front;
}

std::unique_ptr<const Plan> plan_for(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks,
                                     const PlanningOptions& options) {
    if (!policy.info->needs_plan) return nullptr;
    return std::make_unique<const Plan>(search_plan(policy, workload, tasks, options).best.plan);
}

void write_candidates(const std::string& directory, const PlanSearch& search, const TaskSet& tasks) {
    write_csv(directory + "/candidates.csv", search.candidates, tasks);
    write_csv(directory + "/front.csv", pareto_front(search.candidates), tasks);
}

}  // namespace laxity
