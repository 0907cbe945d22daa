// What a decision of each policy costs by the number of active jobs: `laxity bench --decisions`.
#pragma once

#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/results/decision_columns.hpp"

namespace laxity {

// What is measured and where it goes. A cell is a policy with a number of active jobs.
struct DecisionTable {
    std::vector<PolicySpec> policies;
    std::vector<int> active_jobs;
    int situations = 0;    // for each cell and kind of event
    bool csv = false;      // stdout has CSV instead of a table for people
    std::string out{};     // a result folder (manifest.json, decisions.csv), or empty
    bool replace = false;  // results that are there move aside
};

// "10,50,100" or "1..10" as of --axis, each from 1 to kMostActiveJobs. Throws InputError.
std::vector<int> active_jobs_option(const std::string& text);

// Measures cell by cell and prints each at once; a cell that is done is in the folder, whatever happens next. Throws
// InputError if the folder can't be had, Interrupted at Ctrl-C.
void measure_decisions(const DecisionTable& table);

}  // namespace laxity
