#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "sim/cli/history_table.hpp"
#include "sim/cli/show.hpp"
#include "sim/cli/text_table.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// --- A trace in numbers ---

struct LatencySummary {
    double mean_ms = 0, p50_ms = 0, p99_ms = 0, max_ms = 0;
    double cv = 0;    // coefficient of variation
    double lag1 = 0;  // autocorrelation of neighbouring runs
};

LatencySummary summarise(const std::vector<std::int64_t>& ns) {
    const auto count = static_cast<double>(ns.size());
    const double mean = std::accumulate(ns.begin(), ns.end(), 0.0) / count;
    double squares = 0, products = 0;
    for (std::size_t i = 0; i < ns.size(); ++i) {
        const double deviation = static_cast<double>(ns[i]) - mean;
        squares += deviation * deviation;
        if (i > 0) products += deviation * (static_cast<double>(ns[i - 1]) - mean);
    }
    const auto ms = [&](double q) { return static_cast<double>(quantile(ns, q)) * 1e-6; };
    return {
        mean * 1e-6, ms(0.5), ms(0.99), ms(1), std::sqrt(squares / count) / mean, squares > 0 ? products / squares : 0};
}

std::vector<std::int64_t> whole_network_latencies(const Trace& trace) {
    std::vector<std::int64_t> sums(trace.runs());
    for (std::size_t run = 0; run < sums.size(); ++run)
        for (int k = 0; k < trace.stage_count(); ++k) sums[run] += trace.latency(run, k);
    return sums;
}

struct ExitSummary {
    double time_ms = 0;  // mean time up to this exit
    double accuracy_replayed = 0, accuracy_all = 0, confidence_replayed = 0, confidence_all = 0;
    double calibration_error = 0;  // of the replayed half
};

std::vector<ExitSummary> summarise_exits(const Trace& trace) {
    const auto replayed = replay_half(trace.samples.count());
    std::vector<std::uint32_t> all(trace.samples.count());
    std::iota(all.begin(), all.end(), 0U);
    std::vector<ExitSummary> exits;
    double time_ms = 0;
    for (int k = 0; k < trace.stage_count(); ++k) {
        time_ms += summarise(stage_latencies(trace, k)).mean_ms;
        exits.push_back({time_ms, accuracy(trace, replayed, k), accuracy(trace, all, k),
                         mean_confidence(trace, replayed, k), mean_confidence(trace, all, k),
                         calibration_error(trace, replayed, k)});
    }
    return exits;
}

// --- A trace as JSON ---

Json latency_json(const std::vector<std::int64_t>& ns) {
    const LatencySummary s = summarise(ns);
    return {{"mean_ms", s.mean_ms}, {"p50_ms", s.p50_ms}, {"p99_ms", s.p99_ms},
            {"max_ms", s.max_ms},   {"cv", s.cv},         {"lag1", s.lag1}};
}

Json stage_json(const Trace& trace, int k) {
    const StageInfo& stage = trace.stages[static_cast<std::size_t>(k)];
    return {{"name", stage.name},
            {"resource", stage.resource},
            {"latency", latency_json(stage_latencies(trace, k))},
            {"macs", stage.macs},
            {"parameter_bytes", stage.parameter_bytes},
            {"activation_bytes", stage.activation_bytes},
            {"energy_uj", stage.energy_uj ? Json(*stage.energy_uj) : Json()}};
}

// One stage's times by the device's own clock, in ns.
std::vector<std::int64_t> device_times(const Trace& trace, int stage) {
    std::vector<std::int64_t> times;
    for (auto i = static_cast<std::size_t>(stage); i < trace.device_ns.size(); i += trace.stages.size())
        times.push_back(trace.device_ns[i]);
    return times;
}

Json trace_json(const Trace& trace) {
    Json json = {{"file", trace.path},
                 {"device",
                  {{"kind", trace.device.kind},
                   {"name", trace.device.name},
                   {"backend", trace.device.backend},
                   {"threads", trace.device.threads},
                   {"details", Json(trace.device.details)}}},
                 {"network",
                  {{"name", trace.network.name},
                   {"input", trace.network.input},
                   {"classes", trace.network.classes},
                   {"parameters", trace.network.parameters}}},
                 {"protocol",
                  {{"warmup", trace.protocol.warmup},
                   {"runs", trace.protocol.runs},
                   {"clock", trace.protocol.clock},
                   {"created", trace.protocol.created},
                   {"tool", trace.protocol.tool}}},
                 {"samples",
                  {{"dataset", trace.samples.dataset},
                   {"split", trace.samples.split},
                   {"count", trace.samples.count()},
                   {"replayed", replay_half(trace.samples.count()).size()}}}};
    for (int k = 0; k < trace.stage_count(); ++k) json["stages"].push_back(stage_json(trace, k));
    for (int k = 0; !trace.device_ns.empty() && k < trace.stage_count(); ++k)
        json["device_clock"].push_back(latency_json(device_times(trace, k)));
    json["whole_network"] = latency_json(whole_network_latencies(trace));
    json["dispatch"] = trace.dispatch_ns.empty() ? Json() : latency_json(trace.dispatch_ns);
    if (trace.host.measured())
        json["host"] = {{"preprocess", latency_json(trace.host.preprocess_ns)},
                        {"postprocess", latency_json(trace.host.postprocess_ns)}};
    add_history(json, trace);
    for (const Corun& corun : trace.corun)
        json["corun"].push_back({{"resources", corun.resources}, {"slowdown", corun.slowdown}});
    for (const ExitSummary& e : summarise_exits(trace))
        json["exits"].push_back({{"time_ms", e.time_ms},
                                 {"accuracy_replayed", e.accuracy_replayed},
                                 {"accuracy_all", e.accuracy_all},
                                 {"confidence_replayed", e.confidence_replayed},
                                 {"confidence_all", e.confidence_all},
                                 {"calibration_error", e.calibration_error}});
    return json;
}

