// The devices by name.
#pragma once

#include <memory>
#include <string>

#include "profiler/device/device.hpp"
#include "profiler/open_device.hpp"

namespace laxity {

// `spec` is "cpu", "cuda", "cuda:N", "cuda:N:KEY=VALUE,..." (profiler/README.md) or "auto": a GPU if there is one, else
// the processor. Throws InputError for one that isn't there, saying what was found.
std::unique_ptr<Device> open_device(const std::string& spec);

// Why "auto" takes the processor, in one line; empty if it takes a GPU.
std::string why_no_gpu();

}  // namespace laxity
