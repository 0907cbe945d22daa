// A run as a timeline for Perfetto (https://ui.perfetto.dev) or chrome://tracing.
#pragma once

#include <string>

#include "sim/results/records.hpp"

namespace laxity {

// Only what overlaps [from, to) is written.
struct TimeWindow {
    Time from{};
    Time to = kNever;
};

// Writes the Chrome trace-event format (JSON, times in microseconds). One process "resources" with one track per
// resource slot, whose slices are stages ("camera#12 stage 0"; the part after the job had left is a slice "overrun"),
// with what was known when it was chosen, and the confidence that it revealed, as arguments.
// One process per task with one track per job: a slice from release to leaving, an instant at the deadline, and
// "missed" in name and category of jobs that missed. All of it or nothing: throws RunError if it
// can't be written.
void write_timeline(const std::string& path, const RecordList& records, const RecordNames& names,
                    const TimeWindow& window = {});

}  // namespace laxity
