// Fixed scenarios, built in code: for the behaviour signature and for measuring the simulator's speed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct Scenario {
    std::string name;
    Workload workload;
};

// Small workloads that between them touch every arrival process, several tasks, weights, two slots and overload.
std::vector<Scenario> signature_scenarios();

// Ten Poisson tasks with three stages each, 0.8 of the accelerator in all: the textbook load for comparing simulators.
Workload ten_poisson_tasks(std::uint64_t jobs);
// The same workload with traces that have histories: four cells a stage, 500 executions each, all as long as the stage
// takes without, so that the same jobs are scheduled in the same way. For what a history costs the simulator.
Workload with_invented_histories(Workload workload);
// One Poisson task on a four-stage network with informative confidences.
Workload one_poisson_task(double load, std::uint64_t jobs);

struct Signature {
    struct Row {
        std::string policy;
        std::uint64_t hash = 0;
    };
    std::vector<Row> rows;  // one per policy of the registry, default parameters (but a quick plan)
    std::uint64_t total = 0;
};

// What this policy decides on the signature scenarios, as a hash of every job record and stage end. A plan that it
// follows is searched for briefly.
std::uint64_t behaviour_of(const PolicySpec& policy);
// A hash as it is written: 16 hexadecimal digits.
std::string signature_text(std::uint64_t hash);
// The same of the bounds (sim/bounds/bounds.hpp): a hash of their values on one of the scenarios.
std::uint64_t behaviour_of_bounds();

// A hash of every job record of every policy on every scenario: it changes when behaviour does (INV-7).
Signature behaviour_signature();

}  // namespace laxity
