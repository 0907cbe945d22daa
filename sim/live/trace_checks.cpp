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

std::vector<CheckedNetwork> networks_of(const std::vector<LiveTask>& tasks, const Workload& workload) {
    std::vector<CheckedNetwork> networks;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        for (std::size_t variant = 0; variant < tasks[task].variants.size(); ++variant) {
            Executable* const executable = tasks[task].variants[variant];
            if (std::ranges::find(networks, executable, &CheckedNetwork::executable) != networks.end()) continue;
            const Trace& trace = *workload.tasks[task].variants[variant].trace;
            const PassInput input = [&live = tasks[task], variant, samples = trace.samples.count()](std::size_t pass) {
                return live.input(static_cast<int>(variant), 0, static_cast<std::uint32_t>(pass % samples));
            };
            networks.push_back({&trace, executable, input});
        }
    }
    return networks;
}

}  // namespace

std::vector<TraceCheck> check_traces(LiveService& service, const Workload& workload, Duration length) {
    const std::vector<LiveTask> tasks = service.tasks();
    const std::vector<CheckedNetwork> networks = networks_of(tasks, workload);
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
