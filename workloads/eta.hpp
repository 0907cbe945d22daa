// The eta factor of Zygarde (Islam & Nirjon, IMWUT 4(3), 2020): how far the future of a harvester can be relied on, 1 =
// like persistent power, 0 = like chance. After the authors' public code (eta_factor.py and general_CEE.py of
// zygarde-intermittent/zygarde):
//
//   time is cut into slots; a slot with enough power is an event
//   h = { P(event | the n - 1 slots before were events),      n = 1 .. 20,
//         P(event | the n slots before were none),            n = 1 .. 20,
//         the mean of the first of either side }              0 where the condition never holds
//   h of persistent power = 1 on the side of events, 0 elsewhere
//   dc = distance(h of persistent power, h), dr = the same for as many events in random order
//   eta = (dr - dc) / dr
//
// The distance is the Wasserstein distance between the two vectors as unordered samples, so that n plays no part in it:
// that is what the code does. Ours: dr is the mean over several orders, drawn with a fixed seed; the authors leave out
// the first and last slots of a trace, we count all; where every slot is an event, eta is 1, and where none is, 0 (dr =
// dc there, and their formula gives 0 and 0 / 0).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/energy.hpp"

namespace laxity {

inline constexpr int kEtaHistory = 20;  // the longest condition

// The vector h of a sequence of slots, unordered: 2 * history + 1 probabilities. O(slots).
std::vector<double> event_probabilities(std::span<const std::uint8_t> events, int history = kEtaHistory);

// Wasserstein distance between h and that of persistent power.
double distance_to_persistent(std::vector<double> probabilities);

// eta of a sequence of slots. A poor harvester can come out slightly below 0: no clamping.
double eta_of(std::span<const std::uint8_t> events);

// eta of a harvester, from a history of its own that no run meets: 20,000 slots under a fixed seed, or one pass of a
// recording.
double eta_of(const Harvester& harvester);

}  // namespace laxity
