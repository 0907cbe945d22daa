// Places the activations of a network in few buffers, for every device that computes one layer after the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace laxity {

// Buffers 0 and 1 of a slot hold what is carried from stage to stage and its third one the exit's scores; all further
// buffers are scratch, shared by the slots, and hold nothing between stages.
inline constexpr int kScoresBuffer = 2;
inline constexpr int kSlotBuffers = 3;

// Memory of one activation, or of several that are views of each other or were computed in each other's place.
struct Storage {
    std::size_t bytes = 0;
    int buffer = -1;
};

// One stage as placement sees it. Numbers are indices of storages.
struct StageStorages {
    std::vector<std::vector<int>> steps;  // what each step reads or writes, in the order of execution
    int input = -1;
    int carried = -1;  // -1 for the last stage
    int scores = -1;
};

// Gives every storage a buffer: carried tensors and scores their slot's, the others scratch that is used again as soon
// as it was read for the last time. Returns the bytes of every buffer, those of a slot first. O(steps * buffers).
std::vector<std::size_t> place_storages(std::vector<Storage>& storages, std::span<const StageStorages> stages);

}  // namespace laxity
