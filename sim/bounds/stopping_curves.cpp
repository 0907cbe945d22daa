#include "sim/bounds/stopping_curves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "policies/parts/confidence_bins.hpp"

namespace laxity {

namespace {

constexpr int kBins = 20;
constexpr double kPriceRatio = 1.04;   // of neighbouring prices
constexpr double kLowestPrice = 1e-3;  // times 1 / time of the whole network; below it, 0

double sum_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
}

}  // namespace

StoppingProblem::StoppingProblem(const ReplayTable& table, std::span<const std::uint32_t> samples,
                                 std::vector<double> stage_ns, int mandatory_stages)
    : stage_ns_(std::move(stage_ns)), mandatory_stages_(mandatory_stages), samples_(samples.size()) {
    for (int exit = 0; exit < stages(); ++exit) {
        std::vector<float> confidence;
        auto& right = right_.emplace_back();
        for (const std::uint32_t sample : samples) {
            const Outcome& outcome = table.outcomes_of_sample(sample)[exit];
            confidence.push_back(outcome.confidence);
            right.push_back(outcome.prediction == table.labels[sample] ? 1 : 0);
        }
        const ConfidenceBins bins(confidence, kBins);
        auto& bin = bin_.emplace_back();
        for (const float value : confidence) bin.push_back(static_cast<std::uint8_t>(bins.bin_of(value)));
    }
}

StoppingProblem::Point StoppingProblem::at_price(double price, int deepest) const {
    if (deepest < mandatory_stages_) return {};
    std::vector<double> accuracy(samples_), time_ns(samples_);
    for (std::size_t i = 0; i < samples_; ++i) accuracy[i] = worth(deepest, i);
    for (int depth = deepest - 1; depth >= 0; --depth) {
        const double next_ns = stage_ns_[static_cast<std::size_t>(depth)];
        const auto bin = [&](std::size_t i) {
            return depth == 0 ? std::uint8_t{0} : bin_[static_cast<std::size_t>(depth - 1)][i];
        };
        std::vector<double> gain(kBins);
        for (std::size_t i = 0; i < samples_; ++i) {
            gain[bin(i)] += accuracy[i] - price * (next_ns + time_ns[i]) - worth(depth, i);
        }
        for (std::size_t i = 0; i < samples_; ++i) {
            const bool goes_on = gain[bin(i)] > 0;
            accuracy[i] = goes_on ? accuracy[i] : worth(depth, i);
            time_ns[i] = goes_on ? time_ns[i] + next_ns : 0;
        }
    }
    const auto count = static_cast<double>(samples_);
    return {sum_of(accuracy) / count, sum_of(time_ns) / count};
}

namespace {

// From a price that no job pays (an answer is worth at most 1, and takes at least the cheapest stage that is not free)
// to one that nearly all pay, and 0.
std::vector<double> price_ladder(const std::vector<StoppingProblem>& variants) {
    double cheapest_ns = std::numeric_limits<double>::infinity(), longest_ns = 0;
    for (const StoppingProblem& variant : variants) {
        for (const double ns : variant.stage_ns()) cheapest_ns = ns > 0 ? std::min(cheapest_ns, ns) : cheapest_ns;
        longest_ns = std::max(longest_ns, sum_of(variant.stage_ns()));
    }
    std::vector<double> prices;
    for (double price = 1 / cheapest_ns; price * longest_ns > kLowestPrice; price /= kPriceRatio) {
        prices.push_back(price);
    }
    prices.push_back(0);
    return prices;
}

// V at every price. Backward induction with so coarse a state may find, at some price, a rule that is worse than the
// one it finds at another: each rule is tried at every price.
std::vector<double> values_at(const std::vector<double>& prices, const StoppingProblem& problem, int deepest) {
    std::vector<StoppingProblem::Point> points;
    for (const double price : prices) points.push_back(problem.at_price(price, deepest));
    std::vector<double> values;
    for (const double price : prices) {
        double best = 0;
        for (const auto& point : points) best = std::max(best, point.accuracy - price * point.time_ns);
        values.push_back(best);
    }
    return values;
}

void raise_to(std::vector<double>& values, const std::vector<double>& least) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::max(values[i], least[i]);
}

}  // namespace

StoppingCurves::StoppingCurves(const std::vector<StoppingProblem>& variants) : prices_(price_ladder(variants)) {
    for (const StoppingProblem& variant : variants) {
        auto& values = value_.emplace_back();
        for (int deepest = 0; deepest <= variant.stages(); ++deepest) {
            values.push_back(values_at(prices_, variant, deepest));
            if (deepest > 0) raise_to(values.back(), values[values.size() - 2]);  // who can go deep need not
        }
    }
}

// The lower envelope of the lines V(p) + p w over w >= 0: it starts on the lowest line, then always changes to the line
// that undercuts it first.
StoppingCurve StoppingCurves::curve(std::span<const int> deepest) const {
    std::vector<double> value(prices_.size());
    for (std::size_t variant = 0; variant < deepest.size(); ++variant) {
        const auto& of_variant = value_[variant][static_cast<std::size_t>(deepest[variant])];
        raise_to(value, of_variant);
    }
    std::size_t line = 0;
    for (std::size_t p = 0; p < value.size(); ++p) line = value[p] <= value[line] ? p : line;
    StoppingCurve result{value[line], {}};
    std::int64_t begin_ns = 0;
    while (line + 1 < prices_.size()) {
        double end_ns = std::numeric_limits<double>::infinity();
        std::size_t next = line;
        for (std::size_t p = line + 1; p < value.size(); ++p) {
            const double crossing = (value[p] - value[line]) / (prices_[line] - prices_[p]);
            if (crossing <= end_ns) end_ns = crossing, next = p;
        }
        const auto rounded_up = static_cast<std::int64_t>(std::ceil(end_ns));
        if (rounded_up > begin_ns) result.curve.push_back({prices_[line], rounded_up - begin_ns});
        begin_ns = std::max(begin_ns, rounded_up);
        line = next;
    }
    return result;
}

}  // namespace laxity
