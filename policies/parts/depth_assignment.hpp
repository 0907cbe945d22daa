// The depth-assignment problem of RTDeepIoT (Yao et al., RTCSA 2020): to which depth should each job run, so that the
// sum of rewards is largest and all deadlines hold?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "policies/parts/min_plus.hpp"

namespace laxity {

// One depth at which a job may end: the time still needed to get there and the quantised reward for being there.
struct DepthOption {
    std::int64_t cost = 0;
    std::int32_t reward = 0;
};

// Solves it exactly, for rewards that are small whole numbers, by dynamic programming over (job, reward collected):
//
//     P(0, 0) = start;  P(0, r > 0) = infinity
//     P(i, r) = min over options o of job i, r >= reward(o):  P(i-1, r - reward(o)) + cost(o)
//               kept only if cost(o) = 0 or the sum <= deadline(i)
//     best = the largest r with P(N, r) finite; walk back
//
// P(i, r) is the least time in which jobs 1..i, run in the order they were added, collect exactly r. Ties: less time,
// then the first option that attains it, from the last job to the first. Add jobs in deadline order: then no other
// order of execution does better.
//
// An option with more cost and no more reward than an earlier one of its job is never chosen, and neither is one that
// doesn't fit even if its job goes first: both are left out before the table is filled, and so is every job with one
// option left that costs nothing. If all jobs can have their best option, no table is needed.
//
// Rows are filled by min_plus.hpp, as wide as the processor's vectors; the scalar form decides the same.
//
// Complexity, for N jobs that are left with L options and rewards that differ by at most Q within a job: time
// O(N * N * Q * L), memory O(N * N * Q), O(N * L) if all fit. Cells are 32 bits wide while all costs together stay
// below 2^30 (a second, in ns), else 64. Buffers are kept: no allocation once they have grown.
class DepthAssignment {
public:
    // The answer is the same for every width, bit for bit; a test may ask for one.
    explicit DepthAssignment(VectorWidth width = usable_vector_widths().back()) : width_(width) {}

    void clear();

    // Options from the shallowest to the deepest, costs never decreasing, costs and rewards >= 0, at least one option.
    void add_job(std::int64_t deadline, std::span<const DepthOption> options);

    // False if some job can't have any of its options: no answer then.
    bool solve(std::int64_t start);

    // The answer of the last solve that was true.
    std::size_t option(std::size_t job) const { return jobs_[job].chosen; }  // index into what add_job() was given
    std::int64_t reward() const { return reward_; }
    std::int64_t finish() const { return finish_; }

private:
    struct Job {
        std::int64_t deadline;
        std::size_t first, count;  // its options
        std::size_t chosen;
    };
    // An option that survives the reduction.
    struct Candidate {
        std::int64_t cost;
        std::int32_t gain;  // reward beyond the job's first candidate
        std::uint32_t option;
    };
    // A job that has something to decide.
    struct OpenJob {
        std::size_t job;
        std::int64_t limit;  // deadline - start
        std::size_t first, count;
    };
    // Row i of the table: cells[first .. first + width] for rewards 0 .. width.
    struct Row {
        std::size_t first, width;
    };

    bool reduce(std::int64_t start);
    bool reduce(std::size_t job, std::int64_t start);
    bool all_best_fit();
    std::size_t most_gain(const OpenJob& job) const {
        return static_cast<std::size_t>(candidates_[job.first + job.count - 1].gain);
    }
    template <class Cell>
    bool solve(std::vector<Cell>& cells);
    template <class Cell>
    void fill_table(std::vector<Cell>& cells);
    template <class Cell>
    Row fill_row(std::vector<Cell>& cells, std::size_t padding, const Row& previous, const OpenJob& job);
    template <class Cell>
    void walk_back(const std::vector<Cell>& cells);
    void finish_answer(std::int64_t start);

    VectorWidth width_;
    std::vector<Job> jobs_;
    std::vector<DepthOption> options_;
    std::vector<OpenJob> open_;
    std::vector<Candidate> candidates_;  // of the open jobs
    std::vector<Row> rows_;
    std::vector<std::int32_t> narrow_cells_;
    std::vector<std::int64_t> wide_cells_;
    std::int64_t reward_ = 0, finish_ = 0;
};

}  // namespace laxity
