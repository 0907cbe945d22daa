#include "workloads/pipeline.hpp"

#include <algorithm>
#include <cassert>

namespace laxity {

namespace {

StageInfo host_stage(const char* name) {
    StageInfo stage;
    stage.name = name;
    stage.resource = "host";
    return stage;
}

std::span<const StageInfo> stages_up_to(const Trace& network, int exit) {
    return std::span(network.stages).first(static_cast<std::size_t>(exit) + 1);
}

StageInfo inference_stage(const Trace& network, int exit) {
    StageInfo inference;
    inference.name = "inference";
    inference.resource = "accelerator";
    inference.energy_uj = 0;
    for (const StageInfo& stage : stages_up_to(network, exit)) {
        inference.macs += stage.macs;
        inference.parameter_bytes += stage.parameter_bytes;
        inference.activation_bytes = stage.activation_bytes;
        if (!stage.energy_uj || !inference.energy_uj) {
            inference.energy_uj.reset();
        } else {
            *inference.energy_uj += *stage.energy_uj;
        }
    }
    return inference;
}

std::vector<std::int64_t> pipeline_rows(const Trace& network, int exit) {
    const auto& preprocess = network.host.preprocess_ns;
    const auto& postprocess = network.host.postprocess_ns;
    std::vector<std::int64_t> rows;
    for (std::size_t run = 0; run < network.runs(); ++run) {
        std::int64_t inference_ns = 0;
        for (int stage = 0; stage <= exit; ++stage) inference_ns += network.latency(run, stage);
        rows.insert(rows.end(),
                    {preprocess[run % preprocess.size()], inference_ns, postprocess[run % postprocess.size()]});
    }
    return rows;
}

Corun pipeline_corun(const Trace& network, const Corun& measured, int exit) {
    double alone = 0, together = 0;
    for (int stage = 0; stage <= exit; ++stage) {
        const auto mean = static_cast<double>(latency_mean(network, stage).count());
        alone += mean;
        together += mean * measured.slowdown[static_cast<std::size_t>(stage)];
    }
    return {measured.resources, {1, together / alone, 1}};
}

Samples pipeline_samples(const Trace& network, int exit) {
    Samples samples{network.samples.dataset, network.samples.split, network.samples.label, {}, {}};
    for (std::size_t sample = 0; sample < samples.count(); ++sample) {
        const Outcome answer = network.outcome(sample, exit);
        samples.prediction.insert(samples.prediction.end(), {-1, -1, answer.prediction});
        samples.confidence.insert(samples.confidence.end(), {0, 0, answer.confidence});
    }
    return samples;
}

}  // namespace

Trace pipeline_trace(const Trace& network, int exit) {
    assert(exit >= 0 && exit < network.stage_count());
    assert(!network.host.preprocess_ns.empty() && !network.host.postprocess_ns.empty());
    Trace trace;
    trace.path = network.path;
    trace.device = network.device;
    trace.network = network.network;
    trace.protocol = network.protocol;
    trace.stages = {host_stage("preprocess"), inference_stage(network, exit), host_stage("postprocess")};
    trace.stages[0].has_exit = trace.stages[1].has_exit = false;
    trace.latency_ns = pipeline_rows(network, exit);
    trace.dispatch_ns = network.dispatch_ns;
    for (const Corun& measured : network.corun) trace.corun.push_back(pipeline_corun(network, measured, exit));
    trace.samples = pipeline_samples(network, exit);
    trace.calibration = {{1, 1, network.calibration.temperature[static_cast<std::size_t>(exit)]},
                         network.calibration.fitted_on};
    return trace;
}

int stages_to_first_exit(const Trace& trace) {
    const auto first =
        std::find_if(trace.stages.begin(), trace.stages.end(), [](const StageInfo& stage) { return stage.has_exit; });
    return static_cast<int>(first - trace.stages.begin()) + 1;
}

}  // namespace laxity
