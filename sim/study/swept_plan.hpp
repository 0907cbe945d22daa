// What the manifest of a sweep, or of capacities, says of its axes and its size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/run_table.hpp"

namespace laxity {

struct SweptPlan {
    std::vector<RunAxis> axes;
    std::optional<std::size_t> points;  // how many there will be; none if conditions leave some out
    std::optional<std::uint64_t> runs;  // likewise; none in manifests that do not say it
    bool leaves_out = false;            // conditions or zipped axes: not every policy runs at every point
    bool adds_seeds = false;            // --until: there may be more runs than `runs`
    std::string shard;                  // "2/8": which part of the sweep this is; empty = the whole
    std::string capacity;               // of what: "the highest load at which ..."; empty = these are runs
};

// Reads DIR/manifest.json (laxity.manifest/1 or /2). Throws InputError if it is missing or another command's.
SweptPlan read_swept_plan(const std::string& directory);

}  // namespace laxity
