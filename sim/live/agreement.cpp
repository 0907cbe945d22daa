#include "sim/live/agreement.hpp"

#include <algorithm>
#include <cmath>

namespace laxity {

namespace {

int sign(double value) { return (value > 0) - (value < 0); }

std::optional<double> mean_of(const Series& values) { return estimate(values).mean; }

PairAgreement pair_of(const PolicyOutcome& a, const PolicyOutcome& b, std::optional<double>& p, double level) {
    const PairedTest live = paired_test(a.live, b.live, level);
    const PairedTest simulated = paired_test(a.simulated, b.simulated, level);
    p = live.p;
    PairAgreement pair{a.policy, b.policy, live.difference, simulated.difference, {}, false, {}};
    if (live.difference.mean && simulated.difference.mean)
        pair.same_order = sign(*live.difference.mean) == sign(*simulated.difference.mean);
    return pair;
}

// Index of the highest; the first of equals. None if a value is missing.
std::optional<std::size_t> best_of(std::span<const PolicyOutcome> policies, Series PolicyOutcome::*world) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const auto value = mean_of(policies[i].*world);
        if (!value) return std::nullopt;
        if (!best || *value > *mean_of(policies[*best].*world)) best = i;
    }
    return best;
}

std::vector<double> means_of(std::span<const PolicyOutcome> policies, Series PolicyOutcome::*world) {
    std::vector<double> means;
    for (const PolicyOutcome& policy : policies) means.push_back(*mean_of(policy.*world));
    return means;
}

void add_choice(PointAgreement& point, std::span<const PolicyOutcome> policies) {
    const auto device = best_of(policies, &PolicyOutcome::live),
               simulated = best_of(policies, &PolicyOutcome::simulated);
    if (!device || !simulated) return;
    point.device_best = policies[*device].policy;
    point.simulated_best = policies[*simulated].policy;
    point.loss = *mean_of(policies[*device].live) - *mean_of(policies[*simulated].live);
    point.tau = kendall_tau(means_of(policies, &PolicyOutcome::live), means_of(policies, &PolicyOutcome::simulated));
}

std::optional<double> mean_of_known(std::span<const PointAgreement> points,
                                    std::optional<double> PointAgreement::*value) {
    std::vector<double> known;
    for (const PointAgreement& point : points) {
        if (point.*value) known.push_back(*(point.*value));
    }
    return estimate(known).mean;
}

}  // namespace

std::optional<double> kendall_tau(std::span<const double> a, std::span<const double> b) {
    double concordant = 0, untied_a = 0, untied_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = i + 1; k < a.size(); ++k) {
            const int in_a = sign(a[i] - a[k]), in_b = sign(b[i] - b[k]);
            concordant += in_a * in_b;
            untied_a += in_a != 0;
            untied_b += in_b != 0;
        }
    }
    if (untied_a == 0 || untied_b == 0) return std::nullopt;
    return concordant / std::sqrt(untied_a * untied_b);
}

PointAgreement agreement_at(const std::string& name, std::span<const PolicyOutcome> policies, double level) {
    PointAgreement point;
    point.point = name;
    std::vector<std::optional<double>> p_values;
    for (std::size_t i = 0; i < policies.size(); ++i) {
        for (std::size_t k = i + 1; k < policies.size(); ++k)
            point.pairs.push_back(pair_of(policies[i], policies[k], p_values.emplace_back(), level));
    }
    const auto adjusted = holm(p_values);
    for (std::size_t i = 0; i < point.pairs.size(); ++i) {
        PairAgreement& pair = point.pairs[i];
        pair.p_holm = adjusted[i];
        pair.significant = pair.p_holm && *pair.p_holm <= 1 - level;
        point.significant += pair.significant;
        point.agreed += pair.significant && pair.same_order.value_or(false);
    }
    add_choice(point, policies);
    return point;
}

TotalAgreement total_of(std::span<const PointAgreement> points) {
    TotalAgreement total;
    for (const PointAgreement& point : points) {
        ++total.points;
        total.pairs += point.pairs.size();
        total.significant += point.significant;
        total.agreed += point.agreed;
        total.same_best += !point.device_best.empty() && point.device_best == point.simulated_best;
        if (point.loss) total.worst_loss = std::max(total.worst_loss.value_or(0), *point.loss);
    }
    total.mean_tau = mean_of_known(points, &PointAgreement::tau);
    total.mean_loss = mean_of_known(points, &PointAgreement::loss);
    return total;
}

}  // namespace laxity
