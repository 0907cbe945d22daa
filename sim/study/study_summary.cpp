#include "sim/study/study_summary.hpp"

#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/study/comparison.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::size_t> all_points(const RunTable& table) {
    std::vector<std::size_t> points(table.points().size());
    std::iota(points.begin(), points.end(), std::size_t{0});
    return points;
}

std::optional<std::size_t> winner_of(const std::vector<PolicySummary>& policies) {
    std::optional<std::size_t> winner;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const PolicySummary& policy = policies[i];
        if (!policy.live || !policy.accuracy.mean) continue;
        const bool better = !winner || policy.accuracy.mean > policies[*winner].accuracy.mean ||
                            (policy.accuracy.mean == policies[*winner].accuracy.mean &&
                             policy.miss_ratio.mean < policies[*winner].miss_ratio.mean);
        if (better) winner = i;
    }
    return winner;
}

std::optional<Estimate> if_defined(const Estimate& estimate) {
    return estimate.mean ? std::optional(estimate) : std::nullopt;
}

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json json_of(const Estimate& estimate) {
    return {{"mean", json_of(estimate.mean)}, {"ci95", json_of(estimate.half_width)}};
}

Json json_of(const PolicySummary& policy) {
    Json json = {{"policy", policy.policy},
                 {"accuracy", json_of(policy.accuracy)},
                 {"miss_ratio", json_of(policy.miss_ratio)},
                 {"behind_winner", json_of(policy.behind_winner.difference)},
                 {"live", policy.live}};
    json["behind_winner"]["p_holm"] = json_of(policy.p_holm);
    json["behind_winner"]["variance_reduction"] = json_of(policy.behind_winner.variance_reduction);
    if (policy.behind_least) json["behind_least_bound"] = json_of(*policy.behind_least);
    if (policy.behind_clairvoyant) json["behind_clairvoyant"] = json_of(*policy.behind_clairvoyant);
    return json;
}

PairedTest turned_round(PairedTest test) {
    if (test.difference.mean) test.difference.mean = 0 - *test.difference.mean;
    return test;
}

}  // namespace

StudySummary summarise(const RunTable& table) {
    const std::vector<std::size_t> points = all_points(table);
    std::vector<Entrant> entrants;
    for (std::size_t i = 0; i < table.competitors().size(); ++i) {
        entrants.push_back(plain_contender(table, i));
        entrants.back().ranked = table.competitors()[i].live;
    }
    ComparisonSettings settings;
    const Ranking misses = judge(table, entrants, points, "miss_ratio", settings);
    Ranking ranking = judge(table, entrants, points, "accuracy", settings);
    StudySummary summary{table.runs(), ranking.points.size(), ranking.left_out.size(), {}, {}, {}, table.notes()};
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        PolicySummary& policy = summary.policies.emplace_back();
        policy.policy = entrants[i].name;
        policy.accuracy = ranking.judgements[i].mean;
        policy.miss_ratio = misses.judgements[i].mean;
        policy.live = table.competitors()[i].live;
        policy.behind_least = if_defined(ranking.judgements[i].behind_least);
        policy.behind_clairvoyant = if_defined(ranking.judgements[i].behind_clairvoyant);
    }
    if (!ranking.left_out.empty()) {
        summary.notes.push_back("means are over " + std::to_string(ranking.points.size()) + " of " +
                                std::to_string(points.size()) + " points: at the others a policy has no accuracy");
    }
    settings.baseline = settings.best = winner_of(summary.policies);
    if (!settings.best) return summary;
    summary.winner = entrants[*settings.best].name;
    ranking = judge(table, entrants, points, "accuracy", settings);
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        PolicySummary& policy = summary.policies[i];
        policy.behind_winner = turned_round(ranking.judgements[i].to_baseline);
        policy.p_holm = ranking.judgements[i].p_best;
        policy.among_winners = ranking.judgements[i].among_best;
        if (policy.among_winners) summary.winners.push_back(policy.policy);
    }
    return summary;
}

std::string summary_json(const StudySummary& summary) {
    Json json = {{"schema", "laxity.sweep-summary/2"}, {"runs", summary.runs},
                 {"points", summary.points},           {"points_left_out", summary.points_left_out},
                 {"winner", summary.winner},           {"winners", summary.winners}};
    json["notes"] = summary.notes;
    json["policies"] = Json::array();
    for (const PolicySummary& policy : summary.policies) json["policies"].push_back(json_of(policy));
    return json.dump(2) + "\n";
}

}  // namespace laxity
