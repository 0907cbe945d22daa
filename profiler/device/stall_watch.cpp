#include "profiler/device/stall_watch.hpp"

namespace laxity {

void collect_gaps(StallWatch& watch, StallWatch::Clock::time_point began, Stalls& stalls) {
    stalls.threshold = StallWatch::kThreshold;
    while (const auto gap = watch.poll()) {
        if (gap->end() > began) stalls.gaps.push_back({Time(gap->at - began), gap->length});
    }
}

}  // namespace laxity
