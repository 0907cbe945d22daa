#include "traces/history_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace laxity {

namespace {

struct Sums {
    double count = 0, sum = 0, squares = 0;

    void add(double value) { *this += {1, value, value * value}; }
    Sums& operator+=(const Sums& other) {
        count += other.count, sum += other.sum, squares += other.squares;
        return *this;
    }
    friend Sums operator-(const Sums& a, const Sums& b) {
        return {a.count - b.count, a.sum - b.sum, a.squares - b.squares};
    }
    double mean() const { return count > 0 ? sum / count : 0; }
    double error(double mean) const { return squares - 2 * mean * sum + count * mean * mean; }
};

struct Cut {
    std::size_t feature = 0;
    int bin = 0;      // below it on the left
    double gain = 0;  // of squared error where it was chosen
};

// A leaf's samples, summed by feature, block and bin.
class LeafSums {
public:
    LeafSums(std::span<const TreeSample> samples, const TreeOptions& options, const TreeLeaf& leaf)
        : options_(options) {
        for (std::size_t f = 0; f < kTreeFeatures; ++f) {
            by_bin_[f].resize(static_cast<std::size_t>(options.bins[f]));
            by_block_[f].resize(static_cast<std::size_t>(options.bins[f] * kTreeBlocks));
        }
        for (const TreeSample& sample : samples)
            if (sample.block != options.left_out && leaf.holds(sample)) add(sample);
    }

    const Sums& total() const { return total_; }
    // The one that lowers the error most among samples outside the block (-1: all); none if no leaf would be left large
    // enough.
    std::optional<Cut> best_cut(int without, double least) const;
    // By how much cutting lowers the error on each block when the others have chosen where.
    std::vector<double> reductions() const;

private:
    void add(const TreeSample& sample);
    const Sums& at(std::size_t feature, int block, int bin) const {
        return by_block_[feature][static_cast<std::size_t>(block * options_.bins[feature] + bin)];
    }
    Sums kept(std::size_t feature, int bin, int without) const {
        const Sums& all = by_bin_[feature][static_cast<std::size_t>(bin)];
        return without < 0 ? all : all - at(feature, without, bin);
    }
    double reduction(int block) const;

    const TreeOptions& options_;
    Sums total_;
    std::array<Sums, kTreeBlocks> blocks_;
    std::array<std::vector<Sums>, kTreeFeatures> by_bin_, by_block_;
};

void LeafSums::add(const TreeSample& sample) {
    total_.add(sample.value);
    blocks_[static_cast<std::size_t>(sample.block)].add(sample.value);
    for (std::size_t f = 0; f < kTreeFeatures; ++f) {
        by_bin_[f][static_cast<std::size_t>(sample.bin[f])].add(sample.value);
        by_block_[f][static_cast<std::size_t>(sample.block * options_.bins[f] + sample.bin[f])].add(sample.value);
    }
}

std::optional<Cut> LeafSums::best_cut(int without, double least) const {
    const Sums all = without < 0 ? total_ : total_ - blocks_[static_cast<std::size_t>(without)];
    std::optional<Cut> best;
    for (std::size_t f = 0; f < kTreeFeatures; ++f) {
        Sums left;
        for (int bin = 1; bin < options_.bins[f]; ++bin) {
            left += kept(f, bin - 1, without);
            const Sums right = all - left;
            if (left.count < least || right.count < least) continue;
            const double gain = left.sum * left.mean() + right.sum * right.mean() - all.sum * all.mean();
            if (!best || gain > best->gain) best = {f, bin, gain};
        }
    }
    return best;
}

double LeafSums::reduction(int block) const {
    const Sums& unseen = blocks_[static_cast<std::size_t>(block)];
    const Sums seen = total_ - unseen;
    const auto cut = best_cut(block, static_cast<double>(options_.least_samples) * (kTreeBlocks - 2) / kTreeBlocks);
    if (unseen.count == 0 || !cut) return 0;
    Sums seen_left, unseen_left;
    for (int bin = 0; bin < cut->bin; ++bin) {
        seen_left += kept(cut->feature, bin, block);
        unseen_left += at(cut->feature, block, bin);
    }
    return unseen.error(seen.mean()) - unseen_left.error(seen_left.mean()) -
           (unseen - unseen_left).error((seen - seen_left).mean());
}

std::vector<double> LeafSums::reductions() const {
    std::vector<double> all;
    for (int block = 0; block < kTreeBlocks; ++block)
        if (block != options_.left_out) all.push_back(reduction(block));
    return all;
}

// More than two standard errors above 0.
bool lowers(const std::vector<double>& reductions) {
    const auto count = static_cast<double>(reductions.size());
    const double mean = std::accumulate(reductions.begin(), reductions.end(), 0.0) / count;
    double squares = 0;
    for (const double reduction : reductions) squares += (reduction - mean) * (reduction - mean);
    return mean > 0 && mean > 2 * std::sqrt(squares / (count * (count - 1)));
}

struct Candidate {
    TreeLeaf leaf;
    std::optional<Cut> cut;
};

Candidate consider(std::span<const TreeSample> samples, const TreeOptions& options, TreeLeaf leaf) {
    const LeafSums sums(samples, options, leaf);
    leaf.mean = sums.total().mean();
    std::optional<Cut> cut = sums.best_cut(-1, static_cast<double>(options.least_samples));
    if (cut && !lowers(sums.reductions())) cut.reset();
    return {leaf, cut};
}

}  // namespace

std::vector<TreeLeaf> grow_tree(std::span<const TreeSample> samples, const TreeOptions& options) {
    std::vector<Candidate> candidates = {consider(samples, options, {{}, options.bins, 0})};
    const auto gain = [](const Candidate& candidate) { return candidate.cut ? candidate.cut->gain : -1; };
    while (candidates.size() < options.most_leaves) {
        const auto best = std::ranges::max_element(candidates, {}, gain);
        if (!best->cut) break;
        TreeLeaf left = best->leaf, right = best->leaf;
        left.below[best->cut->feature] = right.from[best->cut->feature] = best->cut->bin;
        *best = consider(samples, options, left);
        candidates.push_back(consider(samples, options, right));
    }
    std::vector<TreeLeaf> leaves;
    for (const Candidate& candidate : candidates) leaves.push_back(candidate.leaf);
    return leaves;
}

const TreeLeaf& leaf_of(std::span<const TreeLeaf> leaves, const TreeSample& sample) {
    return *std::ranges::find_if(leaves, [&](const TreeLeaf& leaf) { return leaf.holds(sample); });
}

}  // namespace laxity
