#include "traces/trace_doubts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "traces/base/error.hpp"
#include "traces/base/text.hpp"
#include "traces/doubt_parts.hpp"

namespace laxity {

namespace {

struct Unit {
    double ns;
    const char* name;
};

constexpr std::array kUnits{Unit{3.6e12, "h"}, Unit{1e9, "s"}, Unit{1e6, "ms"}, Unit{1e3, "us"}, Unit{1, "ns"}};

bool without(const Trace& trace, std::int64_t StageInfo::*number) {
    return std::ranges::all_of(trace.stages, [&](const StageInfo& stage) { return stage.*number == 0; });
}

// What the file of the network would have said, and nobody else did.
std::string network_lacks(const Trace& trace) {
    std::vector<std::string> missing;
    if (trace.network.sha256.empty()) missing.emplace_back("SHA-256");
    if (trace.network.input.empty()) missing.emplace_back("shape of the input");
    if (trace.network.parameters == 0) missing.emplace_back("parameters");
    if (without(trace, &StageInfo::macs)) missing.emplace_back("multiply-accumulates");
    if (without(trace, &StageInfo::parameter_bytes)) missing.emplace_back("bytes of the weights");
    if (without(trace, &StageInfo::activation_bytes)) missing.emplace_back("bytes of the activations");
    return joined(missing, ", ");
}

}  // namespace

std::string digits(double value) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.3g", value);
    return text.data();
}

std::string time_text(double ns) {
    const auto fits = [ns](const Unit& unit) { return ns >= unit.ns; };
    const auto unit = std::ranges::find_if(kUnits, fits);
    const Unit& chosen = unit == kUnits.end() ? kUnits.back() : *unit;
    return digits(ns / chosen.ns) + " " + chosen.name;
}

std::string share_text(double share) { return digits(100 * share) + " %"; }

std::string count_text(std::size_t count, const char* noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::vector<TraceDoubt> trace_doubts(const Trace& trace) {
    std::vector<TraceDoubt> doubts;
    if (trace.device.kind != "synthetic") add_latency_doubts(trace, doubts);
    add_sample_doubts(trace, doubts);
    return doubts;
}

std::vector<std::string> trace_lacks(const Trace& trace) {
    std::vector<std::string> lacks;
    const std::string network = network_lacks(trace);
    if (trace.dispatch_ns.empty())
        lacks.emplace_back("dispatch times: a simulated stage costs nothing beyond its latency");
    if (!trace.history.measured())
        lacks.emplace_back("history: a simulated stage takes the time of a whole pass, whatever ran before it");
    if (!trace.stalls && !trace.driver_stalls)
        lacks.emplace_back("stalls: a simulation has none but those in the rows");
    if (trace.corun.empty()) lacks.emplace_back("co-running: stages side by side do not slow each other down");
    if (!network.empty())
        lacks.push_back("of the network: " + network + ": 0 or empty in the file, which means not known");
    return lacks;
}

std::string text_of(const TraceDoubt& doubt) {
    return doubt.kind + (doubt.where.empty() ? "" : " (" + one_line(doubt.where) + ")") + ": " + doubt.found + "; " +
           doubt.meaning + "; " + doubt.advice;
}

}  // namespace laxity
