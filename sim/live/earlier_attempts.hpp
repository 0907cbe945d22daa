// What an earlier process measured of a validation, read back so that this one can go on with it.
//
// A process ends anywhere: in the middle of a row, between the rows of an attempt, or after windows that no live run
// followed. Whole attempts are kept; what comes after the last of them is cut off, and is measured anew.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/live/validation_results.hpp"

namespace laxity {

// The attempts of repetitions.csv, with their budgets (budgets.csv) where there are any, in the order in which they
// were measured; which of them count is not said. Cuts repetitions.csv, budgets.csv and windows.csv after what belongs
// to them. All that results_of(), agreements_of() and budget_of() need is there: numbers in files read back as the
// same. Empty if nothing was measured. Throws InputError, before anything is cut, at a row that is none or of a cell
// that is not among `cells`.
std::vector<MeasuredAttempt> earlier_attempts(const std::string& directory, std::span<const CellName> cells);

}  // namespace laxity
