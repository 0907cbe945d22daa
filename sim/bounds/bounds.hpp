// What no policy can beat: upper bounds on the accuracy of a run, for a workload and a seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/replay.hpp"

namespace laxity {

// The bounds differ in what the policy that they allow may know. All of them let it preempt, do stages in part, do one
// job on several slots at once, and ignore energy, stalls, lateness and what co-running costs (never below 1). Where
// the time of a stage depends on its history, they let every stage have the history after which it is shortest. Where
// stages run on several resources, each is looked at alone, as if the others took no time, and the least value counts.
struct BoundValues {
    // Knows everything: arrivals, deadlines, durations, and which exits will be right. Exact for the very jobs of the
    // run: the accuracy of no policy in the simulation is above it, oracles included.
    std::optional<double> clairvoyant;
    // The others do not know how exits will turn out, but may stop or go on by the confidence of the last exit, known
    // as one of 20 equal-mass bins (what the `conditional` predictor sees), fitted on the very population that is
    // replayed, in hindsight. Stages take their mean time (with histories, the least mean of a cell).
    //   They bound expectations. A single run deviates, as its inputs are drawn: by about
    // sqrt(accuracy (1 - accuracy) / jobs), .0015 for 10^5 jobs. And they are not proofs about policies that see more:
    // finer confidences, several exits together, or that the latency of this very pass is below the mean.
    std::optional<double> fluid;      // all jobs share the time between the first release and the last deadline
    std::optional<double> fluid_d;    // and none can get deeper than fits into its own window
    std::optional<double> fluid_edf;  // and time is spent within the windows: arrivals and deadlines as they came

    // Of those that are defined.
    std::optional<double> least() const;
};

struct Bounds {
    std::uint64_t jobs = 0;  // scored
    BoundValues accuracy;
    BoundValues weighted;   // of the weighted accuracy
    std::string undefined;  // why some have no value; empty if all have one
};

// What the bounds of a workload's runs have in common. Immutable: threads may share it.
class BoundModel {
public:
    // Keeps a reference to the replay. Solves the stopping problems of every task: O(prices * samples * stages^2), some
    // tenths of a second for a measured trace.
    explicit BoundModel(const Replay& replay);
    ~BoundModel();
    BoundModel(const BoundModel&) = delete;
    BoundModel& operator=(const BoundModel&) = delete;

    // The bounds for one seed. O(n log^2 n) for n jobs.
    //   Where clients ask again at the reply, the jobs depend on the policy: clairvoyant and fluid_edf are undefined.
    // If such a task is alone and the horizon is a number of jobs, fluid and fluid_d hold, since only the release times
    // depend on the policy, and no client waits longer than its deadline.
    Bounds of(std::uint64_t seed) const;

private:
    struct Resources;
    const Replay* replay_;
    std::unique_ptr<Resources> resources_;
};

}  // namespace laxity
