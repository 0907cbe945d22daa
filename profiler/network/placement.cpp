#include "profiler/network/placement.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace laxity {

namespace {

class Placer {
public:
    explicit Placer(std::vector<Storage>& storages) : storages_(storages), buffer_bytes_(kSlotBuffers, 0) {}

    std::vector<std::size_t> run(std::span<const StageStorages> stages) {
        put(stages.front().input, 0);
        for (const StageStorages& stage : stages) place_stage(stage);
        return std::move(buffer_bytes_);
    }

private:
    // Steps of a stage from the first to the last that touches a storage.
    struct Life {
        std::size_t first = 0;
        std::size_t last = 0;
    };

    Storage& storage(int s) { return storages_[static_cast<std::size_t>(s)]; }

    void put(int s, int buffer) {
        storage(s).buffer = buffer;
        std::size_t& bytes = buffer_bytes_[static_cast<std::size_t>(buffer)];
        bytes = std::max(bytes, storage(s).bytes);
    }

    void place_stage(const StageStorages& stage);
    void place_scratch(const StageStorages& stage);
    static std::map<int, Life> lives(const StageStorages& stage);
    int free_buffer(std::size_t step);

    std::vector<Storage>& storages_;
    std::vector<std::size_t> buffer_bytes_;
    std::vector<std::size_t> free_from_;  // by scratch buffer: the step of this stage from which it is free
};

void Placer::place_stage(const StageStorages& stage) {
    // What is carried goes where the stage's input isn't, unless it was computed in the input's place.
    if (stage.carried >= 0 && storage(stage.carried).buffer < 0) put(stage.carried, 1 - storage(stage.input).buffer);
    put(stage.scores, kScoresBuffer);
    place_scratch(stage);
}

std::map<int, Placer::Life> Placer::lives(const StageStorages& stage) {
    std::map<int, Life> lives;
    for (std::size_t step = 0; step < stage.steps.size(); ++step) {
        for (const int s : stage.steps[step]) lives.emplace(s, Life{step, step}).first->second.last = step;
    }
    return lives;
}

int Placer::free_buffer(std::size_t step) {
    const auto is_free = [step](std::size_t from) { return from <= step; };
    const auto found = std::find_if(free_from_.begin(), free_from_.end(), is_free);
    if (found != free_from_.end()) return kSlotBuffers + static_cast<int>(found - free_from_.begin());
    free_from_.push_back(0);
    if (buffer_bytes_.size() < kSlotBuffers + free_from_.size()) buffer_bytes_.push_back(0);
    return kSlotBuffers + static_cast<int>(free_from_.size()) - 1;
}

void Placer::place_scratch(const StageStorages& stage) {
    std::vector<std::pair<Life, int>> by_first_step;
    for (const auto& [s, life] : lives(stage)) {
        if (storage(s).buffer < 0) by_first_step.emplace_back(life, s);
    }
    std::stable_sort(by_first_step.begin(), by_first_step.end(),
                     [](const auto& a, const auto& b) { return a.first.first < b.first.first; });
    free_from_.clear();
    for (const auto& [life, s] : by_first_step) {
        const int buffer = free_buffer(life.first);
        put(s, buffer);
        free_from_[static_cast<std::size_t>(buffer - kSlotBuffers)] = life.last + 1;
    }
}

}  // namespace

std::vector<std::size_t> place_storages(std::vector<Storage>& storages, std::span<const StageStorages> stages) {
    return Placer(storages).run(stages);
}

}  // namespace laxity
