// What a validation came to, for readers: on stdout, the same bytes for the same results.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/live/validation_results.hpp"

namespace laxity {

struct ValidationTableOptions {
    double seconds = 0;  // of a repetition
    std::vector<Margin> margins;
};

// A table for each cell.
void print_cells(std::span<const CellResult> results, const ValidationTableOptions& options);
// A line for each point; pair by pair only where the simulation turns a pair round that the device tells apart.
void print_agreement(std::span<const PointAgreement> agreements);
// The parts of every difference that is not equal, where they exceed a tenth of the margin; and how far off the
// simulation is with all parts as they were recorded.
void print_budget(std::span<const CellResult> results, std::span<const BudgetLine> lines,
                  const std::vector<Margin>& margins);
// A line for each metric: how far off on average and at most, and how the rows stand.
void print_totals(std::span<const CellResult> results, const std::vector<Margin>& margins);

}  // namespace laxity
