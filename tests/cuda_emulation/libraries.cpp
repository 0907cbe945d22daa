// Takes the place of profiler/cuda/libraries.cpp: what the device looks up is the emulation's.
#include "profiler/cuda/libraries.hpp"

#include <cublas_v2.h>
#include <cudnn.h>

#include <algorithm>
#include <cstring>

#include "profiler/cuda/nvml_api.hpp"
#include "profiler/device.hpp"
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

// cublasGemmEx has an overload in its header.
using Gemm = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                                const void*, cudaDataType_t, int, const void*, cudaDataType_t, int, const void*, void*,
                                cudaDataType_t, int, cublasComputeType_t, cublasGemmAlgo_t);

const Entry kEntries[] = {
    ENTRY(cudnnCreate),
    ENTRY(cudnnDestroy),
    ENTRY(cudnnSetStream),
    NEVER_FAILS(cudnnGetVersion),
    NEVER_FAILS(cudnnGetErrorString),
    DESCRIPTOR(TensorDescriptor),
    DESCRIPTOR(FilterDescriptor),
    DESCRIPTOR(ConvolutionDescriptor),
    DESCRIPTOR(ActivationDescriptor),
    DESCRIPTOR(PoolingDescriptor),
    DESCRIPTOR(OpTensorDescriptor),
    DESCRIPTOR(ReduceTensorDescriptor),
    ENTRY(cudnnSetTensor4dDescriptor),
    ENTRY(cudnnSetTensor4dDescriptorEx),
    ENTRY(cudnnSetFilter4dDescriptor),
    ENTRY(cudnnSetConvolution2dDescriptor),
    ENTRY(cudnnSetConvolutionGroupCount),
    ENTRY(cudnnSetConvolutionMathType),
    ENTRY(cudnnSetActivationDescriptor),
    ENTRY(cudnnSetPooling2dDescriptor),
    ENTRY(cudnnSetOpTensorDescriptor),
    ENTRY(cudnnSetReduceTensorDescriptor),
    ENTRY(cudnnFindConvolutionForwardAlgorithmEx),
    ENTRY(cudnnConvolutionForward),
    ENTRY(cudnnConvolutionBiasActivationForward),
    ENTRY(cudnnAddTensor),
    ENTRY(cudnnActivationForward),
    ENTRY(cudnnPoolingForward),
    ENTRY(cudnnSoftmaxForward),
    ENTRY(cudnnOpTensor),
    ENTRY(cudnnGetReductionWorkspaceSize),
    ENTRY(cudnnGetReductionIndicesSize),
    ENTRY(cudnnReduceTensor),
    ENTRY(cudnnTransformTensor),
    ENTRY(cudnnSetTensor),
    ENTRY(cublasCreate_v2),
    ENTRY(cublasDestroy_v2),
    NEVER_FAILS(cublasGetStatusString),
    ENTRY(cublasSetStream_v2),
    ENTRY(cublasSetWorkspace_v2),
    {"cublasGemmEx", reinterpret_cast<void*>(static_cast<Gemm>(&cublasGemmEx))},
    ENTRY(nvmlInit_v2),
    ENTRY(nvmlShutdown),
    NEVER_FAILS(nvmlErrorString),
    ENTRY(nvmlSystemGetDriverVersion),
    ENTRY(nvmlDeviceGetHandleByPciBusId_v2),
    ENTRY(nvmlDeviceGetClockInfo),
    ENTRY(nvmlDeviceGetTemperature),
    ENTRY(nvmlDeviceGetPowerUsage),
    ENTRY(nvmlDeviceGetTotalEnergyConsumption),
    ENTRY(nvmlDeviceGetCurrentClocksThrottleReasons),
    ENTRY(nvmlDeviceGetComputeRunningProcesses_v3),
};

// Of the runtime, which is linked instead of looked up.
constexpr const char* kRuntime[] = {"cudaDeviceGetPCIBusId",
                                    "cudaDeviceGetStreamPriorityRange",
                                    "cudaEventCreateWithFlags",
                                    "cudaEventDestroy",
                                    "cudaEventElapsedTime",
                                    "cudaEventQuery",
                                    "cudaEventRecord",
                                    "cudaEventSynchronize",
                                    "cudaFree",
                                    "cudaFreeHost",
                                    "cudaGetDeviceCount",
                                    "cudaGetDeviceProperties",
                                    "cudaGetLastError",
                                    "cudaGraphDestroy",
                                    "cudaGraphExecDestroy",
                                    "cudaGraphInstantiate",
                                    "cudaGraphLaunch",
                                    "cudaGraphUpload",
                                    "cudaHostAlloc",
                                    "cudaLaunchHostFunc",
                                    "cudaMalloc",
                                    "cudaMemGetInfo",
                                    "cudaMemcpyAsync",
                                    "cudaMemsetAsync",
                                    "cudaPeekAtLastError",
                                    "cudaRuntimeGetVersion",
                                    "cudaSetDevice",
                                    "cudaStreamBeginCapture",
                                    "cudaStreamCreateWithPriority",
                                    "cudaStreamDestroy",
                                    "cudaStreamEndCapture",
                                    "cudaStreamQuery",
                                    "cudaStreamSynchronize",
                                    "cudaStreamWaitEvent"};

}  // namespace

namespace cuda {

std::string why_missing(Library library) {
    const cuda_emulation::Settings& settings = cuda_emulation::Machine::get().settings();
    const bool there = library == Library::kNvml ? settings.nvml : settings.libraries;
    return there ? "" : "an emulated library is hidden";
}

void* find_function(Library, const char* name) {
    const auto found = std::find_if(std::begin(kEntries), std::end(kEntries),
                                    [name](const Entry& entry) { return std::strcmp(entry.name, name) == 0; });
    if (found == std::end(kEntries)) throw DeviceError(std::string("the emulation has no function ") + name);
    return found->function;
}

}  // namespace cuda

std::vector<std::string> cuda_emulation::entry_points() {
    std::vector<std::string> names(std::begin(kRuntime), std::end(kRuntime));
    for (const Entry& entry : kEntries) {
        if (entry.can_fail) names.emplace_back(entry.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace laxity
