#include "profiler/cuda/error.hpp"

#include <cstdio>
#include <cstring>

namespace laxity::cuda {

namespace {

// "cudaMalloc (handles.cpp:20) failed: out of memory"
std::string message_of(const CallSite& site, const std::string& meaning) {
    const char* slash = std::strrchr(site.file, '/');
    return std::string(site.function) + " (" + (slash == nullptr ? site.file : slash + 1) + ":" +
           std::to_string(site.line) + ") failed: " + meaning;
}

// Reading the last error clears it, unless it is one that stays.
std::string whether_lost() {
    (void)cudaGetLastError();
    return cudaPeekAtLastError() == cudaSuccess ? "" : "; the GPU is lost to this process, start laxity again";
}

}  // namespace

void check(cudaError_t status, const CallSite& site) {
    if (status == cudaSuccess) return;
    const std::string meaning = std::string(cudaGetErrorString(status)) + " (" + cudaGetErrorName(status) + ")";
    if (status == cudaErrorMemoryAllocation) {
        (void)cudaGetLastError();
        throw OutOfMemory(message_of(site, meaning));
    }
    throw CallError(message_of(site, meaning) + whether_lost(), status == cudaErrorNotSupported);
}

void check(cudnnStatus_t status, const CallSite& site) {
    if (status == CUDNN_STATUS_SUCCESS) return;
    const std::string meaning = LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnGetErrorString)(status);
    // The thousands are the category: 3xxx is "not supported".
    constexpr int kCategory = 1000;
    const bool not_supported = static_cast<int>(status) / kCategory == CUDNN_STATUS_NOT_SUPPORTED / kCategory;
    if (status == CUDNN_STATUS_ALLOC_FAILED) throw OutOfMemory(message_of(site, meaning));
    throw CallError(message_of(site, meaning) + whether_lost(), not_supported);
}

void check(cublasStatus_t status, const CallSite& site) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    const std::string meaning = LAXITY_LIBRARY_FUNCTION(kCublas, cublasGetStatusString)(status);
    if (status == CUBLAS_STATUS_ALLOC_FAILED) throw OutOfMemory(message_of(site, meaning));
    throw CallError(message_of(site, meaning) + whether_lost(), status == CUBLAS_STATUS_NOT_SUPPORTED);
}

std::string mebibytes(std::size_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
    return text;
}

}  // namespace laxity::cuda
