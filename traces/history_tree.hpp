// A small regression tree over a few features that are sorted into bins, which is grown only as far as it predicts
// values that it has not seen.
//
// Neighbouring executions of a stage resemble each other, so values are left out by contiguous blocks, not one by one.
// A cut is judged by cuts that the other blocks would have chosen: were the chosen cut itself judged, the best of some
// hundred would always seem to help.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace laxity {

inline constexpr int kTreeBlocks = 10;
inline constexpr std::size_t kTreeFeatures = 4;

struct TreeSample {
    double value = 0;
    int block = 0;  // in [0, kTreeBlocks)
    std::array<int, kTreeFeatures> bin{};
};

struct TreeOptions {
    std::array<int, kTreeFeatures> bins{};  // of each feature
    std::size_t least_samples = 50;         // of a leaf
    std::size_t most_leaves = 8;
    int left_out = -1;  // a block that the tree doesn't see
};

// Half-open ranges of bins; the leaves of a tree lie beside each other and cover everything.
struct TreeLeaf {
    std::array<int, kTreeFeatures> from{}, below{};
    double mean = 0;

    bool holds(const TreeSample& sample) const {
        for (std::size_t f = 0; f < kTreeFeatures; ++f)
            if (sample.bin[f] < from[f] || sample.bin[f] >= below[f]) return false;
        return true;
    }
};

// A leaf is cut, the one whose cut helps most first, only if that lowers the squared error on the blocks that were left
// out, on average over blocks by more than twice its standard error. At least one leaf; its mean is 0 without samples.
// O(leaves * (samples + blocks * bins)).
std::vector<TreeLeaf> grow_tree(std::span<const TreeSample> samples, const TreeOptions& options);

// The leaf that holds it.
const TreeLeaf& leaf_of(std::span<const TreeLeaf> leaves, const TreeSample& sample);

}  // namespace laxity
