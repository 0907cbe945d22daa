// The processor as a device: oneDNN on one thread.
#pragma once

#include <memory>

#include "profiler/device/device.hpp"

namespace laxity {

// Always there. Stages run on the calling thread alone; two threads gain little at batch 1 and lose badly beside a busy
// neighbour.
std::unique_ptr<Device> open_cpu_device();

}  // namespace laxity
