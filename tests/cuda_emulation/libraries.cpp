// Takes the place of profiler/cuda/libraries.cpp: what the device looks up is the emulation's.
#include "profiler/cuda/libraries.hpp"

#include <cublas_v2.h>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <nvrtc.h>

#include <algorithm>
#include <cstring>

#include "profiler/cuda/nvml_api.hpp"
#include "profiler/device/device.hpp"
#include "tests/cuda_emulation/machine.hpp"

namespace laxity {

namespace {

struct Entry {
    const char* name;
    void* function;
    bool can_fail = true;
};

#define ENTRY(NAME) \
    { #NAME, reinterpret_cast < void*>(&NAME) }
#define NEVER_FAILS(NAME) \
    { #NAME, reinterpret_cast < void*>(&NAME), false }
#define DESCRIPTOR(NAME) ENTRY(cudnnCreate##NAME), ENTRY(cudnnDestroy##NAME)
#define OVERLOADED(NAME, TYPE) \
    { #NAME, reinterpret_cast < void*>(static_cast <TYPE>(&NAME)) }

// cublasGemmStridedBatchedEx has an overload in its header.
using Gemm = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                                const void*, cudaDataType_t, int, long long, const void*, cudaDataType_t, int,
                                long long, const void*, void*, cudaDataType_t, int, long long, int,
                                cublasComputeType_t, cublasGemmAlgo_t);

const Entry kEntries[] = {
#include "tests/cuda_emulation/entry_points.inc"
};

}  // namespace

namespace cuda {

std::string why_missing(Library library) {
    const cuda_emulation::Settings& settings = cuda_emulation::Machine::get().settings();
    const bool maths = library == Library::kCudnn || library == Library::kCublas;
    const bool there = library == Library::kNvml ? settings.nvml : !maths || settings.libraries;
    return there ? "" : "an emulated library is hidden";
}

void* look_up(Library, const char* name) {
    if (cuda_emulation::Machine::get().settings().lacks.contains(name)) return nullptr;
    const auto found = std::find_if(std::begin(kEntries), std::end(kEntries),
                                    [name](const Entry& entry) { return std::strcmp(entry.name, name) == 0; });
    return found == std::end(kEntries) ? nullptr : found->function;
}

void* find_function(Library library, const char* name) {
    void* function = look_up(library, name);
    if (function == nullptr) throw DeviceError(std::string("the emulation has no function ") + name);
    return function;
}

}  // namespace cuda

std::vector<std::string> cuda_emulation::entry_points() {
    std::vector<std::string> names;
    for (const Entry& entry : kEntries) {
        if (entry.can_fail) names.emplace_back(entry.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace laxity
