// Places the tensors of a network in memory, for every device that computes one layer after the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace laxity {

// A slot's arena holds what outlives a stage: the input, what is carried and the exit's scores, for one job. The
// scratch arena belongs to a lane and holds nothing between stages.
enum class Arena : unsigned char { kSlot, kScratch };

// Memory of one tensor, or of several that are views of each other or were computed in each other's place.
struct Storage {
    std::size_t bytes = 0;
    Arena arena = Arena::kScratch;  // set by place_storages
    std::size_t offset = 0;         // in its arena; a multiple of kStorageAlignment
};
inline constexpr std::size_t kStorageAlignment = 64;

// One stage as placement sees it. Numbers are indices of storages.
struct StageStorages {
    std::vector<std::vector<int>> steps;  // what each step reads or writes, in the order of execution
    std::vector<int> reads;               // alive when the stage begins
    std::vector<int> carried;             // alive when the next one begins
    int scores = -1;                      // alive until the next stage begins
};

struct ArenaBytes {
    std::size_t slot = 0;
    std::size_t scratch = 0;
};

// Gives every storage a place such that no two that are alive at the same time overlap: largest first, lowest offset
// that is free for its whole life. What is written in a stage and carried, read by a later stage, or scores, lies in
// the slot. O(storages^2).
ArenaBytes place_storages(std::vector<Storage>& storages, std::span<const StageStorages> stages);

}  // namespace laxity
