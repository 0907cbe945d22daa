#include "sim/study/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace laxity {

namespace {

// The values of one contender, a series a point.
using Values = std::vector<Series>;

Series values_at(const RunTable& table, const Contender& contender, std::size_t point, std::string_view measure) {
    const auto competitor = contender.competitors[point];
    return competitor ? table.values(point, *competitor, measure) : Series{};
}

bool has_value(const RunTable& table, const Contender& contender, std::size_t point, std::string_view measure) {
    return !values_at(table, contender, point, measure).empty();
}

// Parts the points into those where all have a value who have one anywhere, and the others.
void choose_points(Verdict& verdict, const RunTable& table, std::span<const Contender> contenders,
                   std::span<const std::size_t> points, std::string_view measure) {
    std::vector<const Contender*> present;
    for (const Contender& contender : contenders) {
        const auto there = [&](std::size_t point) { return has_value(table, contender, point, measure); };
        if (std::any_of(points.begin(), points.end(), there)) present.push_back(&contender);
    }
    for (const std::size_t point : points) {
        const auto there = [&](const Contender* contender) { return has_value(table, *contender, point, measure); };
        const bool whole = points.size() == 1 || std::all_of(present.begin(), present.end(), there);
        (whole ? verdict.points : verdict.left_out).push_back(point);
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

// Tests every contender but `other` against it. `test` is where the result goes, `adjusted` where its p after Holm
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

std::optional<std::size_t> best_of(std::span<const Contender> contenders, const std::vector<Judgement>& judgements,
                                   Better better) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        const auto& mean = judgements[i].mean.mean;
        if (!contenders[i].ranked || !mean) continue;
        const auto ahead = [&](double than) { return better == Better::kHigher ? *mean > than : *mean < than; };
        if (!best || ahead(*judgements[*best].mean.mean)) best = i;
    }
    return best;
}

void find_best(Verdict& verdict, std::span<const Contender> contenders, const std::vector<Values>& values,
               Better better, const ComparisonSettings& settings) {
    std::vector<Judgement>& judgements = verdict.judgements;
    const double level = settings.level;
    const auto best = settings.best ? settings.best : best_of(contenders, judgements, better);
    if (!best || better == Better::kNeither) return;
    std::vector<bool> takes_part;
    for (const Contender& contender : contenders) takes_part.push_back(contender.ranked);
    test_against(*best, values, takes_part, &Judgement::to_best, &Judgement::p_best, level, judgements);
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        Judgement& judgement = judgements[i];
        if (!contenders[i].ranked || !judgement.mean.mean) continue;
        verdict.tested = verdict.tested || judgement.p_best;
        const double behind = judgement.to_best.difference.mean.value_or(0) * (better == Better::kHigher ? -1 : 1);
        judgement.among_best = !judgement.p_best || *judgement.p_best > 1 - level || behind <= 0;
        verdict.best_count += judgement.among_best;
    }
}

}  // namespace

Better better_way(std::string_view measure) {
    const std::string_view name = measure.substr(measure.rfind('.') + 1);  // npos + 1 = 0
    constexpr std::array kHigher = {"accuracy", "weighted_accuracy", "confident_ratio"};
    constexpr std::array kLower = {"missed",           "miss_ratio", "missed_late",
                                   "missed_unstarted", "overrun_ms", "power_failures"};
    if (std::find(kHigher.begin(), kHigher.end(), name) != kHigher.end()) return Better::kHigher;
    if (std::find(kLower.begin(), kLower.end(), name) != kLower.end()) return Better::kLower;
    return name.starts_with("response_") ? Better::kLower : Better::kNeither;
}

Contender plain_contender(const RunTable& table, std::size_t competitor) {
    const Competitor& policy = table.competitors()[competitor];
    return {policy.label, std::vector<std::optional<std::size_t>>(table.points().size(), competitor), false,
            !policy.oracle};
}

Contender best_contender(const RunTable& table, std::string name, std::span<const std::size_t> among,
                         std::string_view measure) {
    Contender contender{std::move(name), {}, true, false};
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
        contender.competitors.push_back(best);
    }
    return contender;
}

Verdict judge(const RunTable& table, std::span<const Contender> contenders, std::span<const std::size_t> points,
              const std::string& measure, const ComparisonSettings& settings) {
    Verdict verdict;
    choose_points(verdict, table, contenders, points, measure);
    const double level = settings.level;
    const bool bounded = table.has_bounds() && measure == "accuracy";
    const Values least = bound_values(table, verdict.points, Bound::kLeast);
    const Values clairvoyant = bound_values(table, verdict.points, Bound::kClairvoyant);
    std::vector<Values> values;
    for (const Contender& contender : contenders) {
        Values& own = values.emplace_back();
        for (const std::size_t point : verdict.points) own.push_back(values_at(table, contender, point, measure));
        Judgement& judgement = verdict.judgements.emplace_back();
        judgement.mean = mean_over_points(own, level);
        if (own.size() == 1) judgement.quantile = quantile_of(own.front(), settings);
        if (!bounded) continue;
        judgement.behind_least = paired_test(least, own, level).difference;
        judgement.behind_clairvoyant = paired_test(clairvoyant, own, level).difference;
    }
    if (settings.baseline) {
        const std::vector<bool> all(contenders.size(), true);
        test_against(*settings.baseline, values, all, &Judgement::to_baseline, &Judgement::p_holm, level,
                     verdict.judgements);
    }
    find_best(verdict, contenders, values, better_way(measure), settings);
    return verdict;
}

Estimate bound_mean(const RunTable& table, std::span<const std::size_t> points, Bound bound, double level) {
    return mean_over_points(bound_values(table, points, bound), level);
}

}  // namespace laxity
