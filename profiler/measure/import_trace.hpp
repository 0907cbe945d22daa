// A trace of what others measured: what `laxity import` does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profiler/measure/imported_latencies.hpp"
#include "profiler/measure/imported_scores.hpp"
#include "profiler/network/network.hpp"
#include "traces/trace.hpp"

namespace laxity {

// Numbers that only the user knows, one for each stage; empty = not known.
struct StageNumbers {
    std::vector<std::int64_t> macs, parameter_bytes, activation_bytes;
    std::vector<double> energy_uj;
};

struct ImportRequest {
    LatencySource latency;
    std::string dispatch;  // a number in the unit of the latencies, or a file; empty = not known

    std::string scores;  // either scores and labels ...
    std::optional<ScoreKind> score_kind;
    std::string predictions;  // ... or predictions, and labels where the file has none
    std::string labels;

    std::optional<Network> network;  // the file that was measured; what it says need not be given
    NetworkInfo info;                // without it: name; input, classes (0) and parameters (0) where they are known
    StageNumbers stages;

    DeviceInfo device;
    std::string dataset, split, clock;
};

// Latencies as they were given; outcomes calibrated as `laxity profile` does (exit_scores.hpp) where there are scores,
// and as they were given, at temperature 1, where there are only predictions. What is not known is left out, or 0 or
// empty where the format has no way to leave it out; `device.details` names the files. Throws InputError for files that
// do not fit each other, or the network.
Trace import_trace(const ImportRequest& request);

}  // namespace laxity
