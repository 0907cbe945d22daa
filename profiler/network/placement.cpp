#include "profiler/network/placement.hpp"

#include <algorithm>
#include <numeric>

namespace laxity {

namespace {

// From when to when a storage is alive, in steps counted over all stages. Between two stages lies one step more, in
// which only the slot is.
struct Life {
    int first = -1;
    int last = -1;
    bool outlives_stage = false;

    void extend(int time) {
        if (first < 0 || time < first) first = time;
        last = std::max(last, time);
    }
    bool overlaps(const Life& other) const { return first <= other.last && other.first <= last; }
};

std::vector<Life> lives_of(std::size_t storages, std::span<const StageStorages> stages) {
    std::vector<Life> lives(storages);
    const auto keep = [&](int storage, int time) {
        if (storage < 0) return;
        Life& life = lives[static_cast<std::size_t>(storage)];
        life.extend(time);
        life.outlives_stage = true;
    };
    int time = 0;
    for (const StageStorages& stage : stages) {
        for (const int storage : stage.reads) keep(storage, time);
        ++time;
        for (const std::vector<int>& step : stage.steps) {
            for (const int storage : step) lives[static_cast<std::size_t>(storage)].extend(time);
            ++time;
        }
        for (const int storage : stage.carried) keep(storage, time);
        keep(stage.scores, time);
    }
    return lives;
}

std::size_t aligned(std::size_t bytes) {
    return (bytes + kStorageAlignment - 1) / kStorageAlignment * kStorageAlignment;
}

// The lowest offset at which nothing that is alive at the same time lies. `placed` are in the same arena.
std::size_t free_offset(const std::vector<Storage>& storages, const std::vector<Life>& lives,
                        const std::vector<std::size_t>& placed, std::size_t which) {
    std::vector<std::pair<std::size_t, std::size_t>> taken;
    for (const std::size_t other : placed) {
        if (lives[other].overlaps(lives[which]))
            taken.emplace_back(storages[other].offset, storages[other].offset + aligned(storages[other].bytes));
    }
    std::sort(taken.begin(), taken.end());
    std::size_t offset = 0;
    for (const auto& [begin, end] : taken) {
        if (begin >= offset + storages[which].bytes) break;
        offset = std::max(offset, end);
    }
    return offset;
}

}  // namespace

ArenaBytes place_storages(std::vector<Storage>& storages, std::span<const StageStorages> stages) {
    const std::vector<Life> lives = lives_of(storages.size(), stages);
    std::vector<std::size_t> order(storages.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return storages[a].bytes > storages[b].bytes; });
    ArenaBytes bytes;
    std::vector<std::size_t> in_slot, in_scratch;
    for (const std::size_t i : order) {
        Storage& storage = storages[i];
        if (lives[i].first < 0) continue;
        storage.arena = lives[i].outlives_stage ? Arena::kSlot : Arena::kScratch;
        auto& placed = lives[i].outlives_stage ? in_slot : in_scratch;
        storage.offset = free_offset(storages, lives, placed, i);
        placed.push_back(i);
        std::size_t& end = lives[i].outlives_stage ? bytes.slot : bytes.scratch;
        end = std::max(end, storage.offset + aligned(storage.bytes));
    }
    return bytes;
}

}  // namespace laxity
