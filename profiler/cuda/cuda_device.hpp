// An NVIDIA GPU as a device: cuDNN and cuBLAS calls, recorded into one CUDA graph per stage.
#pragma once

#include <memory>
#include <string>

#include "profiler/device/device.hpp"

namespace laxity {

// Empty if there is a GPU that can be used, else what was found instead, in one line.
std::string why_no_cuda();

// `text` is what follows "cuda:" (profiler/cuda/options.hpp); empty for the first GPU with every default. Throws
// InputError for options that are wrong and for a GPU that isn't there.
std::unique_ptr<Device> open_cuda_device(const std::string& text);

}  // namespace laxity
