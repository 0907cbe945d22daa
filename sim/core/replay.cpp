#include "sim/core/replay.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

namespace {

// One row per measured run: the stage's latency and, where measured, the dispatch cost of that very stage.
std::vector<std::int64_t> all_rows(const Trace& trace) {
    std::vector<std::int64_t> durations_ns = trace.latency_ns;
    if (trace.dispatch_ns.empty()) return durations_ns;
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
    const std::int64_t dispatch = use_mean ? mean(trace.dispatch_ns) : quantile(trace.dispatch_ns, mode.quantile);
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        const Duration latency = use_mean ? latency_mean(trace, stage) : latency_quantile(trace, stage, mode.quantile);
        durations_ns.push_back(latency.count() + dispatch);
    }
    return durations_ns;
}

std::unique_ptr<ReplayTable> make_table(const Trace& trace, const ReplayMode& mode) {
    auto table = std::make_unique<ReplayTable>();
    table->stages = trace.stage_count();
    table->duration_ns = replayed_durations_ns(trace, mode);
    table->rows = table->duration_ns.size() / trace.stages.size();
    table->labels = trace.samples.label;
    table->outcomes.reserve(trace.samples.prediction.size());
    for (std::size_t i = 0; i < trace.samples.prediction.size(); ++i) {
        table->outcomes.push_back({trace.samples.prediction[i], trace.samples.confidence[i]});
    }
    return table;
}

}  // namespace

std::vector<std::int64_t> replayed_durations_ns(const Trace& trace, const ReplayMode& mode) {
    return mode.kind == ReplayMode::Kind::kRows ? all_rows(trace) : constant_row(trace, mode);
}

Replay::Replay(const Workload& workload) : workload_(&workload) {
    for (const Task& task : workload.tasks) {
        auto& row = tables_.emplace_back();
        for (const Variant& variant : task.variants) {
            auto& table = by_trace_[variant.trace.get()];
            if (!table) table = make_table(*variant.trace, workload.replay);
            row.push_back(table.get());
        }
    }
}

}  // namespace laxity
