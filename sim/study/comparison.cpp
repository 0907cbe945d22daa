#include "sim/study/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace laxity {

namespace {

// The values of one entrant, a series a point.
using Values = std::vector<Series>;

Series values_at(const RunTable& table, const Entrant& entrant, std::size_t point, std::string_view measure) {
    const auto competitor = entrant.competitors[point];
    return competitor ? table.values(point, *competitor, measure) : Series{};
}

bool has_value(const RunTable& table, const Entrant& entrant, std::size_t point, std::string_view measure) {
    return !values_at(table, entrant, point, measure).empty();
}

// Parts the points into those where all have a value who have one anywhere, and the others.
void choose_points(Ranking& ranking, const RunTable& table, std::span<const Entrant> entrants,
                   std::span<const std::size_t> points, std::string_view measure) {
    std::vector<const Entrant*> present;
    for (const Entrant& entrant : entrants) {
        const auto there = [&](std::size_t point) { return has_value(table, entrant, point, measure); };
        if (std::any_of(points.begin(), points.end(), there)) present.push_back(&entrant);
    }
    for (const std::size_t point : points) {
        const auto there = [&](const Entrant* entrant) { return has_value(table, *entrant, point, measure); };
        const bool whole = points.size() == 1 || std::all_of(present.begin(), present.end(), there);
        (whole ? ranking.points : ranking.left_out).push_back(point);
    }
}

QuantileEstimate quantile_of(const Series& series, const ComparisonSettings& settings) {
    std::vector<double> values;
    for (const SeedValue& value : series) values.push_back(value.value);
    return quantile_estimate(values, settings.quantile, settings.level);
}

Values bound_values(const RunTable& table, std::span<const std::size_t> points, Bound bound) {
    Values values;
    for (const std::size_t point : points) values.push_back(table.bound(point, bound));
    return values;
}

// Tests every entrant but `other` against it. `test` is where the result goes, `adjusted` where its p after Holm
// goes.
void test_against(std::size_t other, const std::vector<Values>& values, const std::vector<bool>& takes_part,
                  PairedTest Judgement::*test, std::optional<double> Judgement::*adjusted, double level,
                  std::vector<Judgement>& judgements) {
    std::vector<std::optional<double>> p_values(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i == other || !takes_part[i]) continue;
        judgements[i].*test = paired_test(values[i], values[other], level);
        p_values[i] = (judgements[i].*test).p;
    }
    const auto corrected = holm(p_values);
    for (std::size_t i = 0; i < values.size(); ++i) judgements[i].*adjusted = corrected[i];
}

std::optional<std::size_t> best_of(std::span<const Entrant> entrants, const std::vector<Judgement>& judgements,
                                   Better better) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        const auto& mean = judgements[i].mean.mean;
        if (!entrants[i].ranked || !mean) continue;
        const auto ahead = [&](double than) { return better == Better::kHigher ? *mean > than : *mean < than; };
        if (!best || ahead(*judgements[*best].mean.mean)) best = i;
    }
    return best;
}

void find_best(Ranking& ranking, std::span<const Entrant> entrants, const std::vector<Values>& values, Better better,
               const ComparisonSettings& settings) {
    std::vector<Judgement>& judgements = ranking.judgements;
    const double level = settings.level;
    const auto best = settings.best ? settings.best : best_of(entrants, judgements, better);
    if (!best || better == Better::kNeither) return;
    std::vector<bool> takes_part;
    for (const Entrant& entrant : entrants) takes_part.push_back(entrant.ranked);
    test_against(*best, values, takes_part, &Judgement::to_best, &Judgement::p_best, level, judgements);
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        Judgement& judgement = judgements[i];
        if (!entrants[i].ranked || !judgement.mean.mean) continue;
        ranking.tested = ranking.tested || judgement.p_best;
        ranking.untested += i != *best && !judgement.p_best;
    }
    for (std::size_t i = 0; i < entrants.size(); ++i) {
        Judgement& judgement = judgements[i];
        if (!entrants[i].ranked || !judgement.mean.mean) continue;
        const double behind = judgement.to_best.difference.mean.value_or(0) * (better == Better::kHigher ? -1 : 1);
        judgement.among_best =
            judgement.p_best ? *judgement.p_best > 1 - level || behind <= 0 : i == *best || !ranking.tested;
        ranking.best_count += judgement.among_best;
    }
}

}  // namespace

