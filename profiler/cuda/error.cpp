#include "profiler/cuda/error.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include "traces/error.hpp"

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
    (void)LAXITY_CUDA_FUNCTION(cudaGetLastError)();
    return LAXITY_CUDA_FUNCTION(cudaPeekAtLastError)() == cudaSuccess
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
    const auto cause = status == cudaErrorNotSupported ? CallError::Cause::kNotSupported : CallError::Cause::kFailure;
    throw CallError(message_of(site, meaning) + whether_lost(), cause);
}

namespace {

CallError::Cause cause_of(cudnnStatus_t status) {
    constexpr int kCategory = 1000;  // the thousands are the category
    const auto is_like = [status](cudnnStatus_t other) { return status / kCategory == other / kCategory; };
    if (is_like(CUDNN_STATUS_NOT_SUPPORTED)) return CallError::Cause::kNotSupported;
    return is_like(CUDNN_STATUS_BAD_PARAM) ? CallError::Cause::kBadArgument : CallError::Cause::kFailure;
}

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
    if (status == CUDNN_STATUS_ALLOC_FAILED) throw OutOfMemory(message_of(site, meaning));
    throw CallError(message_of(site, meaning) + whether_lost(), cause_of(status));
}

void check(cublasStatus_t status, const CallSite& site) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    const std::string meaning = LAXITY_LIBRARY_FUNCTION(kCublas, cublasGetStatusString)(status);
    if (status == CUBLAS_STATUS_ALLOC_FAILED) throw OutOfMemory(message_of(site, meaning));
    const auto cause =
        status == CUBLAS_STATUS_NOT_SUPPORTED ? CallError::Cause::kNotSupported : CallError::Cause::kFailure;
    throw CallError(message_of(site, meaning) + whether_lost(), cause);
}

std::string mebibytes(std::size_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
    return text;
}

}  // namespace laxity::cuda
