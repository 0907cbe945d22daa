// Whether the backlog of a run grew from its beginning to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/results/log_histogram.hpp"

namespace laxity {

// Watches how long jobs stay (from release to leaving), in the order in which they leave. In a stable queue that has
// settled, late jobs stay as long as early ones; in an unstable one, or in a run that ends before it has settled, each
// stretch of the run stays longer than the one before.
//
// The jobs are cut into 8 to 15 batches of equal size, in constant memory: with the 16th, neighbours are joined and the
// size doubles. An unfinished batch at the end (less than an eighth of the jobs) is not looked at. Sums are exact, so
// the verdict is the same on every machine.
class BacklogTrend {
public:
    static constexpr std::uint64_t kFewestJobs = 128;

    void add(Duration stay) {
        sum_ += static_cast<std::uint64_t>(stay.count());
        if (++filled_ == size_) close_batch();
    }

    // Mean stay in the last quarter of the batches / that in the first quarter; nothing with fewer than kFewestJobs
    // jobs, or if none of the first quarter stayed at all.
    std::optional<double> ratio() const;
    // The ratio is above 1.25, and the batch means rise by the test of Mann (Econometrica 13, 1945) and Kendall at a
    // level of 0.1 %, one-sided, with the normal approximation. The level holds for batches that are independent; near
    // saturation they are not, and a run in which they matter is too short as well.
    bool grows() const;

private:
    static constexpr std::size_t kMostBatches = 16;

    void close_batch();

    std::vector<Uint128> batches_;  // sums of stays in ns, each over size_ jobs
    std::uint64_t size_ = kFewestJobs * 2 / kMostBatches;
    std::uint64_t filled_ = 0;  // jobs in the batch that is being filled
    Uint128 sum_ = 0;           // their stays
};

}  // namespace laxity
