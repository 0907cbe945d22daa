#include "workloads/eta.hpp"

#include <algorithm>
#include <cmath>

#include "workloads/philox.hpp"

namespace laxity {

namespace {

constexpr std::uint64_t kSeed = 0x7A796761726465;  // of histories and random orders: not a run's
constexpr std::size_t kHistorySlots = 20'000;
constexpr std::uint32_t kRandomOrders = 20;

// How often an event followed at least n equal slots in a row, by n.
struct Follows {
    explicit Follows(int history) : events(static_cast<std::size_t>(history) + 1), slots(events.size()) {}
    std::vector<double> events, slots;

    void add(std::size_t run, bool event) {
        const std::size_t n = std::min(run, slots.size() - 1);
        slots[n] += 1;
        events[n] += event ? 1 : 0;
    }
    // From "exactly n" to "at least n".
    void accumulate() {
        for (std::size_t n = slots.size() - 1; n-- > 0;) {
            slots[n] += slots[n + 1];
            events[n] += events[n + 1];
        }
    }
    double probability(std::size_t n) const { return slots[n] == 0 ? 0 : events[n] / slots[n]; }
};

void shuffle(std::vector<std::uint8_t>& slots, std::uint32_t order) {
    for (std::size_t left = slots.size(); left > 1; --left) {
        const std::uint32_t word = draw(kSeed, Draw::kHarvest, 2 + order, left)[0];
        std::swap(slots[left - 1], slots[below(word, static_cast<std::uint32_t>(left))]);
    }
}

double mean_random_distance(std::vector<std::uint8_t> slots) {
    double sum = 0;
    for (std::uint32_t order = 0; order < kRandomOrders; ++order) {
        shuffle(slots, order);
        sum += distance_to_persistent(event_probabilities(slots));
    }
    return sum / kRandomOrders;
}

std::size_t history_slots(const Harvester& harvester) {
    const auto* record = std::get_if<RecordedPower>(&harvester.source);
    if (record == nullptr) return kHistorySlots;
    const auto slots = (record->times.back() - record->times.front()) / harvester.slot;
    return static_cast<std::size_t>(std::clamp<std::int64_t>(slots, 1, 1'000'000));
}

}  // namespace

std::vector<double> event_probabilities(std::span<const std::uint8_t> events, int history) {
    Follows after_events(history), after_none(history);
    std::size_t event_run = 0, none_run = 0;
    for (const std::uint8_t event : events) {
        after_events.add(event_run, event != 0);
        after_none.add(none_run, event != 0);
        event_run = event != 0 ? event_run + 1 : 0;
        none_run = event != 0 ? 0 : none_run + 1;
    }
    after_events.accumulate();
    after_none.accumulate();
    std::vector<double> h;
    for (std::size_t n = 0; n < static_cast<std::size_t>(history); ++n) {
        h.push_back(after_events.probability(n));
        h.push_back(after_none.probability(n + 1));
    }
    h.push_back((h[0] + h[1]) / 2);
    return h;
}

// Between samples of equal size the Wasserstein distance is the mean difference of the sorted values.
double distance_to_persistent(std::vector<double> h) {
    std::sort(h.begin(), h.end());
    const std::size_t zeros = h.size() / 2 + 1;
    double sum = 0;
    for (std::size_t i = 0; i < h.size(); ++i) sum += i < zeros ? h[i] : 1 - h[i];
    return sum / static_cast<double>(h.size());
}

double eta_of(std::span<const std::uint8_t> events) {
    const auto count = static_cast<std::size_t>(std::count(events.begin(), events.end(), std::uint8_t{1}));
    if (count == events.size() || count == 0) return count == 0 ? 0 : 1;
    const double random = mean_random_distance({events.begin(), events.end()});
    return (random - distance_to_persistent(event_probabilities(events))) / random;
}

double eta_of(const Harvester& harvester) {
    if (std::holds_alternative<PersistentPower>(harvester.source)) return 1;
    // Slots are rounded to whole nJ.
    const double least_nj = harvester.event_power_w * static_cast<double>(harvester.slot.count()) - 1;
    HarvestCursor cursor(harvester, kSeed);
    std::vector<std::uint8_t> events(history_slots(harvester));
    std::int64_t before = 0;
    Time end{};
    for (std::uint8_t& event : events) {
        end += harvester.slot;
        const std::int64_t offered = cursor.until(end);
        event = static_cast<double>(offered - before) >= least_nj ? 1 : 0;
        before = offered;
    }
    return eta_of(events);
}

}  // namespace laxity
