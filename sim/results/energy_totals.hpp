// The sums of a run's energy account (sim/core/energy_ledger.hpp keeps it).
#pragma once

#include <cstdint>

#include "traces/base/time.hpp"

namespace laxity {

// What a run did with its energy. initial + harvested = used + spilled + level, exactly (INV-10).
struct EnergyTotals {
    std::int64_t initial_nj = 0;
    std::int64_t harvested_nj = 0;  // offered by the harvester
    std::int64_t used_nj = 0;       // by stages
    std::int64_t spilled_nj = 0;    // offered to a full capacitor
    std::int64_t level_nj = 0;      // at the end
    std::uint64_t failures = 0;     // how often the power failed
    Duration off{};                 // time without power after a failure
};

}  // namespace laxity
