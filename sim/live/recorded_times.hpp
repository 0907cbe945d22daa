// Stage times as a live run recorded them, for simulations of what would have come of it otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "sim/core/stage_times.hpp"
#include "sim/results/records.hpp"

namespace laxity {

// The executions of a recorded run, to be asked for by job and stage, or for the one that was nearest in time. A part
// of a path that a stall prolonged is split here: into what it would have been, and the stall. O(log executions) a
// question. Immutable, so that many runs can share it.
class Recording {
public:
    struct Execution {
        PathRecord record;
        StagePath path;  // of the record, without `stalled`
        int variant = 0;
        bool continued = false;  // the lane's last stage produced its input
    };

    // Of executions whose job is not among the records (the run was cut short) only what they took is known, and they
    // are nobody's nearest.
    explicit Recording(const RecordList& records);

    const std::vector<Execution>& executions() const { return executions_; }  // by start, then lane
    // That of this stage of this job; null if it never ran.
    const Execution* of(const JobId& id, int stage) const;
    // How late the driver noticed what was due nearest to this moment, of the steps that no stage's end came with; 0
    // without any.
    Duration lateness(Time due) const;
    // Of the same task, variant, stage and, if there is one, of the same continued-ness, the one that started nearest
    // to `now` (of two, the earlier one); null if there is none.
    const Execution* nearest(int task, int variant, int stage, bool continued, Time now) const;

private:
    struct Key {
        int task, variant, stage;
        bool continued;
        auto operator<=>(const Key&) const = default;
    };
    using Places = std::vector<std::uint32_t>;  // in executions_

    void find_continued();
    void index(const RecordList& records);
    const Execution* nearest_of(const Key& key, Time now) const;

    std::vector<Execution> executions_;
    std::map<std::pair<std::int32_t, std::uint64_t>, std::vector<std::int32_t>> by_job_;  // by stage; -1: none
    std::map<Key, Places> alike_;
    std::vector<std::pair<Time, Duration>> lateness_;  // by when it was due
};

// Which parts of a stage's time are taken from the record. The others are the base's.
struct RecordedParts {
    bool latency = true;   // on the lane, without stalls
    bool path = true;      // submit and notice
    bool idle = true;      // how late a release or a deadline was noticed when nothing ran
    bool decision = true;  // until the stage was handed over
    bool stalls = true;    // what gaps added

    static RecordedParts none() { return {false, false, false, false, false}; }
};

// Where the times came from, in stages.
struct RecordedSources {
    std::uint64_t recorded = 0;  // the very stage of the very job
    std::uint64_t nearest = 0;   // the nearest in time of the same stage
    std::uint64_t base = 0;      // the run never executed that stage
};

// A stage takes what the recorded run took for the same stage of the same job; where that never ran, what the nearest
// execution in time took of the same stage with or without its input fresh from the lane, as here; where there is none,
// what the base says.
//
// A release or deadline that a driver with nothing to do waits for is noticed as late as the nearest one of the record.
class RecordedTimes final : public StageTimes {
public:
    // `sources`, if given, is counted up and outlives this.
    RecordedTimes(std::shared_ptr<const Recording> recording, RecordedParts parts, std::unique_ptr<StageTimes> base,
                  RecordedSources* sources = nullptr);

    Duration occupies(const StageStart& start, StagePath* path) override;
    void ended(int ticket, Time now) override { base_->ended(ticket, now); }
    Duration lateness(Time due) override { return parts_.idle ? recording_->lateness(due) : base_->lateness(due); }

private:
    struct Lane {  // what ran on it last
        JobId job{-1, 0};
        int stage = -1;
    };

    const Recording::Execution* recorded(const StageStart& start, const Lane& lane);
    StagePath mixed(const StagePath& base, const Recording::Execution& execution) const;

    std::shared_ptr<const Recording> recording_;
    RecordedParts parts_;
    std::unique_ptr<StageTimes> base_;
    RecordedSources* sources_;
    std::vector<Lane> lanes_;  // by ticket
};

}  // namespace laxity
