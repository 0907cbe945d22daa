#include "profiler/cuda/error.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

// "cudaMalloc (handles.cpp:20) failed: out of memory"
std::string message_of(const CallSite& site, const std::string& meaning) {
    const char* slash = std::strrchr(site.file, '/');
    return std::string(site.function) + " (" + (slash == nullptr ? site.file : slash + 1) + ":" +
           std::to_string(site.line) + ") failed: " + meaning;
}

// After an error that stays every call fails, whichever library it was of; a capture permits this one.
std::string whether_lost() {
    (void)LAXITY_CUDA_FUNCTION(cudaGetLastError)();
    std::size_t free = 0, total = 0;
    return LAXITY_CUDA_FUNCTION(cudaMemGetInfo)(&free, &total) == cudaSuccess
               ? ""
               : "; the GPU is lost to this process, start laxity again";
}

}  // namespace

void check(cudaError_t status, const CallSite& site) {
    if (status == cudaSuccess) return;
    const std::string meaning = std::string(LAXITY_CUDA_FUNCTION(cudaGetErrorString)(status)) + " (" +
                                LAXITY_CUDA_FUNCTION(cudaGetErrorName)(status) + ")";
    if (status == cudaErrorMemoryAllocation) {
        (void)LAXITY_CUDA_FUNCTION(cudaGetLastError)();
        throw OutOfMemory(message_of(site, meaning));
    }
    throw CallError(message_of(site, meaning) + whether_lost(), status == cudaErrorNotSupported);
}

namespace {

// cuDNN's own words on this thread's last error, often the only ones that help; empty if it has none.
std::string cudnn_detail() {
    std::array<char, 512> text{};
    LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnGetLastErrorString)(text.data(), text.size() - 1);
    return text.front() == '\0' ? "" : " (" + one_line(text.data()) + ")";
}

}  // namespace

void check(cudnnStatus_t status, const CallSite& site) {
    if (status == CUDNN_STATUS_SUCCESS) return;
    const std::string meaning = LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnGetErrorString)(status) + cudnn_detail();
    if (status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
        status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED)
        throw OutOfMemory(message_of(site, meaning));
    constexpr int kCategory = 1000;  // the thousands are the category
    throw CallError(message_of(site, meaning) + whether_lost(),
                    status / kCategory == CUDNN_STATUS_NOT_SUPPORTED / kCategory);
}

void check(cublasStatus_t status, const CallSite& site) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    const std::string meaning = LAXITY_LIBRARY_FUNCTION(kCublas, cublasGetStatusString)(status);
    if (status == CUBLAS_STATUS_ALLOC_FAILED) throw OutOfMemory(message_of(site, meaning));
    throw CallError(message_of(site, meaning) + whether_lost(), status == CUBLAS_STATUS_NOT_SUPPORTED);
}

void check(CUresult status, const CallSite& site) {
    if (status == CUDA_SUCCESS) return;
    const char* meaning = nullptr;
    (void)LAXITY_LIBRARY_FUNCTION(kDriver, cuGetErrorString)(status, &meaning);
    const std::string text = meaning == nullptr ? "error " + std::to_string(status) : meaning;
    if (status == CUDA_ERROR_OUT_OF_MEMORY) throw OutOfMemory(message_of(site, text));
    throw CallError(message_of(site, text) + whether_lost(), false);
}

void check(nvrtcResult status, const CallSite& site) {
    if (status == NVRTC_SUCCESS) return;
    throw CallError(message_of(site, LAXITY_LIBRARY_FUNCTION(kNvrtc, nvrtcGetErrorString)(status)), false);
}

std::string mebibytes(std::size_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
    return text;
}

}  // namespace laxity::cuda
