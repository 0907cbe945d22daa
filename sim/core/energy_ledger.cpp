#include "sim/core/energy_ledger.hpp"

#include <algorithm>

#include "sim/core/invariants.hpp"

namespace laxity {

EnergyLedger::EnergyLedger(const EnergyModel& model, std::uint64_t seed)
    : model_(&model), cursor_(model.harvester, seed) {
    totals_.initial_nj = totals_.level_nj = model.capacitor.initial_nj;
}

void EnergyLedger::harvest(Time now) {
    now_ = std::max(now, Time{});  // a live run looks a little before its start, when nothing is harvested yet
    const std::int64_t offered = cursor_.until(now_) - totals_.harvested_nj;
    const std::int64_t stored = std::min(offered, model_->capacitor.capacity_nj - totals_.level_nj);
    totals_.harvested_nj += offered;
    totals_.level_nj += stored;
    totals_.spilled_nj += offered - stored;
    check();
}

bool EnergyLedger::powered(Time now) {
    harvest(now);
    if (awaited_nj_ <= totals_.level_nj) awaited_nj_ = 0;
    if (off_since_ == kNever) return true;
    if (now < on_at_) return false;
    totals_.off += on_at_ - off_since_;
    off_since_ = kNever;
    return true;
}

bool EnergyLedger::take(std::int64_t nj) {
    if (nj > totals_.level_nj) {
        ++totals_.failures;
        off_since_ = now_;
        on_at_ = time_of(std::max(nj, model_->capacitor.turn_on_nj));
        return false;
    }
    totals_.level_nj -= nj;
    totals_.used_nj += nj;
    awaited_known_ = false;
    check();
    return true;
}

void EnergyLedger::await(std::int64_t nj) {
    if (nj <= totals_.level_nj || (awaited_nj_ != 0 && awaited_nj_ <= nj)) return;
    awaited_nj_ = nj;
    awaited_known_ = false;
}

Time EnergyLedger::next_time() {
    if (off_since_ != kNever) return on_at_;
    if (awaited_nj_ == 0) return kNever;
    if (!awaited_known_) awaited_at_ = time_of(awaited_nj_);
    awaited_known_ = true;
    return awaited_at_;
}

// Below what is asked for the capacitor isn't full, so all that is offered is stored.
Time EnergyLedger::time_of(std::int64_t nj) const {
    if (nj > model_->capacitor.capacity_nj) return kNever;
    return std::max(now_, cursor_.reaching(totals_.harvested_nj + (nj - totals_.level_nj)));
}

const EnergyTotals& EnergyLedger::finish(Time end) {
    harvest(end);
    if (off_since_ != kNever) totals_.off += std::min(end, on_at_) - off_since_;
    off_since_ = kNever;
    LAXITY_INVARIANT("INV-10", totals_.off <= end - Time{});
    return totals_;
}

std::optional<EnergyLedger> make_ledger(const Workload& workload, std::uint64_t seed) {
    if (!workload.energy) return std::nullopt;
    return EnergyLedger(*workload.energy, seed);
}

void EnergyLedger::check() const {
    LAXITY_INVARIANT("INV-10", 0 <= totals_.level_nj && totals_.level_nj <= model_->capacitor.capacity_nj);
    LAXITY_INVARIANT(
        "INV-10", totals_.initial_nj + totals_.harvested_nj == totals_.used_nj + totals_.spilled_nj + totals_.level_nj);
}

}  // namespace laxity
