#include <algorithm>
#include <map>

#include "profiler/cpu/program.hpp"

namespace laxity {

namespace {

class Placer {
public:
    explicit Placer(Program& program) : program_(program) { program_.buffer_bytes.assign(kSlotBuffers, 0); }

    void run() {
        put(storage_of(program_.stages.front().input), 0);
        for (const StageProgram& stage : program_.stages) place_stage(stage);
    }

private:
    // Steps of a stage from the first to the last that touches a storage.
    struct Life {
        std::size_t first = 0;
        std::size_t last = 0;
    };

    std::size_t storage_of(int tensor) const {
        return static_cast<std::size_t>(program_.tensors[static_cast<std::size_t>(tensor)].storage);
    }
    Storage& storage(std::size_t s) { return program_.storages[s]; }

    void put(std::size_t s, int buffer) {
        storage(s).buffer = buffer;
        std::size_t& bytes = program_.buffer_bytes[static_cast<std::size_t>(buffer)];
        bytes = std::max(bytes, storage(s).bytes);
    }

    void place_stage(const StageProgram& stage);
    void place_scratch(const StageProgram& stage);
    std::map<std::size_t, Life> lives(const StageProgram& stage) const;
    int free_buffer(std::size_t step);

    Program& program_;
    std::vector<std::size_t> free_from_;  // by scratch buffer: the step of this stage from which it is free
};

void Placer::place_stage(const StageProgram& stage) {
    // What is carried goes where the stage's input isn't, unless it was computed in the input's place.
    if (stage.carried >= 0 && storage(storage_of(stage.carried)).buffer < 0) {
        put(storage_of(stage.carried), 1 - storage(storage_of(stage.input)).buffer);
    }
    put(storage_of(stage.scores), kScoresBuffer);
    place_scratch(stage);
}

std::map<std::size_t, Placer::Life> Placer::lives(const StageProgram& stage) const {
    std::map<std::size_t, Life> lives;
    for (std::size_t step = 0; step < stage.steps.size(); ++step) {
        for (const Argument& argument : stage.steps[step].arguments) {
            if (argument.tensor < 0) continue;
            lives.emplace(storage_of(argument.tensor), Life{step, step}).first->second.last = step;
        }
    }
    return lives;
}

int Placer::free_buffer(std::size_t step) {
    const auto is_free = [step](std::size_t from) { return from <= step; };
    const auto found = std::find_if(free_from_.begin(), free_from_.end(), is_free);
    if (found != free_from_.end()) return kSlotBuffers + static_cast<int>(found - free_from_.begin());
    free_from_.push_back(0);
    if (program_.buffer_bytes.size() < kSlotBuffers + free_from_.size()) program_.buffer_bytes.push_back(0);
    return kSlotBuffers + static_cast<int>(free_from_.size()) - 1;
}

void Placer::place_scratch(const StageProgram& stage) {
    std::vector<std::pair<Life, std::size_t>> by_first_step;
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

void place_storages(Program& program) { Placer(program).run(); }

}  // namespace laxity
