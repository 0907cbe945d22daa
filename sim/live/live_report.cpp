#include "sim/live/live_report.hpp"

#include <nlohmann/json.hpp>
#include <optional>

namespace laxity {

namespace {

// What was never measured is null.
nlohmann::ordered_json or_null(std::optional<double> value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}
nlohmann::ordered_json ns_or_null(std::optional<Duration> value) {
    return value ? nlohmann::ordered_json(value->count()) : nlohmann::ordered_json();
}
nlohmann::ordered_json ms_or_null(std::optional<Duration> value) {
    return value ? nlohmann::ordered_json(to_ms(*value)) : nlohmann::ordered_json();
}

nlohmann::ordered_json json_ns(const LogHistogram& h) {
    return {{"mean", or_null(h.mean_ns())},
            {"p50", ns_or_null(h.quantile(0.5))},
            {"p99", ns_or_null(h.quantile(0.99))},
            {"max", ns_or_null(h.max())}};
}

nlohmann::ordered_json json_of(const LiveStalls& stalls) {
    const std::optional<Duration> longest = stalls.count == 0 ? std::nullopt : std::optional(stalls.longest);
    return {{"threshold_us", to_us(stalls.threshold)},
            {"watched_s", to_seconds(stalls.watched)},
            {"count", stalls.count},
            {"total_ms", to_ms(stalls.total)},
            {"longest_ms", ms_or_null(longest)},
            {"stages", stalls.stages},
            {"jobs", stalls.jobs}};
}

}  // namespace

std::string LiveReport::json() const {
    nlohmann::ordered_json json;
    json["device"] = device;
    json["wait"] = wait;
    json["decision_ns"] = json_ns(decision);
    json["release_lateness_ns"] = json_ns(lateness);
    json["path"] = {
        {"decision_ns", json_ns(handed)}, {"submit_ns", json_ns(submitted)}, {"notice_ns", json_ns(noticed)}};
    for (const LiveStage& stage : stages) {
        json["stages"].push_back(
            {{"variant", stage.variant},
             {"stage", stage.stage},
             {"executed", stage.measured.count()},
             {"expected_ms", {{"p50", to_ms(stage.expected_p50)}, {"p99", to_ms(stage.expected_p99)}}},
             {"measured_ms",
              {{"p50", ms_or_null(stage.measured.quantile(0.5))},
               {"p99", ms_or_null(stage.measured.quantile(0.99))}}}});
    }
    json["stalls"] = json_of(stalls);
    json["thread_preemptions"] = thread_preemptions;
    json["contention"] = contention;
    json["noisy"] = noisy;
    json["not_permitted"] = refusals;
    json["interrupted"] = interrupted;
    if (!failure.empty()) json["failure"] = failure;
    return json.dump();
}

}  // namespace laxity
