// Small random workloads for properties that hold for every workload.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/draws.hpp"
#include "traces/trace.hpp"
#include "workloads/workload.hpp"

namespace laxity::test {

// Stages of .2 to 4 ms whose latencies vary by up to `spread` from row to row; the deeper the exit, the more often it
// is right, and the surer. Some stages are on the host if `with_host`.
inline std::shared_ptr<const Trace> random_trace(Draws& draw, const std::string& name, bool with_host) {
    constexpr int kSamples = 64, kRows = 40;
    const int exits = static_cast<int>(draw.integer(1, 5));
    std::vector<Duration> times;
    for (int k = 0; k < exits; ++k) times.push_back(Duration(draw.integer(200'000, 4'000'000)));
    Trace trace = synthetic_trace(name, times, std::vector<double>(times.size(), 0.5));
    const double spread = draw.integer(0, 1) == 0 ? 0 : 0.6;
    trace.latency_ns.clear();
    for (int row = 0; row < kRows; ++row) {
        for (const Duration time : times) {
            trace.latency_ns.push_back(
                static_cast<std::int64_t>(static_cast<double>(time.count()) * draw.real(1 - spread, 1 + spread)));
        }
    }
    if (draw.integer(0, 3) == 0) trace.dispatch_ns = {1000, 50'000};
    for (StageInfo& stage : trace.stages) {
        if (with_host && draw.integer(0, 3) == 0) stage.resource = "host";
    }
    trace.samples.label.resize(kSamples);
    trace.samples.prediction.clear();
    trace.samples.confidence.clear();
    for (int sample = 0; sample < kSamples; ++sample) {
        trace.samples.label[static_cast<std::size_t>(sample)] = 1;
        const double ease = draw.real();
        for (int k = 0; k < exits; ++k) {
            const double chance = std::clamp(ease + 0.15 * (k - 1), 0.05, 0.98);
            trace.samples.prediction.push_back(draw.real() < chance ? 1 : 0);
            trace.samples.confidence.push_back(static_cast<float>(std::clamp(chance + draw.real(-0.1, 0.1), 0.0, 1.0)));
        }
    }
    return std::make_shared<const Trace>(std::move(trace));
}

inline Arrivals random_arrivals(Draws& draw, double gap_ns) {
    const Duration gap(static_cast<std::int64_t>(gap_ns));
    switch (draw.integer(0, 6)) {
        case 0:
            return PeriodicArrivals{gap, Duration(draw.integer(0, gap.count())), gap / 4};
        case 1:
            return SporadicArrivals{gap / 2, gap / 2};
        case 2:
            return MmppArrivals{gap_ns / 2, 4 * gap_ns, 20 * gap_ns, 20 * gap_ns};
        case 3:
            return GammaArrivals{gap_ns, 2};
        case 4:
            return ClosedArrivals{static_cast<int>(draw.integer(1, 6)), true};
        default:
            return PoissonArrivals{gap_ns};
    }
}

// One to three tasks, some with two variants, at loads from light to far too high, on one to three slots.
inline Workload random_workload(std::uint64_t seed) {
    Draws draw(seed);
    const bool with_host = draw.integer(0, 3) == 0;
    Workload workload;
    workload.path = "random";
    workload.resources = {{"accelerator", draw.integer(0, 2) == 0 ? static_cast<int>(draw.integer(2, 3)) : 1}};
    if (with_host) workload.resources.push_back({"host", 1});
    const auto tasks = draw.integer(1, 3);
    const double load = draw.real(0.2, 4) * workload.resources[0].slots / static_cast<double>(tasks);
    for (int t = 0; t < tasks; ++t) {
        Task task;
        task.name = "task" + std::to_string(t);
        for (auto variants = draw.integer(1, 2); variants > 0; --variants) {
            const std::string name = task.name + "-" + std::to_string(variants);
            task.variants.push_back({name, random_trace(draw, name, with_host)});
            task.full = std::max(task.full, full_latency_mean(*task.variants.back().trace));
        }
        const auto full_ns = static_cast<double>(task.full.count());
        task.arrivals = random_arrivals(draw, full_ns / load);
        const double shortest = draw.real(0.2, 2);
        task.deadline = {Duration(static_cast<std::int64_t>(shortest * full_ns)),
                         Duration(static_cast<std::int64_t>((shortest + draw.real(0, 3)) * full_ns))};
        int stages = kMaxStages;
        for (const Variant& variant : task.variants) stages = std::min(stages, variant.trace->stage_count());
        task.mandatory_stages = static_cast<int>(draw.integer(1, std::min(stages, 2)));
        task.weight = draw.real(0.5, 3);
        workload.tasks.push_back(std::move(task));
    }
    workload.horizon.jobs = static_cast<std::uint64_t>(draw.integer(20, 160));
    workload.horizon.warmup_jobs = draw.integer(0, 1) == 0 ? 0 : workload.horizon.jobs / 10;
    if (draw.integer(0, 4) == 0) workload.decision_cost = Duration(20'000);
    return workload;
}

}  // namespace laxity::test
