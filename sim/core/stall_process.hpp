// When a lane is kept from its work by something that is not the service's: an interrupt, the kernel, the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "traces/base/time.hpp"
#include "traces/history.hpp"

namespace laxity {

// What was measured: gaps come at `rate` gaps / watched time of a lane, and are as long as one of those measured.
class StallLaw {
public:
    // Measurements that say the same of one kind of lane, together.
    void add(const Stalls& measured);

    bool empty() const { return lengths_.empty(); }
    // Mean time from the end of a gap to the beginning of the next: gaps do not overlap, and watched time includes
    // them.
    double mean_pause_ns() const;
    const std::vector<Duration>& lengths() const { return lengths_; }

private:
    std::vector<Duration> lengths_;
    Duration watched_{};
};

// The gaps of one lane: a Poisson process but for the gaps' own lengths, gap k a function of (seed, lane, k) and of
// those before it, whatever the lane does. O(1) for each gap.
class StallProcess {
public:
    // The law outlives it; an empty one has no gaps.
    StallProcess(const StallLaw& law, std::uint64_t seed, std::uint32_t lane);

    // By how much work that begins now and would take so long is prolonged. Calls in the order of time.
    Duration prolongs(Time now, Duration work) { return at_ >= now + work ? Duration::zero() : meet(now, work); }

    // How long it still lasts at this moment, if there is one then. Calls in the order of time; not to be mixed with
    // prolongs().
    Duration remains(Time now) { return at_ > now ? Duration::zero() : rest(now); }

private:
    Duration rest(Time now);
    Duration meet(Time now, Duration work);
    void advance();

    const StallLaw* law_;
    std::uint64_t seed_;
    std::uint32_t lane_;
    std::uint64_t number_ = 0;
    Time at_ = kNever;  // of the gap that comes next, or that the lane is in
    Duration length_{};
};

}  // namespace laxity
