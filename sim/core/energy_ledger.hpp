// The energy account of one run. Virtual: time enters through arguments, so that a simulation and a live run share it.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/results/energy_totals.hpp"
#include "traces/base/time.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// A capacitor between a harvester and the stages: level <- min(capacity, level + harvest - use).
//
// A stage takes all its energy when it starts and is atomic: once started it ends. If a stage is asked for that the
// level can't power, the power fails: the device is off, nothing starts on any resource, until the level has reached
// what that stage needs, and at least turn_on. What jobs had finished by then is kept (SONIC-like intermittent
// execution, power failures only between stages).
//
// Amounts are integers and the harvest is a function of time, so results do not depend on when else the ledger was
// looked at. O(slots of the harvester passed), amortised.
class EnergyLedger {
public:
    // The model outlives the ledger.
    EnergyLedger(const EnergyModel& model, std::uint64_t seed);

    // Harvests up to now, which never decreases; false while the device is off.
    bool powered(Time now);
    // Takes a stage's energy at the instant that powered() has just been told, while the device is on. False: there is
    // too little, and the device is off from now on.
    bool take(std::int64_t nj);
    // Somebody wants to be asked again once the level is at least this.
    void await(std::int64_t nj);
    // When the device turns on again, or what was awaited is there; kNever if nothing is waited for or it never comes.
    Time next_time();

    // A place that always holds the level as of the last powered().
    const std::int64_t* level() const { return &totals_.level_nj; }
    // Harvests up to the end of the run.
    const EnergyTotals& finish(Time end);

private:
    void harvest(Time now);
    // The first instant at which the level is at least this if nothing is taken before.
    Time time_of(std::int64_t nj) const;
    void check() const;

    const EnergyModel* model_;
    HarvestCursor cursor_;
    EnergyTotals totals_;
    std::int64_t awaited_nj_ = 0;  // 0: nothing
    Time now_{};
    Time off_since_ = kNever;  // kNever: the device is on
    Time on_at_ = kNever;      // when it turns on again
    Time awaited_at_ = kNever;
    bool awaited_known_ = false;  // awaited_at_ still holds
};

// The ledger of a run; none on mains power. The workload outlives it.
std::optional<EnergyLedger> make_ledger(const Workload& workload, std::uint64_t seed);

}  // namespace laxity
