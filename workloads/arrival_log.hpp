// Reads the process "log": requests that somebody recorded, in a table of text (table_file.hpp). Internal to this
// folder.
#pragma once

#include "traces/base/json_reader.hpp"
#include "workloads/arrivals_file.hpp"

namespace laxity {

// The releases of `task`, with the deadlines and inputs that the log carries. At most 1e8 rows. Throws InputError.
LogArrivals read_log(const JsonReader& reader, const ArrivalTask& task);

// `deadline`, which was stated or not, becomes what jobs without a logged one draw from; afterwards it spans all that
// there are. Throws InputError if there are such jobs and none was stated.
void use_logged_deadlines(const JsonReader& reader, bool stated, LogArrivals& log, DeadlineRange& deadline);

}  // namespace laxity
