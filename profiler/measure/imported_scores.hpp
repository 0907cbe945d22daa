// Scores of exits that others exported.
#pragma once

#include <optional>
#include <string>

#include "profiler/measure/exit_scores.hpp"

namespace laxity {

enum class ScoreKind { kScores, kProbabilities, kLogProbabilities };

// An array [samples][exits][classes] of floats in a .npy or .npz file ("FILE.npz:MEMBER" names a member; without it the
// only one, "scores", or "exit0", "exit1", ... of [samples][classes] each). Probabilities become their logarithms,
// whose softmax they are; those that are 0 count as the smallest float above it. Without a kind they are scores before
// any softmax, and rows that all sum to 1 are refused: they are probabilities that nobody called so. Throws InputError
// that names the file and the indices of a value that is not finite, or no probability.
ExitScores import_scores(const std::string& path, std::optional<ScoreKind> kind);

}  // namespace laxity
