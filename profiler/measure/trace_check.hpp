// Whether a trace is this device's, and of today: whole passes of its network are measured anew, the way `laxity
// profile` measures its rows, and each stage's median is held against the trace's.
//
// A trace of another machine replays without complaint and is wrong by whatever the machines differ in. The median over
// stages of |ratio - 1| is one number for that, which one odd stage does not move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "traces/trace.hpp"

namespace laxity {

inline constexpr double kTraceIsOff = 0.05;      // from here on a warning
inline constexpr double kTraceIsForeign = 0.25;  // from here on it is not this device's

enum class TraceVerdict { kAgrees, kOff, kForeign };

struct StageCheck {
    std::string name;
    Duration expected{}, here{};  // medians: the trace's, and the one measured now
    double ratio = 1;             // here / expected
    std::optional<double> p;      // of "the same median", Holm's correction over the stages; none with too few passes
};

struct TraceCheck {
    std::string trace;       // its path
    std::size_t passes = 0;  // measured now
    std::vector<StageCheck> stages;
    double off = 0;            // median over stages of |ratio - 1|
    bool established = false;  // at least half of the stages differ by more than chance (p <= 0.05)
    TraceVerdict verdict = TraceVerdict::kAgrees;
};

// `latency_ns` is row-major [pass][stage], as in a trace; at least one pass.
//
// The test: latencies that follow each other are alike (clock, neighbours), so that a test which takes them for
// independent finds differences everywhere. Each sample is cut into 20 batches of consecutive passes, and Welch's t
// test compares the logarithms of the batches' medians: batch means (Conway, Management Science 10, 1963; 10 to 30
// batches: Schmeiser, Operations Research 30, 1982) of quantiles (Seila, Management Science 28, 1982). It knows how
// much a machine varies within each measurement; a drift between the two is a difference, as it should be. Below 5 %
// nothing is said, established or not; above it only what is established. O(passes log passes).
TraceCheck compare_with_trace(const Trace& trace, const std::vector<std::int64_t>& latency_ns);

// What `laxity check`, `live` and `validate` say in a line: "off by 12.3 % (median over 6 stages, 3812 passes)".
std::string off_text(const TraceCheck& check);
const char* verdict_text(TraceVerdict verdict);  // "agrees", "off", "not this device's"

// "AMD EPYC 9R14", or "NVIDIA H100, fp16": a device that has but one precision does not name it.
std::string name_and_precision(const DeviceInfo& device);

struct PassOptions {
    Duration length{};  // of measuring; a tenth of it more is spent before, on warming up
    CorePlan cores;     // plan_cores() of the calling thread
    bool raise_priority = true;
};

// The floats to load for pass number i, as LiveTask::input; none if the executable fetches them itself.
using PassInput = std::function<std::span<const float>(std::size_t pass)>;

// Whole passes through slot 0, one after the other, until the time is up, but at least 20: row-major [pass][stage] in
// ns. The driver is a thread of its own, so that the caller's keeps its priority and its cores. Ends early, with what
// there is, if an interrupt came. Throws DeviceError if the device fails.
std::vector<std::int64_t> measure_passes(Device& device, Executable& executable, const PassInput& input,
                                         const PassOptions& options);

}  // namespace laxity
