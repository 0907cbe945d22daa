#include "sim/core/replay.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/core/measured_tables.hpp"

namespace laxity {

namespace {

// One row per measured run: the stage's latency and, where measured, the dispatch cost of that very stage.
std::vector<std::int64_t> all_rows(const Trace& trace, bool path) {
    std::vector<std::int64_t> durations_ns = trace.latency_ns;
    if (trace.dispatch_ns.empty() || !path) return durations_ns;
    for (std::size_t i = 0; i < durations_ns.size(); ++i) {
        durations_ns[i] += trace.dispatch_ns[i % trace.dispatch_ns.size()];
    }
    return durations_ns;
}

std::int64_t mean(const std::vector<std::int64_t>& values) {
    if (values.empty()) return 0;
    double sum = 0;
    for (const std::int64_t value : values) sum += static_cast<double>(value);
    return std::llround(sum / static_cast<double>(values.size()));
}

std::int64_t quantile(std::vector<std::int64_t> values, double q) {
    if (values.empty()) return 0;
    const double rank = std::ceil(q * static_cast<double>(values.size())) - 1;
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::max(0.0, rank));
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

std::vector<std::int64_t> constant_row(const Trace& trace, const ReplayMode& mode) {
    std::vector<std::int64_t> durations_ns;
    const bool use_mean = mode.kind == ReplayMode::Kind::kMean;
    std::int64_t dispatch = 0;
    if (mode.parts.path) dispatch = use_mean ? mean(trace.dispatch_ns) : quantile(trace.dispatch_ns, mode.quantile);
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        const Duration latency = use_mean ? latency_mean(trace, stage) : latency_quantile(trace, stage, mode.quantile);
        durations_ns.push_back(latency.count() + dispatch);
    }
    return durations_ns;
}

// Times of `measured`, outcomes of `trace`.
std::unique_ptr<ReplayTable> make_table(const Trace& trace, std::shared_ptr<const Trace> measured,
                                        const ReplayMode& mode) {
    if (measured->stage_count() != trace.stage_count())
        throw std::invalid_argument("a measurement of a network with another number of stages");
    auto table = std::make_unique<ReplayTable>();
    table->stages = trace.stage_count();
    table->duration_ns = replayed_durations_ns(*measured, mode);
    table->rows = table->duration_ns.size() / trace.stages.size();
    table->measured = std::move(measured);
    table->labels = trace.samples.label;
    table->outcomes.reserve(trace.samples.prediction.size());
    for (std::size_t i = 0; i < trace.samples.prediction.size(); ++i) {
        table->outcomes.push_back({trace.samples.prediction[i], trace.samples.confidence[i]});
    }
    return table;
}

}  // namespace

std::vector<std::int64_t> replayed_durations_ns(const Trace& trace, const ReplayMode& mode) {
    return mode.kind == ReplayMode::Kind::kRows ? all_rows(trace, mode.parts.path) : constant_row(trace, mode);
}

Replay::Replay(const Workload& workload) : Replay(workload, {}) {}

Replay::Replay(const Workload& workload, const std::map<const Trace*, std::shared_ptr<const Trace>>& measured)
    : workload_(&workload) {
    for (const Task& task : workload.tasks) {
        auto& row = tables_.emplace_back();
        for (const Variant& variant : task.variants) {
            auto& table = by_trace_[variant.trace.get()];
            if (!table) {
                const auto other = measured.find(variant.trace.get());
                table = make_table(*variant.trace, other == measured.end() ? variant.trace : other->second,
                                   workload.replay);
            }
            row.push_back(table.get());
        }
    }
    if (!workload.replay.decisions.empty()) decisions_.emplace(workload.replay.decisions);
    auto tables = std::make_shared<const MeasuredTables>(*this, workload.replay.parts);
    if (tables->more_than_rows()) measured_ = std::move(tables);
}

}  // namespace laxity
