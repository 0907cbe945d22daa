#include "sim/live/trace_checks.hpp"

#include <algorithm>

#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

// A network of the service, with the trace that it will be run by.
struct CheckedNetwork {
    const Trace* trace;
    Executable* executable;
    PassInput input;
};

// Several points of an axis share their files.
bool is_there(const std::vector<CheckedNetwork>& networks, const std::string& path) {
    return std::ranges::any_of(networks, [&](const CheckedNetwork& network) { return network.trace->path == path; });
}

// Appends those of one workload that are not there yet.
void add_networks(std::vector<CheckedNetwork>& networks, const std::vector<LiveTask>& tasks, const Workload& workload) {
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        for (std::size_t variant = 0; variant < tasks[task].variants.size(); ++variant) {
            const Trace& trace = *workload.tasks[task].variants[variant].trace;
            if (is_there(networks, trace.path)) continue;
            const PassInput input = [load = tasks[task].input, variant,
                                     samples = trace.samples.count()](std::size_t pass) {
                return load(static_cast<int>(variant), 0, static_cast<std::uint32_t>(pass % samples));
            };
            networks.push_back({&trace, tasks[task].variants[variant], input});
        }
    }
}

}  // namespace

std::vector<TraceCheck> check_traces(LiveService& service, std::span<const Workload* const> workloads,
                                     Duration length) {
    std::vector<CheckedNetwork> networks;
    for (std::size_t i = 0; i < workloads.size(); ++i) add_networks(networks, service.tasks(i), *workloads[i]);
    const PassOptions options{length / static_cast<std::int64_t>(networks.size()), plan_cores()};
    std::vector<TraceCheck> checks;
    for (const CheckedNetwork& network : networks) {
        const auto latencies = measure_passes(service.device(), *network.executable, network.input, options);
        if (interrupted()) break;
        checks.push_back(compare_with_trace(*network.trace, latencies));
    }
    return checks;
}

}  // namespace laxity
