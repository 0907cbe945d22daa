// The wrapper that every CUDA, cuDNN and cuBLAS call goes through.
#pragma once

#include <cublas_v2.h>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <nvrtc.h>

#include <cstddef>
#include <string>

#include "profiler/cuda/libraries.hpp"
#include "profiler/device/device.hpp"

namespace laxity::cuda {

// A call and where it stands in the source.
struct CallSite {
    const char* function;
    const char* file;
    int line;
};

// A call returned an error. what() names the call, its place and the error's meaning.
class CallError : public DeviceError {
public:
    CallError(const std::string& message, bool not_supported) : DeviceError(message), not_supported_(not_supported) {}
    // The library has no implementation for these arguments; another way to compute the same may exist.
    bool not_supported() const { return not_supported_; }

private:
    bool not_supported_;
};

// The device has too little memory.
class OutOfMemory : public DeviceError {
public:
    using DeviceError::DeviceError;
};

// Return if the call succeeded, else throw CallError. An error that stays (a kernel faulted, the device fell off the
// bus) is said to: nothing works on that device until the process is started again.
void check(cudaError_t status, const CallSite& site);
void check(cudnnStatus_t status, const CallSite& site);
void check(cublasStatus_t status, const CallSite& site);
void check(CUresult status, const CallSite& site);
void check(nvrtcResult status, const CallSite& site);

std::string mebibytes(std::size_t bytes);  // "12.5 MiB"

}  // namespace laxity::cuda

// Unchecked: for releases, and for what reads errors.
#define LAXITY_CUDA_FUNCTION(function) LAXITY_LIBRARY_FUNCTION(kRuntime, function)
#define LAXITY_CUDA(function, ...)                                     \
    ::laxity::cuda::check(LAXITY_CUDA_FUNCTION(function)(__VA_ARGS__), \
                          ::laxity::cuda::CallSite{#function, __FILE__, __LINE__})
#define LAXITY_CUDNN(function, ...)                                               \
    ::laxity::cuda::check(LAXITY_LIBRARY_FUNCTION(kCudnn, function)(__VA_ARGS__), \
                          ::laxity::cuda::CallSite{#function, __FILE__, __LINE__})
#define LAXITY_CUBLAS(function, ...)                                               \
    ::laxity::cuda::check(LAXITY_LIBRARY_FUNCTION(kCublas, function)(__VA_ARGS__), \
                          ::laxity::cuda::CallSite{#function, __FILE__, __LINE__})
#define LAXITY_DRIVER(function, ...)                                               \
    ::laxity::cuda::check(LAXITY_LIBRARY_FUNCTION(kDriver, function)(__VA_ARGS__), \
                          ::laxity::cuda::CallSite{#function, __FILE__, __LINE__})
#define LAXITY_NVRTC(function, ...)                                               \
    ::laxity::cuda::check(LAXITY_LIBRARY_FUNCTION(kNvrtc, function)(__VA_ARGS__), \
                          ::laxity::cuda::CallSite{#function, __FILE__, __LINE__})
