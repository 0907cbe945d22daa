// Which activation slots of the executables hold no job.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "profiler/device/device.hpp"

namespace laxity {

// Takes and gives back in O(number of executables), which are few.
class ActivationSlots {
public:
    // All its slots are free. Adding it twice does nothing.
    void add(Executable& executable) {
        if (find(executable) != nullptr) return;
        auto& free = free_.emplace_back(&executable, std::vector<std::int32_t>{}).second;
        for (int slot = executable.slots() - 1; slot >= 0; --slot) free.push_back(slot);  // the lowest is taken first
    }

    // Throws std::runtime_error if all are in use.
    std::int32_t take(Executable& executable) {
        auto& free = *find(executable);
        if (free.empty())
            throw std::runtime_error("all " + std::to_string(executable.slots()) +
                                     " activation slots are in use; give more with --slots");
        const std::int32_t slot = free.back();
        free.pop_back();
        return slot;
    }

    void give_back(Executable& executable, std::int32_t slot) { find(executable)->push_back(slot); }

private:
    std::vector<std::int32_t>* find(const Executable& executable) {
        for (auto& [owner, free] : free_) {
            if (owner == &executable) return &free;
        }
        return nullptr;
    }

    std::vector<std::pair<Executable*, std::vector<std::int32_t>>> free_;
};

}  // namespace laxity