Better better_way(std::string_view measure) {
    const std::string_view name = measure.substr(measure.rfind('.') + 1);  // npos + 1 = 0
    constexpr std::array kHigher = {"accuracy", "weighted_accuracy", "confident_ratio",
                                    "accepted", "schedulable",       "capacity"};
    constexpr std::array kLower = {"missed",           "miss_ratio", "missed_late",
                                   "missed_unstarted", "overrun_ms", "power_failures"};
    if (std::find(kHigher.begin(), kHigher.end(), name) != kHigher.end()) return Better::kHigher;
    if (std::find(kLower.begin(), kLower.end(), name) != kLower.end()) return Better::kLower;
    return name.starts_with("response_") ? Better::kLower : Better::kNeither;
}

Entrant plain_contender(const RunTable& table, std::size_t competitor) {
    const Competitor& policy = table.competitors()[competitor];
    return {policy.label, std::vector<std::optional<std::size_t>>(table.points().size(), competitor), false,
            !policy.oracle};
}

Entrant best_contender(const RunTable& table, std::string name, std::span<const std::size_t> among,
                       std::string_view measure) {
    Entrant entrant{std::move(name), {}, true, false};
    const double sign = better_way(measure) == Better::kLower ? -1 : 1;
    for (std::size_t point = 0; point < table.points().size(); ++point) {
        std::optional<std::size_t> best;
        double best_mean = 0;
        for (const std::size_t competitor : among) {
            const Estimate mean = estimate(table.values(point, competitor, measure));
            if (!mean.mean || (best && sign * *mean.mean <= sign * best_mean)) continue;
            best = competitor;
            best_mean = *mean.mean;
        }
        entrant.competitors.push_back(best);
    }
    return entrant;
}

Ranking judge(const RunTable& table, std::span<const Entrant> entrants, std::span<const std::size_t> points,
              const std::string& measure, const ComparisonSettings& settings) {
    Ranking ranking;
    choose_points(ranking, table, entrants, points, measure);
    const double level = settings.level;
    const bool bounded = table.has_bounds() && measure == "accuracy";
    const Values least = bound_values(table, ranking.points, Bound::kLeast);
    const Values clairvoyant = bound_values(table, ranking.points, Bound::kClairvoyant);
    std::vector<Values> values;
    for (const Entrant& entrant : entrants) {
        Values& own = values.emplace_back();
        for (const std::size_t point : ranking.points) own.push_back(values_at(table, entrant, point, measure));
        Judgement& judgement = ranking.judgements.emplace_back();
        judgement.mean = mean_over_points(own, level);
        if (own.size() == 1) judgement.quantile = quantile_of(own.front(), settings);
        if (!bounded) continue;
        judgement.behind_least = paired_test(least, own, level).difference;
        judgement.behind_clairvoyant = paired_test(clairvoyant, own, level).difference;
    }
    if (settings.baseline) {
        const std::vector<bool> all(entrants.size(), true);
        test_against(*settings.baseline, values, all, &Judgement::to_baseline, &Judgement::p_holm, level,
                     ranking.judgements);
    }
    find_best(ranking, entrants, values, better_way(measure), settings);
    return ranking;
}

Estimate bound_mean(const RunTable& table, std::span<const std::size_t> points, Bound bound, double level) {
    return mean_over_points(bound_values(table, points, bound), level);
}

}  // namespace laxity
