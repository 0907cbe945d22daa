// The releases of a run, in time order: one generator for simulation and live.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "policies/policy.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/core/winner_tree.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// A job at the moment of its release.
struct Release {
    JobId id;
    Time time{};
    JobFate fate;
    std::uint32_t source = 0;  // who asked: hand it back with Releases::job_left()
    bool scored = true;        // false during the warm-up
};

// Merges the arrivals of all tasks: open-loop streams, and clients that ask again when their job has left. Equal times
// go by task, then client. Ends at the workload's horizon. O(log sources) a release; open-loop arrivals and fates are
// drawn in blocks, so that the generators can interleave independent jobs.
class Releases {
public:
    Releases(const Workload& workload, std::uint64_t seed);
    ~Releases();

    // When the next release is due; kNever if there is none (yet: a client may still be waiting for its reply).
    Time next_time() const { return next_.top_time(); }
    // The release that is due at next_time().
    Release take();
    // A job has left: if a client had asked for it, the client asks again, at the reply, or at the deadline if that is
    // the workload's rule or if no reply came.
    void job_left(std::uint32_t source, const ActiveJob& job, LeaveReason reason, Time now);
    // A job has replied before it leaves: its client asks again now (or at the deadline), and not when it leaves.
    void job_replied(std::uint32_t source, const ActiveJob& job, Time now);
    // No more releases.
    void close();

    std::uint64_t released() const { return released_; }

private:
    struct OpenTask;
    struct Source {
        std::int32_t task = 0;
        std::int32_t client = -1;  // -1 = the open-loop arrivals of the task
    };

    void ask_again(std::uint32_t source, const ActiveJob& job, Time now);
    void schedule(std::uint32_t source, Time time);
    JobFate take_open(std::uint32_t source, std::int32_t task, std::uint64_t number);

    const Workload& workload_;
    std::vector<Source> sources_;
    WinnerTree next_;                              // by source
    std::vector<std::unique_ptr<OpenTask>> open_;  // by task; null if closed
    std::vector<JobFates> fates_;                  // by task
    std::vector<std::uint64_t> next_number_;       // by task
    std::uint64_t released_ = 0;
    bool closed_ = false;
};

}  // namespace laxity
