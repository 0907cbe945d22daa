// Does the simulation choose right? What a study wants to know of policies is their order, so this asks of every pair
// of them whether the simulation puts them as the device does, where the device tells them apart at all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/results/statistics.hpp"

namespace laxity {

// One policy at one point: a value for each repetition, in both worlds.
struct PolicyOutcome {
    std::string policy;
    Series live, simulated;  // by repetition
};

struct PairAgreement {
    std::string a, b;
    Estimate live, simulated;        // a - b, paired over the repetitions that both have
    std::optional<double> p_holm;    // of "equal on the device", among the pairs of the point; none: no test
    bool significant = false;        // the device tells them apart
    std::optional<bool> same_order;  // both differences have the same sign; none where one is missing
};

struct PointAgreement {
    std::string point;
    std::vector<PairAgreement> pairs;  // in the order of the policies
    std::size_t significant = 0;       // of them the device tells apart so many,
    std::size_t agreed = 0;            // and so many of these are in the same order in the simulation
    std::optional<double> tau;         // Kendall's tau-b of all policies' means; none where either side ties them all
    std::string device_best, simulated_best;  // highest mean; empty if a policy has no value
    // On the device, what is lost by taking the simulation's best instead of the device's own; at least 0. The
    // device's own is chosen by the very runs that it is judged by, which flatters it.
    std::optional<double> loss;
};

// Higher values are better. A policy without a value on one side takes part in no pair that needs it, and leaves the
// point without tau and loss.
PointAgreement agreement_at(const std::string& point, std::span<const PolicyOutcome> policies,
                            double level = kUsualLevel);

// Kendall's tau-b (Biometrika 33, 1945) of two rankings of the same things; O(n^2).
std::optional<double> kendall_tau(std::span<const double> a, std::span<const double> b);

// Over all points.
struct TotalAgreement {
    std::size_t points = 0, pairs = 0, significant = 0, agreed = 0;
    std::optional<double> mean_tau, mean_loss, worst_loss;  // over the points that have one
    std::size_t same_best = 0;                              // points where both take the same
};
TotalAgreement total_of(std::span<const PointAgreement> points);

}  // namespace laxity
