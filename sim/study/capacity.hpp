// How much a policy can carry: the highest load (or number of clients, or any value of the workload) at which what is
// asked of a run still holds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/statistics.hpp"
#include "sim/study/study.hpp"

namespace laxity {

// "miss_ratio at most 0.01", "accuracy at least 0.9". A run in which the measure has no value does not fulfil it.
struct Requirement {
    std::string measure;
    double limit = 0;
    bool at_most = true;
};

struct CapacityQuestion {
    std::string along;  // what is raised: a target as of --axis, of the workload
    double low = 0, high = 0;
    bool whole = false;       // only whole numbers
    double tolerance = 0.01;  // relative: the value found holds, and one at most this much above does not
    std::vector<Requirement> requirements;
};

// The capacity of one run, that is for one seed: every value meets the same luck (arrivals stretched, the same
// deadlines, inputs and latencies), so that it is a property of policy and luck.
struct SeedCapacity {
    std::optional<double> value;  // none if it is not known to lie within the range
    bool below = false;           // what is asked for does not even hold at `low`
    bool above = false;           // it still holds at `high`
    bool again = false;           // beyond the value it fails and then holds again: the first failure is what counts
};

struct CapacityRow {
    std::size_t point = 0, contender = 0;  // of the study, whose other axes are crossed as in a sweep
    std::vector<SeedCapacity> seeds;       // in the order of the study's seeds
    // Mean over the seeds with its 95 % interval; empty if one of them has no value.
    Estimate mean;
    // This minus the first contender of the point, paired by seed; empty for that one and where one has no value.
    Estimate difference;
};

struct CapacityOptions {
    int threads = 1;
    std::function<void(std::uint64_t done, std::uint64_t total)>
        progress{};  // in searches: one per point, policy and seed
};

// Looks at kScanned values spread evenly over the range, then halves the interval between the last that holds and the
// first that does not. The result does not depend on the number of threads. Throws InputError for a target that names
// nothing or two things, and Interrupted.
inline constexpr int kScanned = 9;
std::vector<CapacityRow> capacity(const Study& study, const CapacityQuestion& question, const CapacityOptions& options);

}  // namespace laxity
