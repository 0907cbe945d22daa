#include "sim/live/agreement.hpp"

#include <array>
#include <cmath>

#include "tests/catch.hpp"

using namespace laxity;

namespace {

Series series(std::initializer_list<double> values) {
    Series result;
    for (const double value : values) result.push_back({result.size() + 1, value});
    return result;
}

// a, b and c are far apart on the device; c and d are not.
const std::vector<PolicyOutcome> kPolicies = {
    {"a", series({0.90, 0.91, 0.89}), series({0.91, 0.90, 0.90})},
    {"b", series({0.80, 0.81, 0.79}), series({0.81, 0.80, 0.80})},
    {"c", series({0.70, 0.71, 0.69}), series({0.71, 0.70, 0.70})},
    {"d", series({0.71, 0.68, 0.70}), series({0.60, 0.61, 0.62})},
};

}  // namespace

TEST_CASE("Kendall's tau is that worked by hand") {
    const std::array<double, 4> a = {1, 2, 3, 4}, b = {1, 3, 2, 4}, reversed = {4, 3, 2, 1};
    CHECK(*kendall_tau(a, a) == Approx(1));
    CHECK(*kendall_tau(a, reversed) == Approx(-1));
    CHECK(*kendall_tau(a, b) == Approx((5.0 - 1) / 6));
    // One tie: 5 concordant, none discordant, sqrt(6 * 5) pairs.
    const std::array<double, 4> tied = {1, 2, 2, 4};
    CHECK(*kendall_tau(a, tied) == Approx(5 / std::sqrt(30.0)));
    const std::array<double, 4> constant = {1, 1, 1, 1};
    CHECK_FALSE(kendall_tau(a, constant));
}

TEST_CASE("the same order on both sides agrees in all that the device tells apart") {
    const PointAgreement point = agreement_at("load=1", kPolicies);
    CHECK(point.pairs.size() == 6);
    CHECK(point.significant == 5);  // all but c and d
    CHECK(point.agreed == 5);
    CHECK(*point.tau == Approx(1));
    CHECK(point.device_best == "a");
    CHECK(point.simulated_best == "a");
    CHECK(*point.loss == 0);
    CHECK_FALSE(point.pairs.back().significant);
    CHECK(point.pairs.back().same_order == true);
}

TEST_CASE("an order that the simulation turns round is found, and what it costs") {
    auto policies = kPolicies;
    std::swap(policies[0].simulated, policies[1].simulated);
    const PointAgreement point = agreement_at("load=1", policies);
    CHECK(point.significant == 5);
    CHECK(point.agreed == 4);
    CHECK(*point.tau == Approx(4.0 / 6));
    CHECK(point.device_best == "a");
    CHECK(point.simulated_best == "b");
    CHECK(*point.loss == Approx(0.1));
    const std::array<PointAgreement, 2> both = {agreement_at("load=0.5", kPolicies), point};
    const TotalAgreement total = total_of(both);
    CHECK(total.pairs == 12);
    CHECK(total.significant == 10);
    CHECK(total.agreed == 9);
    CHECK(total.same_best == 1);
    CHECK(*total.mean_loss == Approx(0.05));
    CHECK(*total.worst_loss == Approx(0.1));
}

TEST_CASE("p values are corrected for the pairs of the point") {
    const PointAgreement alone = agreement_at("", std::span(kPolicies).subspan(2));
    const PointAgreement together = agreement_at("", kPolicies);
    CHECK(*together.pairs.back().p_holm >= *alone.pairs.back().p_holm);
    // A difference that is just about significant alone is not among many.
    const std::vector<PolicyOutcome> two = {{"a", series({0.80, 0.84, 0.81}), {}},
                                            {"b", series({0.79, 0.82, 0.79}), {}}};
    const auto p = *agreement_at("", two).pairs[0].p_holm;
    CHECK(p == Approx(0.0377).epsilon(0.01));
    auto many = two;
    many.push_back({"c", series({0.80, 0.90, 0.70}), {}});
    CHECK(*agreement_at("", many).pairs[0].p_holm == Approx(3 * p));
}

TEST_CASE("one repetition tells no pair apart, and one policy has no pair") {
    const std::vector<PolicyOutcome> one = {{"a", series({0.9}), series({0.9})}, {"b", series({0.8}), series({0.8})}};
    const PointAgreement point = agreement_at("", one);
    CHECK(point.significant == 0);
    CHECK_FALSE(point.pairs[0].p_holm);
    CHECK(*point.tau == 1);
    CHECK(agreement_at("", std::span(one).first(1)).pairs.empty());
}

TEST_CASE("a policy without a value leaves its point without tau and loss") {
    auto policies = kPolicies;
    policies[3].live = {};
    const PointAgreement point = agreement_at("", policies);
    CHECK_FALSE(point.tau);
    CHECK_FALSE(point.loss);
    CHECK(point.device_best.empty());
    CHECK_FALSE(point.pairs.back().same_order);
    CHECK(point.agreed == 3);
}
