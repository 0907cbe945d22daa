// Who arrives when, and with what luck: pure functions of (seed, task, job number), the same under every policy and in
// simulation and live.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "traces/base/time.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// Everything about job k of a task that is decided by luck rather than by a policy.
struct JobFate {
    Duration relative_deadline{};
    std::uint32_t sample = 0;     // index into the trace's samples; always of the replay half
    std::uint32_t row_block = 0;  // random bits; with k it fixes the latency row, see latency_row()
};

// Consecutive jobs share a block of so many consecutive latency rows, since latencies are autocorrelated.
inline constexpr std::uint32_t kRowBlockLength = 32;

// Row of job k in a trace with `runs` rows: row (k mod 32) of a block that starts anywhere, wrapping around.
constexpr std::size_t latency_row(std::uint32_t row_block, std::uint64_t k, std::size_t runs) {
    const std::uint64_t start = (std::uint64_t{row_block} * runs) >> 32;
    const std::uint64_t row = start + (k & (kRowBlockLength - 1));
    return row < runs ? row : row % runs;
}

// The fates of one task's jobs. Deadline and sample of job k are two words of Philox block k / 2, the row block is a
// word of block k / 32: a job costs about half a block. Deadlines and inputs that a log carries take their place.
class JobFates {
public:
    JobFates(const Workload& workload, int task, std::uint64_t seed);

    JobFate at(std::uint64_t k) const;
    // fates[i] = at(first + i); the fast way for consecutive jobs.
    void fill(std::uint64_t first, std::span<JobFate> fates) const;

private:
    std::uint64_t seed_;
    std::uint32_t task_;
    std::int64_t shortest_deadline_ns_ = 0;
    double deadline_span_ns_ = 0;
    std::vector<std::uint32_t> replay_samples_;
    std::vector<Duration> logged_deadlines_;  // of LogArrivals, or empty
    std::vector<std::uint32_t> logged_samples_;

    JobFate fate(std::uint32_t deadline_word, std::uint32_t sample_word, std::uint32_t row_block) const;
    std::uint32_t row_block(std::uint64_t k) const;
    void apply_log(std::uint64_t k, JobFate& fate) const;
};

// The releases of one open-loop task, in order. Not for closed tasks: there the simulation or the live run decides,
// and first_request() gives the staggered start.
class ArrivalStream {
public:
    virtual ~ArrivalStream() = default;
    // Writes the next releases, never decreasing; kNever once the stream has ended, from then on for ever.
    virtual void fill(std::span<Time> releases) = 0;
};

std::unique_ptr<ArrivalStream> make_arrival_stream(const Workload& workload, int task, std::uint64_t seed);

// When client c of a closed task asks first: uniform over the largest relative deadline.
Time first_request(const Workload& workload, int task, int client, std::uint64_t seed);

}  // namespace laxity
