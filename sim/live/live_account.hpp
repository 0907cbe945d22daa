// What is written down of a live run: its measures, its report and its records.
#pragma once

#include <atomic>
#include <cstdint>
#include <variant>
#include <vector>

#include "sim/live/live_report.hpp"
#include "sim/live/stall_log.hpp"
#include "sim/results/metrics.hpp"

namespace laxity {

// Notes what happens in a step for next to nothing, and accounts for it when the step's stages are on their way: the
// device waits for neither histograms nor files. All members but left() are for the driver's thread.
class LiveAccount {
public:
    // Both outlive it.
    LiveAccount(Metrics& metrics, LiveReport& report) : metrics_(metrics), report_(report) {}

    // From now on to this sink as well; null: none. Makes room, so that noting allocates nothing, or next to nothing.
    void open(RecordSink* sink);
    bool has_sink() const { return sink_ != nullptr; }

    // Sets `stalled` as well if a gap that is known by now touched the job.
    void job_left(JobRecord record, JobEnding ending);
    void stage_ended(const StageRecord& record, const PathRecord& path, LiveStage& statistics);
    void stall(const StallRecord& stall);
    const StallLog& stalls() const { return stalls_; }

    // Accounts for what was noted, in its order. Throws RunError if the sink can't take a record.
    void settle();
    // The step that was settled.
    void step(const StepRecord& record) { sink_->step(record); }
    // Jobs that were accounted for. For any thread.
    std::uint64_t left() const { return left_.load(std::memory_order_relaxed); }

private:
    struct LeftJob {
        JobRecord record;
        JobEnding ending{};
    };
    struct EndedStage {
        StageRecord record;
        PathRecord path;
        LiveStage* statistics = nullptr;
    };

    void add(const LeftJob& job);
    void add(const EndedStage& stage);
    void add(const StallRecord& stall);

    Metrics& metrics_;
    LiveReport& report_;
    RecordSink* sink_ = nullptr;
    StallLog stalls_;
    std::vector<std::variant<LeftJob, EndedStage, StallRecord>> noted_;
    std::atomic<std::uint64_t> left_{0};
};

}  // namespace laxity
