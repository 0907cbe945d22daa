// Optimal stopping of one network under a price for device time: the offline half of the policies toll and gittins.
//
// A job's state is (depth, bin of the confidence at its last exit, reach), where reach is the deepest exit that can
// still end by the deadline. Under a price per nanosecond, going on is worth the answer it may end with, less the price
// of the time it may take; the best rule follows by backward induction over the paths of the calibration half. A state
// then has two numbers per price and one in all:
//
//     work    the time that the rule is expected to buy from here on; 0 = it stops
//     index   the highest price at which it goes on: where stopping and the best continuation tie (a Gittins index)
//
// The value of an answer at exit k is 1 if right. To lessen the variance of few samples it is mixed: `measured` times
// what the sample showed plus the rest times the isotonic regression of correctness on confidence. Exits before the
// mandatory part are worth nothing, so a mandatory part is bought as a whole or not at all.
//
// Ours. Built from calibration data alone; immutable, shared between runs and threads.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "policies/parts/confidence_bins.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

struct StoppingOptions {
    int bins = 20;          // of equal mass, per exit
    double measured = 0.5;  // share of the sample's own correctness in the value of an answer
    bool smooth = true;     // average the gain of going on over neighbouring bins, weights 1-2-1 times samples
};

class StoppingTables {
public:
    static constexpr int kPrices = 193;  // geometric from top_price() to a thousandth of it, then 0

    // `charge[k]` > 0: the time in ns that stage k is charged for. 1 <= mandatory <= variant.stages(). Without
    // calibration samples the mean accuracies are all that is known. O(stages^2 * kPrices * samples).
    StoppingTables(const VariantPlan& variant, std::span<const double> charge, int mandatory,
                   const StoppingOptions& options = {});

    int stages() const { return stages_; }
    int states() const { return (stages_ + 1) * (stages_ + 1) * most_bins_; }
    // Value per ns of device time, falling; the last is 0.
    std::span<const double> prices() const { return prices_; }
    // The first price that is not above `price`.
    int price_at_most(double price) const;

    // `confidence` at exit depth - 1 is not looked at for depth 0.
    int state(int depth, float confidence, int reach) const;
    std::span<const float> work(int state) const {
        return {work_.data() + static_cast<std::size_t>(state) * kPrices, kPrices};
    }
    double index(int state) const { return index_[static_cast<std::size_t>(state)]; }

    // A job that has not started and reaches exit `reach`, at one price: the expected value of its answer.
    double fresh_value(int reach, int price) const {
        return fresh_value_[static_cast<std::size_t>(reach) * kPrices + static_cast<std::size_t>(price)];
    }
    // A job that has not started and reaches every exit: mean and mean square of the time it takes.
    double fresh_work(int price) const { return static_cast<double>(work(state(0, 0, stages_))[index_of(price)]); }
    double fresh_square(int price) const { return fresh_square_[index_of(price)]; }

private:
    struct Paths;
    class Induction;
    static std::size_t index_of(int price) { return static_cast<std::size_t>(price); }

    int stages_;
    int most_bins_ = 1;
    std::vector<ConfidenceBins> bins_;  // by exit; empty without samples
    std::vector<double> prices_;
    std::vector<float> work_;           // [state][price]
    std::vector<double> index_;         // [state]
    std::vector<double> fresh_value_;   // [reach][price]
    std::vector<double> fresh_square_;  // [price]
};

// The tables with default options, made once per trace, charge and mandatory part and kept with its calibration data.
std::shared_ptr<const StoppingTables> shared_stopping_tables(const VariantPlan& variant, std::span<const double> charge,
                                                             int mandatory);

}  // namespace laxity
