// The records of a run as the data of a page's timeline: what sim/study/page/timeline/run.js reads.
//
// A run of 100,000 jobs is to open in a browser at once, so that nothing is stored that follows from something else:
// jobs in the order of their releases, stages in the order of each slot, numbers as differences that mostly fit into a
// byte or two. That makes some 20 bytes a job and 14 a stage, in base64.
#pragma once

#include <string>

#include "sim/results/records.hpp"
#include "sim/study/report_selection.hpp"

namespace laxity {

// JSON, times in ns since the start of the run:
//
//     label      what to call the run
//     manifest   as it is given
//     tasks      names
//     tracks     a resource's slots: [name of the resource, lane, number of stages], in order of resources and lanes
//     jobs       count, and the columns task, number, release, deadline, left, variant, depth, prediction, flags
//     stages     count, and the columns job, stage, start, length, overrun, confidence
//     costs      [task][variant]: planned and remaining, arrays by stage of planning costs, of the stage alone and of
//                it and all deeper ones; null where the records don't tell
//
// A column is base64 of one number after the other, each as LEB128 of its zigzag code, but `confidence`, which is
// base64 of float32, little-endian, NaN where there is none. In order of (release, task, number):
//
//     release           - that of the job before
//     number            - that of the last job of its task (first: as it is)
//     deadline, left    - release
//     flags             1 = missed, 2 = right
//
// and in order of (track, start):
//
//     start, job        - that of the stage before
//     length            end - start
//     overrun           end - counted_until
//
// `job` indexes jobs; it is -1 for a stage whose job left no record, since a live run was cut short.
//
// `run` names the folder that the records are of. Throws InputError if two stages that should have the same planning
// cost don't: a run plans with one table of costs. O(n log n).
std::string timeline_columns(const RecordList& records, const RecordNames& names, const StudyFolder& run,
                             const std::string& manifest);

}  // namespace laxity
