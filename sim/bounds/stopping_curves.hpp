// What a job is worth to whoever does not know how its exits will turn out: the most accuracy that can be expected of
// it for so much time expected to be spent on it. For the fluid bounds (sim/bounds/bounds.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/bounds/feasible_work.hpp"
#include "sim/core/replay.hpp"

namespace laxity {

// Optimal stopping of a fresh job on one network, by backward induction over the paths of the given samples. Known at
// an exit: which of 20 equal-mass bins its confidence is in, what the `conditional` predictor sees.
class StoppingProblem {
public:
    struct Point {
        double accuracy = 0;
        double time_ns = 0;
    };

    // stage_ns[k]: what stage k costs. An answer before `mandatory_stages` are done is worth nothing. `samples` are
    // those of the table that count, at least one.
    StoppingProblem(const ReplayTable& table, std::span<const std::uint32_t> samples, std::vector<double> stage_ns,
                    int mandatory_stages);

    int stages() const { return static_cast<int>(stage_ns_.size()); }
    const std::vector<double>& stage_ns() const { return stage_ns_; }
    // Expected accuracy and time of a job that can get to depth `deepest` at most and goes on while that pays `price`
    // per ns. O(samples * deepest).
    Point at_price(double price, int deepest) const;

private:
    double worth(int depth, std::size_t sample) const {
        return depth < mandatory_stages_ ? 0 : right_[static_cast<std::size_t>(depth - 1)][sample];
    }

    std::vector<double> stage_ns_;
    int mandatory_stages_;
    std::size_t samples_;
    std::vector<std::vector<std::uint8_t>> right_, bin_;  // [exit][sample]
};

// Accuracy for time, an upper bound: what costs nothing, and then by falling price.
struct StoppingCurve {
    double free = 0;
    ConcaveCurve curve;  // work in ns
};

// The curves of one task, whose job may be served by any of its variants. Built once, then shared between threads.
class StoppingCurves {
public:
    explicit StoppingCurves(const std::vector<StoppingProblem>& variants);

    // deepest[v]: how deep a job can get on variant v at most, 0 to stages. It is as if a job knew that from the start.
    // G(w) = min over prices of (V(price) + price * w), where V(price) is the most accuracy - price * time.
    StoppingCurve curve(std::span<const int> deepest) const;

private:
    std::vector<double> prices_;                           // falling, from one that nobody pays to 0
    std::vector<std::vector<std::vector<double>>> value_;  // [variant][deepest][price]: V
};

}  // namespace laxity
