// Reads the process "counts": how many requests came in each interval. Internal to this folder.
#pragma once

#include "traces/base/json_reader.hpp"
#include "workloads/arrivals_file.hpp"

namespace laxity {

// A column of counts, one interval a row; or, with "columns": [FIRST, LAST], a row of them, one interval a column, as
// public serverless traces have them. At most 1e8 intervals, 1e7 requests in each. Throws InputError.
CountArrivals read_counts(const JsonReader& reader, const ArrivalTask& task);

}  // namespace laxity
