// What a sweep found, in a page: how each policy did over the whole grid, and which of them are the best.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/statistics.hpp"
#include "sim/study/run_table.hpp"

namespace laxity {

// One policy over the whole grid. Every mean is over the same points for all policies.
struct PolicySummary {
    std::string policy;  // its spec, parameters that were swept included
    Estimate accuracy;   // interval over the seeds
    Estimate miss_ratio;
    PairedTest behind_winner;      // the winner's accuracy - this one's, paired by seed; nothing without a winner
    std::optional<double> p_holm;  // of that difference, among all that can run live
    bool live = true;              // false: it needs an oracle, or this program does not know it
    bool among_winners = false;
    std::optional<Estimate> behind_least, behind_clairvoyant;  // bound - accuracy, paired; only where defined
};

struct StudySummary {
    std::uint64_t runs = 0;
    std::size_t points = 0, points_left_out = 0;  // of the means: left out is where a policy has no accuracy
    // Most accurate over the grid of those that can run live; ties: fewer misses, then first named. Empty if none can.
    std::string winner;
    // The winner and all that can run live and are not established to be less accurate (Holm at 5 %; what that does not
    // say is in sim/study/comparison.hpp). In the order of the table.
    std::vector<std::string> winners;
    std::vector<PolicySummary> policies;  // in the order of the table
    std::vector<std::string> notes;       // what is missing, a line each
};

// `table` must hold "accuracy" and "miss_ratio".
StudySummary summarise(const RunTable& table);

// As JSON (schema laxity.sweep-summary/2), with a newline at its end; null where there is no number.
std::string summary_json(const StudySummary& summary);

}  // namespace laxity
