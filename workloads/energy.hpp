// The energy of a run: what a harvester gives over time, the capacitor that it fills, what a stage takes. Amounts are
// integer nanojoules, so that what was harvested is what was used, spilled and kept, to the last unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "traces/base/time.hpp"
#include "traces/trace.hpp"

namespace laxity {

// --- Where power comes from. It is constant within a slot and a function of (seed, time) alone: the same weather under
// every policy. ---
struct PersistentPower {
    double power_w = 0;
};
struct SolarPower {  // half a sine wave by day, nothing by night; a covered slot gives nothing
    double peak_w = 0;
    std::int64_t slots_per_day = 2, daylight_slots = 1;
    double clouds = 0;  // chance that a slot is covered
};
struct BurstyPower {  // full power or nothing, for stays of geometric length, as from a radio that is on now and then
    double power_w = 0;
    double mean_on_slots = 1, mean_off_slots = 1;
};
struct RecordedPower {        // power_w[i] from times[i] to times[i + 1]; after the last time it starts again
    std::vector<Time> times;  // from 0, ascending; one more than powers
    std::vector<double> power_w;
    std::string file{};  // that it was read from
};

struct Harvester {
    std::variant<PersistentPower, SolarPower, BurstyPower, RecordedPower> source;
    Duration slot{};           // what eta counts in, and how long the power of a solar or bursty source stays
    double event_power_w = 0;  // a slot with at least this mean power is an event
};

// Mean power over all time, in watts.
double mean_power(const Harvester& harvester);

struct Capacitor {
    std::int64_t capacity_nj = 0;
    std::int64_t initial_nj = 0;
    std::int64_t turn_on_nj = 0;  // after a power failure nothing starts below this
};

struct EnergyModel {
    Harvester harvester;
    Capacitor capacitor;
    double active_power_w = 0;  // of a stage whose trace has no energy; 0 = not stated
};

// What one execution of a stage takes from the capacitor: the trace's energy_uj, else active power x the mean time of
// the stage. At least 1 nJ.
std::int64_t stage_energy_nj(const EnergyModel& model, const Trace& trace, int stage);

// Reads a harvester forwards in time. A plain value: a copy looks ahead and leaves the original where it is.
class HarvestCursor {
public:
    // No harvester gives more in a run; from then on it gives nothing.
    static constexpr std::int64_t kMostNj = 4'000'000'000'000'000'000;

    // The harvester outlives the cursor.
    HarvestCursor(const Harvester& harvester, std::uint64_t seed);

    // What was offered from 0 until `time`, which never decreases: rounded down within a slot, so that it does not
    // depend on when else it was asked. O(slots passed).
    std::int64_t until(Time time);
    // The first instant, not before the slot that was reached, at which until() is at least `offered_nj`; kNever if
    // there is none. O(slots until then).
    Time reaching(std::int64_t offered_nj) const;

private:
    void next_slot();
    void draw_slot();
    double power_w();
    std::uint32_t word() const;

    const Harvester* harvester_;
    std::uint64_t seed_;
    std::uint64_t index_ = 0;     // of the slot
    bool on_ = false;             // of a bursty source
    Time start_{}, end_{};        // of the slot
    std::int64_t slot_nj_ = 0;    // what the whole slot gives
    std::int64_t before_nj_ = 0;  // offered before it
};

}  // namespace laxity
