// Time in Laxity: integer nanoseconds, never floating point.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

namespace laxity {

using Duration = std::chrono::nanoseconds;

// The clock of one run. It has no now(): time enters the scheduler only through its arguments, as virtual time
// from a simulation or as steady-clock time from a live run. Zero is the start of the run.
struct RunClock {
    using rep = Duration::rep;
    using period = Duration::period;
    using duration = Duration;
    using time_point = std::chrono::time_point<RunClock>;
    static constexpr bool is_steady = true;
};

using Time = RunClock::time_point;

inline constexpr Time kNever = Time::max();

constexpr Time at_ns(std::int64_t ns) { return Time(Duration(ns)); }
constexpr std::int64_t to_ns(Time t) { return t.time_since_epoch().count(); }

// Rounds to the nearest nanosecond, halves away from zero.
inline Duration nanoseconds_from(double ns) { return Duration(std::llround(ns)); }

constexpr double to_ms(Duration d) { return static_cast<double>(d.count()) * 1e-6; }
constexpr double to_us(Duration d) { return static_cast<double>(d.count()) * 1e-3; }
constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) * 1e-9; }

}  // namespace laxity
