// How much slower a stage gets while other threads run stages beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/network/network.hpp"
#include "traces/trace.hpp"

namespace laxity {

struct CorunOptions {
    std::vector<int> counts;  // of stages side by side, each at least 2
    std::vector<int> cores;   // one for each thread, the last for the measured one; negative = not pinned
    int passes = 1000;        // of the whole network, alone and together
    bool raise_priority = true;
};

// One entry for each count k, in the order given: the median time of each stage while k - 1 other threads run the same
// network's stages over and over, each on a core and in a lane of its own, divided by its median time alone, and at
// least 1. Passes alone and together take turns in blocks, so that a drift of the machine hits both. The network is
// prepared anew. Returns nothing if an interrupt came (interrupted() of traces/base/interrupt.hpp). Throws InputError
// if there are fewer cores than the largest count, DeviceError if the device fails.
std::vector<Corun> measure_corun(Device& device, const Network& network, const Dataset& data,
                                 const CorunOptions& options,
                                 const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

// Throws the InputError of too few cores.
void check_corun(const CorunOptions& options);

}  // namespace laxity
