// Plans before the run, for policies that follow one (rtmdl): the choice of a variant, a depth and a priority for every
// task, as RT-mDL's strategy optimiser makes it (Ling et al., SenSys 2021).
//
// The paper's: accuracy loss against deadline misses, both minimised over variants and priorities at once by a
// multi-objective evolutionary algorithm, with a bound on the misses and one on the storage. Ours: candidates are
// measured by this simulator, exactly, so the paper's learned proxy of the miss rate is not needed; NSGA-II is the
// algorithm; priorities are coded as random keys.
//
// Nothing is planned on what is scored: accuracies are of the calibration half, and candidates meet arrivals and rows
// drawn from a seed that no run can have. The latency rows themselves are those of the trace, there and here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policies/parts/plan.hpp"
#include "policies/registry.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// A plan, measured.
struct Candidate {
    Plan plan;
    double loss = 0;                 // accuracy_loss()
    double violation = 0;            // sum over the tasks of max(0, miss ratio - bound)
    std::vector<double> miss_ratio;  // by task: jobs that left before their planned depth / jobs; 0 without jobs
    std::int64_t storage_bytes = 0;
    std::int64_t excess_bytes = 0;  // of storage over the bound

    bool feasible() const { return excess_bytes == 0 && violation == 0; }
};

struct PlanSearch {
    Candidate best;                     // feasible and of least loss; if none is, the least violation
    std::vector<Candidate> candidates;  // every distinct plan that was measured, the best first
};

struct PlanningOptions {
    int threads = 1;  // the result does not depend on it
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

// Searches by NSGA-II with the policy's arguments (miss_bound, storage_mb, generations, population, plan_jobs,
// plan_seed). Plans that need too much storage rank behind all others. Throws Interrupted on Ctrl-C.
PlanSearch search_plan(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks,
                       const PlanningOptions& options = {});

// The candidates that no other one beats in loss and violation, by rising loss; plans within the storage bound only.
std::vector<Candidate> pareto_front(const std::vector<Candidate>& candidates);

// The plan that the policy needs, or null if it needs none: every driver calls this before it makes a policy.
std::unique_ptr<const Plan> plan_for(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks,
                                     const PlanningOptions& options = {});

// Schema "laxity.plan/1": what `laxity plan` prints and `--plan FILE` reads.
std::string plan_json(const PlanSearch& search, const PolicySpec& policy, const Workload& workload,
                      const TaskSet& tasks);
// The same of a plan that a run followed, whatever it came from: the choices alone.
std::string followed_plan_json(const Plan& plan, const PolicySpec& policy, const Workload& workload,
                               const TaskSet& tasks);
// Throws InputError where the file's tasks, variants, depths or priorities are not those of the task set.
Plan load_plan(const std::string& path, const TaskSet& tasks);

// DIR/candidates.csv, a row a candidate, and DIR/front.csv, those of the Pareto front.
void write_candidates(const std::string& directory, const PlanSearch& search, const TaskSet& tasks);

}  // namespace laxity
