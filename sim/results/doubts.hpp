// Where a run is too short for what it is asked.
#pragma once

#include <string>
#include <vector>

#include "sim/results/metrics.hpp"

namespace laxity {

// One line for each number of a run that should not be trusted, without a newline; none if the run is long enough:
//   - no job was scored, or none of them was answered in time: most measures have no value;
//   - fewer than 10 responses lie beyond the 95 % or the 99 % quantile (200 and 1000 responses are needed);
//   - fewer than 10 misses, but some: what interval the miss ratio has (Clopper and Pearson, Biometrika 26, 1934);
//   - the backlog grew (sim/results/backlog_trend.hpp): the queue is unstable, or the run too short.
std::vector<std::string> doubts(const Metrics& metrics);

}  // namespace laxity
