// What happened on a lane before a stage ran there, as far as it changes how long the stage takes and as far as a
// simulator knows it too: how long the lane was idle, what else went through its caches, for how long the stage has
// been away, whether the input is still warm.
//
// The same four numbers are kept by the profiler, which measures a network under schedules drawn at random, and by the
// simulator, which draws each stage's time from what was measured after a like history. Nothing in them is fitted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "traces/base/time.hpp"

namespace laxity {

// Of a stage at the moment at which it is handed to its lane.
struct StageHistory {
    Duration idle{};         // since the end of the lane's last stage was noticed
    std::int64_t bytes = 0;  // weights and activations of other stages that ran on this lane since this one last did
    bool continued = false;  // the lane's last stage produced its input
    // Since the end of this stage's own last execution on this lane was noticed: weights leave a cache with time too,
    // as the driver, the kernel and other processes use it. Zero in measurements that are older than this number.
    Duration away{};
};

// The history of one lane. A unit is one stage of one network; who keeps the history numbers them so that the stages of
// a network follow each other. Jobs have numbers of their own over all networks: those of two tasks are told apart. All
// O(1).
class LaneHistory {
public:
    // Nothing has run yet: every unit counts as if it had run just before the start.
    explicit LaneHistory(std::size_t units, Time start = {})
        : seen_(units + 1, Seen{0, start}), last_unit_(units), free_since_(start) {}

    StageHistory before(std::size_t unit, std::uint64_t job, Time now) const {
        const Seen& seen = seen_[unit];
        return {now - free_since_, total_ - seen.total, last_unit_ + 1 == unit && last_job_ == job, now - seen.ended};
    }
    // The unit starts: it brings so many bytes of weights and activations with it.
    void start(std::size_t unit, std::uint64_t job, std::int64_t bytes) {
        total_ += bytes;
        seen_[unit].total = total_;
        last_unit_ = unit;
        last_job_ = job;
    }
    // The end of what ran was noticed.
    void end(Time now) { seen_[last_unit_].ended = free_since_ = now; }

private:
    struct Seen {
        std::int64_t total = 0;  // bytes when it last ran
        Time ended{};            // when that was over
    };

    std::vector<Seen> seen_;  // by unit; one more for the end of what never started
    std::int64_t total_ = 0;
    std::size_t last_unit_;  // the one more: none
    std::uint64_t last_job_ = 0;
    Time free_since_;
};

// One measured execution of a stage, with its history. The stage was handed over, started after `submit`, took
// `latency`, and its end was noticed after `notice`.
struct Execution {
    std::int32_t stage = 0;
    StageHistory before;
    Duration latency{};
    Duration submit{};
    Duration notice{};
    bool stalled = false;  // a gap that none of our threads caused fell into it
};

// A box of histories: half-open ranges.
struct HistoryCell {
    std::int64_t idle_from_ns = 0, idle_below_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t bytes_from = 0, bytes_below = std::numeric_limits<std::int64_t>::max();
    std::optional<bool> continued;  // either, if there is none
    std::int64_t count = 0;         // executions that fell into it
    std::int64_t away_from_ns = 0, away_below_ns = std::numeric_limits<std::int64_t>::max();

    bool holds(const StageHistory& history) const {
        const std::int64_t idle = history.idle.count(), away = history.away.count();
        return idle >= idle_from_ns && idle < idle_below_ns && history.bytes >= bytes_from &&
               history.bytes < bytes_below && (!continued || *continued == history.continued) && away >= away_from_ns &&
               away < away_below_ns;
    }
};

// What a trace knows of histories (schema laxity.trace/2).
struct History {
    std::vector<Execution> executions;            // in the order in which they ran
    std::vector<std::vector<HistoryCell>> cells;  // by stage; every history lies in exactly one of its stage's
    std::optional<double> explained;  // share of the latencies' variance within stages that the cells explain,
                                      // on executions that they were not chosen by; none if it is unknown
    std::string schedule;             // how the schedules were drawn, in words, for readers

    bool measured() const { return !executions.empty(); }
};

// Gaps in which a thread that does nothing but read the clock did not get to read it, though nothing of ours kept it
// from it: an interrupt, the kernel, or the host below the guest.
struct StallGap {
    Time at{};  // since the watch began
    Duration length{};
};

// Those of one measurement: of its lanes together, or of its driver. What stops a lane prolongs the stage that runs
// there; what stops the driver costs nothing unless a stage ends meanwhile, or a release comes.
struct Stalls {
    Duration threshold{};  // shorter gaps are not counted
    Duration watched{};    // of clock-reading and, of lanes, of stages that were running, summed over lanes
    std::vector<StallGap> gaps;
};

}  // namespace laxity
