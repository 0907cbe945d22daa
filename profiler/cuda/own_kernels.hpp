// The kernels that are ours: compiled for the device when a network first needs one. Internal to profiler/cuda.
#pragma once

#include <cuda.h>

#include <map>
#include <memory>
#include <string>

#include "profiler/cuda/handles.hpp"
#include "profiler/cuda/kernels/parameters.hpp"

namespace laxity::cuda {

// How many threads do one piece of a kernel's work.
enum class Team { kThread, kWarp, kBlock };

// A module of the driver's, in the context of the device that is used. Launching allocates nothing and may be captured.
class OwnKernels {
public:
    // Throws DeviceError if NVRTC is not there (saying where it was looked for) or does not compile the kernels.
    explicit OwnKernels(int device);

    // Throws CallError if there is none of that name in kernels.inc.
    CUfunction function(const std::string& name) const;
    // Does `count` pieces of work. The parameters are copied by the call. Throws CallError.
    static void launch(CUfunction kernel, const void* parameters, kernels::Index count, Team team,
                       const Stream& stream);

private:
    std::shared_ptr<std::remove_pointer_t<CUmodule>> module_;
};

// What NVRTC compiles: parameters.hpp and kernels.inc.
extern const char* const kKernelSource;
// The options for a device of that compute capability (9.0 is 90), in the order in which they are given.
std::string architecture_option(int capability);
inline constexpr const char* kKernelOptions[] = {"-std=c++20", "-DLAXITY_DEVICE_CODE"};

}  // namespace laxity::cuda
