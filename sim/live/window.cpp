#include "sim/live/window.hpp"

#include <algorithm>
#include <future>
#include <limits>

#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/history_cells.hpp"

namespace laxity {

namespace {

MeasuredWindow drive(LiveService& service, const WindowOptions& options) {
    pin_this_thread(options.cores.driver);
    raise_this_thread(ThreadLoad::kMayStayBusy, "driver");
    sharpen_timers();
    std::vector<ScheduledNetwork> networks;
    for (const MeasurableNetwork& network : service.measurable_networks()) networks.push_back(network.network);
    ScheduleOptions schedule;
    schedule.length = options.length;
    schedule.seed = options.seed;
    schedule.cores = options.cores;
    ScheduleResult result = run_schedule(service.device(), networks, schedule);
    if (!result.failure.empty()) throw DeviceError(result.failure);
    return {std::move(result.executions), std::move(result.release_lateness_ns), std::move(result.stalls),
            std::move(result.driver_stalls)};
}

// By stage: latencies of the executions that no stall touched.
std::vector<std::vector<std::int64_t>> latencies_of(const std::vector<Execution>& executions, std::size_t stages) {
    std::vector<std::vector<std::int64_t>> latencies(stages);
    for (const Execution& execution : executions) {
        if (!execution.stalled)
            latencies[static_cast<std::size_t>(execution.stage)].push_back(execution.latency.count());
    }
    return latencies;
}

template <class Item>
std::vector<Item> together(const std::vector<Item>& first, const std::vector<Item>& second) {
    std::vector<Item> all = first;
    all.insert(all.end(), second.begin(), second.end());
    return all;
}

// As if the second watch had begun when the first ended.
Stalls together(const Stalls& first, const Stalls& second) {
    Stalls all = first;
    all.watched += second.watched;
    for (StallGap gap : second.gaps) {
        gap.at += first.watched;
        all.gaps.push_back(gap);
    }
    return all;
}

History history_of(std::vector<Execution> executions, int stages) {
    CellFit fit = fit_cells(executions, stages);
    return {std::move(executions), std::move(fit.cells), fit.explained, "windows before and after a live run"};
}

bool every_stage_ran(const std::vector<Execution>& executions, std::size_t stages) {
    return std::ranges::none_of(latencies_of(executions, stages),
                                [](const auto& latencies) { return latencies.empty(); });
}

}  // namespace

MeasuredWindow measure_window(LiveService& service, const WindowOptions& options) {
    MeasuredWindow window = std::async(std::launch::async, drive, std::ref(service), std::cref(options)).get();
    if (interrupted()) throw Interrupted();
    return window;
}

WindowSpeed speed_of(const MeasuredWindow& window, const std::vector<MeasurableNetwork>& networks) {
    WindowSpeed speed;
    for (std::size_t i = 0; i < networks.size(); ++i) {
        for (auto& latencies : latencies_of(window.executions[i], networks[i].network.stages.size()))
            speed.push_back(latencies.empty() ? 0 : static_cast<double>(quantile(std::move(latencies), 0.5)));
    }
    return speed;
}

RarestStage rarest_stage(const MeasuredWindow& before, const MeasuredWindow& after,
                         const std::vector<MeasurableNetwork>& networks) {
    RarestStage rarest{{}, {}, std::numeric_limits<std::size_t>::max()};
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const Trace& trace = *networks[i].trace;
        const auto latencies = latencies_of(together(before.executions[i], after.executions[i]), trace.stages.size());
        for (std::size_t stage = 0; stage < latencies.size(); ++stage) {
            if (latencies[stage].size() < rarest.executions)
                rarest = {trace.network.name, trace.stages[stage].name, latencies[stage].size()};
        }
    }
    return rarest;
}

MeasuredTraces traces_of(const MeasuredWindow& before, const MeasuredWindow& after,
                         const std::vector<MeasurableNetwork>& networks) {
    MeasuredTraces traces;
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const Trace& own = *networks[i].trace;
        std::vector<Execution> executions = together(before.executions[i], after.executions[i]);
        if (!every_stage_ran(executions, own.stages.size())) continue;
        auto trace = std::make_shared<Trace>(own);
        trace->history = history_of(std::move(executions), own.stage_count());
        trace->release_lateness_ns = together(before.release_lateness_ns, after.release_lateness_ns);
        trace->stalls = together(before.stalls, after.stalls);
        trace->driver_stalls = together(before.driver_stalls, after.driver_stalls);
        traces[&own] = std::move(trace);
    }
    return traces;
}

}  // namespace laxity
