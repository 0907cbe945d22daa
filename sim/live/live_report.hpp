// What only a live run knows: how the threads, the machine and the device behaved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/results/log_histogram.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// One stage of one variant: what the trace said it takes, and what it took.
struct LiveStage {
    std::string variant;
    int stage = 0;
    Duration expected_p50{}, expected_p99{};  // of the trace
    LogHistogram measured;
    Duration typical{};  // a running estimate of its median, from expected_p50 on: what a parked driver aims at

    void add(Duration latency) {
        measured.add(latency);
        const Duration nudge = typical / 64 + Duration(1);
        typical += latency > typical ? nudge : -nudge;
    }
};

// Gaps in threads that did nothing but read the clock, and in stages (profiler/device/stall_watch.hpp).
struct LiveStalls {
    Duration threshold{};     // shorter gaps are not counted
    Duration watched{};       // of clock-reading and of running stages, summed over threads
    std::uint64_t count = 0;  // gaps
    Duration total{}, longest{};
    std::uint64_t stages = 0;  // executions that one fell into
    std::uint64_t jobs = 0;    // that were active during one
};

struct LiveReport {
    std::string device;               // what executed the stages: "AMD EPYC 9R14, oneDNN 2.6.3"
    std::string wait;                 // how its threads waited: ThreadPlan::wait()
    LogHistogram decision;            // time of one call of the policy, scheduler included
    LogHistogram lateness;            // of releases: noticed - due
    LogHistogram handed;              // parts of StagePath, of every execution: StagePath::decision,
    LogHistogram submitted, noticed;  // submit and notice
    std::vector<LiveStage> stages;
    LiveStalls stalls;
    std::vector<std::string> refusals;  // what the operating system or the device did not permit
    std::string failure;                // why the run was cut short; empty if it was not
    bool interrupted = false;
    std::uint64_t thread_preemptions = 0;  // the threads that run stages lost their cores so often
    std::string contention;  // who else used the machine: "other processes 3.1 % of 2 cores, stolen 0.4 %"
    bool noisy = false;      // so much that the results say more about them

    // The report as one JSON object (times in ns, us, ms and s as the keys say).
    std::string json() const;
};

}  // namespace laxity