// --- A trace as text ---

// Nobody knows what is 0 (traces/trace.hpp).
std::string known(std::int64_t number, double unit, int digits) {
    return number == 0 ? "-" : fixed(static_cast<double>(number) / unit, digits);
}

std::string input_text(const std::vector<int>& lengths) {
    std::vector<std::string> parts;
    for (const int length : lengths) parts.push_back(std::to_string(length));
    return parts.empty() ? "not known" : joined(parts, "x");
}

void print_header(std::ostream& out, const Trace& trace) {
    out << trace.path << "\n\ndevice    " << trace.device.kind << ": " << trace.device.name << ", "
        << trace.device.backend << ", " << trace.device.threads
        << (trace.device.threads == 1 ? " thread\n" : " threads\n");
    for (const auto& [key, value] : trace.device.details) out << "          " << key << ": " << one_line(value) << "\n";
    out << "network   " << trace.network.name << ", input " << input_text(trace.network.input) << ", "
        << trace.network.classes << " classes, " << known(trace.network.parameters, 1, 0) << " parameters\n"
        << "protocol  " << trace.protocol.runs << " runs after " << trace.protocol.warmup << " to warm up, clock "
        << trace.protocol.clock;
    if (!trace.protocol.created.empty()) out << ", " << trace.protocol.created << ", " << trace.protocol.tool;
    out << "\nsamples   " << trace.samples.dataset << ", " << trace.samples.split << ": " << trace.samples.count()
        << ", of which " << replay_half(trace.samples.count()).size() << " are replayed\n\n";
}

TextTable::Row latency_cells(const std::string& name, const std::string& resource,
                             const std::vector<std::int64_t>& ns) {
    const LatencySummary s = summarise(ns);
    return {
        name,          resource,        fixed(s.mean_ms, 4), fixed(s.p50_ms, 4), fixed(s.p99_ms, 4), fixed(s.max_ms, 4),
        percent(s.cv), fixed(s.lag1, 2)};
}

void print_stages(std::ostream& out, const Trace& trace) {
    TextTable table("llrrrrrrrrr",
                    {"stage", "resource", "mean", "p50", "p99", "max", "CV", "lag-1", "work", "weights", "energy"},
                    {"", "", "ms", "ms", "ms", "ms", "%", "", "MMAC", "KiB", "uJ"});
    for (int k = 0; k < trace.stage_count(); ++k) {
        const StageInfo& stage = trace.stages[static_cast<std::size_t>(k)];
        TextTable::Row row = latency_cells(stage.name, stage.resource, stage_latencies(trace, k));
        row.push_back(known(stage.macs, 1e6, 3));
        row.push_back(known(stage.parameter_bytes, 1024, 1));
        row.push_back(stage.energy_uj ? fixed(*stage.energy_uj, 1) : "-");
        table.add(row);
    }
    for (int k = 0; !trace.device_ns.empty() && k < trace.stage_count(); ++k)
        table.add(latency_cells(trace.stages[static_cast<std::size_t>(k)].name, "its clock", device_times(trace, k)));
    table.add(latency_cells("all", "", whole_network_latencies(trace)));
    if (!trace.dispatch_ns.empty()) table.add(latency_cells("dispatch", "", trace.dispatch_ns));
    if (trace.host.measured()) {
        table.add(latency_cells("preprocess", "host", trace.host.preprocess_ns));
        table.add(latency_cells("postprocess", "host", trace.host.postprocess_ns));
    }
    table.print(out);
    for (const Corun& corun : trace.corun) {
        out << "slowdown beside " << corun.resources - 1 << (corun.resources == 2 ? " other stage:" : " other stages:");
        for (const double slowdown : corun.slowdown) out << " " << fixed(slowdown, 2);
        out << "\n";
    }
    out << "\n";
}

void print_exits(std::ostream& out, const Trace& trace) {
    TextTable table(
        "lrrrrrrl",
        {"exit", "time to it", "accuracy", "(all)", "confidence", "(all)", "calibration error", "accuracy over time"},
        {"", "mean, ms", "%", "%", "%", "%", "points"});
    const std::vector<ExitSummary> exits = summarise_exits(trace);
    constexpr double kBarLength = 40;  // of 100 % and of the last exit's time
    for (std::size_t k = 0; k < exits.size(); ++k) {
        const ExitSummary& e = exits[k];
        std::string bar(static_cast<std::size_t>(std::lround(kBarLength * e.accuracy_replayed)), '#');
        bar.resize(static_cast<std::size_t>(kBarLength), '.');
        table.add({std::to_string(k), fixed(e.time_ms, 4), percent(e.accuracy_replayed), percent(e.accuracy_all),
                   percent(e.confidence_replayed), percent(e.confidence_all), percent(e.calibration_error), bar});
    }
    table.print(out);
    out << "\nAccuracy, confidence and calibration error are of the replayed half; (all) includes the calibration "
           "half.\n";
}

}  // namespace

std::string trace_summary_json(const Trace& trace) { return trace_json(trace).dump(2) + "\n"; }

void print_trace(std::ostream& out, const Trace& trace) {
    print_header(out, trace);
    print_stages(out, trace);
    if (trace.history.measured() || trace.stalls) {
        print_history(out, trace);
        out << "\n";
    }
    print_exits(out, trace);
}

}  // namespace laxity
