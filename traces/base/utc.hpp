// The date of a measurement or a result.
#pragma once

#include <string>

namespace laxity {

std::string utc_now();  // "2026-11-22T04:05:06Z" (ISO 8601)

}  // namespace laxity
