// The stalls of one live run, in its own time.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/results/path_record.hpp"
#include "traces/base/time.hpp"

namespace laxity {

// Remembers every gap, and says which of them a job or a part of a stage's path met. Gaps are added about in the order
// in which they end, so that a question looks at the last few only.
class StallLog {
public:
    StallLog() { gaps_.reserve(4096); }

    void add(const StallRecord& gap) {
        const auto later = [](Time end, const StallRecord& other) { return end < end_of(other); };
        gaps_.insert(std::upper_bound(gaps_.begin(), gaps_.end(), end_of(gap), later), gap);
    }

    // Whether a gap of any thread or stage lies in part between the two.
    bool touches(Time from, Time to) const {
        return std::any_of(gaps_.rbegin(), first_before(from), [to](const auto& gap) { return gap.at < to; });
    }

    // How much of the time between the two the gaps of this lane take (-1: the driver's).
    Duration within(int lane, Time from, Time to) const {
        Duration sum{};
        const auto end = first_before(from);
        for (auto gap = gaps_.rbegin(); gap != end; ++gap) {
            if (gap->lane != lane || gap->at >= to) continue;
            sum += std::min(end_of(*gap), to) - std::max(gap->at, from);
        }
        return sum;
    }

private:
    using Gaps = std::vector<StallRecord>;

    static Time end_of(const StallRecord& gap) { return gap.at + gap.length; }
    // From the back, the first that ended by `time`.
    Gaps::const_reverse_iterator first_before(Time time) const {
        return std::find_if(gaps_.rbegin(), gaps_.rend(), [time](const auto& gap) { return end_of(gap) <= time; });
    }

    Gaps gaps_;  // by end
};

}  // namespace laxity
