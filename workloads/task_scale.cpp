#include "workloads/task_scale.hpp"

#include <algorithm>

#include "workloads/file_parts.hpp"
#include "workloads/pipeline.hpp"

namespace laxity {

TaskScale task_scale(const std::vector<Variant>& variants, bool pipeline, const std::vector<Resource>& resources) {
    const auto full = [&](const Variant& variant) {
        return pipeline ? latency_mean(*variant.trace, kInferenceStage) : full_latency_mean(*variant.trace);
    };
    const auto longest = std::max_element(variants.begin(), variants.end(),
                                          [&](const Variant& a, const Variant& b) { return full(a) < full(b); });
    const Trace& largest = *longest->trace;
    TaskScale scale;
    scale.largest = static_cast<int>(longest - variants.begin());
    scale.full_ns = static_cast<double>(full(*longest).count());
    for (int k = 0; k < largest.stage_count(); ++k)
        if (largest.stages[static_cast<std::size_t>(k)].resource == "accelerator")
            scale.accelerator_work_ns += static_cast<double>(latency_mean(largest, k).count());
    for (const Resource& resource : resources)
        if (resource.name == "accelerator") scale.accelerator_slots = resource.slots;
    return scale;
}

double mean_gap_ns(const JsonReader& arrival, std::string_view gap_key, const TaskScale& scale) {
    const std::string key = only_one(arrival, {"load", "rate", gap_key});
    const JsonReader reader = arrival.at(key);
    double gap_ns = 0;
    if (key == "load") {
        if (scale.accelerator_work_ns == 0) reader.problem("a load needs stages on the accelerator; give a \"rate\"");
        gap_ns = scale.accelerator_work_ns / (reader.positive() * scale.accelerator_slots);
    } else {
        gap_ns = key == "rate" ? 1e9 / reader.positive() : reader.positive() * unit_ns(arrival, scale.full_ns);
    }
    if (gap_ns < 1 || gap_ns > kLongestNs) reader.fail("a mean gap in [1 ns, 1e6 s]");
    return gap_ns;
}

}  // namespace laxity
