#include "traces/history_cells.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "traces/history_tree.hpp"

namespace laxity {

namespace {

constexpr std::ptrdiff_t kWindow = 101;  // executions around one that say how fast the device was then
constexpr int kRounds = 3;               // of drift and cells
constexpr std::size_t kMostBytesCuts = 255;
constexpr int kCutsPerDecade = 8;  // of times, from 1 us
constexpr int kIdleDecades = 5;    // to 100 ms
constexpr int kAwayDecades = 6;    // to 1 s

using Cuts = std::vector<std::int64_t>;  // ascending; bin k lies between cut k - 1 and cut k

int bin_of(const Cuts& cuts, std::int64_t value) {
    return static_cast<int>(std::ranges::upper_bound(cuts, value) - cuts.begin());
}

double quantile_of(std::vector<double> values, double q) {
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

// Any time at all, then logarithmic.
Cuts time_cuts(int decades) {
    Cuts cuts = {1};
    for (int k = 0; k <= kCutsPerDecade * decades; ++k)
        cuts.push_back(std::llround(1e3 * std::pow(10.0, static_cast<double>(k) / kCutsPerDecade)));
    return cuts;
}

// Halfway between neighbours among the values that occurred, or among as many quantiles.
Cuts bytes_cuts(std::vector<std::int64_t> values) {
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    std::vector<std::int64_t> distinct(values.begin(), repeated.begin());
    Cuts cuts;
    const std::size_t count = std::min(kMostBytesCuts, distinct.empty() ? 0 : distinct.size() - 1);
    for (std::size_t k = 1; k <= count; ++k) {
        const std::size_t i = k * (distinct.size() - 1) / count;
        cuts.push_back(distinct[i - 1] + (distinct[i] - distinct[i - 1] + 1) / 2);
    }
    return cuts;
}

// One stage's executions and its tree.
class StageFit {
public:
    StageFit(std::span<const Execution> executions, int stage);

    std::size_t count() const { return samples_.size(); }
    std::size_t index(std::size_t i) const { return indices_[i]; }  // of sample i among all executions
    double expected(std::size_t i) const { return leaf_of(leaves_, samples_[i]).mean; }
    // Grows the tree anew on latencies without this drift, by execution.
    void fit(std::span<const Execution> executions, std::span<const double> drift);
    // Squared errors on blocks that were left out: with the stage's mean, and with cells.
    std::pair<double, double> errors() const;
    std::vector<HistoryCell> cells() const;

private:
    TreeOptions options() const;
    HistoryCell cell(const TreeLeaf& leaf) const;

    std::vector<std::size_t> indices_;
    std::vector<TreeSample> samples_;
    Cuts idle_ = time_cuts(kIdleDecades), away_ = time_cuts(kAwayDecades), bytes_;
    std::vector<TreeLeaf> leaves_;
};

StageFit::StageFit(std::span<const Execution> executions, int stage) {
    std::vector<std::int64_t> bytes;
    for (std::size_t i = 0; i < executions.size(); ++i) {
        if (executions[i].stage != stage || executions[i].stalled) continue;
        indices_.push_back(i);
        bytes.push_back(executions[i].before.bytes);
    }
    bytes_ = bytes_cuts(bytes);
    std::vector<double> latencies;
    for (const std::size_t i : indices_) {
        const auto& [idle, others, continued, away] = executions[i].before;
        latencies.push_back(static_cast<double>(executions[i].latency.count()));
        samples_.push_back(
            {latencies.back(),
             static_cast<int>(i * kTreeBlocks / executions.size()),
             {bin_of(idle_, idle.count()), bin_of(bytes_, others), continued ? 1 : 0, bin_of(away_, away.count())}});
    }
    leaves_ = {{{}, options().bins, latencies.empty() ? 1 : quantile_of(latencies, 0.5)}};
}

TreeOptions StageFit::options() const {
    return {.bins = {static_cast<int>(idle_.size()) + 1, static_cast<int>(bytes_.size()) + 1, 2,
                     static_cast<int>(away_.size()) + 1},
            .least_samples = kLeastOfCell,
            .most_leaves = kMostCells};
}

void StageFit::fit(std::span<const Execution> executions, std::span<const double> drift) {
    if (samples_.empty()) return;
    std::vector<double> latencies;
    for (const std::size_t i : indices_)
        latencies.push_back(static_cast<double>(executions[i].latency.count()) / drift[i]);
    const double highest = quantile_of(latencies, 0.99);
    for (std::size_t i = 0; i < samples_.size(); ++i) samples_[i].value = std::min(latencies[i], highest);
    leaves_ = grow_tree(samples_, options());
}

std::pair<double, double> StageFit::errors() const {
    double with_mean = 0, with_cells = 0;
    for (int block = 0; block < kTreeBlocks; ++block) {
        TreeOptions of_others = options();
        of_others.left_out = block;
        const std::vector<TreeLeaf> leaves = grow_tree(samples_, of_others);
        of_others.most_leaves = 1;
        const double mean = grow_tree(samples_, of_others).front().mean;
        for (const TreeSample& sample : samples_) {
            if (sample.block != block) continue;
            with_mean += std::pow(sample.value - mean, 2);
            with_cells += std::pow(sample.value - leaf_of(leaves, sample).mean, 2);
        }
    }
    return {with_mean, with_cells};
}

HistoryCell StageFit::cell(const TreeLeaf& leaf) const {
    const auto [idle_bins, bytes_bins, continued_bins, away_bins] = options().bins;
    const auto start = [](const Cuts& cuts, int bin) { return bin == 0 ? 0 : cuts[static_cast<std::size_t>(bin) - 1]; };
    HistoryCell cell;
    cell.idle_from_ns = start(idle_, leaf.from[0]);
    if (leaf.below[0] < idle_bins) cell.idle_below_ns = start(idle_, leaf.below[0]);
    cell.bytes_from = start(bytes_, leaf.from[1]);
    if (leaf.below[1] < bytes_bins) cell.bytes_below = start(bytes_, leaf.below[1]);
    if (leaf.below[2] - leaf.from[2] < continued_bins) cell.continued = leaf.from[2] == 1;
    cell.away_from_ns = start(away_, leaf.from[3]);
    if (leaf.below[3] < away_bins) cell.away_below_ns = start(away_, leaf.below[3]);
    return cell;
}

std::vector<HistoryCell> StageFit::cells() const {
    std::vector<HistoryCell> cells;
    for (const TreeLeaf& leaf : leaves_) cells.push_back(cell(leaf));
    std::ranges::sort(cells, {}, [](const HistoryCell& cell) {
        return std::tuple(cell.idle_from_ns, cell.bytes_from, cell.continued.value_or(false), cell.away_from_ns);
    });
    return cells;
}

// Running medians of how much longer executions took than their cells expect; 1 in the middle of all.
std::vector<double> drift_of(std::span<const Execution> executions, const std::vector<StageFit>& stages) {
    std::vector<double> ratios(executions.size(), 0);  // 0: a stall
    for (const StageFit& stage : stages) {
        for (std::size_t i = 0; i < stage.count(); ++i)
            ratios[stage.index(i)] =
                static_cast<double>(executions[stage.index(i)].latency.count()) / stage.expected(i);
    }
    std::vector<double> drift(executions.size(), 1), window;
    const auto count = std::ssize(executions);
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, i - kWindow / 2);
        window.assign(ratios.begin() + first, ratios.begin() + std::min(count, i + kWindow / 2 + 1));
        std::erase(window, 0);
        if (!window.empty()) drift[static_cast<std::size_t>(i)] = quantile_of(window, 0.5);
    }
    if (drift.empty()) return drift;
    const double middle = quantile_of(drift, 0.5);
    for (double& factor : drift) factor /= middle;
    return drift;
}

std::optional<double> share(const std::pair<double, double>& errors) {
    if (errors.first <= 0) return std::nullopt;
    return std::max(0.0, 1 - errors.second / errors.first);
}

}  // namespace

CellFit fit_cells(std::span<const Execution> executions, int stages) {
    std::vector<StageFit> fits;
    for (int stage = 0; stage < stages; ++stage) fits.emplace_back(executions, stage);
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<double> drift = drift_of(executions, fits);
        for (StageFit& fit : fits) fit.fit(executions, drift);
    }
    CellFit result;
    std::pair<double, double> total{};
    for (const StageFit& fit : fits) {
        const auto errors = fit.errors();
        total.first += errors.first, total.second += errors.second;
        result.explained_of_stage.push_back(share(errors));
        result.cells.push_back(fit.cells());
    }
    result.explained = share(total);
    for (const Execution& execution : executions) {
        auto& cells = result.cells[static_cast<std::size_t>(execution.stage)];
        ++cells[cell_of(cells, execution.before)].count;
    }
    return result;
}

std::size_t cell_of(std::span<const HistoryCell> cells, const StageHistory& history) {
    const auto found = std::ranges::find_if(cells, [&](const HistoryCell& cell) { return cell.holds(history); });
    return static_cast<std::size_t>(found - cells.begin());
}

}  // namespace laxity
