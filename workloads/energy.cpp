#include "workloads/energy.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/philox.hpp"

namespace laxity {

namespace {

__extension__ using Wide = __int128;

constexpr Time kEndOfTime = at_ns(8'000'000'000'000'000'000);

// The sine of x half-turns, 0 <= x <= 1, by the rational formula of Bhaskara I (seventh century): within 0.0017, and
// from operations that every machine rounds alike.
double sine_of_half_turns(double x) { return 16 * x * (1 - x) / (5 - 4 * x * (1 - x)); }

double solar_power(const SolarPower& sun, std::uint64_t slot) {
    const auto of_day = static_cast<std::int64_t>(slot % static_cast<std::uint64_t>(sun.slots_per_day));
    if (of_day >= sun.daylight_slots) return 0;
    return sun.peak_w *
           sine_of_half_turns((static_cast<double>(of_day) + 0.5) / static_cast<double>(sun.daylight_slots));
}

struct MeanPower {
    double operator()(const PersistentPower& source) const { return source.power_w; }
    double operator()(const SolarPower& sun) const {
        double sum = 0;
        for (std::int64_t slot = 0; slot < sun.daylight_slots; ++slot)
            sum += solar_power(sun, static_cast<std::uint64_t>(slot));
        return sum * (1 - sun.clouds) / static_cast<double>(sun.slots_per_day);
    }
    double operator()(const BurstyPower& source) const {
        return source.power_w * source.mean_on_slots / (source.mean_on_slots + source.mean_off_slots);
    }
    double operator()(const RecordedPower& record) const {
        double joules = 0;
        for (std::size_t i = 0; i < record.power_w.size(); ++i)
            joules += record.power_w[i] * to_seconds(record.times[i + 1] - record.times[i]);
        return joules / to_seconds(record.times.back() - record.times.front());
    }
};

}  // namespace

double mean_power(const Harvester& harvester) { return std::visit(MeanPower{}, harvester.source); }

std::int64_t stage_energy_nj(const EnergyModel& model, const Trace& trace, int stage) {
    const auto measured_uj = trace.stages[static_cast<std::size_t>(stage)].energy_uj;
    const double nj = measured_uj ? *measured_uj * 1e3
                                  : model.active_power_w * static_cast<double>(latency_mean(trace, stage).count());
    return std::max<std::int64_t>(1, std::llround(std::min(nj, 1e18)));
}

HarvestCursor::HarvestCursor(const Harvester& harvester, std::uint64_t seed) : harvester_(&harvester), seed_(seed) {
    if (const auto* source = std::get_if<BurstyPower>(&harvester.source)) {
        // The state before slot 0, from the stationary distribution.
        const double share_on = source->mean_on_slots / (source->mean_on_slots + source->mean_off_slots);
        on_ = unit_interval(draw(seed, Draw::kHarvest, 1, 0)[0]) < share_on;
    }
    draw_slot();
}

std::uint32_t HarvestCursor::word() const { return draw(seed_, Draw::kHarvest, 0, index_)[0]; }

// Power in slot `index_`; a bursty source takes its step into it.
double HarvestCursor::power_w() {
    if (const auto* constant = std::get_if<PersistentPower>(&harvester_->source)) return constant->power_w;
    if (const auto* record = std::get_if<RecordedPower>(&harvester_->source))
        return record->power_w[index_ % record->power_w.size()];
    if (const auto* sun = std::get_if<SolarPower>(&harvester_->source)) {
        const double clear = solar_power(*sun, index_);
        return clear > 0 && sun->clouds > 0 && unit_interval(word()) < sun->clouds ? 0 : clear;
    }
    const auto& bursts = std::get<BurstyPower>(harvester_->source);
    if (unit_interval(word()) * (on_ ? bursts.mean_on_slots : bursts.mean_off_slots) < 1) on_ = !on_;
    return on_ ? bursts.power_w : 0;
}

void HarvestCursor::draw_slot() {
    Duration length = harvester_->slot;
    if (const auto* record = std::get_if<RecordedPower>(&harvester_->source)) {
        const std::size_t row = index_ % record->power_w.size();
        length = record->times[row + 1] - record->times[row];
    }
    end_ = start_ + length;
    // Watts x nanoseconds are nanojoules.
    slot_nj_ = std::llround(power_w() * static_cast<double>(length.count()));
    slot_nj_ = std::min(slot_nj_, kMostNj - before_nj_);
}

void HarvestCursor::next_slot() {
    before_nj_ += slot_nj_;
    start_ = end_;
    ++index_;
    draw_slot();
}

std::int64_t HarvestCursor::until(Time time) {
    while (end_ <= time) next_slot();
    const auto part = Wide{slot_nj_} * (time - start_).count() / (end_ - start_).count();
    return before_nj_ + static_cast<std::int64_t>(part);
}

Time HarvestCursor::reaching(std::int64_t offered_nj) const {
    if (offered_nj > kMostNj) return kNever;
    HarvestCursor ahead = *this;
    while (ahead.before_nj_ + ahead.slot_nj_ < offered_nj) {
        if (ahead.end_ >= kEndOfTime) return kNever;
        ahead.next_slot();
    }
    const std::int64_t wanted = std::max<std::int64_t>(0, offered_nj - ahead.before_nj_);
    if (wanted == 0) return ahead.start_;
    const Wide length = (ahead.end_ - ahead.start_).count();
    const Wide ns = (Wide{wanted} * length + ahead.slot_nj_ - 1) / ahead.slot_nj_;
    return ahead.start_ + Duration(static_cast<std::int64_t>(ns));
}

}  // namespace laxity
